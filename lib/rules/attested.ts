import type { AttestationFacts } from '../evidence/attestation.ts';
import { type Role, roleSchema } from '../roles.ts';
import { evidenceRule } from './kind.ts';

export const attested = evidenceRule({
  kind: 'attested/1',
  description: 'A person of a role says in their own words why the check holds.',
  evidence: 'attestation',
  parameters: { role: roleSchema },
  bounds: {},
  basis: 'attested',
  // An attestation is given for one check by its route, which names the check; no report serves the rule by its type.
  appliesTo: () => false,
  judge: (rule, facts: AttestationFacts) =>
    facts.role === rule.role
      ? { verdict: 'pass', reason: `attested by ${facts.person} as ${facts.role}` }
      : { verdict: 'inconclusive', reason: `attested by ${facts.person} as ${facts.role}; the ${rule.role} is expected` },
});

/** The role whose attestation proves a check with this rule; undefined where another proof is needed. */
export const attestingRole = (rule: object | null): Role | undefined => attested.schema.safeParse(rule).data?.role;
