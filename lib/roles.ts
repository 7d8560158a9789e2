import * as z from 'zod';

export const roles = ['technical-lead', 'operations-lead', 'product-owner', 'operator', 'developer', 'auditor'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Those who sign a release, in the order of the document. */
export const signerRoles = ['technical-lead', 'operations-lead', 'product-owner'] as const satisfies readonly Role[];

/** Those who operate the service: they report observations, call a run off and declare a rollback trigger. */
export const operatingRoles = ['operator', 'operations-lead', 'technical-lead'] as const satisfies readonly Role[];
