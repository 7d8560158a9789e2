import { cut, quoted } from '../canonical-json.ts';
import type { JunitFacts } from '../evidence/junit.ts';
import { mostNamed } from '../evidence/kind.ts';
import { longestPartId } from '../fields.ts';
import type { JudgedPart, Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { withParts } from './parts.ts';

/** Which tests a report names, by their outcome. */
export type TestResults = Pick<JunitFacts, 'passedTests' | 'otherTests' | 'passedNames' | 'skippedTests'>;

/** A report of tests, and the subject of its source. */
export type SourcedTests = { readonly subject: string; readonly results: TestResults };

/** What the tests of this release are compared with: `where` they passed, or why nothing is there to compare with. */
export type TestBaseline = { readonly where: string; readonly reports: readonly SourcedTests[] } | { readonly why: string };

type Outcome = 'passed' | 'other' | 'skipped';
type Tests = { readonly outcomes: ReadonlyMap<string, Outcome>; readonly names: ReadonlyMap<string, string> };

/** The better one counts: what passes on one platform may be skipped on another, and a failure counts by its own report. */
const best = (a: Outcome | undefined, b: Outcome): Outcome =>
  a === 'passed' || b === 'passed' ? 'passed' : a === 'other' || b === 'other' ? 'other' : 'skipped';

/**
 * What became of each test in all reports, oldest first. Of one source the latest report that names a test says it: a smaller report, such as
 * that of the tests which a job ran again, takes no other test away, because all are about one commit.
 */
const testsIn = (reports: readonly SourcedTests[]): Tests => {
  const bySource = new Map<string, Map<string, Outcome>>();
  const names = new Map<string, string>();
  for (const { subject, results } of reports) {
    const { passedTests, otherTests, skippedTests = [], passedNames = [] } = results;
    const own = bySource.get(subject) ?? new Map<string, Outcome>();
    bySource.set(subject, own);
    for (const id of skippedTests) own.set(id, 'skipped');
    for (const id of passedTests) own.set(id, 'passed');
    for (const id of otherTests) own.set(id, 'other');
    for (const [n, id] of passedTests.entries()) {
      const name = passedNames[n];
      if (name !== undefined) names.set(id, name);
    }
  }
  const outcomes = new Map<string, Outcome>();
  for (const own of bySource.values()) for (const [id, outcome] of own) outcomes.set(id, best(outcomes.get(id), outcome));
  return { outcomes, names };
};

/**
 * Each test that passed in the last release must have passed in this one. A test that failed, was skipped or is in no report is a regression
 * and a part of its own, so that a renamed test can be excepted by its name. Without a baseline nothing is known, and people decide.
 */
export const testsKept = (baseline: TestBaseline, now: readonly SourcedTests[]): Judgement => {
  if ('why' in baseline)
    return {
      verdict: 'inconclusive',
      reason: `${baseline.why}, so it is not known which tests passed before: the owner of the check decides about an exception`,
    };
  const { where, reports } = baseline;
  const earlier = testsIn(reports);
  const before = [...earlier.outcomes].flatMap(([id, outcome]) => (outcome === 'passed' ? [id] : []));
  if (before.length === 0)
    return { verdict: 'inconclusive', reason: `no test passed ${where}: the owner of the check decides about an exception` };
  if ([...reports, ...now].some(({ results }) => results.passedTests.length >= mostNamed))
    return {
      verdict: 'inconclusive',
      reason: `a report names ${mostNamed} tests, which is the limit, so it is not known which others passed: split it by suite`,
    };
  const current = testsIn(now).outcomes;
  const lost = before.filter((id) => current.get(id) !== 'passed');
  if (lost.length === 0) return { verdict: 'pass', reason: `${counted(before.length, 'test')} that passed ${where} passed again` };
  const nameOf = namesOf(before, earlier.names);
  const parts = lost.map(
    (id): JudgedPart => ({
      subject: { kind: 'test', id: nameOf(id) },
      verdict: 'fail',
      reason: `passed ${where} and ${became[current.get(id) ?? 'nowhere']} now`,
    }),
  );
  const [first] = parts;
  const named = first === undefined ? '' : `${quoted(first.subject.id, 120)} ${first.reason}`;
  const rest = lost.length > 1 ? `; ${lost.length} of ${counted(before.length, 'such test')} in all` : '';
  return withParts({ verdict: 'fail', reason: `${named}${rest}` }, { parts, unnamed: before.length - lost.length });
};

const became = { passed: 'passed', other: 'failed', skipped: 'was skipped', nowhere: 'is in no report' } as const;

/** A name that several tests share is followed by the digest of each: an exception for one of them must not be one for the others. */
const namesOf = (ids: readonly string[], names: ReadonlyMap<string, string>): ((id: string) => string) => {
  const shared = new Map<string, number>();
  const shown = (id: string): string => cut(names.get(id) ?? `not named, ${id}`, longestPartId);
  for (const id of ids) shared.set(shown(id), (shared.get(shown(id)) ?? 0) + 1);
  return (id) => {
    const name = shown(id);
    return (shared.get(name) ?? 0) > 1 ? `${cut(name, longestPartId - id.length - 3)} (${id})` : name;
  };
};
