import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import type { Targets } from '../checklist/targets.ts';

/** A place where a rollback or a drill can end as proved only by the word of two people, and why. */
export type ShownByPeople = { readonly service: string; readonly environment: string | null; readonly reasons: readonly string[] };

/**
 * Where nothing outside can show the last steps of a rollback (`collectProof` says so on the day): a platform is only reported, or no probe is
 * critical. Where the profile may name probes, a critical one may come later.
 */
export const shownByPeople = ({ services }: Pick<Stage, 'services'>): readonly ShownByPeople[] =>
  services.flatMap(({ name: service, targets = {} }): readonly ShownByPeople[] => {
    const named = Object.entries(targets);
    if (named.length === 0) return [{ service, environment: null, reasons: ['the stage file names no targets of it'] }];
    return named.flatMap(([environment, one]) => {
      const reasons = reasonsIn(one);
      return reasons.length === 0 ? [] : [{ service, environment, reasons }];
    });
  });

const reasonsIn = ({ components, probes, permits }: Targets): readonly string[] => {
  const reported = components.flatMap(({ component, platform }) => (platform.kind === 'reported' ? component : []));
  const mayComeLater = (permits?.addresses ?? []).length > 0;
  return [
    ...(reported.length === 0 ? [] : [`what ${reported.join(', ')} runs cannot be read, because the platform is only \`reported\``]),
    ...(mayComeLater || probes.some(({ critical }) => critical) ? [] : ['no probe is `critical`, so none shows whether it works']),
  ];
};

/** Says so at synthesis: on the day of a rollback it would be too late to learn that two people are needed. */
export const warnOfPeople = (scope: Construct, stage: Stage): void => {
  for (const { service, environment, reasons } of shownByPeople(stage)) {
    const place = environment === null ? service : `${service} in ${environment}`;
    Annotations.of(scope).addWarningV2(
      `holdpoint:shown-by-people-${service}${environment === null ? '' : `-${environment}`}`,
      `A rollback of ${place} needs two people beside what Holdpoint sees, the second one with evidence, and so does each drill there: ${reasons.join('; ')}. Name in the targets of the stage file a platform that can be read and a critical probe, or have two people ready.`,
    );
  }
};
