import * as z from 'zod';
import type { SeriesFacts } from '../evidence/series.ts';
import { evidenceRule } from './kind.ts';

export const seriesCovers = evidenceRule({
  kind: 'series-covers/1',
  description: 'A probe watched the service for long enough, without a long gap, and few of its points failed or were slow.',
  evidence: 'series',
  parameters: {
    /** Name of the series that it judges: `soak`, `health`, `monitoring`. */
    series: z.string(),
    minDurationSeconds: z.number().positive(),
    minPoints: z.int().min(2),
    maxGapPct: z.number().positive(),
    maxFailurePct: z.number().min(0).max(100),
    maxP95Ms: z.number().positive(),
  },
  bounds: {
    minDurationSeconds: { least: 1 },
    minPoints: { least: 10 },
    maxGapPct: { most: 100 },
    maxFailurePct: { most: 50 },
    maxP95Ms: { most: 60_000 },
  },
  wants: ({ series }) => `a series with the name ${series}`,
  appliesTo: (rule, facts: SeriesFacts) => facts.name === rule.series,
  judge: (rule, facts: SeriesFacts) => {
    const figures = `${facts.points} points over ${facts.durationSeconds} s, ${facts.failed} failed, p95 ${Math.ceil(facts.p95Ms)} ms`;
    if (facts.failed * 100 > rule.maxFailurePct * facts.points)
      return { verdict: 'fail', reason: `${figures}; at most ${rule.maxFailurePct} % failed expected` };
    if (facts.p95Ms > rule.maxP95Ms) return { verdict: 'fail', reason: `${figures}; p95 of ${rule.maxP95Ms} ms at most expected` };
    if (facts.points < rule.minPoints) return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minPoints} points expected` };
    if (facts.durationSeconds < rule.minDurationSeconds)
      return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minDurationSeconds} s expected` };
    // A gap longer than this share of the demanded duration leaves a stretch that nobody watched.
    const longest = (rule.minDurationSeconds * rule.maxGapPct) / 100;
    if (facts.longestGapSeconds > longest)
      return { verdict: 'inconclusive', reason: `${figures}; a gap of ${facts.longestGapSeconds} s, at most ${longest} s expected` };
    return { verdict: 'pass', reason: figures };
  },
});
