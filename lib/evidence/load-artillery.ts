import { counted } from '../wording.ts';
import { type Account, type Contradiction, contradiction } from './account.ts';
import { failureSigns } from './failure-signs.ts';
import { type Aggregate, aggregateOf1 } from './load-artillery-1.ts';
import { aggregateOf2 } from './load-artillery-2.ts';
import { type LoadFigures, loadAccount } from './load-facts.ts';
import { atMost, disorder, few, fewContradictions, meanOutside, tooBusy } from './load-figures.ts';
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
  const busy = busyOf(aggregate);
  // No more can have been under way than there were.
  const concurrency = Math.min(Math.max(aggregate.atOnce, Math.floor(Number.isFinite(busy) ? (busy ?? 0) : 0)), users.created);
  const isKnown = busy !== undefined || aggregate.atOnce > 0 || users.created === 0;
  const contradictions = contradictionsOf(aggregate, busy);
  const [p99] = boundsOf(aggregate);
  const figures: LoadFigures = {
    tool: 'artillery',
    concurrency: isKnown ? concurrency : null,
    busyClients: busy === undefined ? null : atMost(busy, concurrency),
    requests,
    failed,
    checks,
    failedChecks,
    iterations: users.completed + users.failed,
    droppedIterations: users.skipped,
    p99Ms: p99?.value ?? null,
    p99: p99?.rank === 99 ? 'measured' : 'bound',
    durationSeconds: seconds === undefined ? null : Math.round(seconds * 1000) / 1000,
    signs: few(failureSigns(value)),
    contradictions: contradictions.map(({ text }) => text),
  };
  const percentile = (rank: number) => aggregate.quantiles.find((one) => one.rank === rank)?.value;
  return {
    reportTime: timeOfParts([endedAt === undefined ? undefined : spanOf(new Date(endedAt).toISOString(), { zone: 'utc' })]),
    account: loadAccount(figures, { p50: percentile(50), p95: percentile(95) }, contradictions),
    ok: figures,
  };
};

/** The 99th percentile and what it cannot exceed: the nearest first. */
const boundsOf = ({ quantiles }: Aggregate) => quantiles.filter(({ rank }) => rank >= 99).sort((a, b) => a.rank - b.rank);

/** Virtual users under way on average; undefined where the report does not say how long they or the test took. */
const busyOf = ({ users: { timed, meanMs }, seconds }: Aggregate): number | undefined =>
  meanMs === undefined || seconds === undefined || seconds === 0 ? undefined : (timed * meanMs) / 1000 / seconds;

const contradictionsOf = (aggregate: Aggregate, busy: number | undefined): Contradiction[] => {
  const { requests, responses, answered, quantiles, mean, users, seconds } = aggregate;
  const ended = users.completed + users.failed;
  const at = (rank: number): number | undefined => quantiles.find((one) => one.rank === rank)?.value;
  const least = at(0);
  const { completed, failed, created } = users;
  return fewContradictions([
    responses > requests && contradiction(`${counted(responses, 'response')} to ${counted(requests, 'request')}`, requests, responses),
    answered !== responses &&
      contradiction(
        `${counted(answered, 'response has', 'responses have')} a status code, and ${responses} were counted`,
        responses,
        answered,
      ),
    ended < created &&
      contradiction(`${created - ended} of ${created} virtual users neither completed nor failed`, created, completed + failed),
    ended > created && contradiction(`${ended} virtual users ended, and ${created} were created`, created, ended),
    requests > 0 &&
      boundsOf(aggregate).length === 0 &&
      contradiction(`there is no 99th percentile and no greatest response time for ${counted(requests, 'request')}`, null, requests),
    requests > 0 && seconds === 0 && contradiction(`the test took no time for ${counted(requests, 'request')}`, 0, requests),
    requests > 0 && seconds === undefined && contradiction('the report does not say how long the test took', null, null),
    busy !== undefined && tooBusy(busy, created),
    // A digest of the times keeps its percentiles within one percent; Artillery rounds them to a tenth.
    disorder(quantiles, 0.02),
    mean === undefined ? undefined : meanOutside(mean, least === undefined ? undefined : least * 0.98 - 1, at(100)),
    ...aggregate.contradictions,
  ]);
};
