import type { AwsPlace, Metric, Targets, WritesMetric } from '../checklist/targets.ts';
import { placeOfMetric } from '../checklist/targets.ts';
import { type MetricSeriesReport, mostMetricPoints } from '../evidence/metric-series.ts';
import type { CloudWatchReader, Failed } from './ports.ts';

export type MetricDependencies = { readonly clock: { now(): Date }; readonly cloudwatch: CloudWatchReader };
type Fed = NonNullable<MetricSeriesReport['fed']>;
/** `fed`: what the run was fed of the figure, to be compared. */
type Window = { readonly series: string; readonly from: string; readonly fed?: Fed | undefined };

/** CloudWatch takes these periods below a minute, and whole minutes from there on. Seconds. */
const shortPeriods = [1, 5, 10, 20, 30];

/** The points of a metric from an instant to now: whole periods only, because a period that has not ended says too little. */
export const readMetric = async (
  deps: MetricDependencies,
  metric: Metric,
  { cloudwatch }: Pick<Targets, 'cloudwatch'>,
  { series, from, fed }: Window,
): Promise<MetricSeriesReport> => {
  const span = spanOf(metric, from, deps.clock.now());
  const { period, from: begin, until: end } = span;
  const place = placeOfMetric(metric, cloudwatch);
  const read = end === begin ? { points: [] } : await readFigure(deps, metric, place, span);
  return {
    schema: 'holdpoint.metric-series/1',
    series,
    figure: metric.id,
    is: metric.is,
    period,
    from: new Date(begin).toISOString(),
    until: new Date(end).toISOString(),
    unread: 'failed' in read ? read.failed : null,
    points:
      'failed' in read ? [] : read.points.filter(([at]) => at >= begin && at < end).map(([at, value]) => [at, value] as [number, number]),
    ...(fed === undefined ? {} : { fed }),
  };
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
  const read = await deps.cloudwatch.points(placeOfMetric(metric, cloudwatch), { namespace, metric: name, dimensions, statistic, ...span });
  if ('failed' in read) return read;
  // A metric that does not exist has no point either.
  if (read.points.length === 0) return { failed: `CloudWatch has no point of ${namespace} ${name} since ${since}` };
  const sum = read.points.reduce((all, [, value]) => all + value, 0);
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
type Points = readonly (readonly [at: number, value: number])[];

const readFigure = async (
  { cloudwatch }: MetricDependencies,
  metric: Metric,
  place: AwsPlace,
  span: Span,
): Promise<{ readonly points: Points } | Failed> => {
  const { namespace, dimensions, statistic, dividedBy } = metric;
  const query = { namespace, dimensions, statistic, ...span };
  const own = await cloudwatch.points(place, { ...query, metric: metric.metric });
  if ('failed' in own || dividedBy === undefined) return own;
  const whole = await cloudwatch.points(place, { ...query, metric: dividedBy });
  return 'failed' in whole ? whole : { points: shareOf(own.points, whole.points) };
};

/** 100 times the one by the other. A metric of errors may have no point where there were none; without requests there is no share. */
const shareOf = (part: Points, whole: Points): Points => {
  const parts = new Map(part);
  return whole.flatMap(([at, all]) => (all > 0 ? [[at, (100 * (parts.get(at) ?? 0)) / all] as const] : []));
};
