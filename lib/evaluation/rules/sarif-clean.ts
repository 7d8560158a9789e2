import type { EvidenceRule } from '../../checklist/rule.ts';
import type { SarifFacts } from '../../evidence/facts.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'sarif-clean/1' }>;

const levels = ['note', 'warning', 'error'] as const;

export const sarifClean = (rule: Rule, facts: SarifFacts): Judgement => {
  const trusted = facts.tools.filter((tool) => rule.tools.includes(tool));
  if (trusted.length === 0)
    return { verdict: 'inconclusive', reason: `a report of ${facts.tools.join(', ')}; ${rule.tools.join(' or ')} expected` };
  const allowed = rule.maxLevel === 'none' ? 0 : levels.indexOf(rule.maxLevel) + 1;
  const bad = levels.slice(allowed).reduce((sum, level) => sum + facts[level], 0);
  const figures = `${trusted.join(', ')}: ${facts.error} errors, ${facts.warning} warnings, ${facts.note} notes, ${facts.suppressed} suppressed`;
  const [first] = facts.first;
  return bad === 0
    ? { verdict: 'pass', reason: figures }
    : { verdict: 'fail', reason: `${figures}; first: ${first?.rule} in ${first?.place}` };
};
