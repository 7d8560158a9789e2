/** What rules ask of probes besides their facts: they are judged in functions that read no report. */

/**
 * Which look it was: at the configured probes, at the operations of the OpenAPI document, for the proof of a rollback's step, or at what protects the
 * service, in staging.
 */
export const probeSets = ['probes', 'operations', 'proof', 'protections'] as const;
/** What a probe shows about the protection of the service: whom the service turns away. */
export const protections = ['foreign-origin', 'unauthenticated', 'rate-limit'] as const;
export type Protection = (typeof protections)[number];
/** Characters of a path. */
export const longestPath = 200;
