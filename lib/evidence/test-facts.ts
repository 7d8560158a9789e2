import * as z from 'zod';
import type { Words } from './account.ts';

const count = z.int().min(0);
const named = z.array(z.strictObject({ name: z.string(), message: z.string() }));

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
