import type { EvidenceRule } from '../../checklist/rule.ts';
import type { LcovFacts } from '../../evidence/lcov.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'coverage-at-least/1' }>;

export const coverageAtLeast = (rule: Rule, facts: LcovFacts): Judgement => {
  const { found, hit } = facts[rule.metric];
  if (found === 0) return { verdict: 'inconclusive', reason: `no ${rule.metric} were measured in ${facts.files} files` };
  // Shown rounded down, so that a figure never looks as if it had reached the floor.
  const figures = `${(Math.floor((hit * 1000) / found) / 10).toFixed(1)} % of ${found} ${rule.metric} in ${facts.files} files, ${rule.floorPct} % expected`;
  // Multiplied, not divided: 57 of 100 divided and taken times 100 is less than 57.
  return { verdict: hit * 100 >= rule.floorPct * found ? 'pass' : 'fail', reason: figures };
};
