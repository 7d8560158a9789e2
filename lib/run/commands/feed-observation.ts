import type { DataOf, Stored } from '../../audit/event.ts';
import { lanes, observationLanes, scopes } from '../../audit/lane.ts';
import { isAnnounceable, setAsideIn } from '../../folds/announcements.ts';
import { foldObservations } from '../../folds/observations.ts';
import type { Dependencies } from '../../ports.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { type RunContext, readContext, system } from '../state/run-context.ts';
import { appendToRun } from '../writing/append.ts';
import type { ObservationInput } from './inputs.ts';
import { limits } from './limits.ts';
import { dataOf, type ObservationRecorded, observationAppend, observedIn } from './observe.ts';

export type FeedDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due' | 'index'>;
type FedObservation = ObservationInput & {
  readonly service: string;
  readonly environment: string;
  readonly via: DataOf<'observation.recorded'>['via'];
  readonly setAside?: string;
  readonly children?: readonly string[];
  readonly where?: string | undefined;
};
/** What was recorded on one run. A feed has no sender that waits for an answer. */
export type FedRecorded = Omit<ObservationRecorded, 'notCounted'> & { readonly run: string };

/**
 * Records an observation of the feed on every open run of its service and environment. A run that fails to take it does not keep it from
 * the others; the first fault is thrown at the end, so that EventBridge delivers again and the operators are alarmed.
 */
export const feedObservation = async (deps: FeedDependencies, input: FedObservation): Promise<readonly FedRecorded[]> => {
  // The producer cannot be refused, so an observation from the future counts from now: one alarm too many is better than one unseen.
  const now = deps.clock.now();
  const observedAt = input.observedAt <= latestPossible(now) ? input.observedAt : now.toISOString();
  const seen = {
    ...dataOf({ ...input, observedAt }),
    words: null,
    via: input.via,
    ...(input.where === undefined ? {} : { where: input.where }),
    ...(input.setAside === undefined ? {} : { setAside: input.setAside }),
    ...(input.children === undefined ? {} : { children: [...input.children] }),
  };
  const announcements = await announcementsFor(deps, input);
  return onOpenRuns(deps, input, async (context) => {
    const data = { ...seen, ...setAsideIn(announcements, seen, context.started.event.data.starter) };
    const lane = await deps.trail.read(context.scope, { lane: lanes.observation(input.observation) });
    const stands = crowdedBy(lane, data);
    if (stands !== undefined) return { ...stands, alreadyRecorded: true };
    const { stored, adopted } = await appendToRun(
      deps,
      context,
      observationAppend(context, lane, { data, claimedAt: input.observedAt, actor: system('feed') }),
    );
    const { observation } = await observedIn(deps, lane, stored as Stored);
    return { event: stored.event.id, observation, alreadyRecorded: adopted };
  });
};

/** Records something on every open run of a service and environment, and keeps going where one of them fails. */
export const onOpenRuns = async (
  deps: FeedDependencies,
  { service, environment }: { readonly service: string; readonly environment: string },
  record: (context: RunContext) => Promise<Omit<FedRecorded, 'run'>>,
): Promise<readonly FedRecorded[]> => {
  const recorded: FedRecorded[] = [];
  const faults: unknown[] = [];
  for (const { run } of await deps.index.open(service, environment)) {
    try {
      const found = await readContext(deps, run);
      if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
      if (found.refused) continue;
      if (found.ok.ended !== undefined) {
        // The list says that the run is open, and it has ended: the reconciler writes its entry anew.
        await deps.reconciler.request(run);
        continue;
      }
      recorded.push({ run, ...(await record(found.ok)) });
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw faults[0];
  return recorded;
};

/** What may cover it, unless its source says already why it counts for nothing. */
const announcementsFor = async (
  { trail }: Pick<FeedDependencies, 'trail'>,
  { service, environment, setAside, ...observation }: FedObservation,
): Promise<readonly Stored[]> =>
  setAside !== undefined || !isAnnounceable(observation)
    ? []
    : // The whole lane: a window may lie seven days behind its announcement, and many others may have been announced since.
      trail.read(scopes.environment(service, environment), { lane: lanes.announced });

/** Whether the lane holds its share of the observations that a run takes from callers. */
export const isCrowded = (lane: readonly Stored[]): boolean => lane.length >= limits.observations.most.run / observationLanes;

/**
 * The feed is never refused, or an alarm would be lost. In a lane that holds its share of the observations that a run takes from callers,
 * what a subject said last is recorded once a minute, as long as operations have not labelled it: it stands on the run already, and more of
 * it would only slow down the reading of the run.
 */
const crowdedBy = (
  lane: readonly Stored[],
  { subject, where, kind, bad, observedAt }: DataOf<'observation.recorded'>,
): { readonly event: string; readonly observation: string } | undefined => {
  if (!isCrowded(lane)) return undefined;
  const last = foldObservations(lane).findLast((one) => one.subject === subject && one.where === where && one.kind === kind);
  if (last === undefined || last.bad !== bad || last.label !== undefined) return undefined;
  return last.observedAt.slice(0, 16) === observedAt.slice(0, 16) ? { event: last.event, observation: last.observation } : undefined;
};
