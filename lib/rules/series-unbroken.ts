import type { SeriesFacts } from '../evidence/series.ts';
import type { Judgement } from '../verdict.ts';
import { evidenceRule } from './kind.ts';
import { failureOf, figuresOf, longestGapOf, tooFewPoints, watched } from './watched.ts';

/**
 * As `series-covers`, but a gap extends the time: what must be covered without a long gap counts anew from the end of the last one, so that
 * a probe which was away for a while goes on and need not begin another series.
 */
export const seriesUnbroken = evidenceRule({
  kind: 'series-unbroken/1',
  description:
    'A probe watched the service for long enough, counted from the end of its last long gap, and few of its points failed or were slow.',
  ...watched,
  judge: (rule, facts: SeriesFacts): Judgement => {
    const failure = failureOf(rule, facts);
    if (failure !== undefined) return failure;
    const figures = figuresOf(facts);
    const longest = longestGapOf(rule);
    const gap = lastGap(facts, longest);
    const since = gap?.until ?? facts.from;
    const until = new Date(Date.parse(since) + rule.minDurationSeconds * 1000).toISOString();
    const why = gap === undefined ? '' : `a gap of ${gap.seconds} s, at most ${longest} s expected, ended at ${since}: `;
    if (facts.to < until) return { verdict: 'inconclusive', reason: `${figures}; ${why}the series must go on until ${until}` };
    return (
      tooFewPoints(rule, facts) ?? {
        verdict: 'pass',
        reason: gap === undefined ? figures : `${figures}; without a long gap since ${since}`,
      }
    );
  },
});

/** The last gap longer than a limit. Facts of older versions say only how long the longest one was: it may have ended with the series. */
const lastGap = (
  { longestGapSeconds, to, gaps = [{ until: to, seconds: longestGapSeconds }] }: SeriesFacts,
  limit: number,
): { readonly until: string; readonly seconds: number } | undefined => gaps.findLast(({ seconds }) => seconds > limit);
