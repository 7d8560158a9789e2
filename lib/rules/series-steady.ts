import * as z from 'zod';
import type { SeriesFacts } from '../evidence/series.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, atMost, listed, upTo } from './parameter-words.ts';
import { ofSeries } from './watched.ts';

/**
 * Whether response times rise while a series goes on. The trend is the Theil-Sen estimator: the median of the slopes between every two
 * windows' 95th percentiles (P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", Journal of the American Statistical
 * Association 63, 1968, 1379-1389). One slow window moves it little, where least squares would show a trend. What is compared with the limit
 * is the rise over the whole series, as a share of the median window.
 */
export const seriesSteady = evidenceRule({
  kind: 'series-steady/1',
  description: 'The 95th percentile of a series does not rise much from its beginning to its end.',
  evidence: 'series',
  parameters: {
    series: z.string(),
    /** Fewer windows show no trend. */
    minWindows: z.int().min(3),
    maxRisePct: z.number().min(0),
    /** A smaller rise counts as none. */
    floorMs: z.number().min(0),
    /** Where more of the points failed, their times tell nothing of answers. */
    maxFailurePct: z.number().min(0).max(100).optional(),
  },
  words: {
    series: listed('series'),
    minWindows: atLeast('windows'),
    maxRisePct: atMost('rise of the 95th percentile', '%'),
    floorMs: upTo('a rise that counts as none', 'ms'),
    maxFailurePct: atMost('failed points', '%'),
  },
  bounds: { minWindows: { least: 3, most: 10 }, maxRisePct: { most: 200 }, floorMs: { most: 2000 }, maxFailurePct: { most: 50 } },
  ...ofSeries,
  drawn: ({ series }) => ({ series: [series], limits: [], trend: true }),
  judge: (rule, { windows = [], points, failed }: SeriesFacts) => {
    if (rule.maxFailurePct !== undefined && failed * 100 > rule.maxFailurePct * points)
      return {
        verdict: 'inconclusive',
        reason: `${failed} of ${counted(points, 'point')} failed, so their times show no trend; at most ${rule.maxFailurePct} % expected`,
      };
    if (windows.length < rule.minWindows)
      return {
        verdict: 'inconclusive',
        reason: `${counted(windows.length, 'window')} with enough points, at least ${rule.minWindows} expected`,
      };
    const { rise, usual } = trendOf(windows);
    const figures = `p95 ${rise < 0 ? 'falls' : 'rises'} by ${Math.ceil(Math.abs(rise))} ms over ${counted(windows.length, 'window')}, median ${Math.ceil(usual)} ms`;
    return rise > rule.floorMs && rise * 100 > rule.maxRisePct * usual
      ? { verdict: 'fail', reason: `${figures}; at most ${rule.maxRisePct} % expected, or ${rule.floorMs} ms` }
      : { verdict: 'pass', reason: figures };
  },
});

/** How much the p95 rises from the first window to the last, its median, and where the line of the trend begins; in milliseconds. */
export const trendOf = (
  windows: readonly { readonly from: string; readonly p95Ms: number }[],
): { readonly rise: number; readonly usual: number; readonly start: number } => {
  const places = windows.map(({ from, p95Ms }) => ({ at: Date.parse(from), p95Ms }));
  const first = places[0]?.at ?? 0;
  const slopes = places.flatMap((a, n) => places.slice(n + 1).map((b) => (b.p95Ms - a.p95Ms) / (b.at - a.at)));
  const slope = median(slopes);
  return {
    rise: slope * ((places.at(-1)?.at ?? 0) - first),
    usual: median(places.map(({ p95Ms }) => p95Ms)),
    start: median(places.map(({ at, p95Ms }) => p95Ms - slope * (at - first))),
  };
};

const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const above = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? 0) + above) / 2;
};
