import type { DataOf, Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Dependencies } from '../../ports.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { readContext, system } from '../state/run-context.ts';
import { appendToRun } from '../writing/append.ts';
import type { ObservationInput } from './inputs.ts';
import { dataOf, type ObservationRecorded, observationAppend, observedIn } from './observe.ts';

export type FeedDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due' | 'index'>;
type FedObservation = ObservationInput & {
  readonly service: string;
  readonly environment: string;
  readonly via: DataOf<'observation.recorded'>['via'];
  readonly setAside?: string;
  readonly children?: readonly string[];
};
/** What was recorded on one run. A feed has no sender that waits for an answer. */
type FedRecorded = Omit<ObservationRecorded, 'notCounted'> & { readonly run: string };

/**
 * Records an observation of the feed on every open run of its service and environment. A run that fails to take it does not keep it from
 * the others; the first fault is thrown at the end, so that EventBridge delivers again and the operators are alarmed.
 */
export const feedObservation = async (deps: FeedDependencies, input: FedObservation): Promise<readonly FedRecorded[]> => {
  // The producer cannot be refused, so an observation from the future counts from now: one alarm too many is better than one unseen.
  const now = deps.clock.now();
  const observedAt = input.observedAt <= latestPossible(now) ? input.observedAt : now.toISOString();
  const data = {
    ...dataOf({ ...input, observedAt }),
    words: null,
    via: input.via,
    ...(input.setAside === undefined ? {} : { setAside: input.setAside }),
    ...(input.children === undefined ? {} : { children: [...input.children] }),
  };
  const recorded: FedRecorded[] = [];
  const faults: unknown[] = [];
  for (const { run } of await deps.index.open(input.service, input.environment)) {
    try {
      const found = await readContext(deps, run);
      if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
      if (found.refused) continue;
      if (found.ok.ended !== undefined) {
        // The list says that the run is open, and it has ended: the reconciler writes its entry anew.
        await deps.reconciler.request(run);
        continue;
      }
      const lane = await deps.trail.read(found.ok.scope, { lane: lanes.observation(input.observation) });
      const { stored, adopted } = await appendToRun(
        deps,
        found.ok,
        observationAppend(found.ok, lane, { data, claimedAt: input.observedAt, actor: system('feed') }),
      );
      const { observation } = await observedIn(deps, lane, stored as Stored);
      recorded.push({ run, event: stored.event.id, observation, alreadyRecorded: adopted });
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw faults[0];
  return recorded;
};
