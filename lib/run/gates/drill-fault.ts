import { isType } from '../../audit/event.ts';
import { rollbackStepIds } from '../../audit/events/rollback.ts';
import { isDigestOf } from '../../fields.ts';
import type { GateInputs } from '../state/gate-inputs.ts';

/** How people end a drill from the command line. Its page has a form for it. */
export const endOfDrill = (run: string): string =>
  `end this drill with holdpoint rollback-step ${run} ${rollbackStepIds[0]} --end --reason TEXT, and start another`;

/**
 * Why the drill would rehearse nothing, by what its start says and what was read before its first step: people end it and start another. Undefined
 * where it is no drill. Pure.
 */
export const faultOfDrill = ({ context: { started }, deployment }: Pick<GateInputs, 'context' | 'deployment'>): string | undefined => {
  const { drill, artifacts } = started.event.data;
  if (drill === undefined) return undefined;
  if (artifacts.every((one) => isDigestOf(one, drill.components.find(({ component }) => component === one.component)?.digest)))
    return 'every component would go back to what it runs, so there is nothing to rehearse';
  const read = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
  return artifacts
    .map((artifact) => {
      const seen = read.findLast(({ event }) => event.data.component === artifact.component)?.event.data;
      if (seen === undefined || isDigestOf(artifact, seen.digest ?? undefined)) return undefined;
      return `${artifact.component} runs ${seen.digest ?? 'something that cannot be read'}, and the drill says ${artifact.digest}`;
    })
    .find((fault) => fault !== undefined);
};
