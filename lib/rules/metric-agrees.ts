import * as z from 'zod';
import type { MetricSeriesFacts } from '../evidence/metric-series.ts';
import { worsePct } from '../folds/measurements.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, atMost, listed, upTo } from './parameter-words.ts';

/**
 * The two are measured at different places: a probe outside of the service also has the way to it. So what is fed may look worse than what
 * CloudWatch has, and not much better. Only of the load both count the same requests.
 */
export const metricAgrees = evidenceRule({
  kind: 'metric-agrees/1',
  description: 'What Holdpoint reads of a CloudWatch metric is not much worse than what the run was fed, and the load is about the same.',
  evidence: 'metric-series',
  parameters: {
    /** The name under which the metric is read, and the series of the run with which it is compared. */
    series: z.string(),
    fed: z.string(),
    maxApartPct: z.number().min(0),
    /** What is not above it counts as equal: milliseconds, percent of the requests, requests per minute. */
    floorMs: z.number().min(0),
    floorPct: z.number().min(0),
    floorPerMinute: z.number().min(0),
    minPoints: z.int().min(1),
    maxMissingPct: z.number().min(0).max(100),
  },
  words: {
    series: listed('series that Holdpoint reads'),
    fed: listed('series that the run was fed'),
    maxApartPct: atMost('difference', '%'),
    floorMs: upTo('response times that count as equal', 'ms'),
    floorPct: upTo('failed requests that count as equal', '%'),
    floorPerMinute: upTo('rates of requests that count as equal', 'per minute'),
    minPoints: atLeast('points'),
    maxMissingPct: atMost('missing points', '%'),
  },
  bounds: {
    maxApartPct: { most: 200 },
    floorMs: { most: 2000 },
    floorPct: { most: 5 },
    floorPerMinute: { most: 100 },
    minPoints: { least: 1 },
    maxMissingPct: { most: 90 },
  },
  drawn: ({ series, fed }) => ({ series: [series, fed], limits: [] }),
  wants: ({ series }) => `a look of Holdpoint itself at the metrics of the stage file, as the series ${series}`,
  appliesTo: (rule, facts: MetricSeriesFacts) => facts.series === rule.series,
  // Another metric, or a window that begins later, says nothing about what differed.
  covers: (later: readonly MetricSeriesFacts[], earlier: MetricSeriesFacts) =>
    later.some(
      ({ series, figure, from, unread }) =>
        series === earlier.series && figure === earlier.figure && unread === null && from <= earlier.from,
    ),
  judge: (rule, facts: MetricSeriesFacts): Judgement => {
    const { figure, is, unread, points, missing, period, fed = [] } = facts;
    if (unread !== null) return { verdict: 'inconclusive', reason: `the metric ${figure} could not be read: ${unread}` };
    const said = `${figure}: ${counted(points.length, 'point')} of ${period} s, ${missing} missing`;
    const sum = points.reduce((all, [, value]) => all + value, 0);
    // A count has no point where there was nothing to count, and none is needed to find one too many.
    const isCount = is === 'restarts';
    const [first] = fed.toSorted((a, b) => b.value - a.value);
    if (isCount && first !== undefined && sum > first.value)
      return {
        verdict: 'fail',
        reason: `${said}; CloudWatch counts ${counted(rounded(sum), 'restart')}, and the run was fed ${first.value}`,
      };
    if (points.length < rule.minPoints)
      return { verdict: 'inconclusive', reason: `${said}; at least ${counted(rule.minPoints, 'point')} expected` };
    if (missing * 100 > rule.maxMissingPct * (points.length + missing))
      return { verdict: 'inconclusive', reason: `${said}; at most ${rule.maxMissingPct} % missing expected` };
    if (first === undefined)
      return { verdict: 'inconclusive', reason: `${said}; the run was fed no ${is} of the series ${rule.fed} to compare it with` };
    const own = isCount ? sum : sum / points.length;
    const figures = `${said}, ${isCount ? 'sum' : 'mean'} ${rounded(own)}; fed ${rounded(first.value)} (${first.name} of ${first.source})`;
    return apartPct(rule, is, own, first.value) > rule.maxApartPct
      ? { verdict: 'fail', reason: `${figures}; at most ${rule.maxApartPct} % ${is === 'request-rate' ? 'apart' : 'worse'} expected` }
      : { verdict: 'pass', reason: figures };
  },
});

type Limits = { readonly floorMs: number; readonly floorPct: number; readonly floorPerMinute: number };

const apartPct = ({ floorMs, floorPct, floorPerMinute }: Limits, is: MetricSeriesFacts['is'], own: number, fed: number): number => {
  switch (is) {
    case 'p95':
      return worsePct(own, fed, floorMs);
    case 'error-rate':
      return worsePct(own, fed, floorPct);
    case 'request-rate':
      return worsePct(Math.max(own, fed), Math.min(own, fed), floorPerMinute);
    case 'restarts':
      return 0;
  }
};

const rounded = (figure: number): number => Math.ceil(figure * 100) / 100;
