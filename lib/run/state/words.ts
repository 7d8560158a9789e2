import { scopes } from '../../audit/lane.ts';
import type { KeptWords, PeopleStore } from '../../ports.ts';

/** What a person wrote, with what it takes to check it: the digest in the trail is sha256(salt + text). Or that it was erased. */
export type Words =
  | { readonly text: string; readonly salt: string; readonly erasedAt: null }
  /** `erasedAt` is null where the whole entry was deleted. */
  | { readonly text: null; readonly salt: null; readonly erasedAt: string | null };

export const erasedWords: Words = { text: null, salt: null, erasedAt: null };

const wordsOf = (kept: KeptWords | undefined, about: readonly string[]): Words => {
  // Words of another run do not belong to this one, whatever digest its events hold.
  if (kept === undefined || !about.includes(kept.run)) return erasedWords;
  return kept.text === null ? { ...erasedWords, erasedAt: kept.erasedAt } : { text: kept.text, salt: kept.salt, erasedAt: null };
};

/** What the words that a run shows were kept for: itself, and its service, for attestations that it carries. */
export const ownersOfWords = (run: string, service: string): readonly string[] => [run, scopes.service(service)];

/** The words about these behind these digests. An event holds a digest only after its text was stored, so a missing text was erased. */
export const readWords = async (
  people: Pick<PeopleStore, 'read'>,
  about: readonly string[],
  digests: readonly string[],
): Promise<ReadonlyMap<string, Words>> => {
  const wanted = [...new Set(digests)];
  const kept = wanted.length === 0 ? new Map<string, KeptWords>() : await people.read(wanted);
  return new Map(wanted.map((digest) => [digest, wordsOf(kept.get(digest), about)]));
};

/** Whose words the events of a scope are: the run's, or those of the service or environment. */
export const ownerOfScope = (scope: string): string => scope.replace(/^run\//, '');
