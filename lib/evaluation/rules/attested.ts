import type { EvidenceRule } from '../../checklist/rule.ts';
import type { AttestationFacts } from '../../evidence/attestation.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'attested/1' }>;

export const attested = (rule: Rule, facts: AttestationFacts): Judgement =>
  facts.role === rule.role
    ? { verdict: 'pass', reason: `attested by ${facts.person} as ${facts.role}` }
    : { verdict: 'inconclusive', reason: `attested by ${facts.person} as ${facts.role}; the ${rule.role} is expected` };
