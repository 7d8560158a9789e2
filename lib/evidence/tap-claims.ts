import { counted } from '../wording.ts';
import type { Test, Tests } from './test-facts.ts';

/** Figures in the comments that node:test, tape and others write at the end. */
export const claim = /^(tests|pass|fail|cancelled|skip|skipped|todo)\s+(\d{1,9})$/;

/** Of what a producer says of itself: more are no news. */
const mostSigns = 20;

/**
 * Comments in which a producer says that it failed, as it writes them: `failed` counts tests that failed, `ended` says that it ended otherwise
 * than its tests show. Test::More of Perl and what takes its words (libtap, pgTAP): lib/Test/Builder.pm, `_ending`; tap-parser of node-tap;
 * kselftest of Linux: tools/testing/selftests/kselftest.h; bats-core: libexec/bats-core/bats-exec-suite.
 */
const signs: readonly (readonly [is: 'failed' | 'ended', form: RegExp])[] = [
  ['failed', /^Looks like you failed [1-9]\d{0,8} tests? of \d/],
  ['failed', /^failed [1-9]\d{0,8} (?:test|of \d{1,9} tests)\b/],
  ['failed', /^Totals: pass:\d+ (?=.*\b(?:fail|error):[1-9])/],
  ['ended', /^Looks like your test (?:exited|died) /],
  ['ended', /^Looks like you planned \d{1,9} tests? but /],
  ['ended', /^(?:Tests were run but no plan was declared|No tests run!)/],
  ['ended', /^test count\(\d{1,9}\) != plan\(\d{1,9}\)/],
  ['ended', /^Planned tests != run tests \(/],
  ['ended', /^bats warning: Executed \d{1,9} instead of expected \d{1,9} tests/],
  // What runs the producer says it on standard error: npm, pnpm and yarn.
  ['ended', /^npm (?:ERR!|error) (?:code |Lifecycle script )/],
  ['ended', /^ELIFECYCLE\b/],
  ['ended', /^error Command failed with exit code [1-9]/],
];

/** The signs of failure in the comments of a report, in their order, each once. */
export const failureSigns = () => {
  const found = new Map<string, 'failed' | 'ended'>();
  const note = (comment: string): void => {
    const is = signs.find(([, form]) => form.test(comment))?.[0];
    if (is !== undefined && found.size < mostSigns) found.set(comment.slice(0, 150), is);
  };
  return { note, found: (): readonly (readonly [comment: string, is: 'failed' | 'ended'])[] => [...found] };
};

/**
 * What the comments at the end say. It only makes the report worse: by a failure that no test shows, and by tests that are not there. Tools
 * count the test points of subtests, too, or not, some count what was skipped as passed or not at all (mocha), and some a todo as failed (AVA).
 */
export const withClaims = (
  read: Tests,
  claims: Readonly<Record<string, number>>,
  sums: Readonly<Record<string, number>>,
  said: ReturnType<ReturnType<typeof failureSigns>['found']>,
): Tests => {
  // node:test counts a test that was cancelled apart, and writes it as a failed one.
  const bad = (claims.fail ?? 0) + (claims.cancelled ?? 0);
  const count = (...signs: readonly string[]): number =>
    read.tests.filter(({ sign, isClaim }) => isClaim !== true && signs.includes(sign)).length;
  const skipped = count('skipped') + read.hidden;
  const shown = count('passed', 'failed', 'skipped');
  // AVA leaves them out of its number of tests, which shows that the failures are theirs.
  const todos = claims.tests !== undefined && claims.tests + (sums.todos ?? 0) === shown ? (sums.todos ?? 0) : 0;
  const figures = [
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
  const differing = figures.filter(({ claimed, shown, least = shown, more }) => claimed < least || claimed > shown + more);
  // Only node:test says how many were cancelled, and each of its tests is in one of its sums.
  const { cancelled, pass = 0, fail = 0, todo = 0, tests = 0 } = claims;
  const inSums = pass + fail + (cancelled ?? 0) + (claims.skipped ?? 0) + todo;
  const unequal = cancelled !== undefined && inSums !== tests;
  const absent = differing.filter(({ what, claimed, shown }) => what !== 'failures' && claimed > shown);
  const isFailing = read.tests.some(({ sign }) => sign === 'failed' || sign === 'errored');
  const hidden: Test[] = [
    ...(bad > todos && !isFailing
      ? [{ ...claimOf(`says that ${counted(bad, 'test')} failed, and shows none`), declared: bad, counted: 0 }]
      : []),
    ...said.flatMap(([comment, is]) =>
      is === 'failed' && isFailing ? [] : [{ ...claimOf(`says of itself: ${comment}`), ...numbersIn(comment, is, count('failed'), shown) }],
    ),
  ];
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
      ...(unequal
        ? [{ name: 'the report', message: `says tests: ${tests}, and its sums are of ${inSums}`, declared: tests, counted: inSums }]
        : []),
    ],
    declared: Object.fromEntries(
      figures.flatMap((one) => (one.claimed === one.shown || differing.includes(one) ? [[one.what, one.claimed]] : [])),
    ),
  };
};

/** The number that such a comment states: of tests that failed, or that were planned. One that tells of an exit status has none. */
const numbersIn = (comment: string, is: 'failed' | 'ended', failed: number, shown: number): Pick<Test, 'declared' | 'counted'> => {
  if (is === 'failed') {
    const number = /^(?:Looks like you failed|failed) (\d+)/.exec(comment)?.[1];
    const sum = number ?? [...comment.matchAll(/\b(?:fail|error):(\d+)/g)].reduce((all, [, one]) => all + Number(one), 0);
    return { declared: Number(sum), counted: failed };
  }
  const planned = /(?:you planned|expected|plan\(|!= run tests \() ?(\d+)/.exec(comment)?.[1];
  return planned === undefined ? {} : { declared: Number(planned), counted: shown };
};

const claimOf = (message: string): Test => ({
  name: 'the report',
  identity: undefined,
  sign: 'errored',
  message,
  repeated: false,
  isClaim: true,
});
