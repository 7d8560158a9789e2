import { counted } from '../wording.ts';
import type { Account } from './account.ts';
import { type Aggregate, aggregateOf1 } from './load-artillery-1.ts';
import { aggregateOf2 } from './load-artillery-2.ts';
import { type LoadFigures, loadAccount } from './load-facts.ts';
import { atMost, disorder, few, meanOutside, tooBusy } from './load-figures.ts';
import { type ReportTime, spanOf, timeOfParts } from './report-time.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a report of Artillery (`artillery run --output`). A request fails when its response is neither 2xx nor 3xx, and when it ended in
 * an error instead of a response (ETIMEDOUT, ECONNREFUSED, a capture that matched nothing). A report that cannot be read is refused with its
 * first issue.
 */
export const factsOfArtillery = (
  value: unknown,
): { ok: LoadFigures; reportTime: ReportTime | undefined; account: Account; refused?: never } | { refused: string; ok?: never } => {
  const isNew =
    isRecord(value) && isRecord(value.aggregate) && isRecord(value.aggregate.counters) && !('requestsCompleted' in value.aggregate);
  const read = isNew ? aggregateOf2(value) : aggregateOf1(value);
  if (read.refused !== undefined) return read;
  const aggregate = read.ok;
  const { requests, badResponses, errors, unanswered, users, endedAt, seconds, checks, failedChecks } = aggregate;
  const failed = Math.min(Math.max(badResponses + Math.max(errors, users.failed), unanswered + badResponses), requests);
  const busy = seconds > 0 ? (users.timed * users.meanMs) / 1000 / seconds : 0;
  // No more can have been under way than there were.
  const concurrency = Math.min(Math.max(aggregate.atOnce, Math.floor(Number.isFinite(busy) ? busy : 0)), users.created);
  const [p99] = boundsOf(aggregate);
  const figures: LoadFigures = {
    tool: 'artillery',
    concurrency,
    busyClients: atMost(busy, concurrency),
    requests,
    failed,
    checks,
    failedChecks,
    iterations: users.completed + users.failed,
    droppedIterations: users.skipped,
    p99Ms: p99?.value ?? 0,
    p99: p99?.rank === 99 ? 'measured' : 'bound',
    durationSeconds: Math.round(seconds * 1000) / 1000,
    signs: [],
    contradictions: contradictions(aggregate, busy),
  };
  const percentile = (rank: number) => aggregate.quantiles.find((one) => one.rank === rank)?.value;
  return {
    reportTime: timeOfParts([endedAt === undefined ? undefined : spanOf(new Date(endedAt).toISOString(), { zone: 'utc' })]),
    account: loadAccount(figures, { p50: percentile(50), p95: percentile(95) }),
    ok: figures,
  };
};

/** The 99th percentile and what it cannot exceed: the nearest first. */
const boundsOf = ({ quantiles }: Aggregate) => quantiles.filter(({ rank }) => rank >= 99).sort((a, b) => a.rank - b.rank);

const contradictions = (aggregate: Aggregate, busy: number): string[] => {
  const { requests, responses, answered, quantiles, mean, users, seconds } = aggregate;
  const ended = users.completed + users.failed;
  const at = (rank: number): number | undefined => quantiles.find((one) => one.rank === rank)?.value;
  return few([
    responses > requests && `${counted(responses, 'response')} to ${counted(requests, 'request')}`,
    answered !== responses && `${counted(answered, 'response has', 'responses have')} a status code, and ${responses} were counted`,
    ended < users.created && `${users.created - ended} of ${users.created} virtual users neither completed nor failed`,
    ended > users.created && `${ended} virtual users ended, and ${users.created} were created`,
    requests > 0 && boundsOf(aggregate).length === 0 && 'there is no 99th percentile and no greatest response time',
    requests > 0 && seconds === 0 && 'the test took no time',
    tooBusy(busy, users.created) && 'more virtual users were busy than were created',
    // A digest of the times keeps its percentiles within one percent; Artillery rounds them to a tenth.
    disorder(quantiles, 0.02),
    mean !== undefined &&
      meanOutside(mean, at(0) === undefined ? undefined : (at(0) as number) * 0.98 - 1, at(100)) &&
      'the mean response time is not between min and max',
    ...aggregate.contradictions,
  ]);
};
