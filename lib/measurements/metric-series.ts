import { measures, rounded } from './measures.ts';

/** A metric over a window of the run, as facts of type `metric-series` have it. */
type MetricSeriesFacts = {
  readonly type: 'metric-series';
  readonly series: string;
  readonly figure: string;
  readonly is: string;
  readonly period: number;
  readonly from: string;
  readonly until: string;
  readonly unread: string | null;
  /** Start of the period in milliseconds since 1970, and the value. */
  readonly points: readonly (readonly [number, number])[];
};

const memberOf: Readonly<Record<string, 'errorRatePct' | 'p95Ms' | 'requestsPerMinute'>> = {
  'error-rate': 'errorRatePct',
  p95: 'p95Ms',
  'request-rate': 'requestsPerMinute',
};

const mostWindows = 10;
/** A point of CloudWatch stands for one request at least. So a window of so many shows what one of a probe's series shows with as many tries. */
export const pointsOfWindow = 10;

/** One figure each. Of several points the mean counts: percentiles of percentiles mean nothing. */
export const metricSeriesMeasures = measures('metric-series', (facts: MetricSeriesFacts, { passed }) => {
  const member = Object.hasOwn(memberOf, facts.is) ? memberOf[facts.is] : undefined;
  const values = facts.points.filter(([, value]) => value >= 0);
  if (member === undefined || facts.unread !== null || values.length === 0) return [];
  const size = Math.max(pointsOfWindow, Math.ceil(values.length / mostWindows));
  // What came last is whole, because that is what people wait for; the first window has the rest.
  const count = Math.ceil(values.length / size);
  const windows = Array.from({ length: count }, (_, n) =>
    values.slice(Math.max(0, values.length - (count - n) * size), values.length - (count - n - 1) * size),
  );
  return [
    {
      type: 'figures.measured',
      data: {
        name: facts.series,
        metric: facts.figure,
        passed,
        from: facts.from,
        to: facts.until,
        points: values.length,
        errorRatePct: null,
        p95Ms: null,
        requestsPerMinute: null,
        [member]: mean(values),
        windows: windows.map((own) => ({ from: new Date(own[0]?.[0] ?? 0).toISOString(), points: own.length, [member]: mean(own) })),
      },
    },
  ];
});

const mean = (values: MetricSeriesFacts['points']): number => rounded(values.reduce((sum, [, value]) => sum + value, 0) / values.length);
