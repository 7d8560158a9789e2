import type { Checklist } from '../../checklist/definition.ts';
import { withProfileTargets } from '../../checklist/profile-targets.ts';
import type { Targets } from '../../checklist/targets.ts';
import type { Dependencies } from '../../ports.ts';
import type { RunContext } from './run-context.ts';

type Staged = { readonly stage: Pick<Dependencies['stage'], 'targets'> };
type Place = { readonly service: string; readonly environment: string };

const own = <T>(all: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(all, name) ? all[name] : undefined);

/** What the stage file says about a service in an environment. */
export const stageTargetsOf = ({ stage }: Staged, { service, environment }: Place): Targets | undefined =>
  own(own(stage.targets, service) ?? {}, environment);

/** What holds in the environment under this definition of the service: what its profile names, else what the stage file does. */
export const targetsUnder = (deps: Staged, place: Place, { profile }: Pick<Checklist, 'profile'>): Targets | undefined => {
  const staged = stageTargetsOf(deps, place);
  return staged === undefined ? undefined : withProfileTargets(staged, own(profile?.targets ?? {}, place.environment));
};

/** What holds for a run: its definition is pinned, and with it what the profile names. */
export const targetsOf = (deps: Staged, { checklist, started }: Pick<RunContext, 'checklist' | 'started'>): Targets | undefined =>
  targetsUnder(deps, started.event.data, checklist);

/** The environment in which a release runs before T0, as the checklist names it. */
export const stagingEnvironment = 'staging';

/** What holds for the service of the run in staging; undefined where the stage names no such environment. */
export const stagingTargetsOf = (deps: Staged, { checklist, started }: Pick<RunContext, 'checklist' | 'started'>): Targets | undefined =>
  targetsUnder(deps, { service: started.event.data.service, environment: stagingEnvironment }, checklist);

/** The components whose platform says itself what runs. */
export const readableIn = (targets: Targets | undefined): readonly string[] =>
  (targets?.components ?? []).filter(({ platform }) => platform.kind !== 'reported').map(({ component }) => component);
