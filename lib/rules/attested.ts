import type { AttestationFacts } from '../evidence/attestation.ts';
import { type Role, roleSchema } from '../roles.ts';
import { asWords, counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { chosen } from './parameter-words.ts';

export const attested = evidenceRule({
  kind: 'attested/1',
  description: 'A person of a role says in their own words why the check holds.',
  evidence: 'attestation',
  parameters: { role: roleSchema },
  words: { role: chosen('attested by') },
  bounds: {},
  basis: 'attested',
  // An attestation is given for one check by its route, which names the check; no report serves the rule by its type.
  appliesTo: () => false,
  judge: (rule, facts: AttestationFacts) =>
    facts.role === rule.role
      ? { verdict: 'pass', reason: saidOf(facts) }
      : { verdict: 'inconclusive', reason: `${saidOf(facts)}; the ${asWords(rule.role)} is expected` },
});

/** Names the file by its digest, as the event and a download do. */
const saidOf = ({ person, role, validUntil, file }: AttestationFacts): string =>
  [
    `attested by ${person} as ${asWords(role)}`,
    ...(file === undefined ? [] : [`with a file (${file.mediaType}, ${counted(file.bytes, 'byte')}, sha256 ${file.digest.slice(0, 12)})`]),
    ...(validUntil === undefined ? [] : [`valid until ${validUntil}`]),
  ].join(', ');

/** The role whose attestation proves a check with this rule; undefined where another proof is needed. */
export const attestingRole = (rule: object | null): Role | undefined => attested.schema.safeParse(rule).data?.role;
