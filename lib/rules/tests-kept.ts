import { counted, cut, quoted } from '../canonical-json.ts';
import type { JunitFacts } from '../evidence/junit.ts';
import { mostNamed } from '../evidence/kind.ts';
import { longestPartId } from '../fields.ts';
import type { JudgedPart, Judgement } from '../verdict.ts';
import { withParts } from './parts.ts';

/** Results of tests of one release: all reports that count for a check. */
type Results = readonly Pick<JunitFacts, 'passedTests' | 'otherTests' | 'passedNames' | 'skippedTests'>[];

/** What the tests of this release are compared with: those of a run, or why nothing is there to compare with. */
export type TestBaseline =
  | { readonly run: string; readonly version: string; readonly results: Results }
  | { readonly run: null; readonly why: string };

/**
 * Each test that passed in the last release must have passed in this one. A test that failed, was skipped or is in no report is a regression
 * and a part of its own, so that a renamed test can be excepted by its name. Without a baseline nothing is known, and people decide.
 */
export const testsKept = (baseline: TestBaseline, now: Results): Judgement => {
  if (baseline.run === null)
    return {
      verdict: 'inconclusive',
      reason: `${baseline.why}, so it is not known which tests passed before: the owner of the check decides about an exception`,
    };
  const { run, version, results } = baseline;
  const before = new Map(results.flatMap(({ passedTests, passedNames = [] }) => passedTests.map((id, n) => [id, passedNames[n]] as const)));
  const where = `in version ${cut(version, 60)} (run ${run})`;
  if (before.size === 0)
    return { verdict: 'inconclusive', reason: `no test passed ${where}: the owner of the check decides about an exception` };
  if ([...results, ...now].some(({ passedTests }) => passedTests.length >= mostNamed))
    return {
      verdict: 'inconclusive',
      reason: `a report names ${mostNamed} tests, which is the limit, so it is not known which others passed: split it by suite`,
    };
  const all = (of: 'passedTests' | 'otherTests' | 'skippedTests'): ReadonlySet<string> => new Set(now.flatMap((one) => one[of] ?? []));
  const [passed, other, skipped] = [all('passedTests'), all('otherTests'), all('skippedTests')];
  const lost = [...before].filter(([id]) => !passed.has(id));
  if (lost.length === 0) return { verdict: 'pass', reason: `${counted(before.size, 'test')} that passed ${where} passed again` };
  const parts = lost.map(([id, name]): JudgedPart => {
    const how = other.has(id) ? 'failed' : skipped.has(id) ? 'was skipped' : 'is in no report';
    return {
      subject: { kind: 'test', id: cut(name ?? `not named, ${id}`, longestPartId) },
      verdict: 'fail',
      reason: `passed ${where} and ${how} now`,
    };
  });
  const [first] = parts;
  const named = first === undefined ? '' : `${quoted(first.subject.id, 120)} ${first.reason}`;
  const rest = lost.length > 1 ? `; ${lost.length} of ${before.size} such tests in all` : '';
  return withParts({ verdict: 'fail', reason: `${named}${rest}` }, { parts, unnamed: before.size - lost.length });
};
