/** Worst first. A severity that a scanner does not know, or writes in a word that is in no list, is `unknown`, which is never a good one. */
export const severities = ['critical', 'high', 'unknown', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];
export type SeverityCounts = Readonly<Record<Severity, number>>;

const words: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['negligible', 'low'],
  ['info', 'info'],
  ['informational', 'info'],
]);

export const severityOf = (word: unknown): Severity =>
  (typeof word === 'string' ? words.get(word.trim().toLowerCase()) : undefined) ?? 'unknown';

/** The worse of two. */
export const worseOf = (one: Severity, other: Severity): Severity => (severities.indexOf(one) <= severities.indexOf(other) ? one : other);
