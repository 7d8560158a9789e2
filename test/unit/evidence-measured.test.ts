import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf } from './parsed.ts';

const ruleOf = (check: string): EvidenceRule => baseChecklist.items.find(({ id }) => id === check)?.rule as EvidenceRule;

describe('autocannon', () => {
  /** As autocannon 8 writes it, without the percentiles that the parser ignores. */
  const result = (changes: object = {}) => ({
    title: 'shop',
    url: 'http://127.0.0.1:3000',
    connections: 120,
    sampleInt: 1000,
    pipelining: 1,
    duration: 8.06,
    errors: 0,
    timeouts: 0,
    mismatches: 0,
    non2xx: 0,
    resets: 0,
    '1xx': 0,
    '2xx': 1000,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
    statusCodeStats: { 200: { count: 1000 } },
    latency: { average: 20, p97_5: 40, p99: 50.5, max: 90, totalCount: 1000 },
    requests: { average: 125, total: 1000, sent: 1120 },
    ...changes,
  });
  const load = (changes: object = {}) => factsOf('load', json(result(changes)));
  const verdict = (changes: object) => judgeEvidence(ruleOf('load-testing'), load(changes)).verdict;

  test('errors, wrong bodies and responses other than 2xx are failures; timeouts are among the errors', () => {
    expect(load({ errors: 3, timeouts: 2, mismatches: 1, non2xx: 4, '2xx': 996, '5xx': 4 })).toEqual({
      type: 'load',
      tool: 'autocannon',
      concurrency: 120,
      requests: 1003,
      failed: 8,
      p99Ms: 50.5,
      durationSeconds: 8.06,
    });
  });

  test('where figures contradict each other, the worse one counts', () => {
    expect(load({ non2xx: 0, '5xx': 900, '2xx': 1000 }).failed).toBe(900);
    expect(load({ non2xx: 0, '2xx': 600 }).failed).toBe(400);
    expect(load({ errors: 0, timeouts: 7 })).toMatchObject({ requests: 1007, failed: 7 });
  });

  test.each([
    ['one request of a hundred clients', { requests: { total: 1 }, '2xx': 1 }, 'inconclusive'],
    ['no request', { requests: { total: 0 }, '2xx': 0, latency: { p99: 0 } }, 'inconclusive'],
    ['no time', { duration: 0 }, 'inconclusive'],
    ['one client', { connections: 1 }, 'inconclusive'],
    ['errors only', { errors: 5000, requests: { total: 0 }, '2xx': 0, latency: { p99: 0 } }, 'fail'],
    ['responses slower than a gateway waits', { latency: { p99: 29_000.1 } }, 'fail'],
    ['a good run', {}, 'pass'],
  ])('%s: %s', (_what, changes, expected) => {
    expect(verdict(changes)).toBe(expected);
  });

  test.each([
    ['NaN, which JSON writes as null', { latency: { p99: Number.NaN } }, /latency\.p99/],
    ['a negative count', { non2xx: -1 }, /non2xx/],
    ['half a request', { requests: { total: 0.5 } }, /requests\.total/],
    ['a number beyond all counting', { requests: { total: 1e300 } }, /requests\.total/],
    ['a latency of years', { latency: { p99: 1e18 } }, /latency\.p99/],
    ['a count as text', { errors: '0' }, /errors/],
  ])('refuses %s', (_what, changes, got) => {
    expect(refusalOf('load', json(result(changes)))).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

describe('k6', () => {
  const metrics = {
    http_reqs: { count: 1500, rate: 150 },
    http_req_failed: { passes: 2, fails: 1498, thresholds: { 'rate<0.01': false }, value: 0.0013 },
    http_req_duration: { avg: 20, min: 1, med: 18, max: 300, 'p(90)': 40, 'p(95)': 60, 'p(99)': 80 },
    checks: { passes: 1490, fails: 10, value: 0.993 },
    vus: { value: 3, min: 3, max: 140 },
    vus_max: { value: 200, min: 200, max: 200 },
  };

  test('--summary-export: failed requests are the passes of the failed rate, a failed check is a failure, and only clients that ran count', () => {
    expect(factsOf('load', json({ metrics, root_group: {} }))).toEqual({
      type: 'load',
      tool: 'k6',
      concurrency: 140,
      requests: 1500,
      failed: 10,
      p99Ms: 80,
      durationSeconds: 10,
    });
  });

  test('handleSummary: the figures are in values, and the summary has the duration', () => {
    const { checks: _none, vus: _neither, ...some } = metrics;
    const wrapped = Object.fromEntries(
      Object.entries(some).map(([name, values]) => [name, { type: 'trend', contains: 'default', values }]),
    );
    const summary = { options: {}, state: { testRunDurationMs: 12_345.6 }, metrics: wrapped };
    expect(factsOf('load', json(summary))).toMatchObject({ concurrency: 200, failed: 2, p99Ms: 80, durationSeconds: 12.346 });
  });

  test('a summary without p(99) is refused, and says what to set', () => {
    const { 'p(99)': _cut, ...trend } = metrics.http_req_duration;
    expect(refusalOf('load', json({ metrics: { ...metrics, http_req_duration: trend } }))).toMatchObject({
      got: expect.stringContaining('metrics.http_req_duration.p(99)'),
      fix: expect.stringContaining('--summary-trend-stats'),
    });
    expect(refusalOf('load', json({ metrics: {} })).got).toContain('metrics.');
  });

  test('without rate or requests the duration is 0', () => {
    for (const http_reqs of [{ count: 1500 }, { count: 0, rate: 0 }, { count: 5, rate: 0 }]) {
      const facts = factsOf('load', json({ metrics: { ...metrics, http_reqs } }));
      expect(facts.durationSeconds).toBe(0);
      expect(judgeEvidence(ruleOf('load-testing'), facts).verdict).toBe('inconclusive');
    }
  });
});

describe('series', () => {
  type Point = readonly [second: number, ok?: boolean, latencyMs?: number];
  const points = (name: string, list: readonly Point[]) =>
    json({
      schema: 'holdpoint.series/1',
      name,
      points: list.map(([second, ok = true, latencyMs = 5]) => ({ at: new Date(second * 1000).toISOString(), ok, latencyMs })),
    });
  const every = (seconds: number, count: number): Point[] => Array.from({ length: count }, (_, n) => [n * seconds]);
  const verdict = (check: string, list: readonly Point[]) => {
    const rule = ruleOf(check);
    return judgeEvidence(rule, factsOf('series', points(rule.kind === 'series-covers/1' ? rule.series : '', list))).verdict;
  };

  test('is computed from its points', () => {
    expect(
      factsOf(
        'series',
        points('soak', [
          [0, true, 10],
          [10, false, 20],
          [40, true, 30],
        ]),
      ),
    ).toMatchObject({
      points: 3,
      failed: 1,
      durationSeconds: 40,
      longestGapSeconds: 30,
      p95Ms: 30,
    });
  });

  test('one point has no duration', () => {
    expect(factsOf('series', points('soak', [[0]]))).toMatchObject({ points: 1, durationSeconds: 0, longestGapSeconds: 0 });
    expect(verdict('soak-24h', [[0]])).toBe('inconclusive');
  });

  test.each<[string, string, readonly Point[], string]>([
    ['a day, every minute', 'soak-24h', every(60, 1441), 'pass'],
    ['a second short of a day', 'soak-24h', every(59.999, 1441), 'inconclusive'],
    ['all points in one second', 'soak-24h', every(0.0005 * 2, 1441), 'inconclusive'],
    ['all points at the beginning and one at the end', 'soak-24h', [...every(1, 1440), [86_400]], 'inconclusive'],
    ['a gap of an hour', 'soak-24h', [...every(60, 721), ...every(60, 720).map(([at]): Point => [at + 46_800])], 'inconclusive'],
    ['too many failures', 'soak-24h', every(60, 1441).map(([at], n): Point => [at, n > 1]), 'fail'],
    ['ten responses at a usual interval', 'health-checks-passing', every(10, 10), 'pass'],
    ['ten responses in a second', 'health-checks-passing', every(0.1, 10), 'inconclusive'],
    ['no request for most of a minute', 'health-checks-passing', [...every(1, 10), [60]], 'inconclusive'],
    ['one failed response', 'health-checks-passing', [...every(10, 10), [100, false]], 'fail'],
    ['four hours, every half minute', 'continued-monitoring', every(30, 481), 'pass'],
  ])('%s (%s)', (_what, check, list, expected) => {
    expect(verdict(check, list)).toBe(expected);
  });

  test.each([
    ['times that go back', points('soak', [[10], [9]]), 'point 2'],
    ['doubled times', points('soak', [[10], [10]]), 'point 2'],
    ['no points', points('soak', []), 'points'],
    [
      'an invalid time',
      json({ schema: 'holdpoint.series/1', name: 'soak', points: [{ at: '2026-03-02T08:00:00+99:99', ok: true, latencyMs: 1 }] }),
      'points.0.at',
    ],
    [
      'a time without a zone',
      json({ schema: 'holdpoint.series/1', name: 'soak', points: [{ at: '2026-03-02T08:00:00', ok: true, latencyMs: 1 }] }),
      'points.0.at',
    ],
    ['a negative latency', points('soak', [[1, true, -1]]), 'points.0.latencyMs'],
    ['a claim beside the points', json({ schema: 'holdpoint.series/1', name: 'soak', durationSeconds: 86_400, points: [] }), ''],
  ])('refuses %s', (_what, report, got) => {
    expect(refusalOf('series', report).got).toContain(got);
  });

  test('offsets are read', () => {
    const at = (text: string) => ({ at: text, ok: true, latencyMs: 1 });
    const report = json({
      schema: 'holdpoint.series/1',
      name: 'soak',
      points: [at('2026-03-02T09:00:00+01:00'), at('2026-03-02T08:00:01Z')],
    });
    expect(factsOf('series', report)).toMatchObject({ from: '2026-03-02T08:00:00.000Z', durationSeconds: 1 });
  });

  test('a long series is read', () => {
    expect(factsOf('series', points('soak', every(1, 20_000)))).toMatchObject({ points: 20_000, longestGapSeconds: 1 });
  });
});
