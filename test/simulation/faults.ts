import type { Draws } from './draws.ts';

/** What may go wrong in one simulation. Probabilities; one call of a port or one delivery each. */
export type Rates = {
  /** The process dies before or after a call has done its work. */
  readonly die: number;
  /** The call throws, with or without having done its work. */
  readonly fail: number;
  /** The process stands still for seconds or minutes, up to its time limit and beyond. */
  readonly stall: number;
  readonly lose: number;
  readonly double: number;
  readonly delay: number;
  /** How far clocks of processes may be wrong, in milliseconds. */
  readonly skewMs: number;
};

const none: Rates = { die: 0, fail: 0, stall: 0, lose: 0, double: 0, delay: 0, skewMs: 0 };
const deliveries = { lose: 0.05, double: 0.1, delay: 0.1 };

/** Each seed takes one: several kinds of faults at once hide which of them is to blame. */
export const profiles: Readonly<Record<string, Rates>> = {
  calm: none,
  deliveries: { ...none, ...deliveries },
  deaths: { ...none, ...deliveries, die: 0.01 },
  failures: { ...none, ...deliveries, fail: 0.02 },
  stalls: { ...none, ...deliveries, stall: 0.01 },
  clocks: { ...none, ...deliveries, skewMs: 3_000 },
  everything: { ...deliveries, die: 0.004, fail: 0.008, stall: 0.004, skewMs: 3_000 },
};

export type Fate = 'none' | 'dies before' | 'dies after' | 'fails before' | 'fails after' | 'stalls before' | 'stalls after';

export const fateOf = (draws: Draws, { die, fail, stall }: Rates): Fate => {
  const drawn = draws.fraction();
  const when = draws.chance(0.5) ? 'before' : 'after';
  if (drawn < die) return `dies ${when}`;
  if (drawn < die + fail) return `fails ${when}`;
  return drawn < die + fail + stall ? `stalls ${when}` : 'none';
};
