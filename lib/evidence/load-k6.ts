import * as z from 'zod';
import { counted } from '../wording.ts';
import { type Account, type Contradiction, contradiction } from './account.ts';
import { failureSigns } from './failure-signs.ts';
import { type LoadFigures, loadAccount } from './load-facts.ts';
import { atMost, count, differ, disorder, duration, few, fewContradictions, meanOutside, tooBusy } from './load-figures.ts';
import { type Checks, type Summary, summaryOf } from './load-k6-summary.ts';
import { type ReportTime, timeOfParts } from './report-time.ts';
import { firstIssue } from './unreadable.ts';

export { isK6 } from './load-k6-summary.ts';

const share = z.number().min(0).max(1);
/** What follows where a metric is missing. k6 writes a metric when the test has measured something for it. */
const needed = (follows: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? `is missing, so ${follows}` : undefined),
});
const rateMembers = { passes: count, fails: count, value: share.optional(), rate: share.optional() };
/** `--summary-export` calls the share `value`, `handleSummary` calls it `rate`. */
const rate = z.looseObject(rateMembers);
const trendMembers = {
  avg: duration.optional(),
  min: duration.optional(),
  med: duration.optional(),
  max: duration.optional(),
  count: count.optional(),
};
const trend = z.looseObject(trendMembers);
const counterMembers = { count, rate: z.number().min(0).optional() };
const counter = z.looseObject(counterMembers);
const gaugeMembers = { max: count.optional(), value: count.optional() };
const gauge = z.looseObject(gaugeMembers);
const schema = z.looseObject({
  http_reqs: z.looseObject(counterMembers, needed('the test sent no HTTP requests')),
  http_req_failed: z.looseObject(rateMembers, needed('nobody knows how many requests failed')),
  http_req_duration: z
    .looseObject(trendMembers, needed('nobody knows how long a request took'))
    .refine((values) => bounds(values).length > 0, 'has neither p(99) nor max'),
  checks: rate.optional(),
  iterations: counter.optional(),
  iteration_duration: trend.optional(),
  dropped_iterations: counter.optional(),
  vus: gauge.optional(),
  vus_max: z.looseObject(gaugeMembers, needed('nobody knows how many clients there were')),
});
type Metrics = z.infer<typeof schema>;
type Trend = z.infer<typeof trend>;

/**
 * Reads a summary of k6. k6 counts a failed request as a "pass" of the rate metric http_req_failed. Clients that were allocated but never
 * ran do not count. A summary that cannot be read is refused with its first issue.
 */
export const factsOfK6 = (
  value: unknown,
): { ok: LoadFigures; reportTime: ReportTime | undefined; account: Account; refused?: never } | { refused: string; ok?: never } => {
  const summary = summaryOf(value);
  if (summary.refused !== undefined) return summary;
  const read = schema.safeParse(summary.ok.metrics);
  if (!read.success) return { refused: `metrics.${firstIssue(read.error)}` };
  const metrics = read.data;
  const { http_reqs, http_req_failed, http_req_duration, vus, vus_max } = metrics;
  const most = vus_max.max ?? vus_max.value;
  const concurrency = most === undefined ? null : Math.min(most, vus?.max ?? most);
  const seconds = secondsOf(summary.ok.ms, http_reqs);
  const checks = allChecks(summary.ok, metrics);
  const [p99] = bounds(http_req_duration);
  const contradictions = fewContradictions([...summary.ok.contradictions, ...contradictionsOf(metrics, summary.ok.ms, most)]);
  const busy = busyOf(metrics, seconds);
  const figures: LoadFigures = {
    tool: 'k6',
    concurrency,
    busyClients: busy === undefined || concurrency === null ? null : atMost(busy, concurrency),
    requests: http_reqs.count,
    failed: http_req_failed.passes,
    checks: checks.total,
    failedChecks: checks.failed,
    iterations: metrics.iterations?.count ?? 0,
    droppedIterations: metrics.dropped_iterations?.count ?? 0,
    p99Ms: p99?.value ?? null,
    p99: p99?.rank === 99 ? 'measured' : 'bound',
    durationSeconds: seconds ?? null,
    signs: few([...failureSigns(value), ...summary.ok.signs]),
    contradictions: contradictions.map(({ text }) => text),
  };
  const percentile = (rank: number) => quantiles(http_req_duration).find((one) => one.rank === rank)?.value;
  return {
    reportTime: timeOfParts([summary.ok.madeIn]),
    account: loadAccount(figures, { p50: percentile(50), p95: percentile(95) }, contradictions),
    ok: figures,
  };
};

/** The figures of a trend with their ranks; k6 writes `p(99)`, and `p99` in the new summary. */
const quantiles = (values: Trend): { rank: number; name: string; value: number }[] => {
  return Object.entries(values).flatMap(([name, value]) => {
    const rank = namedRanks.get(name) ?? Number(/^p\(?(\d{1,2}(?:\.\d+)?)\)?$/.exec(name)?.[1] ?? Number.NaN);
    return typeof value === 'number' && value >= 0 && !Number.isNaN(rank) ? [{ rank, name, value }] : [];
  });
};

const namedRanks: ReadonlyMap<string, number> = new Map([
  ['min', 0],
  ['med', 50],
  ['max', 100],
]);

/** Figures of a trend that are there and cannot be read: another figure of the trend must not take their place. */
const unreadFigure = (values: Trend): Contradiction | undefined => {
  const name = Object.entries(values).find(
    ([key, value]) => value != null && /^p\(?\d/.test(key) && !duration.safeParse(value).success,
  )?.[0];
  return name === undefined ? undefined : contradiction(`${name} is not a time`, null, null);
};

/** The 99th percentile and what it cannot exceed: the nearest first. */
const bounds = (values: Trend) =>
  quantiles(values)
    .filter(({ rank, value }) => rank >= 99 && duration.safeParse(value).success)
    .sort((a, b) => a.rank - b.rank);

/**
 * Iterations per second times their mean duration. Pauses within an iteration count, because they are part of what a client does. A test
 * whose iterations never end has none; then its requests count instead. Undefined where the summary does not tell.
 */
const busyOf = (metrics: Metrics, seconds: number | undefined): number | undefined => {
  const { http_reqs, http_req_duration, iterations, iteration_duration } = metrics;
  const [count, meanMs] =
    iterations === undefined || iteration_duration?.avg === undefined
      ? [http_reqs.count, http_req_duration.avg]
      : [iterations.count, iteration_duration.avg];
  return meanMs === undefined || seconds === undefined || seconds === 0 ? undefined : (count * meanMs) / 1000 / seconds;
};

/** Where checks are counted in two ways, the worse count is used. */
const allChecks = ({ checks }: Summary, { checks: metric }: Metrics): Checks => ({
  total: Math.max(checks.total, metric === undefined ? 0 : metric.passes + metric.fails),
  failed: Math.max(checks.failed, metric?.fails ?? 0),
});

/** The old `--summary-export` has no duration, only requests and requests per second. */
const secondsOf = (ms: number | undefined, http_reqs: Metrics['http_reqs']): number | undefined => {
  if (ms !== undefined) return Math.round(ms) / 1000;
  const seconds = http_reqs.count / (http_reqs.rate ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.round(seconds * 1000) / 1000, 2_678_400) : undefined;
};

const contradictionsOf = (metrics: Metrics, ms: number | undefined, clients: number | undefined) => {
  const { http_reqs, http_req_failed, http_req_duration, iterations, iteration_duration = {}, checks } = metrics;
  const judged = http_req_failed.passes + http_req_failed.fails;
  const [byRate, timed] = [secondsOf(undefined, http_reqs), http_req_duration.count];
  const busy = iterations === undefined ? undefined : busyOf(metrics, secondsOf(ms, http_reqs));
  return [
    judged !== http_reqs.count &&
      contradiction(`http_req_failed counts ${judged} of ${counted(http_reqs.count, 'request')}`, http_reqs.count, judged),
    shareDiffers('http_req_failed', http_req_failed),
    checks !== undefined && shareDiffers('checks', checks),
    timed !== undefined &&
      timed !== http_reqs.count &&
      contradiction(`http_req_duration counts ${timed} of ${counted(http_reqs.count, 'request')}`, http_reqs.count, timed),
    ...[http_req_duration, iteration_duration].flatMap((trends) => [
      disorder(quantiles(trends), 0),
      unreadFigure(trends),
      trends.avg === undefined ? undefined : meanOutside(trends.avg, trends.min, trends.max),
    ]),
    ms !== undefined &&
      byRate !== undefined &&
      byRate > 0 &&
      differ(ms / 1000, byRate) &&
      contradiction(`the duration is ${ms / 1000} s, and the requests by those per second give ${byRate} s`, ms / 1000, byRate),
    busy !== undefined && clients !== undefined && tooBusy(busy, clients),
  ];
};

/** Shares are compared to half a percent, because summaries are rounded by hand now and then. */
const shareDiffers = (metric: string, { passes, fails, value, rate: given }: z.infer<typeof rate>): Contradiction | undefined => {
  const share = passes / (passes + fails);
  const stated = [value, given].find((one) => one !== undefined && passes + fails > 0 && Math.abs(one - share) > 0.005);
  if (stated === undefined) return undefined;
  const shown = Math.round(share * 1000) / 1000;
  return contradiction(`the share of ${metric} is ${stated}, and its counts give ${shown}`, stated, shown);
};
