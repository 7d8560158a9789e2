import { counted } from '../wording.ts';
import { casesOf, outcomeOf, type Suite } from './junit-suite.ts';

/** A claim in words, with what it declares (absent where it cannot be read) and what was counted. */
export type Claim = { readonly message: string; readonly declared?: number; readonly counted?: number };

/** What suites claim about their tests. Claims can only make a report worse. */
export type Claimed = {
  /** A failure that no case shows. */
  readonly failure: Claim | undefined;
  /** Claims that cannot be read. */
  readonly doubts: readonly Claim[];
  /** Cases shown as passed that did not run, and the claim of skipped tests that says so. */
  readonly notRun: number;
  readonly unshown: Claim | undefined;
  /** Totals that differ from what the suite shows. They decide nothing that the others do not. */
  readonly differing: readonly Claim[];
};

/** Attributes that count tests, and what they count. Attributes of one kind are synonyms; kinds of bad and skipped tests add up. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['tests', 'tests'],
  ...['failures', 'failed', 'failure'].map((name) => [name, 'failed'] as const),
  ...['errors', 'errored', 'error'].map((name) => [name, 'errored'] as const),
  ...['skipped', 'skips', 'skip', 'ignored'].map((name) => [name, 'skipped'] as const),
  ...['disabled', 'notrun', 'not-run', 'notRun', 'not_run'].map((name) => [name, 'disabled'] as const),
  ...['todo', 'pending'].map((name) => [name, 'todo'] as const),
]);

/** Other outcomes that suites count. A number of `timeout` is a setting, and risky tests do not fail. */
const otherOutcomes: ReadonlyMap<string, string> = new Map([
  ...['broken', 'aborted', 'interrupted', 'crashed', 'killed', 'cancelled', 'canceled', 'timedout', 'timeouts'].map(
    (name) => [name, 'otherBad'] as const,
  ),
  ...['warnings', 'inconclusive', 'incomplete', 'blocked', 'undefined', 'unknown'].map((name) => [name, 'unclear'] as const),
]);

type Counts = { readonly byKind: Readonly<Record<string, number>>; readonly doubts: readonly (Claim & { readonly kind: string })[] };

const countsOf = (attributes: Readonly<Record<string, string>>): Counts => {
  const byKind: Record<string, number> = {};
  const doubts: (Claim & { readonly kind: string })[] = [];
  for (const [name, text] of Object.entries(attributes)) {
    const other = otherOutcomes.get(name.toLowerCase());
    const kind = kinds.get(name) ?? other;
    if (kind === undefined || text.trim() === '') continue;
    const count = countOf(text);
    // What is no number is a flag there, and is read with the suite's other marks.
    if (other !== undefined) byKind[kind] = (byKind[kind] ?? 0) + (count ?? 0);
    else if (count === undefined) {
      const message = `${name}="${text.trim().slice(0, 40)}" is no count`;
      const number = /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
      doubts.push({ kind, message, ...(Number.isFinite(number) ? { declared: number } : {}) });
    } else byKind[kind] = Math.max(count, byKind[kind] ?? 0);
  }
  return { byKind, doubts };
};

/** A count: also `+2`, `2.0` and `1,000`, as tools that format numbers for people write it. Undefined when it is another text. */
const countOf = (text: string): number | undefined =>
  /^\+?(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.0{1,2})?$/.test(text.trim()) ? Number(text.replaceAll(',', '')) : undefined;

/** Closes a suite: compares what it claims with what it shows, and completes its tally. */
export const close = (suite: Suite): Claimed => {
  const { tally } = suite;
  for (const one of casesOf(suite)) {
    const { sign } = outcomeOf(one);
    tally.tests += 1;
    tally[sign] += 1;
    if (sign === 'skipped') tally.shownSkipped += 1;
    if (sign !== 'failed' && sign !== 'errored') continue;
    if (one.marks.some((mark) => mark.sign === 'skipped')) tally.alsoSkipped += 1;
  }
  const shown = { tests: tally.tests, failures: tally.failed, errors: tally.errored, skipped: tally.shownSkipped };
  const { doubts: unread, byKind } = countsOf(suite.attributes);
  const counts: Readonly<Record<string, number>> = { tests: tally.tests, failed: tally.bad, errored: tally.bad };
  const doubts = unread.map(({ kind, ...claim }): Claim => ({ ...claim, counted: counts[kind] ?? tally.skipped }));
  const { tests, failed = 0, errored = 0, skipped = 0, disabled = 0, todo = 0, otherBad = 0, unclear = 0 } = byKind;
  // The totals of the suites in it say nothing of the cases that stand beside them.
  const declared = declaredBy(suite, byKind);
  suite.declared = { ...(suite.cases > 0 ? {} : suite.declared), ...declared };
  // A tool may count a broken test among its failures, too.
  const bad = Math.max(failed + errored, otherBad);
  const unclearUnshown = unclear - tally.unclear - tally.bad - tally.skipped;
  const failure =
    bad > tally.bad
      ? { message: `claims ${bad} failed or errored tests and shows ${tally.bad || 'none'}`, declared: bad, counted: tally.bad }
      : undefined;
  tally.bad = Math.max(bad, tally.bad);
  const unclearOnes =
    unclearUnshown > 0
      ? [
          {
            message: `claims ${counted(unclearUnshown, 'more test')} without a clear outcome than it shows`,
            declared: unclear,
            counted: unclear - unclearUnshown,
          },
        ]
      : [];
  const [claimedSkipped, shownSkipped] = [skipped + disabled + todo, tally.skipped + tally.alsoSkipped];
  const notRun = settle(suite, tests, claimedSkipped);
  const message = `claims ${counted(claimedSkipped, 'skipped test')} and shows ${shownSkipped || 'none'}`;
  const unshown = notRun > 0 && claimedSkipped > shownSkipped ? { message, declared: claimedSkipped, counted: shownSkipped } : undefined;
  return { failure, doubts: [...doubts, ...unclearOnes], notRun, unshown, differing: differingIn(declared, shown) };
};

/** The totals of a suite that are not what it shows. */
const differingIn = (declared: Suite['declared'], shown: Required<Suite['declared']>): Claim[] =>
  (Object.entries(declared) as [keyof Suite['declared'], number][]).flatMap(([what, stated]) =>
    stated === shown[what]
      ? []
      : [{ message: `says ${what}: ${stated}, and ${shown[what]} was counted`, declared: stated, counted: shown[what] }],
  );

/** The totals that a suite states, in the words of the field. A number of tests that counts something else is not one. */
const declaredBy = (suite: Suite, { tests, failed, errored, skipped, disabled, todo }: Counts['byKind']): Suite['declared'] => {
  const countsElse = tests === undefined || isOwnCount(suite, tests) || countsAssertions(suite) || tests === suite.tally.cases;
  // googletest counts what its sources disable, and what a test skips only in some of its suites.
  const isWhole = disabled === undefined || skipped !== undefined;
  const notRun = isWhole ? [skipped, disabled, todo].filter((one) => one !== undefined) : [];
  return {
    ...(countsElse && tests !== suite.tally.tests ? {} : { tests: tests ?? 0 }),
    ...(failed === undefined ? {} : { failures: failed }),
    ...(errored === undefined ? {} : { errors: errored }),
    ...(notRun.length === 0 ? {} : { skipped: notRun.reduce((sum, one) => sum + one, 0) }),
  };
};

/** Accounts for tests that are claimed and not shown, and returns how many that are shown as passed did not run. */
const settle = (suite: Suite, claimed: number | undefined, claimedSkipped: number): number => {
  const { tally } = suite;
  const countsElse = claimed === undefined || isOwnCount(suite, claimed) || countsAssertions(suite) || countsSubtests(suite, claimed);
  const counted = countsElse ? undefined : claimed;
  const missing = Math.max(tally.missing, (counted ?? 0) - tally.cases - tally.hidden);
  const unshown = Math.max(0, claimedSkipped - tally.skipped - tally.alsoSkipped);
  // Some reporters (mocha-junit-reporter) count skipped tests and do not list them.
  const hidden = Math.min(missing, unshown);
  tally.hidden += hidden;
  tally.missing = missing - hidden;
  const ran = tally.tests - tally.skipped - tally.unclear;
  const tooMany = counted === undefined ? 0 : Math.max(0, ran - counted);
  const notRun = Math.min(tally.passed, Math.max(unshown - hidden, tooMany));
  tally.passed -= notRun;
  tally.skipped += hidden + notRun;
  return notRun;
};

/** Some tools (node --test) count the children of a suite, and not what stands below its inner suites. */
const isOwnCount = ({ element, named, nameless, cases, suites }: Suite, claimed: number): boolean =>
  element === 'testsuite' && suites > 0 && claimed > 0 && [named.size + nameless.length, cases + suites].includes(claimed);

/**
 * Catch2 and doctest write the number of assertions into `tests`. The reporter of Catch2 is known by a host name that it never fills in
 * ("tbd"), that of doctest by its version.
 */
const countsAssertions = ({ attributes }: Suite): boolean => attributes.hostname === 'tbd' || attributes.doctest_version !== undefined;

/**
 * pytest 9 counts subtests that passed among its tests, and lists none of them. Its number of tests is the sum of those that passed, failed, had
 * an error and were skipped, and it states each of the others: so what is not listed passed.
 */
const countsSubtests = ({ element, path, cases, attributes }: Suite, claimed: number): boolean =>
  element === 'testsuite' &&
  path.length === 2 &&
  path[0] === 'pytest tests' &&
  claimed > cases &&
  cases > 0 &&
  ['errors', 'failures', 'skipped'].every((name) => countOf(attributes[name] ?? '') !== undefined);

/** Adds a closed suite to the suite around it. A total of all suites is known only where each of them states it. */
export const addSuite = (outer: Suite, { tally, declared }: Suite): void => {
  const isFirst = outer.suites === 0;
  outer.suites += 1;
  const totals = Object.entries(declared) as [keyof Suite['declared'], number][];
  outer.declared = Object.fromEntries(
    totals.flatMap(([what, total]) => {
      const before = isFirst ? 0 : outer.declared[what];
      return before === undefined ? [] : [[what, before + total]];
    }),
  );
  for (const name of Object.keys(tally) as (keyof typeof tally)[]) outer.tally[name] += tally[name];
};
