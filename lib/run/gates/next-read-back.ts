import { longestPauseMs, lookAgainMs } from './planned-looks.ts';
import { pauseAfter } from './reconciliation.ts';

/** What a platform has said of a component, each time it said something else, and since when it is asked. Times in milliseconds since 1970. */
export type Said = { readonly times: readonly number[]; readonly since: number };

/** `isDue`: the platform is asked now. `wakeAt`: when the run must be looked at again for it, in milliseconds since 1970. */
export type NextReadBack = { readonly isDue: boolean; readonly wakeAt: number };

/**
 * When a platform is asked again that cannot be read yet or runs something else: requests may still go to two versions, old tasks may end, a
 * role may be mended. A request may be lost, too. The pause doubles with each word that differs. A word that is the same again is not recorded,
 * so that then the pause is as long as it has been the last word. Between a minute and five. Pure.
 */
export const nextReadBack = ({ times, since }: Said, now: number): NextReadBack => {
  const last = times.at(-1);
  const dueAt = last === undefined ? since : last + Math.min(pauseAfter(times.length, lookAgainMs), longestPauseMs);
  if (dueAt > now) return { isDue: false, wakeAt: dueAt };
  return { isDue: true, wakeAt: now + Math.min(Math.max(now - (last ?? since), lookAgainMs), longestPauseMs) };
};
