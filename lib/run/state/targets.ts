import type { Targets } from '../../checklist/targets.ts';
import type { Dependencies } from '../../ports.ts';

/** What the stage file says about a service in an environment. */
export const targetsOf = (
  { stage }: { readonly stage: Pick<Dependencies['stage'], 'targets'> },
  { service, environment }: { readonly service: string; readonly environment: string },
): Targets | undefined => {
  const ofService = Object.hasOwn(stage.targets, service) ? stage.targets[service] : undefined;
  return ofService !== undefined && Object.hasOwn(ofService, environment) ? ofService[environment] : undefined;
};

/** The components whose platform says itself what runs. */
export const readableIn = (targets: Targets | undefined): readonly string[] =>
  (targets?.components ?? []).filter(({ platform }) => platform.kind !== 'reported').map(({ component }) => component);
