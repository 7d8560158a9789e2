import type { StoredFacts } from './evidence.ts';

/**
 * Reads stored facts: our own canonical bytes, found by their digest. Bytes that do not parse are a fault, not a refusal. A rule that gets
 * facts of another type judges `error`, which satisfies no check.
 */
export const readFacts = (bytes: Uint8Array): StoredFacts => {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string')
    throw new Error('stored facts are not a JSON object with a type');
  return value as StoredFacts;
};
