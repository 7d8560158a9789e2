import type { Draft, EventType, Stored } from '../../audit/event.ts';
import { genesis } from '../../audit/lane.ts';
import type { Dependencies } from '../../ports.ts';
import { appendThere } from '../state/run-context.ts';
import { storeRecheck } from './recheck.ts';

export type ServiceWriter = Pick<Dependencies, 'trail' | 'clock' | 'due' | 'reconciler' | 'index' | 'stage'>;

/**
 * The write path to a service: a recheck of each open run in all of its environments, the event behind `lane` and nowhere else, and a request for
 * each run. So runs whose first gate waits for the approval of their profile look again, wherever the writer dies. Undefined when another event
 * took the place: nothing was recorded, and what was decided may no longer hold.
 */
export const appendToService = async <T extends EventType>(
  deps: ServiceWriter,
  service: string,
  draft: Draft<T>,
  lane: readonly Stored[],
): Promise<Stored<T> | undefined> => {
  const open = await Promise.all((deps.stage.environments[service] ?? []).map((environment) => deps.index.open(service, environment)));
  const rechecks = await Promise.all(
    open.flat().map(async ({ run }) => ({ run, recheck: await storeRecheck(deps, run, `${draft.scope}/${draft.lane}/${draft.step}`) })),
  );
  const stored = await appendThere(deps, genesis, lane.at(-1), draft);
  for (const { run, recheck } of rechecks) {
    if (stored === undefined) await recheck.done();
    else await deps.reconciler.request(run, recheck.item);
  }
  return stored;
};
