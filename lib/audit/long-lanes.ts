import type { Stored } from './event.ts';

/** A lane is remembered from this length on; a shorter one costs a unit or a few to read. */
const longFrom = 32;
/** How many lanes, and how many events of all together, a process remembers. */
const lanesMax = 50;
const eventsMax = 40_000;

/**
 * Long lanes as this process has read and verified them. Events are never changed, so only what came later has to be read: the cost of an
 * append or a reading follows from what is new, not from what the lane holds. It is a hint and never the truth: the lane's end is read
 * every time, consistently, and must continue what is remembered.
 */
export type LongLanes = {
  readonly known: (scope: string, lane: string) => readonly Stored[];
  /** `events`: the lane from its start. */
  readonly remember: (scope: string, lane: string, events: readonly Stored[]) => void;
};

export const createLongLanes = (): LongLanes => {
  const lanes = new Map<string, readonly Stored[]>();
  const keyOf = (scope: string, lane: string): string => `${scope}\n${lane}`;
  const held = (): number => [...lanes.values()].reduce((sum, lane) => sum + lane.length, 0);
  return {
    known: (scope, lane) => lanes.get(keyOf(scope, lane)) ?? [],
    remember: (scope, lane, events) => {
      const key = keyOf(scope, lane);
      if (events.length < longFrom || events.length <= (lanes.get(key)?.length ?? 0)) return;
      lanes.delete(key);
      lanes.set(key, events);
      for (const [oldest] of lanes) {
        if (lanes.size <= lanesMax && held() <= eventsMax) break;
        lanes.delete(oldest);
      }
    },
  };
};
