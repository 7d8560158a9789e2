import { casesOf, outcomeOf, type Suite } from './junit-suite.ts';

/** What suites claim about their tests. Claims can only make a report worse. */
export type Claimed = {
  /** A failure that no case shows. */
  readonly failure: string | undefined;
  /** Claims that cannot be read. */
  readonly doubts: readonly string[];
  /** Cases shown as passed that did not run. */
  readonly notRun: number;
};

// Attributes in one row are synonyms; rows add up.
const badClaims = [
  ['failures', 'failed', 'failure'],
  ['errors', 'errored', 'error'],
];
const skippedClaims = [
  ['skipped', 'skips', 'skip', 'ignored'],
  ['disabled', 'notrun', 'not-run', 'notRun', 'not_run'],
  ['todo', 'pending'],
];

type Attributes = Readonly<Record<string, string>>;

/** A count: also `+2` and `2.0`, as tools that format floating-point numbers write it. Undefined when it is another text. */
const countOf = (text: string): number | undefined => (/^\+?\d{1,9}(\.0{1,2})?$/.test(text.trim()) ? Number(text) : undefined);

const claimOf = (attributes: Attributes, rows: readonly (readonly string[])[]): number =>
  rows.reduce((sum, row) => sum + Math.max(0, ...row.map((name) => countOf(attributes[name] ?? '') ?? 0)), 0);

/** Closes a suite: compares what it claims with what it shows, and completes its tally. */
export const close = (suite: Suite): Claimed => {
  const { attributes, tally } = suite;
  for (const one of casesOf(suite)) {
    const { sign } = outcomeOf(one);
    tally.tests += 1;
    if (sign === 'skipped' || sign === 'unclear' || sign === 'passed') tally[sign] += 1;
  }
  const doubts = ['tests', ...badClaims.flat(), ...skippedClaims.flat()].flatMap((name) => {
    const text = attributes[name]?.trim() ?? '';
    return text === '' || countOf(text) !== undefined ? [] : [`${name}="${text.slice(0, 40)}" is no count`];
  });
  const bad = claimOf(attributes, badClaims);
  const failure = bad > tally.bad ? `claims ${bad} failed or errored tests and shows ${tally.bad || 'none'}` : undefined;
  tally.bad = Math.max(bad, tally.bad);
  return { failure, doubts, notRun: settle(suite, claimOf(attributes, skippedClaims)) };
};

/** Accounts for tests that are claimed and not shown, and returns how many that are shown as passed did not run. */
const settle = (suite: Suite, claimedSkipped: number): number => {
  const { tally } = suite;
  const claimed = countOf(suite.attributes.tests ?? '');
  const counted = claimed === undefined || isOwnCount(suite, claimed) ? undefined : claimed;
  const missing = Math.max(tally.missing, (counted ?? 0) - tally.cases - tally.hidden);
  const unshown = Math.max(0, claimedSkipped - tally.skipped);
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

/** Adds a closed suite to the suite around it. */
export const addSuite = (outer: Suite, { tally }: Suite): void => {
  outer.suites += 1;
  for (const name of Object.keys(tally) as (keyof typeof tally)[]) outer.tally[name] += tally[name];
};
