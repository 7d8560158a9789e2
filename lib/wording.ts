/** A number with the word for it: `1 probe`, `2 probes`. `shown`: the number as people read it, where it may have a fraction. */
export const counted = (count: number, one: string, many = `${one}s`, shown = String(count)): string =>
  `${shown} ${shown === '1' ? one : many}`;

/** `technical-lead` as "technical lead": an id as people read it. */
export const asWords = (id: string): string => id.replaceAll('-', ' ');

/** The words with a capital at their beginning, as a sentence or an entry of a list begins. */
export const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

const lengths = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/**
 * Seconds in the largest unit that leaves a whole number: "30 minutes", "1500 ms". In days only from three on, because windows are named by their
 * hours.
 */
export const durationWords = (seconds: number): string => {
  if (seconds === 0) return '0 seconds';
  const [unit, size] = lengths.find(([name, one]) => seconds % one === 0 && seconds >= (name === 'day' ? 3 * one : one)) ?? [];
  return unit === undefined || size === undefined ? `${Math.round(seconds * 1000)} ms` : counted(seconds / size, unit);
};

/** An instant as people read it: "2026-03-02 09:00:00 UTC". */
export const formatInstant = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;

/** A sentence of the trail with its instants as people read them. */
export const withInstants = (sentence: string): string =>
  sentence.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\b/g, (instant) => formatInstant(instant));
