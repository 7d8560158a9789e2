import type { EvidenceRule } from '../../checklist/rule.ts';
import type { SarifFacts, SarifTool } from '../../evidence/sarif.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'sarif-clean/1' }>;

/** Worst last. Where no finding is allowed, not even one that its tool gives no level counts as none. */
const levels = ['none', 'note', 'warning', 'error'] as const;

export const sarifClean = (rule: Rule, facts: SarifFacts): Judgement => {
  const trusted = facts.tools.filter(({ name }) => rule.tools.includes(name));
  if (trusted.length === 0)
    return {
      verdict: 'inconclusive',
      reason: `a report of ${facts.tools.map(({ name }) => name).join(', ')}; ${rule.tools.join(' or ')} expected`,
    };
  const sum = (what: Exclude<keyof SarifTool, 'name' | 'first'>): number => trusted.reduce((all, tool) => all + tool[what], 0);
  const bad = levels.slice(rule.maxLevel === 'none' ? 0 : levels.indexOf(rule.maxLevel) + 1);
  const figures = `${trusted.map(({ name }) => name).join(', ')}: ${sum('error')} errors, ${sum('warning')} warnings, ${sum('note')} notes, ${sum('suppressed')} suppressed`;
  const first = trusted.flatMap((tool) => tool.first).find(({ level }) => bad.some((one) => one === level));
  if (bad.some((level) => sum(level) > 0))
    return { verdict: 'fail', reason: `${figures}; first: ${first?.rule ?? 'unnamed'} in ${first?.place || 'no named file'}` };
  // Who writes the report also writes its suppressions: how many are accepted is the definition's to say.
  if (rule.maxSuppressed !== undefined && sum('suppressed') > rule.maxSuppressed)
    return { verdict: 'fail', reason: `${figures}; at most ${rule.maxSuppressed} suppressed expected` };
  if (sum('undecided') > 0) return { verdict: 'inconclusive', reason: `${figures}; ${sum('undecided')} left open by the tool` };
  if (sum('unfinished') > 0) return { verdict: 'inconclusive', reason: `${figures}; the tool says that it did not end well` };
  return { verdict: 'pass', reason: figures };
};
