import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf, rulesOf } from './parsed.ts';

/** What the base checklist says at its strictest: each check must be satisfied. */
const verdictOf = (report: object): string => {
  const facts = factsOf('load', json(report));
  const verdicts = rulesOf('load').map((rule) => judgeEvidence(rule, facts).verdict);
  return verdicts.find((verdict) => verdict === 'fail') ?? verdicts.find((verdict) => verdict !== 'pass') ?? 'pass';
};

describe('autocannon', () => {
  /** As autocannon 8 writes it, without the figures that the parser ignores. */
  const result = (changes: object = {}) => ({
    connections: 160,
    pipelining: 1,
    duration: 8.06,
    start: '2026-03-02T09:00:00.000Z',
    finish: '2026-03-02T09:00:08.061Z',
    errors: 0,
    timeouts: 0,
    mismatches: 0,
    non2xx: 0,
    '1xx': 0,
    '2xx': 10_000,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
    statusCodeStats: { 200: { count: 10_000 } },
    latency: { average: 124, min: 1, p0_1: 0, p50: 120, p97_5: 190, p99: 250.5, max: 260, totalCount: 10_000 },
    requests: { average: 1250, total: 10_000, sent: 10_160 },
    ...changes,
  });
  const latency = (changes: object) => ({ latency: { ...result().latency, ...changes } });
  const facts = (changes: object = {}) => factsOf('load', json(result(changes)));

  test('errors, wrong bodies and responses other than 2xx are failures; timeouts are among the errors', () => {
    expect(facts({ errors: 3, timeouts: 2, mismatches: 1, non2xx: 4, '2xx': 9996, '5xx': 4 })).toEqual({
      type: 'load',
      tool: 'autocannon',
      concurrency: 160,
      busyClients: 154.5,
      requests: 10_003,
      failed: 8,
      checks: 0,
      failedChecks: 0,
      iterations: 0,
      droppedIterations: 0,
      p99Ms: 250.5,
      p99: 'measured',
      durationSeconds: 8.06,
      signs: [],
      contradictions: [],
    });
  });

  test.each<[string, object, object]>([
    ['a class of status codes', { non2xx: 0, '5xx': 900 }, { failed: 900 }],
    ['a status code', { statusCodeStats: { 200: { count: 9100 }, 503: { count: 900 } } }, { failed: 900 }],
    ['a status code that is none', { statusCodeStats: { ok: { count: 900 } } }, { failed: 900 }],
    ['responses that are in no class', { non2xx: 0, '2xx': 9600 }, { failed: 400 }],
    ['timeouts that are no errors', { errors: 0, timeouts: 7 }, { requests: 10_007, failed: 7 }],
  ])('of figures that contradict each other the worse one counts: %s', (_what, changes, expected) => {
    expect(facts(changes)).toMatchObject(expected);
  });

  test.each<[string, object, string]>([
    ['a good run', {}, 'pass'],
    ['no time of start and finish (autocannon.track, older versions)', { start: undefined, finish: undefined }, 'pass'],
    [
      'ten requests at once per connection: 1600 were under way',
      { pipelining: 10, ...latency({ average: 1230, p50: 1200, p97_5: 1300, p99: 1400, max: 1500 }) },
      'pass',
    ],
    ['one of 16 pipelined connections was answered', { pipelining: 10, ...latency({ average: 8, p50: 8 }) }, 'inconclusive'],
    [
      '149 of 150 connections never got an answer',
      {
        connections: 150,
        requests: { total: 26_654, sent: 26_804 },
        '2xx': 26_654,
        statusCodeStats: {},
        ...latency({ average: 0.13, p50: 0, p97_5: 2, p99: 4, max: 294, totalCount: 26_654 }),
      },
      'inconclusive',
    ],
    [
      'a fixed rate: most of the time no request was under way',
      { ...latency({ average: 20, p50: 20, totalCount: 400_000 }) },
      'inconclusive',
    ],
    [
      'a fixed rate under which the latencies are entered once per millisecond',
      { ...latency({ average: 62, p50: 60, totalCount: 1_240_000 }) },
      'pass',
    ],
    ['one request', { requests: { total: 1 }, '2xx': 1, statusCodeStats: {}, ...latency({ totalCount: 1 }) }, 'inconclusive'],
    ['no request', { requests: { total: 0 }, '2xx': 0, statusCodeStats: {}, latency: { average: 0, p99: 0, max: 0 } }, 'inconclusive'],
    ['no time', { duration: 0, start: undefined }, 'inconclusive'],
    ['one client', { connections: 1 }, 'inconclusive'],
    ['a quarter failed at three clients', { connections: 3, non2xx: 2500, '2xx': 7500, ...latency({ average: 2, p50: 2 }) }, 'fail'],
    ['errors only', { errors: 5000, requests: { total: 0 }, '2xx': 0, statusCodeStats: {}, latency: { average: 0, p99: 0 } }, 'fail'],
    ['responses slower than a gateway waits', latency({ p99: 29_000.1, max: 30_000 }), 'fail'],
    ['a percentile below a lower one', latency({ p99: 3 }), 'inconclusive'],
    ['a maximum below the percentiles', latency({ max: 5 }), 'inconclusive'],
    ['a mean above the maximum', latency({ average: 300 }), 'inconclusive'],
    ['more answers than requests', { requests: { total: 10_000, sent: 9000 } }, 'inconclusive'],
    ['fewer latencies than answers', latency({ totalCount: 100 }), 'inconclusive'],
    ['another duration than its start and finish', { duration: 80 }, 'inconclusive'],
    ['more busy connections than there were', { connections: 100, ...latency({ average: 190, p50: 190 }), '2xx': 10_000 }, 'inconclusive'],
  ])('%s', (_what, changes, expected) => {
    expect(verdictOf(result(changes))).toBe(expected);
  });

  test('connections that answer within a millisecond are busy, although autocannon writes 0', () => {
    const fast = { connections: 2, ...latency({ average: 0, p50: 0, p97_5: 0, p99: 0, max: 2 }), duration: 1 };
    expect(facts(fast).busyClients).toBe(2);
  });

  test.each<[string, object, RegExp]>([
    ['NaN, which JSON writes as null', latency({ p99: Number.NaN }), /latency\.p99/],
    ['no mean', latency({ average: undefined }), /latency\.average/],
    ['a negative count', { non2xx: -1 }, /non2xx/],
    ['half a request', { requests: { total: 0.5 } }, /requests\.total/],
    ['a number beyond all counting', { requests: { total: 1e300 } }, /requests\.total/],
    ['a latency of years', latency({ p99: 1e18 }), /latency\.p99/],
    ['a count as text', { errors: '0' }, /errors/],
  ])('refuses %s', (_what, changes, got) => {
    expect(refusalOf('load', json(result(changes)))).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

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
    ['half a dropped iteration', exported({ dropped_iterations: { count: 0.5 } }), /dropped_iterations\.count/],
  ])('refuses %s', (_what, report, got) => {
    expect(refusalOf('load', json(report))).toMatchObject({
      got: expect.stringMatching(got),
      fix: expect.stringContaining('--summary-trend-stats'),
    });
  });
});
