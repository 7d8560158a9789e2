/** Every choice of a simulation: the same seed gives the same draws in the same order. */
export type Draws = {
  /** 0 <= x < 1. */
  fraction(): number;
  /** A whole number, 0 <= x < `limit`. */
  below(limit: number): number;
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  /** One of them. Throws when there is none. */
  pick<T>(all: readonly T[]): T;
};

/** mulberry32 by Tommy Ettinger (public domain): 32 bits of state, enough to choose schedules. `seed` is a whole number below 2^32. */
export const drawsFrom = (seed: number): Draws => {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    between: (from, to) => from + fraction() * (to - from),
    chance: (probability) => fraction() < probability,
    pick: (all) => {
      if (all.length === 0) throw new Error('there is nothing to pick from');
      return all[below(all.length)] as (typeof all)[number];
    },
  };
};
