import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Words } from './account.ts';

const count = z.int().min(0);
const named = z.array(z.strictObject({ name: z.string(), message: z.string() }));

/**
 * The tests that stand in the same suites. `names` are those of the suites, from the outermost one, then the class and the file; the tests of
 * suites beyond the limit stand under no name.
 */
const suite = z.strictObject({
  names: z.array(z.string()),
  tests: count,
  failed: count,
  errored: count,
  skipped: count,
  unclear: count,
  /** The first test that failed or is unclear. */
  first: z.string().nullable(),
});
export type TestSuite = z.infer<typeof suite>;
const mostSuites = 300;

/** One test as a report shows it. */
export type TestOutcome = {
  readonly name: string;
  readonly suites: readonly string[];
  readonly sign: 'passed' | 'failed' | 'errored' | 'skipped' | 'unclear';
};

/** Counts tests by their suites. */
export const suitesOf = (tests: readonly TestOutcome[]): TestSuite[] => {
  const found = new Map<string, TestSuite>();
  for (const { name, suites, sign } of tests) {
    const names = [...new Set(suites.filter((one) => one !== ''))].map((one) => excerpt(one, 200));
    const own = JSON.stringify(names);
    const key = found.has(own) || found.size < mostSuites ? own : '[]';
    const before = found.get(key) ?? {
      names: key === '[]' ? [] : names,
      tests: 0,
      failed: 0,
      errored: 0,
      skipped: 0,
      unclear: 0,
      first: null,
    };
    const isOpen = sign === 'failed' || sign === 'errored' || sign === 'unclear';
    found.set(key, {
      ...before,
      tests: before.tests + 1,
      ...(sign === 'passed' ? {} : { [sign]: before[sign] + 1 }),
      first: before.first ?? (isOpen ? excerpt(name, 200) : null),
    });
  }
  return [...found.values()].sort((a, b) => (JSON.stringify(a.names) < JSON.stringify(b.names) ? -1 : 1));
};

/** What every report of tests states, whatever its format: the facts of JUnit, and of the types that are judged as JUnit. */
export const testMembers = {
  /** Different tests: a test that stands in the report several times is one. */
  tests: count,
  failed: count,
  errored: count,
  /** Tests that did not run, also those that only the claims of a suite tell of. */
  skipped: count,
  /** Tests of unknown outcome, and claims that contradict the cases: the report does not say that all tests ran and passed. */
  unclear: count,
  /** Tests that passed and stand in the report several times, or failed first and passed when the same report ran them again. */
  repeated: count,
  /** The first failed and errored tests. */
  failures: named,
  /** The first of `unclear`, with what is unclear about them. */
  doubts: named,
  /** Which tests passed and which did not, by a digest of suite class, name and file: a later report may cover them. */
  passedTests: z.array(z.string()),
  otherTests: z.array(z.string()),
  /** The tests by the suites in which they stand; absent in older facts, and where a format has none. */
  suites: z.array(suite).optional(),
};

const facts = z.strictObject(testMembers);
type TestFacts = z.infer<typeof facts>;

/** The words of the field, as far as the facts say them. What a parser counted more closely takes their place. */
export const testWords = ({ tests, failed, errored, skipped, unclear, repeated }: TestFacts): Words => ({
  tests,
  passed: Math.max(0, tests - failed - errored - skipped - unclear),
  failures: failed,
  errors: errored,
  skipped,
  unclear,
  repeated,
});
