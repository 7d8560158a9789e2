import * as z from 'zod';
import { counted } from '../wording.ts';
import { type Account, type Contradiction, contradiction } from './account.ts';
import { failureSigns } from './failure-signs.ts';
import { type LoadFigures, loadAccount } from './load-facts.ts';
import { atMost, count, differ, disorder, duration, few, fewContradictions, meanOutside, tooBusy } from './load-figures.ts';
import { type ReportTime, spanOf, timeOfParts } from './report-time.ts';
import { firstIssue } from './unreadable.ts';

const schema = z.looseObject({
  connections: z.int().min(1),
  pipelining: z.int().min(1).default(1),
  duration,
  start: z.iso.datetime().optional(),
  finish: z.iso.datetime().optional(),
  errors: count,
  timeouts: count,
  non2xx: count,
  mismatches: count.default(0),
  '1xx': count.default(0),
  '2xx': count.optional(),
  '3xx': count.default(0),
  '4xx': count.default(0),
  '5xx': count.default(0),
  statusCodeStats: z.record(z.string(), z.looseObject({ count })).default({}),
  requests: z.looseObject({ total: count, sent: count.optional() }),
  latency: z.looseObject({ average: duration, p99: duration, max: duration.optional(), totalCount: count.optional() }),
});
type Result = z.infer<typeof schema>;

/**
 * Reads a result of autocannon (`autocannon --json`). It counts timeouts among its errors and leaves unanswered requests out of its total.
 * A result that cannot be read is refused with its first issue.
 */
export const factsOfAutocannon = (
  value: unknown,
): { ok: LoadFigures; reportTime: ReportTime | undefined; account: Account; refused?: never } | { refused: string; ok?: never } => {
  const read = schema.safeParse(value);
  if (!read.success) return { refused: firstIssue(read.error) };
  const result = read.data;
  const { errors, timeouts, requests, mismatches } = result;
  const unanswered = Math.max(errors, timeouts);
  const classes = result['1xx'] + result['3xx'] + result['4xx'] + result['5xx'];
  const refused = Math.max(result.non2xx, classes, codesBeside2xx(result), requests.total - (result['2xx'] ?? requests.total));
  const contradictions = contradictionsOf(result);
  const figures: LoadFigures = {
    tool: 'autocannon',
    concurrency: result.connections,
    busyClients: busyClients(result),
    requests: requests.total + unanswered,
    failed: unanswered + refused + mismatches,
    checks: 0,
    failedChecks: 0,
    iterations: 0,
    droppedIterations: 0,
    p99Ms: result.latency.p99,
    p99: 'measured',
    durationSeconds: result.duration,
    signs: few(failureSigns(value)),
    contradictions: contradictions.map(({ text }) => text),
  };
  return {
    reportTime: timeOfParts([spanOf(result.finish ?? result.start, { zone: 'utc' })]),
    // It writes no 95th percentile, and a neighbour is another figure.
    account: loadAccount(
      figures,
      { p50: duration.safeParse(result.latency.p50).data, p95: duration.safeParse(result.latency.p95).data },
      contradictions,
    ),
    ok: figures,
  };
};

const codesBeside2xx = ({ statusCodeStats }: Kinds): number =>
  Object.entries(statusCodeStats).reduce((sum, [code, stat]) => (/^2\d\d$/.test(code) ? sum : sum + stat.count), 0);

/**
 * Mean latency times throughput, per request that a connection sends at once. autocannon cuts each latency down to whole milliseconds, so
 * that half a millisecond is missing on average. With a fixed rate it adds one entry per millisecond of each latency, which halves the mean.
 */
const busyClients = ({ connections, pipelining, requests: { total }, latency, duration: seconds }: Result): number | null => {
  if (seconds === 0) return null;
  const { average, totalCount = 0 } = latency;
  const busyMs = Math.max(total * (average + 0.5), totalCount > total ? totalCount : 0);
  return atMost(busyMs / 1000 / seconds / pipelining, connections);
};

type Kinds = Pick<Result, '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'statusCodeStats'>;
const byClass = (result: Kinds): number => result['1xx'] + (result['2xx'] ?? 0) + result['3xx'] + result['4xx'] + result['5xx'];
const statuses = ({ statusCodeStats }: Kinds): number => Object.values(statusCodeStats).reduce((sum, stat) => sum + stat.count, 0);

/** The least latency is left out: autocannon writes 1 for what was faster than a millisecond. */
const contradictionsOf = ({ connections, pipelining, requests, latency, start, finish, ...result }: Result): Contradiction[] => {
  const { average, max, totalCount } = latency;
  const percentiles = Object.entries(latency).flatMap(([name, value]) => {
    const rank = /^p(\d+(?:_\d+)?)$/.exec(name)?.[1];
    return rank === undefined || typeof value !== 'number' ? [] : [{ rank: Number(rank.replace('_', '.')), name, value }];
  });
  const greatest = max === undefined ? [] : [{ rank: 100, name: 'max', value: max }];
  const wall = start === undefined || finish === undefined ? undefined : (Date.parse(finish) - Date.parse(start)) / 1000;
  const { total, sent } = requests;
  const [byKind, withStatus] = [byClass(result), statuses(result)];
  const beside2xx = byKind - (result['2xx'] ?? 0);
  return fewContradictions([
    disorder([...percentiles, ...greatest], 0.01),
    meanOutside(average, undefined, max),
    result['2xx'] !== undefined &&
      byKind !== total &&
      contradiction(`${counted(byKind, 'response is', 'responses are')} counted by their kind, and ${total} in total`, total, byKind),
    withStatus > 0 &&
      withStatus !== total &&
      contradiction(
        `${counted(withStatus, 'response has', 'responses have')} a status code, and ${total} are counted in total`,
        total,
        withStatus,
      ),
    result['2xx'] !== undefined &&
      result.non2xx !== beside2xx &&
      contradiction(
        `${counted(result.non2xx, 'response is', 'responses are')} counted as non2xx, and ${beside2xx} by their kind`,
        result.non2xx,
        beside2xx,
      ),
    withStatus > 0 &&
      result.non2xx !== codesBeside2xx(result) &&
      contradiction(
        `${counted(result.non2xx, 'response is', 'responses are')} counted as non2xx, and ${codesBeside2xx(result)} by their status code`,
        result.non2xx,
        codesBeside2xx(result),
      ),
    sent !== undefined &&
      sent < total &&
      contradiction(`${counted(sent, 'request was', 'requests were')} sent, and ${total} answered`, sent, total),
    totalCount !== undefined &&
      totalCount < (result['2xx'] ?? 0) &&
      contradiction(`there are ${totalCount} latencies of ${counted(result['2xx'] ?? 0, 'response')}`, totalCount, result['2xx'] ?? 0),
    wall !== undefined &&
      differ(wall, result.duration) &&
      contradiction(`the duration is ${result.duration} s, and ${wall} s lie between start and finish`, result.duration, wall),
    tooBusy((total * average) / 1000 / result.duration / pipelining, connections),
  ]);
};
