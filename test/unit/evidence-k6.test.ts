import { describe, expect, test } from 'vitest';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf, rulesOf } from './parsed.ts';

/** What the base checklist says at its strictest: each check must be satisfied. */
const verdictOf = (report: object): string => {
  const facts = factsOf('load', json(report));
  const verdicts = rulesOf('load').map((rule) => judgeEvidence(rule, facts).verdict);
  return verdicts.find((verdict) => verdict === 'fail') ?? verdicts.find((verdict) => verdict !== 'pass') ?? 'pass';
};

describe('k6', () => {
  const trend = { avg: 98, min: 1, med: 90, max: 900, 'p(90)': 140, 'p(95)': 160 };
  /** `--summary-export` with the default statistics: 150 clients for ten seconds. */
  const good = {
    http_reqs: { count: 15_000, rate: 1500 },
    http_req_failed: { passes: 0, fails: 15_000, value: 0 },
    http_req_duration: trend,
    iterations: { count: 15_000, rate: 1500 },
    iteration_duration: trend,
    vus: { value: 150, min: 150, max: 150 },
    vus_max: { value: 150, min: 150, max: 150 },
  };
  const p99 = { ...trend, 'p(99)': 300 };
  const exported = (metrics: object = {}) => ({ root_group: { name: '', groups: {}, checks: {} }, metrics: { ...good, ...metrics } });

  test('--summary-export: failed requests are the passes of the failed rate, and only clients that ran count', () => {
    const changes = {
      http_reqs: { count: 15_000, rate: 1500 },
      http_req_failed: { passes: 20, fails: 14_980, value: 0.00133, thresholds: { 'rate<0.01': false } },
      http_req_duration: p99,
      checks: { passes: 14_990, fails: 10, value: 0.9993 },
      vus: { value: 3, min: 3, max: 150 },
      vus_max: { value: 200, min: 200, max: 200 },
      dropped_iterations: { count: 4, rate: 0.4 },
    };
    expect(factsOf('load', json(exported(changes)))).toEqual({
      type: 'load',
      tool: 'k6',
      concurrency: 150,
      busyClients: 147,
      requests: 15_000,
      failed: 20,
      checks: 15_000,
      failedChecks: 10,
      iterations: 15_000,
      droppedIterations: 4,
      p99Ms: 300,
      p99: 'measured',
      durationSeconds: 10,
      signs: [],
      contradictions: [],
    });
  });

  const wrapped = (changes: object = {}, state: object = { testRunDurationMs: 10_004.6 }) => ({
    options: {},
    state,
    root_group: { name: '', groups: [], checks: [] },
    metrics: Object.fromEntries(
      Object.entries<object>({ ...good, http_req_failed: { rate: 0, passes: 0, fails: 15_000 }, ...changes }).map(([name, values]) => [
        name,
        { type: 'trend', contains: 'default', values, ...('thresholds' in values ? { thresholds: values.thresholds } : {}) },
      ]),
    ),
  });
  const listed = (changes: object = {}, checks: object = { metrics: [], results: [] }) => ({
    version: '1.0.0',
    config: { duration: 10.0046, execution: 'local' },
    metadata: { k6_version: '2.2.0' },
    results: {
      checks,
      metrics: Object.entries({
        ...good,
        http_reqs: { count: 15_000 },
        http_req_failed: { matches: 0, rate: 0, total: 15_000 },
        http_req_duration: { avg: 98, min: 1, med: 90, max: 900, p90: 140, p95: 160 },
        iterations: { count: 15_000 },
        ...changes,
      }).map(([name, values]) => ({ name, type: 'trend', contains: 'default', values })),
    },
  });

  test('handleSummary and the new summary give the same facts as --summary-export', () => {
    const facts = factsOf('load', json(exported()));
    const precise = { ...facts, busyClients: 146.9, durationSeconds: 10.005 };
    expect(factsOf('load', json(wrapped()))).toEqual(precise);
    expect(factsOf('load', json(listed()))).toEqual(precise);
  });

  test.each<[string, object, object]>([
    ['max, which k6 reports by default', trend, { p99Ms: 900, p99: 'bound' }],
    ['the 99th percentile', p99, { p99Ms: 300, p99: 'measured' }],
    ['the 99th percentile without max', { avg: 98, 'p(99)': 300 }, { p99Ms: 300, p99: 'measured' }],
    ['the nearest percentile above', { ...trend, 'p(99.99)': 800, 'p(99.9)': 700 }, { p99Ms: 700, p99: 'bound' }],
    ['p99 as the new summary may write it', { ...trend, p99: 300 }, { p99Ms: 300, p99: 'measured' }],
  ])('the 99th percentile is bounded by %s', (_what, http_req_duration, expected) => {
    expect(factsOf('load', json(exported({ http_req_duration })))).toMatchObject(expected);
  });

  test.each<[string, object, string]>([
    ['default statistics', exported(), 'pass'],
    ['handleSummary', wrapped(), 'pass'],
    ['the new summary', listed(), 'pass'],
    ['no vus: vus_max counts', exported({ vus: undefined }), 'pass'],
    [
      'clients that pause for two seconds',
      exported({
        http_reqs: { count: 750, rate: 75 },
        http_req_failed: { passes: 0, fails: 750 },
        iterations: { count: 750, rate: 75 },
        iteration_duration: { avg: 1990, min: 1980, med: 1990, max: 2100 },
      }),
      'pass',
    ],
    ['iterations that never end', exported({ iterations: undefined, iteration_duration: undefined }), 'pass'],
    ['thresholds that hold, exported', exported({ http_req_duration: { ...trend, thresholds: { 'p(95)<200': false } } }), 'pass'],
    [
      'thresholds that hold, in handleSummary',
      wrapped({ http_req_duration: { ...trend, thresholds: { 'p(95)<200': { ok: true } } } }),
      'pass',
    ],
    ['few dropped iterations', exported({ dropped_iterations: { count: 100, rate: 10 } }), 'pass'],
    ['15 of 75,000 checks failed', exported({ checks: { passes: 74_985, fails: 15, value: 0.9998 } }), 'pass'],
    [
      '149 of 150 clients never got an answer',
      exported({
        http_reqs: { count: 14_089, rate: 391 },
        http_req_failed: { passes: 0, fails: 14_089, value: 0 },
        http_req_duration: { avg: 0.31, min: 0.09, med: 0.2, max: 65, 'p(99)': 2.8 },
        iterations: { count: 14_089, rate: 391 },
        iteration_duration: { avg: 0.41, min: 0.13, med: 0.28, max: 71.6 },
      }),
      'inconclusive',
    ],
    [
      'such clients, without iterations',
      exported({ http_req_duration: { avg: 0.31, min: 0.09, med: 0.2, max: 65 }, iterations: undefined }),
      'inconclusive',
    ],
    [
      '200 users for an instant, then one',
      exported({ iteration_duration: { avg: 5, min: 1, med: 4, max: 90 }, vus: { value: 1, min: 1, max: 200 }, vus_max: { value: 200 } }),
      'inconclusive',
    ],
    [
      'vus missing, and five clients busy',
      exported({ iteration_duration: { avg: 3.3, min: 1, med: 3, max: 90 }, vus: undefined }),
      'inconclusive',
    ],
    ['no mean duration', exported({ http_req_duration: { max: 900 }, iterations: undefined }), 'inconclusive'],
    ['a bound above the limit', exported({ http_req_duration: { ...trend, max: 40_000 } }), 'inconclusive'],
    ['a 99th percentile above the limit', exported({ http_req_duration: { ...p99, 'p(99)': 30_000, max: 40_000 } }), 'fail'],
    [
      'a quarter failed at three clients',
      exported({ http_req_failed: { passes: 3750, fails: 11_250, value: 0.25 }, vus: { max: 3 } }),
      'fail',
    ],
    ['a breached threshold, exported', exported({ http_req_duration: { ...p99, thresholds: { 'p(95)<50': true } } }), 'fail'],
    [
      'a breached threshold in handleSummary',
      wrapped({ http_req_duration: { ...p99, thresholds: { 'p(95)<50': { ok: false } } } }),
      'fail',
    ],
    ['a breached threshold of a metric of the script', exported({ orders: { count: 5, thresholds: { 'count>10': true } } }), 'fail'],
    ['a threshold of which nothing is known', exported({ http_reqs: { ...good.http_reqs, thresholds: { 'rate>1': 'ok' } } }), 'fail'],
    ['thresholds that cannot be read', exported({ http_reqs: { ...good.http_reqs, thresholds: null } }), 'fail'],
    ['a new summary that did not pass', { ...listed(), results: { ...listed().results, passed: false } }, 'fail'],
    ['a breached threshold in a new summary', { ...listed(), results: { ...listed().results, thresholds: [{ ok: false }] } }, 'fail'],
    ['100,000 dropped iterations', exported({ dropped_iterations: { count: 100_000, rate: 10_000 } }), 'fail'],
    ['dropped iterations in the new summary', listed({ dropped_iterations: { count: 1000 } }), 'fail'],
    ['failed requests in the new summary', listed({ http_req_failed: { matches: 1000, rate: 1 / 15, total: 15_000 } }), 'fail'],
    ['failed checks', exported({ checks: { passes: 900, fails: 100, value: 0.9 } }), 'fail'],
    [
      'failed checks that only their groups know',
      { ...exported(), root_group: { checks: {}, groups: { a: { checks: { b: { passes: 0, fails: 9 } } } } } },
      'fail',
    ],
    [
      'failed checks in lists',
      { ...wrapped(), root_group: { groups: [{ groups: [], checks: [{ name: 'b', passes: 0, fails: 9 }] }] } },
      'fail',
    ],
    ['failed checks in the new summary', listed({}, { metrics: [], results: [{ name: 'a', passes: 3, fails: 9 }] }), 'fail'],
    [
      'failed checks that only the rate has',
      listed({}, { metrics: [{ name: 'checks_failed', values: { matches: 9, total: 12, rate: 0.75 } }], results: [] }),
      'fail',
    ],
    ['a check without counts', { ...exported(), root_group: { checks: { a: { passes: true } } } }, 'inconclusive'],
    [
      'a metric that the new summary has twice',
      {
        ...listed(),
        results: { ...listed().results, metrics: [...listed().results.metrics, { name: 'http_reqs', values: { count: 15_000 } }] },
      },
      'inconclusive',
    ],
    ['requests that the failed rate did not see', exported({ http_req_failed: { passes: 0, fails: 0, value: 0 } }), 'inconclusive'],
    [
      'a share of failed requests that is not theirs',
      exported({ http_req_failed: { passes: 0, fails: 15_000, value: 1 } }),
      'inconclusive',
    ],
    ['such a share in handleSummary', wrapped({ http_req_failed: { passes: 0, fails: 15_000, rate: 1 } }), 'inconclusive'],
    ['a share of checks that is not theirs', exported({ checks: { passes: 100, fails: 0, value: 0.2 } }), 'inconclusive'],
    [
      'a 99th percentile below the least',
      exported({ http_req_duration: { avg: 50_000, min: 40_000, med: 50_000, max: 90_000, 'p(99)': 1 } }),
      'inconclusive',
    ],
    ['a 95th percentile of zero', exported({ http_req_duration: { ...p99, 'p(95)': 0 } }), 'inconclusive'],
    ['a maximum below the percentiles', exported({ http_req_duration: { ...trend, max: 5 } }), 'inconclusive'],
    ['a mean above the maximum', exported({ iteration_duration: { ...trend, avg: 901 } }), 'inconclusive'],
    ['more busy clients than there were', exported({ iteration_duration: { ...trend, avg: 500 } }), 'inconclusive'],
    ['another duration than its rate', wrapped({}, { testRunDurationMs: 60_000 }), 'inconclusive'],
    ['a duration that counts other requests', exported({ http_req_duration: { ...trend, count: 3 } }), 'inconclusive'],
    ['no rate', exported({ http_reqs: { count: 15_000 } }), 'inconclusive'],
    ['no requests', exported({ http_reqs: { count: 0, rate: 0 }, http_req_failed: { passes: 0, fails: 0 } }), 'inconclusive'],
    ['a rate of zero', exported({ http_reqs: { count: 15_000, rate: 0 } }), 'inconclusive'],
  ])('%s', (_what, report, expected) => {
    expect(verdictOf(report)).toBe(expected);
  });

  test.each([
    ['1.0.0', undefined],
    ['1.7.2', undefined],
    ['2.0.0', 'version: "2.0.0" is not a version such as "1.0.0"'],
    [2, 'version: 2 is not a version such as "1.0.0"'],
  ])('the new summary in version %s', (version, got) => {
    expect(parseEvidence('k6', json({ ...(listed() as object), version })).refused?.got).toBe(got);
  });

  test('no more than all requests failed', () => {
    const facts = factsOf('k6', json(exported({ http_req_failed: { passes: 900_000, fails: 0, value: 1 } })));
    for (const rule of rulesOf('k6')) expect(judgeEvidence(rule, facts).reason).toContain(', 100.00 % failed');
  });

  test('a breached threshold and its metric are named', () => {
    const report = exported({ http_req_duration: { ...p99, thresholds: { 'p(95)<50': true } } });
    const [rule] = rulesOf('load');
    expect(rule && judgeEvidence(rule, factsOf('load', json(report))).reason).toBe(
      '150 clients (147 busy), 15000 requests, 0.00 % failed, p99 300 ms in 10 s; the tool reports: http_req_duration breaches the threshold p(95)<50',
    );
  });

  test.each<[string, object, RegExp]>([
    ['an empty summary', { metrics: {} }, /metrics\.http_reqs/],
    ['an empty new summary', { version: '1.0.0', results: { metrics: [] } }, /metrics\.http_reqs/],
    [
      'no bound of the 99th percentile',
      exported({ http_req_duration: { avg: 98, 'p(95)': 160 } }),
      /http_req_duration.*neither p\(99\) nor max/,
    ],
    ...[null, '0', -0.5, 2].map((rate): [string, object, RegExp] => [
      `a share of ${JSON.stringify(rate)}`,
      wrapped({ http_req_failed: { passes: 0, fails: 15_000, rate } }),
      /http_req_failed\.rate/,
    ]),
    ['more matches than there were', listed({ http_req_failed: { matches: 15_001, total: 15_000, rate: 1 } }), /http_req_failed\.fails/],
    ['a metric without figures', { results: { metrics: [{ name: 'http_reqs' }] } }, /results\.metrics\.0\.values/],
    [
      'requests of which none was judged',
      exported({ http_req_failed: undefined }),
      /is missing, so nobody knows how many requests failed$/,
    ],
    ['half a dropped iteration', exported({ dropped_iterations: { count: 0.5 } }), /dropped_iterations\.count/],
  ])('refuses %s', (_what, report, got) => {
    expect(refusalOf('load', json(report))).toMatchObject({
      got: expect.stringMatching(got),
      fix: expect.stringContaining('--summary-trend-stats'),
    });
  });
});
