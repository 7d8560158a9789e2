import type { EvidenceRule } from '../../checklist/rule.ts';
import type { SeriesFacts } from '../../evidence/series.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'series-covers/1' }>;

export const seriesCovers = (rule: Rule, facts: SeriesFacts): Judgement => {
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
};
