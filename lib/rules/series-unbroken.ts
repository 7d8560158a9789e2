import * as z from 'zod';
import type { SeriesFacts } from '../evidence/series.ts';
import type { Judgement } from '../verdict.ts';
import { evidenceRule } from './kind.ts';

/**
 * As `series-covers`, but a gap extends the time: what must be covered without a long gap counts anew from the end of the last one, so that
 * a probe which was away for a while goes on and need not begin another series.
 */
export const seriesUnbroken = evidenceRule({
  kind: 'series-unbroken/1',
  description:
    'A probe watched the service for long enough, counted from the end of its last long gap, and few of its points failed or were slow.',
  evidence: 'series',
  parameters: {
    /** Name of the series that it judges: `monitoring`, `stability`. */
    series: z.string(),
    minDurationSeconds: z.number().positive(),
    minPoints: z.int().min(2),
    /** The longest gap that breaks nothing, as a share of the duration. */
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
  judge: (rule, facts: SeriesFacts): Judgement => {
    const figures = `${facts.points} points over ${facts.durationSeconds} s, ${facts.failed} failed, p95 ${Math.ceil(facts.p95Ms)} ms`;
    if (facts.failed * 100 > rule.maxFailurePct * facts.points)
      return { verdict: 'fail', reason: `${figures}; at most ${rule.maxFailurePct} % failed expected` };
    if (facts.p95Ms > rule.maxP95Ms) return { verdict: 'fail', reason: `${figures}; p95 of ${rule.maxP95Ms} ms at most expected` };
    const longest = (rule.minDurationSeconds * rule.maxGapPct) / 100;
    const gap = lastGap(facts, longest);
    const since = gap?.until ?? facts.from;
    const until = new Date(Date.parse(since) + rule.minDurationSeconds * 1000).toISOString();
    const why = gap === undefined ? '' : `a gap of ${gap.seconds} s, at most ${longest} s expected, ended at ${since}: `;
    if (facts.to < until) return { verdict: 'inconclusive', reason: `${figures}; ${why}the series must go on until ${until}` };
    if (facts.points < rule.minPoints) return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minPoints} points expected` };
    return { verdict: 'pass', reason: gap === undefined ? figures : `${figures}; without a long gap since ${since}` };
  },
});

/** The last gap longer than a limit. Facts of older versions say only how long the longest one was: it may have ended with the series. */
const lastGap = (
  { gaps, longestGapSeconds, to }: SeriesFacts,
  limit: number,
): { readonly until: string; readonly seconds: number } | undefined =>
  gaps === undefined
    ? longestGapSeconds > limit
      ? { until: to, seconds: longestGapSeconds }
      : undefined
    : gaps.findLast(({ seconds }) => seconds > limit);
