import { counted } from '../canonical-json.ts';
import type { Test, Tests } from './test-facts.ts';

/** Figures in the comments that node:test, tape and others write at the end. */
export const claim = /^(tests|pass|fail|cancelled|skip|skipped)\s+(\d{1,9})$/;

/**
 * What the comments at the end say. It only makes the report worse: by a failure that no test shows, and by tests that are not there. Tools
 * count the test points of subtests, too, or not, some count what was skipped as passed or not at all (mocha), and some a todo as failed (AVA).
 */
export const withClaims = (read: Tests, claims: Readonly<Record<string, number>>, sums: Readonly<Record<string, number>>): Tests => {
  // node:test counts a test that was cancelled apart, and writes it as a failed one.
  const bad = (claims.fail ?? 0) + (claims.cancelled ?? 0);
  const count = (...signs: readonly string[]): number =>
    read.tests.filter(({ sign, isClaim }) => isClaim !== true && signs.includes(sign)).length;
  const skipped = count('skipped') + read.hidden;
  const shown = count('passed', 'failed', 'skipped');
  // AVA leaves them out of its number of tests, which shows that the failures are theirs.
  const todos = claims.tests !== undefined && claims.tests + (sums.todos ?? 0) === shown ? (sums.todos ?? 0) : 0;
  const said = [
    {
      what: 'tests',
      claimed: claims.tests,
      least: count('passed', 'failed'),
      shown,
      more: (sums.tests ?? 0) + read.hidden,
    },
    { what: 'passed', claimed: claims.pass, shown: count('passed'), more: (sums.passed ?? 0) + skipped },
    {
      what: 'failures',
      claimed: claims.fail === undefined ? undefined : bad,
      shown: count('failed'),
      more: (sums.failures ?? 0) + todos,
    },
  ].flatMap(({ claimed, ...one }) => (claimed === undefined ? [] : [{ ...one, claimed }]));
  const differing = said.filter(({ claimed, shown, least = shown, more }) => claimed < least || claimed > shown + more);
  const absent = differing.filter(({ what, claimed, shown }) => what !== 'failures' && claimed > shown);
  const isHidden = bad > todos && !read.tests.some(({ sign }) => sign === 'failed' || sign === 'errored');
  const hidden: Test[] = isHidden ? [claimOf(`says that ${counted(bad, 'test')} failed, and shows none`)] : [];
  return {
    ...read,
    tests: [...read.tests, ...hidden],
    doubts: [
      ...read.doubts,
      ...absent.map(({ what, claimed, shown }) => ({
        name: 'the report',
        message: `says ${what}: ${claimed}, and shows ${shown}`,
        declared: claimed,
        counted: shown,
      })),
    ],
    declared: Object.fromEntries(
      said.flatMap((one) => (one.claimed === one.shown || differing.includes(one) ? [[one.what, one.claimed]] : [])),
    ),
  };
};

const claimOf = (message: string): Test => ({
  name: 'the report',
  identity: undefined,
  sign: 'errored',
  message,
  repeated: false,
  isClaim: true,
});
