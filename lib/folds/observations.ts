import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { alarmKey, ends, type NamedAlarm, type Reporter, reporterOf, saidIn } from './alarm-identity.ts';
import { type AlarmWord, lastOfAlarms, saysOfAlarms, seenAt } from './alarm-words.ts';
import { childrenOfOthers } from './composite-alarms.ts';
import { foldOnce } from './fold-once.ts';
import { isFed, isOutlasted } from './outlasted.ts';

export type Observed = Omit<DataOf<'observation.recorded'>, 'observation' | 'setAside' | 'where'> & {
  /** Of an alarm: its account and region, where the feed says them. */
  readonly where: string | undefined;
  /** Id of the event, and its lane. */
  readonly event: string;
  readonly lane: string;
  /** The producer's id; of a later occurrence under the same id with the place in the lane, such as `restart-web~7`. Labels name it. */
  readonly observation: string;
  readonly recordedAt: string;
  readonly reporter: Reporter;
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
  /** Of an alarm that is not OK again, and of which CloudWatch knows no state any more: since when. */
  readonly unknownSince: string | undefined;
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
  const last = lastOfAlarms(events);
  const observed = recorded.map((stored): Observed => {
    const { event } = stored;
    const { id, lane, data, at, seq } = event;
    // A producer's id has no tilde, so no producer can take the name of another's observation.
    const observation = known.has(data.observation) ? `${data.observation}~${seq}` : data.observation;
    known.add(data.observation);
    const parent = data.kind === 'alarm' ? parents.get(alarmKey(data)) : undefined;
    const label = labels.get(observation);
    // Named one by one: a spread of thousands takes ten times as long.
    const { kind, bad, subject, where, summary, observedAt, words, via, children, announced } = data;
    return {
      kind,
      bad,
      subject,
      where,
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
      reporter: reporterOf(stored),
      seenAt: seenAt(event),
      label: label?.label,
      labelledBy: label?.by,
      explanation: label?.explanation,
      setAside:
        data.setAside ??
        (parent === undefined ? undefined : `the composite alarm ${parent} stands for it`) ??
        (isOutlasted(stored) && wasOverBefore(data, data.observedAt, events)
          ? 'it was no more in ALARM at the end of the announced time, which arrived late'
          : undefined),
      clearedAt: cleared.get(id),
      unknownSince: kind === 'alarm' && bad && !cleared.has(id) ? unknownSince(last.get(alarmKey(data))) : undefined,
    };
  });
  return observed.sort((a, b) => compare(a.recordedAt, b.recordedAt));
};

type Recorded = Stored<'observation.recorded'>;

const unknownSince = (last: AlarmWord | undefined): string | undefined => (last?.health === 'unknown' ? last.at : undefined);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * Whether the last that the feeds said of an alarm before an instant is another state than ALARM. One that CloudWatch does not know is no
 * health, and makes no incident at the end of an announced time either.
 */
export const wasOverBefore = (alarm: NamedAlarm, instant: string, events: readonly Stored[]): boolean => {
  const said = events.filter((one) => saysOfAlarms(one) && isFed(one) && seenAt(one.event) < instant);
  const last = lastOfAlarms(said).get(alarmKey(alarm));
  return last !== undefined && last.health !== 'bad';
};

/** For each bad alarm the time at which the same alarm was next seen to be OK. */
const clearings = (recorded: readonly Recorded[]): ReadonlyMap<string, string> => {
  const cleared = new Map<string, string>();
  const oks = new Map<string, ReturnType<typeof okIn>[]>();
  // From the latest to the earliest; of one instant the bad one counts as the later.
  const alarms = recorded
    .filter(({ event }) => event.data.kind === 'alarm')
    .sort(({ event: a }, { event: b }) => compare(seenAt(b), seenAt(a)) || Number(b.data.bad) - Number(a.data.bad));
  for (const stored of alarms) {
    const said = saidIn(stored);
    const later = oks.get(said.subject) ?? [];
    if (!stored.event.data.bad) {
      // Of each reporter and place the earliest one that is later is the last in the list.
      const others = later.filter((ok) => ok.reporter !== said.reporter || ok.where !== said.where);
      oks.set(said.subject, [...others, okIn(stored)]);
      continue;
    }
    const next = later.findLast((ok) => ends(ok, said));
    if (next !== undefined) cleared.set(stored.event.id, next.at);
  }
  return cleared;
};

const okIn = (stored: Recorded) => ({ ...saidIn(stored), at: seenAt(stored.event) });

/** Whether an alarm is not OK again, as far as the feed has said: ALARM counts until OK, also where its state is unknown meanwhile. */
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
    .filter((one) => isIncident(one) && (isRed(one) || endOf(one, finishedAt) > finishedAt))
    // One that goes on is the last, also where it began before the finish.
    .toSorted((a, b) => Number(isRed(a)) - Number(isRed(b)) || compare(endOf(a, finishedAt), endOf(b, finishedAt)))
    .at(-1);

/**
 * Alarms of which the last word is that their state is unknown. Not those for which a composite alarm stands, and not those that people
 * labelled false or explained: these would count for nothing in ALARM either.
 */
export const unknownAlarms = (events: readonly Stored[]): readonly string[] => {
  const seen = foldObservations(events);
  const excused = seen.filter(({ bad, label }) => bad && label !== undefined && label !== 'true').map(alarmKey);
  const parents = childrenOfOthers(seen);
  return [...lastOfAlarms(events)].flatMap(([key, { subject, health }]) =>
    health === 'unknown' && !parents.has(key) && !excused.includes(key) ? subject : [],
  );
};
