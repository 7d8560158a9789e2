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
  const open = await deps.index.open(service, environment);
  const rechecks = await Promise.all(
    open.map(async ({ run }) => ({ run, recheck: await storeRecheck(deps, run, `${draft.scope}/${draft.lane}/${draft.step}`) })),
  );
  const appended = await appendToLane(deps, genesis, lane, draft);
  for (const { run, recheck } of rechecks) await deps.reconciler.request(run, recheck.item);
  return appended;
};
