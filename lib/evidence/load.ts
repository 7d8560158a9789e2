import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import type { LoadFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected = 'the JSON result of autocannon, or of k6 run --summary-export';

const count = z.number().min(0);
const autocannon = z.looseObject({
  connections: z.int().min(1),
  duration: count,
  errors: count,
  timeouts: count,
  non2xx: count,
  requests: z.looseObject({ total: count }),
  latency: z.looseObject({ p99: count }),
});
const k6 = z.looseObject({
  metrics: z.looseObject({
    http_reqs: z.looseObject({ count, rate: z.number().positive().optional() }),
    http_req_failed: z.looseObject({ passes: count, fails: count }),
    http_req_duration: z.looseObject({ 'p(99)': count }),
    vus_max: z.looseObject({ max: z.int().min(1).optional(), value: z.int().min(1).optional() }),
  }),
});

/** Failed requests are recomputed: errors (time-outs among them) and answers that were no 2xx. */
export const parseLoad = (bytes: Uint8Array): Outcome<LoadFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const one = autocannon.safeParse(json.ok);
  if (one.success) {
    const { connections, duration, errors, non2xx, requests, latency } = one.data;
    return {
      ok: {
        type: 'load',
        tool: 'autocannon',
        concurrency: connections,
        requests: requests.total + errors,
        failed: errors + non2xx,
        p99Ms: latency.p99,
        durationSeconds: duration,
      },
    };
  }
  const other = k6.safeParse(json.ok);
  if (other.success) {
    const { http_reqs, http_req_failed, http_req_duration, vus_max } = other.data.metrics;
    // k6 counts a failed request as a "pass" of the rate metric http_req_failed.
    return {
      ok: {
        type: 'load',
        tool: 'k6',
        concurrency: vus_max.max ?? vus_max.value ?? 1,
        requests: http_reqs.count,
        failed: http_req_failed.passes,
        p99Ms: http_req_duration['p(99)'],
        durationSeconds: http_reqs.rate === undefined ? 0 : Math.round(http_reqs.count / http_reqs.rate),
      },
    };
  }
  const [issue] = (isK6(json.ok) ? other.error : one.error).issues;
  return unreadable('The JSON is not a load result that we read.', {
    got: `${issue?.path.join('.')}: ${issue?.message}`,
    expected,
    fix: 'Use `autocannon --json`, or k6 with --summary-export and p(99) in summaryTrendStats.',
  });
};

const isK6 = (value: unknown): boolean => typeof value === 'object' && value !== null && 'metrics' in value;
