import * as z from 'zod';
import { figures } from '../fields.ts';
import { foreignText, instant, insteadOfUpload, reportOf } from './collected.ts';
import { isHoldpointRecord } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { unreadable } from './unreadable.ts';

export const mostMetricPoints = 10_000;
const mostGaps = 100;
/** No figure is larger, and an event holds no whole number beyond 2^53. */
const largest = 1e12;

/** The same figure as the run was fed it since the window began; of restarts, how many. */
const fed = z
  .array(z.strictObject({ name: z.string(), source: z.string(), component: z.string().nullable(), value: z.number() }))
  .max(200)
  .optional();

const facts = z.strictObject({
  type: z.literal('metric-series'),
  /** Which window of the run it covers, such as `monitoring`. */
  series: z.string().describe('window of the run'),
  /** Id of the metric in the stage file, and what it means. */
  figure: z.string().describe('metric'),
  is: z.enum(figures).describe('what the metric means'),
  /** Seconds of one point. */
  period: z.int().min(1).describe('seconds of a point'),
  from: z.string().describe('from'),
  until: z.string().describe('until'),
  /** Why the metric could not be read; null when it was. */
  unread: z.string().nullable().describe('why it could not be read'),
  /** Start of the period in milliseconds since 1970, and the value. */
  points: z.array(z.tuple([z.int(), z.number()])).describe('points'),
  /** Periods of the window without a point. */
  missing: z.int().min(0).describe('points that are missing'),
  /** The longest stretches without a point, in their order; `longestGapSeconds` is of all of them. */
  gaps: z.array(z.strictObject({ from: z.string(), until: z.string() })).describe('gaps'),
  longestGapSeconds: z.number().min(0).describe('longest gap'),
  fed: fed.describe('figures that the run was sent'),
});
export type MetricSeriesFacts = z.infer<typeof facts>;

const reportSchema = z.strictObject({
  schema: z.literal('holdpoint.metric-series/1'),
  series: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  figure: foreignText(64),
  is: z.enum(figures),
  period: z.int().min(1).max(86_400),
  from: instant,
  until: instant,
  unread: foreignText(200).nullable(),
  points: z.array(z.tuple([z.int().min(0).max(8_000_000_000_000), z.number().min(-largest).max(largest)])).max(mostMetricPoints),
  fed,
});
/** What the collector writes. */
export type MetricSeriesReport = z.input<typeof reportSchema>;
type Read = z.output<typeof reportSchema>;

export const metricSeries = evidenceType({
  id: 'metric-series',
  description: 'Points of a CloudWatch metric over a window of the run',
  insteadOfUpload,
  fileNames: [],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isHoldpointRecord(json, 'metric-series'),
  fieldWords: ({ series, figure, points, missing, longestGapSeconds, unread }) => ({
    series,
    figure,
    points: points.length,
    missing,
    longestGapSeconds,
    unread,
  }),
  parse: (bytes) => parse(bytes),
  sample: 'collected-metrics.json',
});

const expected =
  '{ "schema": "holdpoint.metric-series/1", "series", "figure", "is", "period", "from", "until", "unread", "points": [[ms, value]] }';

const parse = (bytes: Uint8Array): Parsed<MetricSeriesFacts> => {
  const read = reportOf(reportSchema, bytes, expected);
  if (read.refused) return read;
  const wrong = disorderOf(read.ok);
  if (wrong !== undefined)
    return unreadable('The points do not fit the window.', {
      got: wrong,
      expected: 'increasing times within from and until',
      fix: insteadOfUpload,
    });
  const { schema: _, ...rest } = read.ok;
  const [from, until] = [Date.parse(rest.from), Date.parse(rest.until)];
  const gaps = gapsOf(read.ok, from, until);
  const longest = gaps.map(([start, end]) => end - start).reduce((a, b) => Math.max(a, b), 0);
  const shown = gaps.length <= mostGaps ? gaps : gaps.toSorted((a, b) => b[1] - b[0] - (a[1] - a[0])).slice(0, mostGaps);
  return {
    reportTime: timeOfParts([{ from: until, to: until }]),
    ok: {
      type: 'metric-series',
      ...rest,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      missing: Math.max(0, Math.floor((until - from) / (rest.period * 1000)) - rest.points.length),
      gaps: shown
        .toSorted((a, b) => a[0] - b[0])
        .map(([start, end]) => ({ from: new Date(start).toISOString(), until: new Date(end).toISOString() })),
      longestGapSeconds: longest / 1000,
    },
  };
};

const disorderOf = ({ from, until, points }: Read): string | undefined => {
  if (Date.parse(until) < Date.parse(from)) return `${from} to ${until}`;
  const back = points.findIndex(([at], place) => at <= (points[place - 1]?.[0] ?? -1));
  if (back >= 0) return `point ${back + 1} is not later than the one before`;
  const outside = points.find(([at]) => at < Date.parse(from) || at >= Date.parse(until));
  return outside && `a point at ${new Date(outside[0]).toISOString()}`;
};

/** Stretches without a point: before the first, between two, and after the last. */
const gapsOf = ({ period, points }: Read, from: number, until: number): (readonly [start: number, end: number])[] => {
  const ends = [from, ...points.map(([at]) => at + period * 1000)];
  const starts = [...points.map(([at]) => at), until];
  return ends.flatMap((end, place) => {
    const start = starts[place] ?? until;
    return start - end >= period * 1000 ? [[end, start] as const] : [];
  });
};
