import { describe, expect, test } from 'vitest';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import type { EvidenceType } from '../../lib/registry/evidence.ts';
import { appliesTo, type EvidenceRule, isEvidenceRule, judgeEvidence, type Rule, ruleSchema } from '../../lib/registry/rules.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';
import { timelessSampleOf } from '../samples.ts';
import { factsOf, rulesOf } from '../unit/parsed.ts';

/** A run with one check, and the reports of one tool for it, attempt by attempt. */
const begin = async (rule: EvidenceRule) => {
  const one = check('one', 'phase-1', { rule });
  // Behind the times that samples have.
  const deps = dependenciesOf(checklistOf([gate('phase-1')], [one]), { now: '2026-11-29T08:00:00.000Z' });
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const now = deps.clock.now().getTime();
  let attempt = 0;
  const send = async (type: EvidenceType, bytes: Uint8Array, exitCode?: number) => {
    attempt += 1;
    const madeAt = new Date(now - 3_600_000 + attempt * 60_000).toISOString();
    const contentType = 'application/octet-stream';
    const input = { run, type, bytes, contentType, source: 'ci', commit, madeAt, producerRun: 'job-1', producerAttempt: attempt };
    const answer = await recordEvidence(deps, { ...input, ...(exitCode === undefined ? {} : { exitCode }) }, ci);
    expect(answer.refused).toBeUndefined();
    const events = await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/one' });
    return foldCheck({ check: one, events, now: deps.clock.now(), components: ['web'], local: false, shortened: false });
  };
  return send;
};

const tests = ruleSchema.parse({ kind: 'junit-passes/1', evidence: 'junit', minTests: 1 });
const coverage = ruleSchema.parse({ kind: 'coverage-at-least/1', evidence: 'lcov', metric: 'lines', floorPct: 50, per: 'feature' });
const vulnerabilities = ruleSchema.parse({
  kind: 'vulnerabilities-within/1',
  evidence: 'sarif',
  tools: ['npm audit', 'trivy', 'zap'],
  maxCritical: 9,
  maxHigh: 9,
  maxUnknown: 9,
});

/** The first rule that passes this report by itself. */
const passing = (type: EvidenceType, bytes: Uint8Array): EvidenceRule => {
  const facts = factsOf(type, bytes);
  const isPassed = (rule: Rule): boolean => appliesTo(rule, facts) && judgeEvidence(rule, facts).verdict === 'pass';
  return (
    [tests, coverage, vulnerabilities, ...rulesOf(type)].filter(isEvidenceRule).find(isPassed) ?? expect.fail(`nothing passes ${type}`)
  );
};

describe('the exit code of the tool', () => {
  // Of k6: a threshold was crossed, it was stopped by a signal, the script aborted it.
  test.each<[EvidenceType, number]>([
    ['k6', 99],
    ['k6', 105],
    ['k6', 108],
    ['artillery', 1],
    ['autocannon', 1],
    ['junit', 1],
    ['tap', 1],
    ['lcov', 1],
    ['cobertura', 2],
    ['jacoco', 1],
    ['sarif', 2],
    ['gitleaks', 1],
    ['npm-audit', 1],
    ['trivy', 1],
    ['zap', 3],
    ['openapi', 1],
    ['cyclonedx', 1],
    ['spdx', -1],
  ])('of %s, %i: the report does not pass, and with 0 it does', async (type, exitCode) => {
    const bytes = timelessSampleOf(type);
    const send = await begin(passing(type, bytes));
    expect(await send(type, bytes, exitCode)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining(`exit code ${exitCode}`) as string,
    });
    expect(await send(type, bytes, 0)).toMatchObject({ verdict: 'pass', reason: expect.not.stringContaining('nothing tells') as string });
  });

  test('of k6 is missing: a pass says that nothing tells whether the test was stopped early', async () => {
    const bytes = timelessSampleOf('k6');
    const send = await begin(passing('k6', bytes));
    const said = 'nothing tells whether k6 was stopped early: send its exit code (--exit-code)';
    expect(await send('k6', bytes)).toMatchObject({ verdict: 'pass', reason: expect.stringContaining(`in 10.041 s; ${said}`) as string });
  });

  test('of other load tests is missing: their report has its duration, and nothing is said', async () => {
    const bytes = timelessSampleOf('autocannon');
    const send = await begin(passing('autocannon', bytes));
    expect(await send('autocannon', bytes)).toMatchObject({
      verdict: 'pass',
      reason: expect.not.stringContaining('nothing tells') as string,
    });
  });
});
