import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { childrenOfOthers } from './composite-alarms.ts';
import { foldOnce } from './fold-once.ts';
import { isFed, isOutlasted } from './outlasted.ts';

export type Observed = Omit<DataOf<'observation.recorded'>, 'observation' | 'setAside'> & {
  /** Id of the event, and its lane. */
  readonly event: string;
  readonly lane: string;
  /** The producer's id; of a later occurrence under the same id with the place in the lane, such as `restart-web~7`. Labels name it. */
  readonly observation: string;
  readonly recordedAt: string;
  /** The earlier of its time and its receipt: a producer's clock that is ahead of ours hides nothing. */
  readonly seenAt: string;
  /** What operations said that it was; the last label counts. */
  readonly label: DataOf<'observation.labelled'>['label'] | undefined;
  /** Who labelled it, and the digest of the explanation. */
  readonly labelledBy: string | undefined;
  readonly explanation: string | undefined;
  /** Set when it counts for no trigger and no label: why. */
  readonly setAside: string | undefined;
  /** The announcement for which it is set aside. */
  readonly announced: DataOf<'observation.recorded'>['announced'];
  /** Of a bad alarm: when the same alarm was OK again; undefined while it is red, and for anything else. */
  readonly clearedAt: string | undefined;
};

/** Every observation of these lanes with its label, in the order in which they were recorded. */
export const foldObservations = (events: readonly Stored[]): readonly Observed[] =>
  foldedOnce(events, 'observations', [], () => fold(events));

/** Several rules, a window and a report ask for the same thousands of observations. */
const foldedOnce = foldOnce<readonly Observed[]>();

const fold = (events: readonly Stored[]): readonly Observed[] => {
  const labels = new Map(events.filter(isType('observation.labelled')).map(({ event: { data } }) => [data.observation, data]));
  const recorded = events.filter(isType('observation.recorded'));
  const parents = childrenOfOthers(recorded.map(({ event }) => event.data));
  const known = new Set<string>();
  const cleared = clearings(recorded);
  const observed = recorded.map((stored): Observed => {
    const { event } = stored;
    const { id, lane, data, at, seq } = event;
    // A producer's id has no tilde, so no producer can take the name of another's observation.
    const observation = known.has(data.observation) ? `${data.observation}~${seq}` : data.observation;
    known.add(data.observation);
    const parent = data.kind === 'alarm' ? parents.get(data.subject) : undefined;
    const last = labels.get(observation);
    // Named one by one: a spread of thousands takes ten times as long.
    const { kind, bad, subject, summary, observedAt, words, via, children, announced } = data;
    return {
      kind,
      bad,
      subject,
      summary,
      observedAt,
      words,
      via,
      children,
      announced,
      event: id,
      lane,
      observation,
      recordedAt: at,
      seenAt: seenAt(event),
      label: last?.label,
      labelledBy: last?.by,
      explanation: last?.explanation,
      setAside:
        data.setAside ??
        (parent === undefined ? undefined : `the composite alarm ${parent} stands for it`) ??
        (isOutlasted(stored) && wasOkBefore(stored, recorded)
          ? 'it was OK again within the announced time, which arrived late'
          : undefined),
      clearedAt: cleared.get(id),
    };
  });
  return observed.sort((a, b) => compare(a.recordedAt, b.recordedAt));
};

type Recorded = Stored<'observation.recorded'>;
const seenAt = ({ data: { observedAt }, at }: Recorded['event']): string => (observedAt < at ? observedAt : at);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Whether the last that the feeds said of an alarm, up to the end of its announced time, is that it was OK. */
const wasOkBefore = ({ event }: Recorded, recorded: readonly Recorded[]): boolean => {
  const last = recorded
    .filter((one) => isFed(one) && one.event.data.kind === 'alarm' && one.event.data.subject === event.data.subject)
    .filter((one) => seenAt(one.event) < event.data.observedAt)
    .toSorted((a, b) => compare(seenAt(a.event), seenAt(b.event)) || Number(a.event.data.bad) - Number(b.event.data.bad))
    .at(-1);
  return last !== undefined && !last.event.data.bad;
};

/** For each bad alarm the time at which the same alarm was next seen to be OK. */
const clearings = (recorded: readonly Recorded[]): ReadonlyMap<string, string> => {
  const cleared = new Map<string, string>();
  const okAt = new Map<string, string>();
  // From the latest to the earliest; of one instant the bad one counts as the later.
  const alarms = recorded
    .map(({ event }) => event)
    .filter(({ data }) => data.kind === 'alarm')
    .sort((a, b) => compare(seenAt(b), seenAt(a)) || Number(b.data.bad) - Number(a.data.bad));
  for (const event of alarms) {
    const { bad, subject } = event.data;
    const next = okAt.get(subject);
    if (!bad) okAt.set(subject, seenAt(event));
    else if (next !== undefined) cleared.set(event.id, next);
  }
  return cleared;
};

/** Whether an alarm is still in the state ALARM, as far as the feed has said. */
export const isRed = ({ kind, bad, clearedAt, setAside }: Observed): boolean =>
  kind === 'alarm' && bad && clearedAt === undefined && setAside === undefined;

/** Whether people have not said, or have confirmed, that a bad observation was an incident. */
const isIncident = ({ bad, label, setAside }: Observed): boolean => bad && setAside === undefined && (label ?? 'true') === 'true';

/** When an incident ended: an alarm when it is OK again; one that is dated back behind the finish and arrived after it, at its arrival. */
const endOf = ({ observedAt, recordedAt, clearedAt }: Observed, finishedAt: string): string =>
  clearedAt !== undefined && clearedAt > observedAt ? clearedAt : observedAt < finishedAt ? recordedAt : observedAt;

/**
 * Since when operation counts as stable: the finish of the deployment, or the end of the last incident since. An alarm ends when it is OK
 * again; undefined while one is red.
 */
export const stableSince = (finishedAt: string, events: readonly Stored[]): string | undefined => {
  const incidents = foldObservations(events).filter(isIncident);
  if (incidents.some(isRed)) return undefined;
  return [finishedAt, ...incidents.map((one) => endOf(one, finishedAt))].toSorted().at(-1);
};

/** The incident whose end is the time since which operation counts as stable; undefined where that is the finish of the deployment. */
export const lastIncident = (finishedAt: string, events: readonly Stored[]): Observed | undefined =>
  foldObservations(events)
    .filter((one) => isIncident(one) && endOf(one, finishedAt) > finishedAt)
    .toSorted((a, b) => compare(endOf(a, finishedAt), endOf(b, finishedAt)))
    .at(-1);
