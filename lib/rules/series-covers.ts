import type { SeriesFacts } from '../evidence/series.ts';
import type { Judgement } from '../verdict.ts';
import { evidenceRule } from './kind.ts';
import { failureOf, figuresOf, longestGapOf, tooFewPoints, watched } from './watched.ts';

export const seriesCovers = evidenceRule({
  kind: 'series-covers/1',
  description: 'A probe watched the service for long enough, without a long gap, and few of its points failed or were slow.',
  ...watched,
  judge: (rule, facts: SeriesFacts): Judgement => {
    const flaw = failureOf(rule, facts) ?? tooFewPoints(rule, facts);
    if (flaw !== undefined) return flaw;
    const figures = figuresOf(facts);
    if (facts.durationSeconds < rule.minDurationSeconds)
      return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minDurationSeconds} s expected` };
    const longest = longestGapOf(rule);
    if (facts.longestGapSeconds > longest)
      return { verdict: 'inconclusive', reason: `${figures}; a gap of ${facts.longestGapSeconds} s, at most ${longest} s expected` };
    return { verdict: 'pass', reason: figures };
  },
});
