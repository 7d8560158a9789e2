import type { EvidenceRule } from '../../checklist/rule.ts';
import type { OpenapiFacts } from '../../evidence/openapi.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'openapi-documented/1' }>;

export const openapiDocumented = (rule: Rule, facts: OpenapiFacts): Judgement => {
  if (facts.operations < rule.minOperations)
    return { verdict: 'inconclusive', reason: `${facts.operations} operations, at least ${rule.minOperations} expected` };
  if (facts.problemsCount > 0)
    return { verdict: 'fail', reason: `the document has ${facts.problemsCount} structural problems; first: ${facts.problems[0]}` };
  if (rule.require === 'valid')
    return { verdict: 'pass', reason: `OpenAPI ${facts.version} with ${facts.operations} operations, no structural problem` };
  if (facts.undescribedCount > 0)
    return {
      verdict: 'fail',
      reason: `${facts.undescribedCount} of ${facts.operations} operations without summary or description; first: ${facts.undescribed[0]}`,
    };
  return { verdict: 'pass', reason: `${facts.operations} of ${facts.operations} operations have a summary or description` };
};
