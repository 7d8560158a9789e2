import type { EvidenceRule } from '../../checklist/rule.ts';
import type { CyclonedxFacts } from '../../evidence/cyclonedx.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'sbom-complete/1' }>;

export const sbomComplete = (rule: Rule, facts: CyclonedxFacts): Judgement => {
  if (facts.components < rule.minComponents)
    return { verdict: 'inconclusive', reason: `${facts.components} packages, at least ${rule.minComponents} expected` };
  if (facts.incompleteCount > 0)
    return {
      verdict: 'fail',
      reason: `${facts.incompleteCount} of ${facts.components} packages without name, version or package URL; first: ${facts.incomplete[0]}`,
    };
  return {
    verdict: 'pass',
    reason: `${facts.components} packages of ${facts.subject ?? 'an unnamed subject'}, each with name, version and package URL`,
  };
};
