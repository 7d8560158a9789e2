/** What rules ask of probes besides their facts: they are judged in functions that read no report. */

/** Which look it was: at the configured probes, at the operations of the OpenAPI document, or for the proof of a rollback's step. */
export const probeSets = ['probes', 'operations', 'proof'] as const;
/** Characters of a path. */
export const longestPath = 200;
