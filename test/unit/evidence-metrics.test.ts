import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { measurementsOf } from '../../lib/measurements/index.ts';
import { recognise } from '../../lib/registry/evidence.ts';
import { type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf } from './parsed.ts';

const start = Date.parse('2026-03-02T09:00:00.000Z');
const minute = 60_000;
type Values = readonly (number | string | undefined)[];
type Figures = Readonly<Record<string, Values>>;
const good: Figures = { requests: [100, 100, 100], failed_requests: [0, 0, 0], p95_seconds: [0.2, 0.2, 0.2] };

/** The same values in each of so many steps. */
const lasting = (count: number, values: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(
    Object.entries({ p95_seconds: 0.2, ...values }).map(([figure, value]) => [figure, Array.from({ length: count }, () => value)]),
  );

const metric = (figure: string, series = 'soak') => ({ __name__: 'x', holdpoint_series: series, holdpoint_figure: figure });
const valuesOf = (values: Values) =>
  values.flatMap((value, n) => (value === undefined ? [] : [[(start + n * minute) / 1000, String(value)]]));
const resultsOf = (figures: Figures, series?: string) =>
  Object.entries(figures).map(([figure, values]) => ({ metric: metric(figure, series), values: valuesOf(values) }));
const answer = (result: unknown, more: object = {}) => ({ status: 'success', data: { resultType: 'matrix', result }, ...more });
const prometheus = (figures: Figures, more: object = {}) => json(answer(resultsOf(figures), more));

const metricData = (figures: Figures, changes: object = {}) => ({
  MetricDataResults: Object.entries(figures).map(([Id, values]) => {
    const known = values.flatMap((value, n) => (value === undefined ? [] : [{ at: new Date(start + n * minute).toISOString(), value }]));
    const newestFirst = known.toReversed();
    return {
      Id,
      Label: 'soak',
      Timestamps: newestFirst.map(({ at }) => at.replace('.000Z', '+00:00')),
      Values: newestFirst.map(({ value }) => value),
      StatusCode: 'Complete',
      ...changes,
    };
  }),
  Messages: [],
});

const ruleOf = (check: string): EvidenceRule => baseChecklist.items.find(({ id }) => id === check)?.rule as EvidenceRule;

describe('a range query of Prometheus', () => {
  test('gives a series of its requests', () => {
    expect(
      factsOf('prometheus', prometheus({ requests: [100, 200, 100], failed_requests: [0, 2, 0], p95_seconds: [0.2, 0.25, 0.2] })),
    ).toEqual({
      type: 'prometheus',
      as: 'series',
      name: 'soak',
      about: 'Metrics of Prometheus',
      points: 400,
      failed: 2,
      from: '2026-03-02T09:00:00.000Z',
      to: '2026-03-02T09:02:00.000Z',
      durationSeconds: 120,
      longestGapSeconds: 60,
      p95Ms: 250,
      requestsPerMinute: 150,
      windows: [{ from: '2026-03-02T09:00:00.000Z', points: 400, failed: 2, p95Ms: 250, requestsPerMinute: 150 }],
      gaps: [{ until: '2026-03-02T09:02:00.000Z', seconds: 60 }],
    });
  });

  test('rates are counted over the step, shares of the requests, and milliseconds as they are', () => {
    const rates = { requests_per_second: [2, 2, 2], error_ratio: [0, 0.5, 0], p95_ms: [20, 30, 20] };
    expect(factsOf('prometheus', prometheus(rates))).toMatchObject({ points: 360, failed: 60, p95Ms: 30 });
    const percent = { requests_per_second: [2, 2, 2], error_percent: [0, 50, 0], p95_ms: [20, 30, 20] };
    expect(factsOf('prometheus', prometheus(percent))).toMatchObject({ failed: 60 });
    const failedRates = { requests: [120, 120, 120], failed_requests_per_second: [0.01, 0, 0], p95_ms: [20, 30, 20] };
    expect(factsOf('prometheus', prometheus(failedRates))).toMatchObject({ points: 360, failed: 1 });
  });

  test.each<[string, Figures, object]>([
    [
      'NaN is no value, so the step is a gap',
      { ...good, requests: [100, 'NaN', 100], p95_seconds: [0.2, 'NaN', 0.2] },
      { points: 200, longestGapSeconds: 120 },
    ],
    [
      'a step that is missing everywhere is a gap',
      { requests: [100, undefined, 100], failed_requests: [0, undefined, 0], p95_seconds: [0.2, undefined, 0.2] },
      { points: 200, longestGapSeconds: 120 },
    ],
    ['no requests prove nothing', { ...good, requests: [100, 0, 100] }, { points: 200, longestGapSeconds: 120 }],
    [
      'failures count where the requests are not known',
      { ...good, requests: [100, 'NaN', 100], failed_requests: [0, 7, 0] },
      { points: 207, failed: 7, longestGapSeconds: 120 },
    ],
    [
      'a slow step counts where its requests are not known',
      { ...good, requests: [100, 'NaN', 100], p95_seconds: [0.2, 9, 0.2] },
      { p95Ms: 9000 },
    ],
    [
      'where every request failed there is no response time',
      { requests: [100, 50, 100], failed_requests: [0, 50, 0], p95_seconds: [0.2, 'NaN', 0.2] },
      { points: 250, failed: 50, longestGapSeconds: 60 },
    ],
    [
      'requests that were never answered are not fast',
      { requests: [5, 5], failed_requests: [5, 5], p95_seconds: ['NaN', 'NaN'] },
      { points: 10, failed: 10, p95Ms: 86_400_000 },
    ],
    [
      'a share of 0 needs no requests',
      { requests: [100, 'NaN', 100], error_ratio: [0, 0, 0], p95_ms: [20, 20, 20] },
      { points: 200, failed: 0, longestGapSeconds: 120 },
    ],
    ['more failures than requests are requests, too', { ...good, failed_requests: [0, 130, 0] }, { points: 330, failed: 130 }],
    ['a part of a failure is one', { ...good, failed_requests: [0.1, 0, 0] }, { points: 300, failed: 1 }],
  ])('%s', (_what, figures, expected) => {
    expect(factsOf('prometheus', prometheus(figures))).toMatchObject(expected);
  });

  test.each<[string, unknown, RegExp]>([
    ['an error', { status: 'error', errorType: 'execution', error: 'query timed out' }, /execution: query timed out/],
    [
      'a warning, as of a store that did not answer',
      answer(resultsOf(good), { warnings: ['partial response: store down'] }),
      /partial response/,
    ],
    ['an answer that was cut, as it says itself', answer(resultsOf(good), { truncated: true }), /"truncated": true/],
    ['a partial answer of VictoriaMetrics', answer(resultsOf(good), { isPartial: true }), /isPartial/],
    ['a vector', { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '1'] }] } }, /resultType vector/],
    ['a scalar', { status: 'success', data: { resultType: 'scalar', result: [1, '1'] } }, /resultType scalar/],
    ['a string', { status: 'success', data: { resultType: 'string', result: [1, 'a'] } }, /resultType string/],
    ['no series', answer([]), /empty result/],
    ['one series without a name', answer([{ metric: { job: 'a' }, values: [[1, '1']] }]), /\{job="a"\}/],
    [
      'several series without names',
      answer([
        { metric: { job: 'a' }, values: [] },
        { metric: { job: 'b' }, values: [] },
      ]),
      /\{job="a"\} \| \{job="b"\}/,
    ],
    ['a series without a name beside named ones', answer([...resultsOf(good), { metric: { job: 'a' }, values: [] }]), /requests/],
    ['figures of two series', answer([...resultsOf(good), ...resultsOf({ requests: [1] }, 'health')]), /soak, health/],
    ['a name of another form', answer(resultsOf(good, 'Soak test')), /Soak test/],
    ['a figure twice', answer([...resultsOf(good), ...resultsOf({ requests: [1, 1, 1] })]), /requests/],
    ['requests in two units', answer(resultsOf({ ...good, requests_per_second: [1, 1, 1] })), /requests_per_second/],
    ['a figure without its unit', answer(resultsOf({ ...good, p95: [1] })), /holdpoint_figure="p95"/],
    ['no failures', answer(resultsOf({ requests: [1], p95_ms: [1] })), /requests/],
    ['only values that are none', answer(resultsOf({ ...good, requests: ['NaN', 'NaN', 'NaN'] })), /requests/],
    ['an infinite response time', answer(resultsOf({ ...good, p95_seconds: [0.2, '+Inf', 0.2] })), /Infinity at 2026-03-02T09:01/],
    ['a negative count', answer(resultsOf({ ...good, requests: [100, '-1', 100] })), /-1 at/],
    ['a minus infinite count', answer(resultsOf({ ...good, requests: [100, '-Inf', 100] })), /-Infinity at/],
    ['a share above one', answer(resultsOf({ requests: [1], error_ratio: [5], p95_ms: [1] })), /5 at/],
    ['more requests than can be stored', answer(resultsOf(lasting(1001, { requests: 1e12, failed_requests: 0 }))), /^1001000000000000$/],
    ['more failures than can be stored', answer(resultsOf(lasting(1001, { requests: 1, failed_requests: 1e12 }))), /^1001000000000000$/],
    [
      'a rate that makes more requests than can be stored',
      answer(resultsOf(lasting(17, { requests_per_second: 1e12, failed_requests: 0 }))),
      /^1020000000000000$/,
    ],
    [
      'more requests in a minute than can be stored',
      answer(
        resultsOf(lasting(500, { requests: 1e12, failed_requests: 0 })).map((one) => ({
          ...one,
          values: one.values.map(([, value], n) => [start / 1000 + n / 1000, value]),
        })),
      ),
      /^60120358138852200$/,
    ],
    ...(['error_ratio', 'error_percent'] as const).flatMap((share) =>
      (['NaN', undefined, 0] as const).map((requests): [string, unknown, RegExp] => [
        `${share} of ${requests ?? 'no'} requests`,
        answer(resultsOf({ requests: [100, requests, 100], [share]: [0, 0.5, 0], p95_ms: [20, 20, 20] })),
        new RegExp(`^${share} 0.5 at 2026-03-02T09:01:00.000Z, where requests has no value or 0$`),
      ]),
    ),
    [
      'a rate of failures over a step of unknown length',
      answer(resultsOf({ requests: [100], failed_requests_per_second: [5], p95_ms: [20] })),
      /failed_requests_per_second 5 at 2026-03-02T09:00:00.000Z, the only step/,
    ],
    ['times that go back', answer(resultsOf(good).map((one) => ({ ...one, values: one.values.toReversed() }))), /value 2 is not later/],
    ['values that are no texts', answer([{ metric: metric('requests'), values: [[1, 1]] }]), /values/],
    ['a text that is no number', answer([{ metric: metric('requests'), values: [[1, '1 000']] }]), /values/],
    [
      'a native histogram',
      answer([{ metric: metric('p95_ms'), histograms: [[1, { count: '1', sum: '1' }]] }]),
      /holdpoint_figure="p95_ms"/,
    ],
  ])('refuses %s', (_what, report, got) => {
    const refused = refusalOf('prometheus', json(report));
    expect(refused.type).toBe('evidence-unreadable');
    expect(refused.got).toMatch(got);
  });

  test('an info of the server is told and changes nothing', () => {
    expect(factsOf('prometheus', prometheus(good, { infos: ['PromQL info: metric might not be a counter'] }))).toEqual(
      factsOf('prometheus', prometheus(good)),
    );
  });

  test('is recognised by its content, also as an error', () => {
    expect(recognise(prometheus(good))).toEqual({ ok: 'prometheus' });
    expect(recognise(json({ status: 'error', errorType: 'bad_data', error: 'parse error' }))).toEqual({ ok: 'prometheus' });
  });
});

describe('GetMetricData of CloudWatch', () => {
  test('gives the same series, whatever the order of its values', () => {
    expect(factsOf('cloudwatch', json(metricData(good)))).toEqual({
      ...factsOf('prometheus', prometheus(good)),
      type: 'cloudwatch',
      about: 'Metrics of CloudWatch',
    });
  });

  test('reads seconds since 1970, and pages of one metric behind each other', () => {
    const [requests, ...others] = metricData(good).MetricDataResults;
    const page = (from: number, to: number, StatusCode: string) => ({
      ...requests,
      Timestamps: [0, 1, 2].slice(from, to).map((n) => (start + n * minute) / 1000),
      Values: [100, 100, 100].slice(from, to),
      StatusCode,
    });
    const paged = { MetricDataResults: [page(0, 2, 'PartialData'), ...others, page(2, 3, 'Complete')] };
    expect(factsOf('cloudwatch', json(paged))).toEqual(factsOf('cloudwatch', json(metricData(good))));
  });

  test('reads times as Python prints them', () => {
    const { MetricDataResults } = metricData(good);
    const printed = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
    const all = MetricDataResults.map((one) => ({ ...one, Timestamps: [0, 1, 2].map((n) => printed(start + n * minute)) }));
    expect(factsOf('cloudwatch', json({ MetricDataResults: all }))).toEqual(factsOf('cloudwatch', json(metricData(good))));
    const wrong = all.map((one) => ({ ...one, Timestamps: one.Timestamps.map(() => '2026-13-02 10:00:00+00:00') }));
    expect(refusalOf('cloudwatch', json({ MetricDataResults: wrong })).got).toContain('Timestamps.0');
  });

  test('reads thousands of pages in less than a second', () => {
    const [requests, ...others] = metricData(good).MetricDataResults;
    const pages = Array.from({ length: 30_000 }, (_, n) => ({ ...requests, Timestamps: [start / 1000 + n], Values: [1] }));
    const report = json({ MetricDataResults: [...pages, ...others] });
    const began = process.cpuUsage();
    expect(factsOf('cloudwatch', report)).toMatchObject({ type: 'cloudwatch' });
    expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
  });

  test.each<[string, object, RegExp]>([
    ['an error beside the metrics', { ...metricData(good), error: 'Throttling' }, /"error": "Throttling"/],
    ['another page', { ...metricData(good), NextToken: 'x' }, /another page/],
    ['partial data', metricData(good, { StatusCode: 'PartialData' }), /PartialData/],
    ['an error', metricData(good, { StatusCode: 'InternalError' }), /InternalError/],
    ['a forbidden metric', metricData(good, { StatusCode: 'Forbidden' }), /Forbidden/],
    ['a status that is not known', metricData(good, { StatusCode: 'Later' }), /Later/],
    ['a message', { ...metricData(good), Messages: [{ Code: 'MaxMetricsExceeded', Value: '500' }] }, /MaxMetricsExceeded/],
    ['a value without a time', metricData(good, { Timestamps: [] }), /0 times and 3 values/],
    ['a metric without a label', metricData(good, { Label: undefined }), /Label none/],
    ['another figure', metricData({ ...good, m1: [1] }), /Id m1/],
    ['statistics of one metric', { Label: 'Latency', Datapoints: [] }, /MetricDataResults/],
  ])('refuses %s', (_what, report, got) => {
    expect(refusalOf('cloudwatch', json(report)).got).toMatch(got);
  });
});

describe('the rules on series', () => {
  test.each<[string, Figures, string]>([
    ['long enough', lasting(24 * 60 + 1, { requests: 100, failed_requests: 0 }), 'pass'],
    ['too short', lasting(24 * 60, { requests: 100, failed_requests: 0 }), 'inconclusive'],
    ['failing', lasting(24 * 60 + 1, { requests: 100, failed_requests: 50 }), 'fail'],
    ['slow', lasting(24 * 60 + 1, { requests: 100, failed_requests: 0, p95_seconds: 60 }), 'fail'],
  ])('judge metrics as a probe: %s', (_what, figures, verdict) => {
    expect(judgeEvidence(ruleOf('soak-24h'), factsOf('prometheus', prometheus(figures))).verdict).toBe(verdict);
    expect(judgeEvidence(ruleOf('soak-24h'), factsOf('cloudwatch', json(metricData(figures)))).verdict).toBe(verdict);
  });

  test('and their figures are measured, for the baseline and the triggers', () => {
    const [measured] = measurementsOf(factsOf('prometheus', prometheus({ ...good, failed_requests: [0, 3, 0] })), { passed: true });
    expect(measured).toMatchObject({ type: 'figures.measured', data: { name: 'soak', points: 300, errorRatePct: 1, p95Ms: 200 } });
  });
});
