import { isPlaceholder } from '../fields.ts';
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

/** Who had a hand in the commits that the facts list. `isUnnamed`: somebody else had, too, whose account is not known. Undefined where they do not say it. */
export type NamedAuthors = { readonly accounts: readonly string[]; readonly isUnnamed: boolean };
export const namedAuthors = (facts: StoredFacts): NamedAuthors | undefined => {
  if (!('authors' in facts) || facts.authors === undefined) return undefined;
  // Facts of older versions have a name in place of an account that is not known.
  const accounts = facts.authors.filter((account) => !isPlaceholder(account));
  return { accounts, isUnnamed: facts.unnamedAuthors === true || accounts.length < facts.authors.length };
};
