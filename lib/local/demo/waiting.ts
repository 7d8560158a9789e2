import { setTimeout as sleep } from 'node:timers/promises';
import { Blocked } from './stage.ts';

export type Wait<T> = {
  /** Milliseconds. */
  readonly limitMs: number;
  /** Asked again when it is said, because it may name what is open by then. */
  readonly what: () => string;
  /** Undefined while it is not there yet. */
  readonly look: () => Promise<T | undefined>;
  readonly signal: AbortSignal;
  /** Called from the second second on. */
  readonly progress?: (text: string) => void;
};

/** Milliseconds. */
const pauses = { between: 200, beforeProgress: 1_000 } as const;

/** Looks until something is there. Throws `Blocked` when it does not come within its limit. */
export const waitFor = async <T>({ limitMs, what, look, signal, progress }: Wait<T>): Promise<T> => {
  for (const began = Date.now(); ; await sleep(pauses.between, undefined, { signal })) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    const waited = Date.now() - began;
    if (waited > limitMs) throw new Blocked(`Waited ${limitMs / 1000} s in vain for ${what()}.`);
    if (waited > pauses.beforeProgress) progress?.(`waiting for ${what()}`);
  }
};
