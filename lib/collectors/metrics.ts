import type { AwsPlace, Metric, Targets, WritesMetric } from '../checklist/targets.ts';
import { placeOfMetric } from '../checklist/targets.ts';
import { type MetricSeriesReport, mostMetricPoints } from '../evidence/metric-series.ts';
import type { CloudWatchReader, Failed, MetricPoints, ReadPoints } from './ports.ts';

export type MetricDependencies = { readonly clock: { now(): Date }; readonly cloudwatch: CloudWatchReader };
/** `from`: since when, or since when for each metric. */
type Window = { readonly series: string; readonly from: string | ((metric: Metric) => string) };

/** CloudWatch takes these periods below a minute, and whole minutes from there on. Seconds. */
const shortPeriods = [1, 5, 10, 20, 30];

/** The points of metrics from an instant to now: whole periods only, because a period that has not ended says too little. One request for each place. */
export const readMetrics = async (
  deps: MetricDependencies,
  metrics: readonly Metric[],
  { cloudwatch }: Pick<Targets, 'cloudwatch'>,
  { series, from }: Window,
): Promise<readonly MetricSeriesReport[]> => {
  const now = deps.clock.now();
  const wanted = metrics.map((metric) => ({
    metric,
    place: placeOfMetric(metric, cloudwatch),
    span: spanOf(metric, typeof from === 'string' ? from : from(metric), now),
  }));
  const read = new Map<Metric, ReadPoints>();
  const nameOf = ({ place: { role, externalId, region } }: Wanted): string => JSON.stringify([role, externalId, region]);
  for (const place of new Set(wanted.map(nameOf)))
    await readGroup(
      deps,
      wanted.filter((one) => nameOf(one) === place),
      read,
    );
  return wanted.map(({ metric, span: { period, from: begin, until } }) => {
    const found = read.get(metric) ?? { points: [] };
    return {
      schema: 'holdpoint.metric-series/1',
      series,
      figure: metric.id,
      is: metric.is,
      period,
      from: new Date(begin).toISOString(),
      until: new Date(until).toISOString(),
      unread: 'failed' in found ? found.failed : null,
      points: 'failed' in found ? [] : found.points.map(([at, value]) => [at, value]),
    };
  });
};

/** The sum of a metric since an instant, over whole periods; `from` and `until` are where the first begins and the last ends. */
export const readSum = async (
  deps: MetricDependencies,
  metric: WritesMetric,
  { cloudwatch }: Pick<Targets, 'cloudwatch'>,
  since: string,
): Promise<{ readonly sum: number; readonly from: string; readonly until: string } | Failed> => {
  const span = spanOf(metric, since, deps.clock.now());
  if (span.from === span.until) return { failed: `not one period of ${span.period} s has passed since ${since}` };
  const { namespace, metric: name, dimensions, statistic } = metric;
  const [read = unanswered] = await deps.cloudwatch.points(placeOfMetric(metric, cloudwatch), [
    { namespace, metric: name, dimensions, statistic, ...span },
  ]);
  if ('failed' in read) return read;
  const { points } = read;
  // A metric that does not exist has no point either.
  if (points.length === 0) return { failed: `CloudWatch has no point of ${namespace} ${name} since ${since}` };
  const sum = points.reduce((all, [, value]) => all + value, 0);
  return { sum, from: new Date(span.from).toISOString(), until: new Date(span.until).toISOString() };
};

const spanOf = (metric: { readonly period: number }, from: string, now: Date): Span => {
  const period = periodOf(metric, now.getTime() - Date.parse(from));
  const ms = period * 1000;
  const begin = Math.ceil(Date.parse(from) / ms) * ms;
  return { period, from: begin, until: Math.max(begin, Math.floor(now.getTime() / ms) * ms) };
};

/** The configured period, or the shortest multiple of it whose points are not too many. */
const periodOf = ({ period }: { readonly period: number }, spanMs: number): number => {
  const taken = period < 60 ? (shortPeriods.findLast((one) => one <= period) ?? 1) : Math.ceil(period / 60) * 60;
  const times = Math.ceil(spanMs / 1000 / taken / mostMetricPoints);
  return times <= 1 ? taken : Math.min(86_400, Math.ceil((taken * times) / 60) * 60);
};

type Span = { readonly period: number; readonly from: number; readonly until: number };
type Wanted = { readonly metric: Metric; readonly place: AwsPlace; readonly span: Span };

/** Of one place, in one request. */
const readGroup = async ({ cloudwatch }: MetricDependencies, group: readonly Wanted[], read: Map<Metric, ReadPoints>): Promise<void> => {
  const asked = group.filter(({ span }) => span.until > span.from);
  const queries = asked.map(({ metric: { namespace, metric, dimensions, statistic, dividedBy }, span }) => {
    const query = { namespace, dimensions, statistic, ...span };
    return [{ ...query, metric }, ...(dividedBy === undefined ? [] : [{ ...query, metric: dividedBy }])];
  });
  const [first] = asked;
  if (first === undefined) return;
  const left = [...(await cloudwatch.points(first.place, queries.flat()))];
  for (const [n, { metric }] of asked.entries()) {
    const [own = unanswered, whole] = left.splice(0, queries[n]?.length ?? 0);
    read.set(
      metric,
      whole === undefined || 'failed' in own ? own : 'failed' in whole ? whole : { points: shareOf(own.points, whole.points) },
    );
  }
};

const unanswered: Failed = { failed: 'CloudWatch answered without the metric' };

/** 100 times the one by the other. A metric of errors may have no point where there were none; without requests there is no share. */
const shareOf = (part: MetricPoints, whole: MetricPoints): MetricPoints => {
  const parts = new Map(part);
  return whole.flatMap(([at, all]) => (all > 0 ? [[at, (100 * (parts.get(at) ?? 0)) / all] as const] : []));
};
