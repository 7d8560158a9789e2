import { describe, expect, test } from 'vitest';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
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
    duration: 10.06,
    start: '2026-03-02T09:00:00.000Z',
    finish: '2026-03-02T09:00:10.061Z',
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
    latency: { average: 155, min: 1, p0_1: 0, p50: 150, p97_5: 190, p99: 250.5, max: 260, totalCount: 10_000 },
    requests: { average: 1250, total: 10_000, sent: 10_160 },
    ...changes,
  });
  const latency = (changes: object) => ({ latency: { ...result().latency, ...changes } });
  const facts = (changes: object = {}) => factsOf('load', json(result(changes)));

  test('errors, wrong bodies and responses other than 2xx are failures; timeouts are among the errors', () => {
    const statusCodeStats = { 200: { count: 9996 }, 500: { count: 4 } };
    expect(facts({ errors: 3, timeouts: 2, mismatches: 1, non2xx: 4, '2xx': 9996, '5xx': 4, statusCodeStats })).toEqual({
      type: 'load',
      tool: 'autocannon',
      concurrency: 160,
      busyClients: 154.6,
      requests: 10_003,
      failed: 8,
      checks: 0,
      failedChecks: 0,
      iterations: 0,
      droppedIterations: 0,
      p99Ms: 250.5,
      p99: 'measured',
      durationSeconds: 10.06,
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
    ['a total of none', { requests: { total: 0 } }, '10000 responses are counted by their kind, and 0 in total'],
    [
      'a status code of a failure beside none that is counted',
      { non2xx: 0, '5xx': 100, '2xx': 9900 },
      '0 responses are counted as non2xx, and 100 by their kind',
    ],
    [
      'status codes of failures beside none that is counted',
      { statusCodeStats: { 200: { count: 9900 }, 500: { count: 100 } } },
      '0 responses are counted as non2xx, and 100 by their status code',
    ],
    ['more clients under way than there were', { connections: 1 }, '1 client was there, and 154.1 were busy'],
    [
      'status codes that are too few',
      { statusCodeStats: { 200: { count: 9999 } } },
      '9999 responses have a status code, and 10000 are counted in total',
    ],
  ])('what does not add up is said: %s', (_what, changes, said) => {
    expect(facts(changes).contradictions).toContain(said);
  });

  test('no more than all requests failed', () => {
    const words = inspectEvidence(json(result({ errors: 3, '5xx': 400, requests: { total: 0 } })), 'autocannon').ok?.words;
    expect(words).toMatchObject({ errorRate: 1 });
  });

  test.each<[string, object, string]>([
    ['a good run', {}, 'pass'],
    ['no time of start and finish (autocannon.track, older versions)', { start: undefined, finish: undefined }, 'pass'],
    [
      'ten requests at once per connection: 1600 were under way',
      { pipelining: 10, ...latency({ average: 1540, p50: 1500, p97_5: 1600, p99: 1700, max: 1800 }) },
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
      { ...latency({ average: 78, p50: 75, totalCount: 1_560_000 }) },
      'pass',
    ],
    ['one request', { requests: { total: 1 }, '2xx': 1, statusCodeStats: {}, ...latency({ totalCount: 1 }) }, 'inconclusive'],
    ['no request', { requests: { total: 0 }, '2xx': 0, statusCodeStats: {}, latency: { average: 0, p99: 0, max: 0 } }, 'inconclusive'],
    [
      'a test that was stopped after 6 s',
      { duration: 6.04, finish: '2026-03-02T09:00:06.041Z', ...latency({ average: 85, p50: 80 }) },
      'inconclusive',
    ],
    [
      'the default of 10 s, measured a little short',
      { duration: 9.98, finish: '2026-03-02T09:00:09.981Z', ...latency({ average: 150 }) },
      'pass',
    ],
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
