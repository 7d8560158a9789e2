import { excerpt } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import type { Problem } from './account.ts';

/** An id of a report that its format wants once and that stands there more often. `all`: so many ids stand there, of which so many are `different`. */
export type RepeatedIds = { readonly words: string; readonly all: number; readonly different: number };

/** How often each name stands. A list may have 20,000 names, so each is looked up once. */
export const timesOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return times;
};

/** The first id that stands more than once. `what`: the format's own word for it, such as `bom-ref`. */
export const repeatedIds = (what: string, ids: readonly string[]): RepeatedIds | undefined => {
  const times = timesOf(ids);
  const [first] = [...times].filter(([, count]) => count > 1);
  if (first === undefined) return undefined;
  const [id, count] = first;
  const words = `the ${what} ${excerpt(id, 80)} stands ${counted(count, 'time')} and must stand once (${counted(ids.length, 'id')}, ${times.size} different)`;
  return { words, all: ids.length, different: times.size };
};

/** The same for those who look at a report, with both numbers. */
export const repeatedProblem = ({ words, all, different }: RepeatedIds): Problem => ({
  type: 'repeated-id',
  title: `What must be unique is not: ${words}`,
  declared: all,
  counted: different,
});
