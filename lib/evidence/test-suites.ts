import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Sign } from './junit-words.ts';

const count = z.int().min(0);

/**
 * The tests that stand in the same suites. `names` are those of the suites, from the outermost one, then the class and the file, and the suites that
 * properties name; the tests of
 * suites beyond the limit stand under no name.
 */
export const testSuiteSchema = z.strictObject({
  names: z.array(z.string()),
  tests: count,
  failed: count,
  errored: count,
  skipped: count,
  unclear: count,
  /** The first test that failed or is unclear. */
  first: z.string().nullable(),
});
export type TestSuite = z.infer<typeof testSuiteSchema>;
const mostSuites = 300;

/** One test as a report shows it. */
type TestOutcome = {
  readonly name: string;
  readonly suites?: readonly string[];
  readonly sign: Sign;
};

/** Counts tests by their suites. */
export const suitesOf = (tests: readonly TestOutcome[]): TestSuite[] => {
  const found = new Map<string, TestSuite>();
  // Tests of one suite mostly share the list of its names.
  const known = new Map<readonly string[], TestSuite>();
  for (const { name, suites = [], sign } of tests) {
    const suite = known.get(suites) ?? suiteIn(found, suites);
    known.set(suites, suite);
    suite.tests += 1;
    if (sign !== 'passed') suite[sign] += 1;
    const isOpen = sign === 'failed' || sign === 'errored' || sign === 'unclear';
    if (isOpen) suite.first ??= excerpt(name, 200);
  }
  return [...found.values()].sort((a, b) => (JSON.stringify(a.names) < JSON.stringify(b.names) ? -1 : 1));
};

/** The innermost names. Nobody nests more suites, and facts have to stay small. */
const mostNames = 22;

const suiteIn = (found: Map<string, TestSuite>, suites: readonly string[]): TestSuite => {
  const names = [...new Set(suites.filter((one) => one !== ''))].slice(-mostNames).map((one) => excerpt(one, 200));
  const own = JSON.stringify(names);
  const key = found.has(own) || found.size < mostSuites ? own : '[]';
  const suite = found.get(key) ?? {
    names: key === '[]' ? [] : names,
    tests: 0,
    failed: 0,
    errored: 0,
    skipped: 0,
    unclear: 0,
    first: null,
  };
  found.set(key, suite);
  return suite;
};
