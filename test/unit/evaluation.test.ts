import { describe, expect, test } from 'vitest';
import { genesis } from '../../lib/audit/lane.ts';
import type { Facts } from '../../lib/registry/evidence.ts';
import { appliesTo, type EvidenceRule, judgeEvidence, kindOf } from '../../lib/registry/rules.ts';
import type { Role } from '../../lib/roles.ts';

const junit: EvidenceRule = { kind: 'junit-passes/1', evidence: 'junit', minTests: 2 };
const lcov: EvidenceRule = { kind: 'coverage-at-least/1', evidence: 'lcov', metric: 'lines', floorPct: 70, per: 'feature' };
const sarif: EvidenceRule = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['secretlint'], maxLevel: 'note' };
const described: EvidenceRule = { kind: 'openapi-documented/1', evidence: 'openapi', require: 'described', minOperations: 1 };
const sbom: EvidenceRule = { kind: 'sbom-complete/1', evidence: 'cyclonedx', minComponents: 1 };
const load: EvidenceRule = {
  kind: 'load-passes/1',
  evidence: 'load',
  minConcurrency: 100,
  minRequests: 1000,
  maxErrorPct: 1,
  maxP99Ms: 500,
};
/** 41 clients and a half: 42 are needed, and half of them busy. */
const { minConcurrency: _, ...limits } = load;
const peak: EvidenceRule = {
  ...limits,
  kind: 'load-at-peak/1',
  evidence: 'load',
  expectedPeak: 83,
  minShareOfPeakPct: 50,
  minDurationSeconds: 5,
};
const series: EvidenceRule = {
  kind: 'series-covers/1',
  evidence: 'series',
  series: 'soak',
  minDurationSeconds: 100,
  minPoints: 10,
  maxGapPct: 20,
  maxFailurePct: 10,
  maxP95Ms: 100,
};
const attested: EvidenceRule = { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' };

const tests = (count: number, failed = 0, skipped = 0): Facts => ({
  type: 'junit',
  tests: count,
  failed,
  errored: 0,
  skipped,
  unclear: 0,
  repeated: 0,
  doubts: [],
  passedTests: [],
  otherTests: [],
  failures: failed > 0 ? [{ name: 'cart › adds', message: 'expected 1' }] : [],
});
const lines = (found: number, hit: number): Facts => ({
  type: 'lcov',
  files: 1,
  paths: [],
  testFiles: 0,
  lines: { found, hit },
  functions: { found: 0, hit: 0 },
  branches: { found: 0, hit: 0 },
});
const findings = (error: number, warning: number, note: number, tools = ['secretlint']): Facts => ({
  type: 'sarif',
  tools: tools.map((name) => ({
    name,
    unfinished: 0,
    signs: [],
    error,
    warning,
    note,
    none: 0,
    undecided: 0,
    suppressed: 0,
    first: [{ rule: 'r', level: 'error', place: 'a.ts' }],
  })),
});
const api = (operations: number, undescribedCount: number, problems: string[] = []): Facts => ({
  type: 'openapi',
  version: '3.1.0',
  readAs: null,
  title: 't',
  operations,
  undescribedCount,
  undescribed: ['GET /x'],
  problems,
  problemsCount: problems.length,
});
const bill = (components: number, incompleteCount: number): Facts => ({
  type: 'cyclonedx',
  specVersion: '1.5',
  readAs: null,
  subject: 'app',
  subjectSha256: [],
  components,
  incompleteCount,
  incomplete: ['b'],
  withoutDependencies: false,
  completeness: null,
  violation: null,
});
const loaded = (concurrency: number, requests: number, failed: number, p99Ms: number, changes: object = {}): Facts => ({
  type: 'load',
  tool: 'k6',
  concurrency,
  busyClients: concurrency,
  requests,
  failed,
  checks: 0,
  failedChecks: 0,
  iterations: requests,
  droppedIterations: 0,
  p99Ms,
  p99: 'measured',
  durationSeconds: 5,
  signs: [],
  contradictions: [],
  ...changes,
});
const soak = (points: number, failed: number, durationSeconds: number, longestGapSeconds: number, p95Ms: number): Facts => ({
  type: 'series',
  name: 'soak',
  about: '',
  points,
  failed,
  from: '2026-03-02T08:00:00.000Z',
  to: '2026-03-02T09:00:00.000Z',
  durationSeconds,
  longestGapSeconds,
  p95Ms,
});
const word = (role: Role): Facts => ({ type: 'attestation', statement: genesis, person: 'p-1', role });

describe('every rule passes, fails, and at its boundary', () => {
  test.each<[string, EvidenceRule, Facts, string]>([
    ['all tests pass', junit, tests(2), 'pass'],
    ['one test fails', junit, tests(3, 1), 'fail'],
    ['no test at all', junit, tests(0), 'inconclusive'],
    ['too few ran: the others were skipped', junit, tests(3, 0, 2), 'inconclusive'],
    ['coverage at the floor', lcov, lines(100, 70), 'pass'],
    ['coverage just below', lcov, lines(1000, 699), 'fail'],
    ['a floor that binary fractions miss', { ...lcov, floorPct: 57 }, lines(100, 57), 'pass'],
    ['nothing was measured', lcov, lines(0, 0), 'inconclusive'],
    ['notes are allowed', sarif, findings(0, 0, 3), 'pass'],
    ['a warning is not', sarif, findings(0, 1, 0), 'fail'],
    ['another tool', sarif, findings(0, 0, 0, ['biome']), 'inconclusive'],
    ['every operation has words', described, api(3, 0), 'pass'],
    ['one has none', described, api(3, 1), 'fail'],
    ['structural problems', described, api(3, 0, ['GET /x: no responses']), 'fail'],
    ['no operations', described, api(0, 0), 'inconclusive'],
    ['complete components', sbom, bill(5, 0), 'pass'],
    ['an incomplete one', sbom, bill(5, 1), 'fail'],
    ['no components', sbom, bill(0, 0), 'inconclusive'],
    ['load at every limit', load, loaded(100, 1000, 10, 500), 'pass'],
    ['too many failures', load, loaded(100, 1000, 11, 500), 'fail'],
    ['too slow', load, loaded(100, 1000, 0, 500.1), 'fail'],
    ['too few clients', load, loaded(99, 1000, 0, 1), 'inconclusive'],
    ['too few requests', load, loaded(100, 999, 0, 1), 'inconclusive'],
    ['too short a load', { ...load, minDurationSeconds: 6 }, loaded(100, 1000, 0, 1), 'inconclusive'],
    ['a load just long enough', { ...load, minDurationSeconds: 5 }, loaded(100, 1000, 0, 1), 'pass'],
    ['a limit that binary fractions miss', { ...load, maxErrorPct: 0.07 }, loaded(100, 10_000, 7, 1), 'pass'],
    ['half of the demanded clients were busy', load, loaded(100, 1000, 0, 1, { busyClients: 50 }), 'pass'],
    ['fewer were busy than half of the demanded', load, loaded(200, 1000, 0, 1, { busyClients: 49.9 }), 'inconclusive'],
    ['many failures of few clients and requests', load, loaded(3, 8, 2, 1), 'fail'],
    ['as many failed checks as are allowed', load, loaded(100, 1000, 0, 1, { checks: 5000, failedChecks: 50 }), 'pass'],
    ['too many failed checks', load, loaded(100, 1000, 0, 1, { checks: 5000, failedChecks: 51 }), 'fail'],
    ['as many dropped iterations as are allowed', load, loaded(100, 1000, 0, 1, { iterations: 990, droppedIterations: 10 }), 'pass'],
    ['too many dropped iterations', load, loaded(100, 1000, 0, 1, { iterations: 989, droppedIterations: 11 }), 'fail'],
    ['a breached threshold of the test', load, loaded(100, 1000, 0, 1, { signs: ['x breaches y'] }), 'fail'],
    ['figures that contradict each other', load, loaded(100, 1000, 0, 1, { contradictions: ['max is below p(95)'] }), 'inconclusive'],
    ['a bound of the 99th percentile at the limit', load, loaded(100, 1000, 0, 500, { p99: 'bound' }), 'pass'],
    ['a bound above the limit proves nothing', load, loaded(100, 1000, 0, 501, { p99: 'bound' }), 'inconclusive'],
    ['as many skipped as are allowed', { ...junit, maxSkippedPct: 50 }, tests(4, 0, 2), 'pass'],
    ['more skipped than are allowed', { ...junit, maxSkippedPct: 50 }, tests(5, 0, 3), 'inconclusive'],
    ['as many clients as the share of the peak', peak, loaded(42, 1000, 10, 500), 'pass'],
    ['fewer clients than the share of the peak', peak, loaded(41, 1000, 0, 1), 'inconclusive'],
    ['too few busy clients at the peak', peak, loaded(42, 1000, 0, 1, { busyClients: 20.9 }), 'inconclusive'],
    ['too many failures at the peak', peak, loaded(1, 1000, 11, 1), 'fail'],
    ['a peak that was held too short', { ...peak, minDurationSeconds: 5.1 }, loaded(42, 1000, 0, 1), 'inconclusive'],
    ['no requests', load, loaded(100, 0, 0, 0), 'inconclusive'],
    ['a series at every limit', series, soak(10, 1, 100, 20, 100), 'pass'],
    ['too many failed points', series, soak(10, 2, 100, 20, 100), 'fail'],
    ['too slow a series', series, soak(10, 0, 100, 20, 101), 'fail'],
    ['too short', series, soak(10, 0, 99, 10, 1), 'inconclusive'],
    ['too few points', series, soak(9, 0, 100, 10, 1), 'inconclusive'],
    ['a gap', series, soak(10, 0, 100, 20.5, 1), 'inconclusive'],
    ['the right role', attested, word('technical-lead'), 'pass'],
    ['another role', attested, word('developer'), 'inconclusive'],
    ['facts of another type', junit, lines(1, 1), 'error'],
  ])('%s', (_what, rule, given, verdict) => {
    expect(judgeEvidence(rule, given).verdict).toBe(verdict);
  });

  test('a failing test is named, and its message, which may hold secrets, stays out of the trail', () => {
    expect(judgeEvidence(junit, tests(312, 1, 2)).reason).toBe('312 tests, 1 failed, 2 skipped; first: “cart › adds”');
  });

  test('a figure below the floor never looks like the floor', () => {
    expect(judgeEvidence(lcov, lines(100_000, 69_999)).reason).toContain('69.9 %');
  });

  test('a figure above a limit never looks like the limit', () => {
    expect(judgeEvidence(load, loaded(100, 100_000, 1001, 1)).reason).toContain('1.01 % failed,');
    expect(judgeEvidence(load, loaded(100, 1000, 0, 500.1)).reason).toContain('p99 501 ms');
    expect(judgeEvidence(peak, loaded(41, 1000, 0, 1)).reason).toBe(
      'expected peak of 83 clients, tested at 50 % of it: 41 clients (41 busy), 1000 requests, 0.00 % failed, p99 1 ms in 5 s; at least 42 clients expected',
    );
    expect(judgeEvidence(series, soak(10, 0, 100, 20, 100.2)).reason).toContain('p95 101 ms');
  });

  test('a reason is cut between characters', () => {
    const given: Facts = { ...tests(1, 1), failures: [{ name: '😀'.repeat(100), message: '😀'.repeat(100) }] } as Facts;
    for (let shift = 0; shift < 2; shift += 1) {
      const { reason } = judgeEvidence(junit, { ...given, skipped: 10 ** shift } as Facts);
      expect(reason.isWellFormed()).toBe(true);
      expect(reason.length).toBeLessThanOrEqual(300);
    }
  });

  test('a rule that breaks has judged nothing', () => {
    const broken = {
      ...kindOf(junit),
      judge: () => {
        throw new Error('boom');
      },
    };
    expect(judgeEvidence(junit, tests(1), broken)).toEqual({ verdict: 'error', reason: 'the rule junit-passes/1 broke: boom' });
  });

  test('a rule is concerned by its own reports only', () => {
    expect(appliesTo(sarif, findings(1, 0, 0, ['biome']))).toBe(false);
    expect(appliesTo(series, { ...soak(1, 0, 0, 0, 0), name: 'health' } as Facts)).toBe(false);
    expect(appliesTo(series, soak(1, 0, 0, 0, 0))).toBe(true);
    expect(appliesTo(attested, word('technical-lead'))).toBe(false);
  });
});
