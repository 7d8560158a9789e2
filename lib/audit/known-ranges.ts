import { byLane, type Stored } from './event.ts';
import type { LaneRange, LaneStretch } from './lane-range.ts';

/** How many ranges, and how many events of all together, a process remembers. */
const rangesMax = 50;
const eventsMax = 40_000;
/** What one read unit holds, and what an item has beside its bytes (keys and copied fields). */
const unitBytes = 4096;
const besideBytes = 300;

/** A whole lane, or all lanes whose names start alike. */
export type WholeRange = { readonly lane: string } | { readonly prefix: string };

type Lanes = ReadonlyMap<string, readonly Stored[]>;
type Known = { readonly lanes: Lanes; readonly events: readonly Stored[] };

/**
 * Long ranges as this process has read and verified them. Events are never changed, so only what came later has to be read: the cost of
 * an append or a reading follows from what is new, not from what the range holds. It is a hint and never the truth: what lies behind the
 * end of every known lane, and between the known lanes, is read every time, consistently, and must continue what is remembered.
 */
export type KnownRanges = {
  /** What is remembered of the range; nothing where reading it whole costs no more. */
  readonly of: (scope: string, range: WholeRange) => Known | undefined;
  /** Adds what was read behind and between these lanes, which `of` gave, and returns the whole range in order of lane, then sequence. */
  readonly extend: (scope: string, range: WholeRange, before: Known | undefined, later: readonly Stored[]) => readonly Stored[];
};

export const createKnownRanges = (): KnownRanges => {
  const ranges = new Map<string, Known>();
  const keyOf = (scope: string, range: WholeRange): string => JSON.stringify([scope, range]);
  const held = (): number => [...ranges.values()].reduce((sum, { events }) => sum + events.length, 0);
  const keep = (key: string, known: Known): void => {
    ranges.delete(key);
    ranges.set(key, known);
    for (const [oldest] of ranges) {
      if (ranges.size <= rangesMax && held() <= eventsMax) break;
      ranges.delete(oldest);
    }
  };
  return {
    of: (scope, range) => ranges.get(keyOf(scope, range)),
    extend: (scope, range, before, later) => {
      if (before === undefined && !isWorthwhile(range, later)) return later;
      if (before !== undefined && later.length === 0) return before.events;
      const key = keyOf(scope, range);
      const known = joined(before, later);
      // Another reading of this process may have gone further meanwhile.
      if (known.events.length > (ranges.get(key)?.events.length ?? 0)) keep(key, known);
      return known.events;
    },
  };
};

/** Each stretch is a query of its own and costs a unit at least: a range is remembered once reading it whole costs more. */
const isWorthwhile = (range: WholeRange, events: readonly Stored[]): boolean => {
  const stretches = 'lane' in range ? 1 : byLane(events).size + 1;
  return bytesOf(events) > unitBytes * stretches;
};

const bytesOf = (events: readonly Stored[]): number => events.reduce((sum, { bytes }) => sum + bytes.length + besideBytes, 0);

const joined = (before: Known | undefined, later: readonly Stored[]): Known => {
  const lanes = new Map(before?.lanes);
  for (const [lane, events] of byLane(later)) lanes.set(lane, [...(lanes.get(lane) ?? []), ...events]);
  // As the table orders them: `#` ends the lane's name in the sort key.
  const ordered = new Map([...lanes].sort(([a], [b]) => (`${a}#` < `${b}#` ? -1 : 1)));
  return { lanes: ordered, events: [...ordered.values()].flat() };
};

/** The queries that find everything that is not known: behind the end of each known lane, up to the next known one. */
export const stretchesOf = (range: WholeRange, lanes: Lanes): readonly (LaneRange | LaneStretch)[] => {
  const tails = [...lanes].map(([lane, events]) => ({ lane, seq: events.at(-1)?.event.seq ?? 0 }));
  const [first] = tails;
  if (first === undefined) return [range];
  if ('lane' in range) return [{ lane: range.lane, fromSeq: first.seq + 1 }];
  const { prefix } = range;
  return [
    { prefix, before: first.lane },
    ...tails.map((after, place) => {
      const before = tails[place + 1]?.lane;
      return { prefix, after, ...(before === undefined ? {} : { before }) };
    }),
  ];
};
