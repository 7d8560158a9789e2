/** How often a page asks whether it has changed. All in milliseconds. */

/** While somebody uses the page, or something has just changed. */
export const shortest = 5_000;
/** While nothing changes. */
const longest = 30_000;
/** After failures. */
const longestAfterFailure = 60_000;
/** A page that nobody has used for so long asks no more. */
export const idleAfter = 30 * 60_000;

export type Found = 'changed' | 'same' | 'failed';

/** The next pause, after the one before. */
export const nextPause = (pause: number, found: Found): number => {
  if (found === 'changed') return shortest;
  return found === 'same' ? Math.min(longest, pause * 1.5) : Math.min(longestAfterFailure, pause * 2);
};

/** Somebody uses the page: the rest of a long pause becomes a short one. */
export const pauseInUse = (rest: number): number => Math.min(rest, shortest);
