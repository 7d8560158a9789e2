import { isType, type Stored } from '../audit/event.ts';
import type { AlarmHealth } from '../fields.ts';
import { alarmKey, reporterOf } from './alarm-identity.ts';

/** The last that was said of an alarm, by the time at which it was seen, and the event that said it. */
export type AlarmWord = { readonly subject: string; readonly health: AlarmHealth; readonly at: string; readonly event: string };

type Saying = Stored<'observation.recorded' | 'alarm.unknown'>;
export const saysOfAlarms = (stored: Stored): stored is Saying =>
  isType('alarm.unknown')(stored) || (isType('observation.recorded')(stored) && stored.event.data.kind === 'alarm');

/** The earlier of its time and its receipt: a producer's clock that is ahead of ours hides nothing. */
export const seenAt = ({ data: { observedAt }, at }: Saying['event']): string => (observedAt < at ? observedAt : at);

/** Of one instant the worst counts as the last. */
const rank = { good: 0, unknown: 1, bad: 2 } as const;

/** The last that the feeds said of each alarm, by its key. What callers say of it hides nothing that a feed said. */
export const lastOfAlarms = (events: readonly Stored[]): ReadonlyMap<string, AlarmWord> => {
  const last = new Map<string, AlarmWord>();
  for (const stored of events.filter(saysOfAlarms)) {
    if (reporterOf(stored) !== 'feed') continue;
    const { event } = stored;
    const key = alarmKey(event.data);
    const said: AlarmWord = { subject: event.data.subject, health: healthIn(event), at: seenAt(event), event: event.id };
    const before = last.get(key);
    if (before === undefined || before.at < said.at || (before.at === said.at && rank[before.health] <= rank[said.health]))
      last.set(key, said);
  }
  return last;
};

const healthIn = ({ data }: Saying['event']): AlarmHealth => (!('bad' in data) ? 'unknown' : data.bad ? 'bad' : 'good');
