import * as z from 'zod';
import { counted } from '../canonical-json.ts';
import type { SeriesFacts } from '../evidence/series.ts';
import { evidenceRule } from './kind.ts';
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
  },
  bounds: { minWindows: { least: 3, most: 10 }, maxRisePct: { most: 200 }, floorMs: { most: 2000 } },
  ...ofSeries,
  judge: (rule, { windows = [] }: SeriesFacts) => {
    if (windows.length < rule.minWindows)
      return {
        verdict: 'inconclusive',
        reason: `${counted(windows.length, 'window')} with enough points, at least ${rule.minWindows} expected`,
      };
    const places = windows.map(({ from, p95Ms }) => ({ at: Date.parse(from), p95Ms }));
    const slopes = places.flatMap((a, n) => places.slice(n + 1).map((b) => (b.p95Ms - a.p95Ms) / (b.at - a.at)));
    const rise = median(slopes) * ((places.at(-1)?.at ?? 0) - (places[0]?.at ?? 0));
    const usual = median(places.map(({ p95Ms }) => p95Ms));
    const figures = `p95 ${rise < 0 ? 'falls' : 'rises'} by ${Math.ceil(Math.abs(rise))} ms over ${counted(windows.length, 'window')}, median ${Math.ceil(usual)} ms`;
    return rise > rule.floorMs && rise * 100 > rule.maxRisePct * usual
      ? { verdict: 'fail', reason: `${figures}; at most ${rule.maxRisePct} % expected, or ${rule.floorMs} ms` }
      : { verdict: 'pass', reason: figures };
  },
});

const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const above = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? 0) + above) / 2;
};
