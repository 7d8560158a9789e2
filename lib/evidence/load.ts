import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('load'),
  tool: z.enum(['autocannon', 'k6']),
  concurrency: z.int().min(0),
  requests: z.int().min(0),
  failed: z.int().min(0),
  p99Ms: z.number().min(0),
  durationSeconds: z.number().min(0),
});
export type LoadFacts = z.infer<typeof facts>;

export const load = evidenceType({
  id: 'load',
  description: 'Result of a load test by autocannon or k6 as JSON',
  fileNames: ['load.json', 'load-*.json', '*load-test*.json', '*-load.json', '*k6*.json', '*autocannon*.json'],
  mediaTypes: ['application/json'],
  maxBytes: megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'load.json',
});

const expected = 'the JSON result of autocannon, or the summary of k6 (--summary-export or handleSummary) with p(99)';

const count = z.int().min(0);
/** Seconds or milliseconds, at most the milliseconds of 31 days: no load test lasts longer. */
const duration = z.number().min(0).max(2_678_400_000);
const autocannon = z.looseObject({
  connections: z.int().min(1),
  duration,
  errors: count,
  timeouts: count,
  non2xx: count,
  mismatches: count.default(0),
  '1xx': count.default(0),
  '2xx': count.optional(),
  '3xx': count.default(0),
  '4xx': count.default(0),
  '5xx': count.default(0),
  requests: z.looseObject({ total: count }),
  latency: z.looseObject({ p99: duration }),
});

/** `handleSummary` wraps a metric's figures in `values`; `--summary-export` does not. */
const metric = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.preprocess((value) => (typeof value === 'object' && value !== null && 'values' in value ? value.values : value), z.looseObject(shape));
const rate = metric({ passes: count, fails: count });
const gauge = metric({ max: z.int().min(0).optional(), value: z.int().min(0).optional() });
const k6 = z.looseObject({
  state: z.looseObject({ testRunDurationMs: duration.optional() }).optional(),
  metrics: z.looseObject({
    http_reqs: metric({ count, rate: z.number().min(0).optional() }),
    http_req_failed: rate,
    http_req_duration: metric({ 'p(99)': duration }),
    checks: rate.optional(),
    vus: gauge.optional(),
    vus_max: gauge,
  }),
});

/** Recomputes failures; where a result counts them in two ways, the worse count is used. The tool's own thresholds are ignored. */
const parse = (bytes: Uint8Array): Outcome<LoadFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  if (isK6(json.ok)) {
    const summary = k6.safeParse(json.ok);
    return summary.success ? { ok: factsOfK6(summary.data) } : unread(summary.error);
  }
  const result = autocannon.safeParse(json.ok);
  return result.success ? { ok: factsOfAutocannon(result.data) } : unread(result.error);
};

const isK6 = (value: unknown): boolean => typeof value === 'object' && value !== null && 'metrics' in value;

/** autocannon counts timeouts among its errors and leaves unanswered requests out of its total. */
const factsOfAutocannon = (result: z.infer<typeof autocannon>): LoadFacts => {
  const { errors, timeouts, requests, mismatches } = result;
  const unanswered = Math.max(errors, timeouts);
  const classes = result['1xx'] + result['3xx'] + result['4xx'] + result['5xx'];
  const refused = Math.max(result.non2xx, classes, requests.total - (result['2xx'] ?? requests.total));
  return {
    type: 'load',
    tool: 'autocannon',
    concurrency: result.connections,
    requests: requests.total + unanswered,
    failed: unanswered + refused + mismatches,
    p99Ms: result.latency.p99,
    durationSeconds: result.duration,
  };
};

/** k6 counts a failed request as a "pass" of the rate metric http_req_failed. Clients that were allocated but never ran do not count. */
const factsOfK6 = ({ state, metrics }: z.infer<typeof k6>): LoadFacts => {
  const { http_reqs, http_req_failed, http_req_duration, checks, vus, vus_max } = metrics;
  const most = vus_max.max ?? vus_max.value ?? 0;
  return {
    type: 'load',
    tool: 'k6',
    concurrency: Math.min(most, vus?.max ?? most),
    requests: http_reqs.count,
    failed: Math.max(http_req_failed.passes, checks?.fails ?? 0),
    p99Ms: http_req_duration['p(99)'],
    durationSeconds: secondsOf(state?.testRunDurationMs, http_reqs),
  };
};

/** `--summary-export` has no duration, only requests and requests per second. */
const secondsOf = (
  ms: number | undefined,
  { count: requests, rate: perSecond = 0 }: { count: number; rate?: number | undefined },
): number => {
  if (ms !== undefined) return Math.round(ms) / 1000;
  const seconds = requests / perSecond;
  return Number.isFinite(seconds) ? Math.min(Math.round(seconds), 2_678_400) : 0;
};

const unread = (error: z.ZodError) =>
  unreadable('The JSON is not a result of autocannon or k6.', {
    got: firstIssue(error),
    expected,
    fix: 'Use `autocannon --json`, or k6 with --summary-export and --summary-trend-stats="avg,min,med,max,p(90),p(95),p(99)".',
  });
