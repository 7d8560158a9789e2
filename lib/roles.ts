import * as z from 'zod';

/** The roles that a person of the roster can hold. */
export const roles = ['technical-lead', 'operations-lead', 'product-owner', 'operator', 'developer', 'auditor'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Somebody of the roster. */
export type Person = {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly roles: readonly Role[];
  /** The accounts and addresses under which this person writes commits; absent where the roster does not say. */
  readonly commitsAs?: readonly string[] | undefined;
  /** IANA name of the zone in which this person reads times; UTC where it is absent. */
  readonly zone?: string | undefined;
  /** Who may answer for this person, and when. */
  readonly deputies?: readonly Deputy[] | undefined;
};
/** `person` may answer from `from` until before `to`; with `role` in that role only. Instants, UTC. */
export type Deputy = { readonly person: string; readonly from: string; readonly to: string; readonly role?: Role | undefined };

/** The roles that sign a release, each by a different person. They alone accept a deviation. */
export const signerRoles = ['technical-lead', 'operations-lead', 'product-owner'] as const satisfies readonly Role[];

/** Nobody releases alone, whatever a stage or a service deviates. */
export const leastSigners = 2;

/** The roles that may cancel a run, move its T0, trigger a rollback and report observations. */
export const operatingRoles = ['operator', 'operations-lead', 'technical-lead'] as const satisfies readonly Role[];

/** The roles that may propose the profile of their service: all that work on it. An auditor only reads. */
export const proposingRoles = [
  'technical-lead',
  'operations-lead',
  'product-owner',
  'operator',
  'developer',
] as const satisfies readonly Role[];

/** The roles that approve a profile, each by a different person who has not proposed it. */
export const profileRoles = ['technical-lead', 'operations-lead'] as const satisfies readonly Role[];

/** The roles that say on a rollback whether data is restored. */
export const dataRoles = ['operations-lead', 'technical-lead'] as const satisfies readonly Role[];

/** The roles that may end a rollback whose step is not proved: the release then stays as it is. */
export const endingRoles = ['operations-lead'] as const satisfies readonly Role[];
