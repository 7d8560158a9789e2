import { byLane, isType, type Stored } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';

/** One settlement of an entry: the decision, the regressions since, and whether the workflow has the answer. */
export type Settlement = {
  readonly settled: Stored<'gate.settled'>;
  readonly regressions: readonly Stored<'gate.regressed'>[];
  readonly delivered: Stored<'gate.delivered'> | undefined;
};

/** One entry of a gate, identified by the time at which Step Functions entered its state. */
export type Entry = {
  readonly gate: string;
  readonly opened: Stored<'gate.opened'>;
  readonly settlements: readonly Settlement[];
  /** The incident gate's decisions. */
  readonly decisions: readonly Stored<'incident.decided'>[];
  readonly overdue: Stored<'gate.overdue'> | undefined;
  /** The mails that were sent about this entry. */
  readonly notified: readonly Stored<'gate.notified'>[];
  /** The lane as it was read, for the next append. */
  readonly lane: readonly Stored[];
};

export type Gates = {
  /** Every entry, in the order in which they were opened. */
  readonly entries: readonly Entry[];
  /** The entry in which the workflow waits, as far as the trail knows: the last one, unless its answer was delivered. */
  readonly open: Entry | undefined;
  readonly lanes: ReadonlyMap<string, readonly Stored[]>;
};

/** Folds the events of one query of all gate lanes. */
export const foldGates = (events: readonly Stored[]): Gates => {
  const groups = byLane(events);
  const entries: Entry[] = [];
  for (const lane of groups.values()) {
    for (const opened of lane.filter(isType('gate.opened'))) entries.push(foldEntry(opened, lane));
  }
  // Ordered by the state machine's one clock: openers run on many machines, whose clocks differ.
  entries.sort((a, b) => Date.parse(a.opened.event.data.entry) - Date.parse(b.opened.event.data.entry));
  const last = entries.at(-1);
  return { entries, open: last !== undefined && !isDelivered(last) ? last : undefined, lanes: groups };
};

const foldEntry = (opened: Stored<'gate.opened'>, lane: readonly Stored[]): Entry => {
  const entry = opened.event.data.entry;
  const mine = lane.filter((stored) => 'entry' in stored.event.data && stored.event.data.entry === entry);
  return {
    gate: opened.event.data.gate,
    opened,
    settlements: mine.filter(isType('gate.settled')).map((settled) => ({
      settled,
      regressions: mine
        .filter(isType('gate.regressed'))
        .filter((regressed) => regressed.event.data.settlement === settled.event.data.settlement),
      delivered: mine
        .filter(isType('gate.delivered'))
        .find((delivered) => delivered.event.data.settlement === settled.event.data.settlement),
    })),
    decisions: mine.filter(isType('incident.decided')),
    overdue: mine.find(isType('gate.overdue')),
    notified: mine.filter(isType('gate.notified')),
    lane,
  };
};

/** Names the visit to which approvals belong: a visit that a rollback decision interrupted goes on in the next entry of its gate. */
export const visitOf = ({ opened: { event } }: Pick<Entry, 'opened'>): string => event.data.continues ?? event.data.entry;

export const isDelivered = (entry: Entry): boolean => entry.settlements.some((settlement) => settlement.delivered !== undefined);

/** The settlement that counts: the delivered one, otherwise the last. */
export const effectiveSettlement = (entry: Entry): Settlement | undefined =>
  entry.settlements.find((settlement) => settlement.delivered !== undefined) ?? entry.settlements.at(-1);

/** Whether there is a settlement and no regression of it is recorded, so that its answer may be sent. */
export const isSound = (settlement: Settlement | undefined): boolean => settlement !== undefined && settlement.regressions.length === 0;

/**
 * The outcome with which a settlement ends the run, if it does: that which the execution reached, its own, or `incident` when its answer led
 * to a next gate and the execution was over.
 */
export const endOf = ({ settled, delivered }: Settlement): End | null =>
  delivered?.event.data.end ?? settled.event.data.end ?? (delivered?.event.data.how === 'execution-over' ? 'incident' : null);

/** The end to which the last settlement leads if nothing regresses, whether its answer was sent or not. */
export const expectedEnd = ({ entries }: Gates): string | undefined => {
  const last = entries.at(-1);
  const settlement = last === undefined ? undefined : effectiveSettlement(last);
  return isSound(settlement) ? (settlement?.settled.event.data.end ?? undefined) : undefined;
};

/** The end to which the last settlement leads, where that was decided without this event: then the event came too late for it. */
export const endWithout = (gates: Gates, { event: { lane, seq } }: Stored): string | undefined => {
  const judgedOn = gates.entries.at(-1)?.settlements.at(-1)?.settled.event.data.judgedOn ?? [];
  return judgedOn.some((seen) => seen.lane === lane && seen.seq >= seq) ? undefined : expectedEnd(gates);
};

/** The last entry of a gate. */
export const entryOf = (gates: Gates, gate: string): Entry | undefined => gates.entries.findLast((entry) => entry.gate === gate);

/** The run went back to an earlier gate, so that this one is ahead again. */
export const isReturned = (entry: Entry): boolean => {
  const settlement = effectiveSettlement(entry);
  return settlement?.delivered !== undefined && settlement.settled.event.data.outcome === 'returned';
};

/** The last entry of a gate, unless the run went back from it. */
export const currentEntryOf = (gates: Gates, gate: string): Entry | undefined => {
  const entry = entryOf(gates, gate);
  return entry === undefined || isReturned(entry) ? undefined : entry;
};

/** The decision that led back to this entry; undefined where the run came to it in another way. */
export const returnBefore = ({ entries }: Pick<Gates, 'entries'>, entry: Entry): Stored<'gate.settled'> | undefined => {
  const before = entries[entries.findIndex(({ opened }) => opened.event.id === entry.opened.event.id) - 1];
  const settled = before === undefined ? undefined : effectiveSettlement(before)?.settled;
  return settled?.event.data.outcome === 'returned' ? settled : undefined;
};
