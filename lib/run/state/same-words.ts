import type { RunExceptions } from './run-exceptions.ts';
import type { Words } from './words.ts';

type Excepted = RunExceptions['checks'][number];

/**
 * Checks that one person declared not applicable in the same words are one statement, and those that the stage leaves out say the same.
 * Two or more of them are a group; every other check stands alone.
 */
export const bySameWords = (
  checks: readonly Excepted[],
  words: ReadonlyMap<string, Words>,
): { readonly grouped: readonly (readonly Excepted[])[]; readonly single: readonly Excepted[] } => {
  const groups = new Map<string, Excepted[]>();
  for (const one of checks) {
    const key = keyOf(one, words);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const grouped = [...groups.values()].filter(({ length }) => length > 1);
  const inGroups = new Set(grouped.flat());
  return { grouped, single: checks.filter((one) => !inGroups.has(one)) };
};

const keyOf = ({ finding: { verdict, statement, parts, reason } }: Excepted, words: ReadonlyMap<string, Words>): string | undefined => {
  if (verdict !== 'not-applicable' || parts !== undefined) return undefined;
  if (statement === null) return reason;
  const text = words.get(statement.digest)?.text;
  return text == null ? undefined : `${statement.by} ${text}`;
};
