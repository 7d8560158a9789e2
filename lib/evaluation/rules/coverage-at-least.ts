import type { EvidenceRule } from '../../checklist/rule.ts';
import type { LcovFacts } from '../../evidence/facts.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'coverage-at-least/1' }>;

export const coverageAtLeast = (rule: Rule, facts: LcovFacts): Judgement => {
  const { found, hit } = facts[rule.metric];
  if (found === 0) return { verdict: 'inconclusive', reason: `no ${rule.metric} were measured in ${facts.files} files` };
  const pct = (hit / found) * 100;
  // Shown rounded down, so that a figure never looks as if it had reached the floor.
  const figures = `${(Math.floor(pct * 10) / 10).toFixed(1)} % of ${found} ${rule.metric} in ${facts.files} files, ${rule.floorPct} % expected`;
  return { verdict: pct >= rule.floorPct ? 'pass' : 'fail', reason: figures };
};
