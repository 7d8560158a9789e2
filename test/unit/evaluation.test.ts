import { describe, expect, test } from 'vitest';
import { makeEvent } from '../../lib/audit/chain.ts';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import type { Line } from '../../lib/checklist/definition.ts';
import type { EvidenceRule } from '../../lib/checklist/rule.ts';
import { applies } from '../../lib/evaluation/applies.ts';
import { judgeEvidence } from '../../lib/evaluation/judge-evidence.ts';
import { foldLine } from '../../lib/evaluation/line-finding.ts';
import type { Facts } from '../../lib/evidence/index.ts';
import { line } from '../given.ts';

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
  repeated: 0,
  failures: failed > 0 ? [{ name: 'cart › adds', message: 'expected 1' }] : [],
});
const lines = (found: number, hit: number): Facts => ({
  type: 'lcov',
  files: 1,
  lines: { found, hit },
  functions: { found: 0, hit: 0 },
  branches: { found: 0, hit: 0 },
});
const findings = (error: number, warning: number, note: number, tools = ['secretlint']): Facts => ({
  type: 'sarif',
  tools: tools.map((name) => ({
    name,
    unfinished: 0,
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
  subject: 'app',
  components,
  incompleteCount,
  incomplete: ['b'],
});
const loaded = (concurrency: number, requests: number, failed: number, p99Ms: number): Facts => ({
  type: 'load',
  tool: 'k6',
  concurrency,
  requests,
  failed,
  p99Ms,
  durationSeconds: 5,
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
const word = (role: string): Facts => ({ type: 'attestation', statement: genesis, person: 'p-1', role });

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
    ['as many skipped as are allowed', { ...junit, maxSkippedPct: 50 }, tests(4, 0, 2), 'pass'],
    ['more skipped than are allowed', { ...junit, maxSkippedPct: 50 }, tests(5, 0, 3), 'inconclusive'],
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

  test('a failing test is named', () => {
    expect(judgeEvidence(junit, tests(312, 1, 2)).reason).toBe('312 tests, 1 failed, 2 skipped; first: cart › adds (expected 1)');
  });

  test('a figure below the floor never looks like the floor', () => {
    expect(judgeEvidence(lcov, lines(100_000, 69_999)).reason).toContain('69.9 %');
  });

  test('a figure above a limit never looks like the limit', () => {
    expect(judgeEvidence(load, loaded(100, 100_000, 1001, 1)).reason).toContain('1.01 % failed,');
    expect(judgeEvidence(load, loaded(100, 1000, 0, 500.1)).reason).toContain('p99 501 ms');
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
      'junit-passes/1': () => {
        throw new Error('boom');
      },
    } as never;
    expect(judgeEvidence(junit, tests(1), broken)).toEqual({ verdict: 'error', reason: 'the rule junit-passes/1 broke: boom' });
  });

  test('a rule is concerned by its own reports only', () => {
    expect(applies(sarif, findings(1, 0, 0, ['biome']))).toBe(false);
    expect(applies(series, { ...soak(1, 0, 0, 0, 0), name: 'health' } as Facts)).toBe(false);
    expect(applies(series, soak(1, 0, 0, 0, 0))).toBe(true);
    expect(applies(attested, word('technical-lead'))).toBe(false);
  });
});

const at = '2026-03-02T08:00:00.000Z';
const now = new Date('2026-03-02T12:00:00.000Z');
const judged = (changes: Partial<DataOf<'check.judged'>>): DataOf<'check.judged'> => ({
  line: 'l',
  subject: '*/unit',
  verdict: 'pass',
  reason: 'fine',
  facts: genesis,
  evidence: 'e',
  attempt: 1,
  madeAt: '2026-03-02T08:00:00.000Z',
  goodUntil: null,
  by: null,
  words: null,
  ...changes,
});
const lane = (...events: readonly (readonly ['check.judged' | 'check.waived' | 'check.not-applicable', object])[]): Stored[] =>
  events.map(
    ([type, data], place) =>
      makeEvent(
        { scope: 'run/r', lane: 'check/phase-1/l', step: `${place}`, type, actor: { kind: 'system', id: 's' }, data } as never,
        { seq: place + 1, prev: genesis },
        new Date(at),
      ) as Stored,
  );
const fold = (events: Stored[], changes: Partial<Line> = {}, components = ['web']) =>
  foldLine({ line: line('l', 'phase-1', changes), events, now, components, local: false, scaled: false });
const waived = (until: string) => ['check.waived', { line: 'l', reason: genesis, until, by: 'p-lead', role: 'technical-lead' }] as const;

describe('the fold of a line', () => {
  test('of one source what was made last counts, in whatever order it arrived', () => {
    const fail = judged({ verdict: 'fail', reason: 'broke', madeAt: '2026-03-02T09:00:00.000Z' });
    const pass = judged({ madeAt: '2026-03-02T08:59:59.999Z', attempt: 2 });
    expect(fold(lane(['check.judged', fail], ['check.judged', pass])).verdict).toBe('fail');
    expect(fold(lane(['check.judged', pass], ['check.judged', fail])).verdict).toBe('fail');
    expect(fold(lane(['check.judged', fail], ['check.judged', { ...pass, madeAt: fail.madeAt }])).verdict).toBe('pass');
  });

  test('nothing is missing, not pass', () => {
    expect(fold([])).toMatchObject({ verdict: 'missing', basis: null, attempt: 0 });
  });

  test('the latest judgement of a subject counts, and a pass after a fail says so', () => {
    expect(fold(lane(['check.judged', judged({ verdict: 'fail' })], ['check.judged', judged({ attempt: 2 })]))).toMatchObject({
      verdict: 'pass',
      attempt: 2,
      reason: 'fine; passed on attempt 2',
    });
  });

  test('a passing source does not hide the failing report of another', () => {
    expect(
      fold(lane(['check.judged', judged({ verdict: 'fail', reason: 'one failed' })], ['check.judged', judged({ subject: '*/smoke' })])),
    ).toMatchObject({ verdict: 'fail', reason: 'one failed' });
  });

  test('an artifact line needs every component', () => {
    const one = lane(['check.judged', judged({ subject: 'web/ci' })]);
    expect(fold(one, { scope: 'artifact' }, ['web', 'api'])).toMatchObject({
      verdict: 'missing',
      reason: 'no evidence yet for the component api',
    });
    expect(fold(one, { scope: 'artifact' }, ['web']).verdict).toBe('pass');
  });

  test('a proof past its age is missing again', () => {
    expect(fold(lane(['check.judged', judged({ goodUntil: '2026-03-02T12:00:00.000Z' })])).verdict).toBe('missing');
    expect(fold(lane(['check.judged', judged({ goodUntil: '2026-03-02T12:00:00.001Z' })])).verdict).toBe('pass');
  });

  test('a waiver helps until its instant, and never hides a pass', () => {
    const failing = ['check.judged', judged({ verdict: 'fail' })] as const;
    expect(fold(lane(failing, waived('2026-03-03T00:00:00.000Z')))).toMatchObject({
      verdict: 'waived',
      basis: 'waived',
      goodUntil: '2026-03-03T00:00:00.000Z',
    });
    expect(fold(lane(failing, waived('2026-03-02T12:00:00.000Z'))).verdict).toBe('fail');
    expect(fold(lane(['check.judged', judged({})], waived('2026-03-03T00:00:00.000Z'))).verdict).toBe('pass');
  });

  test('a waiver of a line that nobody may waive is none', () => {
    const events = lane(['check.judged', judged({ verdict: 'fail' })], waived('2026-03-03T00:00:00.000Z'));
    expect(fold(events, { waivable: false })).toMatchObject({ verdict: 'fail', basis: 'observed' });
  });

  test('the attempt that is named is of the source that had failed', () => {
    const events = lane(
      ['check.judged', judged({ subject: '*/unit', attempt: 1 })],
      ['check.judged', judged({ subject: '*/unit', attempt: 2 })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 1, verdict: 'fail' })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 2 })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 3 })],
    );
    expect(fold(events).reason).toBe('fine; 2 reports, every one passes; passed on attempt 3');
    expect(fold(events.slice(0, 2)).reason).toBe('fine');
  });

  test('not applicable counts on an optional line only', () => {
    const declared = lane(['check.not-applicable', { line: 'l', reason: genesis, by: 'p-lead', role: 'technical-lead' }]);
    expect(fold(declared, { optional: true }).verdict).toBe('not-applicable');
    expect(fold(declared).verdict).toBe('missing');
  });

  test('the basis says whose word it is', () => {
    const events = lane(['check.judged', judged({})]);
    const rule = attested;
    expect(fold(events).basis).toBe('observed');
    expect(fold(events, { rule }).basis).toBe('attested');
    expect(foldLine({ line: line('l', 'phase-1', { rule }), events, now, components: [], local: true, scaled: false }).basis).toBe(
      'rehearsed',
    );
    expect(foldLine({ line: line('l', 'phase-1'), events, now, components: [], local: true, scaled: true }).basis).toBe('scaled');
  });
});
