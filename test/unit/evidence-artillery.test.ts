import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, json, refusalOf, rulesOf } from './parsed.ts';

const read = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../samples/evidence/${file}`, import.meta.url)));
const parsed = (file: string) => JSON.parse(new TextDecoder().decode(read(file)));

/** What the base checklist says at its strictest: each check must be satisfied. */
const verdictOf = (report: object): string => {
  const facts = factsOf('artillery', json(report));
  const verdicts = rulesOf('artillery').map((rule) => judgeEvidence(rule, facts).verdict);
  return verdicts.find((verdict) => verdict === 'fail') ?? verdicts.find((verdict) => verdict !== 'pass') ?? 'pass';
};

describe('Artillery 2', () => {
  const good = parsed('artillery.json');
  const whole = (counters: object = {}, more: object = {}) => ({
    ...good,
    aggregate: { ...good.aggregate, ...more, counters: { ...good.aggregate.counters, ...counters } },
  });
  /** Without its periods, so that one figure can be changed alone. */
  const alone = (counters: object = {}, more: object = {}) => ({ ...whole(counters, more), intermediate: [] });
  const times = (changes: object) => ({
    summaries: { ...good.aggregate.summaries, 'http.response_time': { ...good.aggregate.summaries['http.response_time'], ...changes } },
  });

  test('the report of the tool', () => {
    expect(factsOf('artillery', read('artillery.json'))).toMatchObject({
      tool: 'artillery',
      requests: 3600,
      failed: 0,
      concurrency: 246,
      busyClients: 212.9,
      p99Ms: 1002.4,
      p99: 'measured',
      durationSeconds: 12.8,
      iterations: 1200,
      contradictions: [],
    });
    expect(verdictOf(good)).toBe('pass');
  });

  test('responses of 503, timeouts, refused connections and captures that match nothing are failures', () => {
    // Of 30 requests 5 were answered well and captured nothing that was missing.
    expect(factsOf('artillery', read('artillery.failed.json'))).toMatchObject({ requests: 30, failed: 25, contradictions: [] });
  });

  test.each<[string, object, string]>([
    ['one percent of 503', alone({ 'http.codes.200': 3550, 'http.codes.503': 50 }), 'fail'],
    ['timeouts', alone({ 'errors.ETIMEDOUT': 100 }), 'fail'],
    ['an error of a name that nobody has heard of', alone({ 'errors.__proto__': 100 }), 'fail'],
    ['virtual users that failed, without an error', alone({ 'vusers.completed': 1100, 'vusers.failed': 100 }), 'fail'],
    ['a status that is no number', alone({ 'http.codes.200': 3500, 'http.codes.ok': 100 }), 'fail'],
    ['redirections', alone({ 'http.codes.200': 3500, 'http.codes.302': 100 }), 'pass'],
    ['requests without an answer', alone({ 'http.codes.200': 3500, 'http.responses': 3500 }), 'fail'],
    ['more responses with a status than responses', alone({ 'http.codes.200': 3601, 'http.requests': 3601 }), 'inconclusive'],
    ['virtual users that never ended', alone({ 'vusers.created': 1300 }), 'inconclusive'],
    ['virtual users that nobody created', alone({ 'vusers.created': 1000 }), 'inconclusive'],
    ['expectations that failed', alone({ 'plugins.expect.ok': 50, 'plugins.expect.failed': 50 }), 'fail'],
    ['users that were left out', alone({ 'vusers.skipped': 500 }), 'fail'],
    ['periods that do not add up', whole({ 'http.requests': 3700, 'http.responses': 3700, 'http.codes.200': 3700 }), 'inconclusive'],
    ['no time', alone({}, { firstMetricAt: 1, lastMetricAt: 1 }), 'inconclusive'],
    ['no response times', alone({}, { summaries: {} }), 'inconclusive'],
    ['no 99th percentile, and a greatest time', alone({}, times({ p99: undefined })), 'pass'],
    ['a 99th percentile above the limit', alone({}, times({ p99: 30_000, p999: 30_000, max: 30_000 })), 'fail'],
    ['percentiles in the wrong order', alone({}, times({ p99: 1 })), 'inconclusive'],
    ['a mean above the greatest time', alone({}, times({ mean: 5000 })), 'inconclusive'],
    ['no requests', alone({ 'http.requests': 0, 'http.responses': 0, 'http.codes.200': 0 }), 'inconclusive'],
    ['counters of its own, negative and in parts', alone({ 'shop.refunds': -3, 'shop.revenue': 12.5, constructor: 0.5 }), 'pass'],
  ])('%s', (_what, report, verdict) => {
    expect(verdictOf(report)).toBe(verdict);
  });

  test.each([
    ['errors', { 'errors.ETIMEDOUT': 40 }, /^the periods have 40 errors, and the whole has 0/],
    ['bad responses', { 'http.codes.503': 40 }, /^the periods have 40 responses that are neither 2xx nor 3xx, and the whole has 0/],
    ['failed expectations', { 'plugins.expect.failed': 1 }, /^the periods have 1 plugins\.expect\.failed/],
  ])('%s that only a period has are not passed over', (_what, counters, said) => {
    const [first, ...others] = good.intermediate;
    const report = { ...good, intermediate: [{ ...first, counters: { ...first.counters, ...counters } }, ...others] };
    expect(factsOf('artillery', json(report)).contradictions).toEqual([expect.stringMatching(said)]);
    expect(verdictOf(report)).toBe('inconclusive');
  });

  test('a percentile that the report lacks is not made up: a higher one bounds it', () => {
    expect(factsOf('artillery', json(alone({}, times({ p99: undefined }))))).toMatchObject({ p99: 'bound', p99Ms: 1064.4 });
  });

  test.each<[string, object]>([
    ['a negative counter', alone({ 'http.requests': -1 })],
    ['half a request', alone({ 'http.requests': 0.5 })],
    ['a counter that is a text', alone({ 'errors.ETIMEDOUT': '5' })],
    ['a huge counter', alone({ 'http.requests': 2 ** 60 })],
    ['a percentile that is a text', alone({}, times({ p99: 'fast' }))],
    ['a negative time', alone({}, times({ p99: -1 }))],
    ['no counters', { aggregate: {} }],
    ['counters in a list', { aggregate: { counters: [] } }],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('artillery', json(report)).detail).toBe('The JSON is not a report of Artillery.');
  });

  test('an infinite counter is refused', () => {
    const text = JSON.stringify(alone()).replace('"http.requests":3600', '"http.requests":1e999');
    expect(refusalOf('artillery', bytes(text)).detail).toContain('not a report of Artillery');
  });
});

test('a rate beyond all reason makes no users that were not created', () => {
  const report = parsed('artillery-1.json');
  report.aggregate.rps.mean = 1e300;
  const facts = factsOf('artillery', json(report));
  expect(facts.concurrency).toBeLessThanOrEqual(report.aggregate.scenariosCreated);
  expect(facts.contradictions).toEqual([expect.stringMatching(/^\d+ clients were there, and .* were busy$/)]);
  expect(verdictOf(report)).toBe('inconclusive');
});

describe('Artillery 1', () => {
  const good = parsed('artillery-1.json');
  const whole = (changes: object) => ({ ...good, aggregate: { ...good.aggregate, ...changes } });
  const period = (changes: object) => ({ ...good, intermediate: [{ ...good.intermediate[0], ...changes }, ...good.intermediate.slice(1)] });

  test('the report of the tool', () => {
    expect(factsOf('artillery', read('artillery-1.json'))).toMatchObject({
      requests: 3600,
      failed: 0,
      concurrency: 236,
      p99Ms: 801,
      p99: 'measured',
      contradictions: [],
    });
    expect(verdictOf(good)).toBe('pass');
    // 5 answers of 503, 11 errors, and 8 users that a capture ended, which this version does not count.
    expect(factsOf('artillery', read('artillery-1.failed.json'))).toMatchObject({ requests: 30, failed: 24 });
  });

  test.each<[string, object, string]>([
    ['errors', whole({ errors: { ETIMEDOUT: 100 } }), 'fail'],
    ['status codes', whole({ codes: { 200: 3500, 500: 100 } }), 'fail'],
    ['scenarios that did not complete', whole({ scenariosCompleted: 1000 }), 'fail'],
    ['requests that were not answered', whole({ requestsCompleted: 3500, codes: { 200: 3500 } }), 'fail'],
    ['no percentile', whole({ latency: {} }), 'inconclusive'],
    ['errors that only a period has', period({ errors: { ETIMEDOUT: 40 } }), 'inconclusive'],
    ['bad responses that only a period has', period({ codes: { ...good.intermediate[0].codes, 503: 40 } }), 'inconclusive'],
  ])('%s', (_what, report, verdict) => {
    expect(verdictOf(report)).toBe(verdict);
  });
});

test('a result whose sender names no tool is read as that of Artillery, too', () => {
  expect(factsOf('load', read('artillery.json'))).toMatchObject({ type: 'load', tool: 'artillery', requests: 3600 });
});
