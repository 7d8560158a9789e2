import { kindOf } from '../registry/rules.ts';
import { operatingRoles, type Role } from '../roles.ts';
import { attestingRole } from '../rules/attested.ts';
import { type Supplier, suppliers } from '../rules/kind.ts';
import type { Item } from './definition.ts';

/**
 * `evidence`: a report that somebody sends; `comparison`: reports were sent, and nothing is known with which they can be compared; `look`:
 * Holdpoint looks itself; `nobody`: nothing is judged. The others as rules name them.
 */
export const supplyWays = ['attestation', 'evidence', 'comparison', 'look', 'nobody', ...suppliers] as const;
export type SupplyWay = (typeof supplyWays)[number];

/** What supplies a check, and whose it is: any of these roles. No role: no person supplies it. */
export const supplyWayOf = ({ rule, needs, owner }: Pick<Item, 'rule' | 'needs' | 'owner'>): { way: SupplyWay; roles: readonly Role[] } => {
  if (rule === null) return { way: 'nobody', roles: [] };
  const attesting = attestingRole(rule);
  if (attesting !== undefined) return { way: 'attestation', roles: [attesting] };
  if (needs !== undefined) return { way: 'look', roles: [] };
  const { supplier } = kindOf(rule);
  return supplier === null ? { way: 'evidence', roles: [owner] } : { way: supplier, roles: rolesOf(supplier, owner) };
};

const others: Readonly<Partial<Record<Supplier, readonly Role[]>>> = {
  deployment: [],
  notices: [],
  checks: [],
  labels: ['operations-lead'],
  target: ['operations-lead', 'technical-lead'],
  explanations: operatingRoles,
  rollback: operatingRoles,
};
const rolesOf = (supplier: Supplier, owner: Role): readonly Role[] => others[supplier] ?? [owner];
