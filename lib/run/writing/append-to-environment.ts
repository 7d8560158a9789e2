import type { Draft, EventType, Stored } from '../../audit/event.ts';
import { genesis } from '../../audit/lane.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import { appendToLane } from '../state/run-context.ts';
import { storeRecheck } from './recheck.ts';

export type EnvironmentWriter = Pick<Dependencies, 'trail' | 'clock' | 'due' | 'reconciler' | 'index'>;
export type Place = { readonly service: string; readonly environment: string };

/**
 * The write path to an environment: a recheck of each open run there, the event, and a request for each. So runs that wait at T0 look again,
 * wherever the writer dies. `lane`: as it was read, or its end.
 */
export const appendToEnvironment = async <T extends EventType>(
  deps: EnvironmentWriter,
  { service, environment }: Place,
  draft: Draft<T>,
  lane: readonly Stored[],
): Promise<Appended<T>> => {
  return appendAndTell(deps, await deps.index.open(service, environment), draft, lane);
};

/**
 * The write path to a service, in the same order. Without an environment it concerns the open runs of all of them; with none, nothing follows
 * from the event for a run yet.
 */
export const appendToService = async <T extends EventType>(
  deps: EnvironmentWriter,
  { service, environments }: { readonly service: string; readonly environments: readonly string[] },
  draft: Draft<T>,
  lane: readonly Stored[],
): Promise<Appended<T>> => {
  const open = await Promise.all(environments.map((environment) => deps.index.open(service, environment)));
  return appendAndTell(deps, open.flat(), draft, lane);
};

const appendAndTell = async <T extends EventType>(
  deps: EnvironmentWriter,
  open: readonly { readonly run: string }[],
  draft: Draft<T>,
  lane: readonly Stored[],
): Promise<Appended<T>> => {
  const rechecks = await Promise.all(
    open.map(async ({ run }) => ({ run, recheck: await storeRecheck(deps, run, `${draft.scope}/${draft.lane}/${draft.step}`) })),
  );
  const appended = await appendToLane(deps, genesis, lane, draft);
  for (const { run, recheck } of rechecks) await deps.reconciler.request(run, recheck.item);
  return appended;
};
