import type { EvidenceRule } from '../checklist/rule.ts';
import type { Facts } from '../evidence/index.ts';

/**
 * Whether a report is a rule's business at all. A lint's SARIF says nothing about secrets, and a health probe nothing about the
 * soak: judging them would hold a check by a report that nobody meant for it.
 */
export const applies = (rule: EvidenceRule, facts: Facts): boolean => {
  if (rule.evidence !== facts.type) return false;
  if (rule.kind === 'sarif-clean/1' && facts.type === 'sarif') return facts.tools.some(({ name }) => rule.tools.includes(name));
  if (rule.kind === 'series-covers/1' && facts.type === 'series') return facts.name === rule.series;
  return rule.kind !== 'attested/1';
};
