import { lengthText } from './lengths.ts';

/** Words for lengths of time that pass while a page is open: the server and the script say the same. */

/** Seconds, down to the unit that a reader needs: "3 h" of 3 h 59 min. */
const inOneUnit = (seconds: number): number => {
  const unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : seconds < 3 * 86_400 ? 3600 : 86_400;
  return Math.floor(seconds / unit) * unit;
};

/**
 * "in 12 min", "3 h ago", "just now". Never more time left than there is. `isPrecise`: in two units, such as "in 12 min 5 s", for what somebody must be
 * in time for. Empty where it is no instant.
 */
export const relativeWords = (instant: string, now: number, isPrecise = false): string => {
  const seconds = Math.floor(Math.abs(Date.parse(instant) - now) / 1000);
  if (Number.isNaN(seconds)) return '';
  const isAhead = Date.parse(instant) > now;
  if (seconds === 0) return isAhead ? 'now' : 'just now';
  const words = lengthText(isPrecise && isAhead ? seconds : inOneUnit(seconds));
  return isAhead ? `in ${words}` : `${words} ago`;
};

/** "100 s of 5 min, 200 s left": how much of a length has passed. Nothing is left of one that has stopped. */
export const passedWords = (passedSeconds: number, limitSeconds: number, isRunning: boolean): string => {
  const [passed, limit] = [Math.floor(passedSeconds), Math.round(limitSeconds)];
  const rest = passed > limit ? `, ${lengthText(passed - limit)} over` : isRunning ? `, ${lengthText(limit - passed)} left` : '';
  return `${lengthText(passed)} of ${lengthText(limit)}${rest}`;
};
