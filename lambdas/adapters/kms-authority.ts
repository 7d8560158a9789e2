import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import type { Authority, Mac } from '../../lib/ports.ts';

/**
 * Vouches with one KMS HMAC key for each kind. `signsFor` says what this function asks of KMS; its role and the keys' policies say
 * what KMS does.
 */
export const createKmsAuthority = (
  keys: Readonly<Record<AuthorityKind, Mac>>,
  { signsFor }: { readonly signsFor: AuthorityKind | null },
): Authority => ({
  signsFor: signsFor === null ? [] : [signsFor],
  sign: async (kind, message) => (kind === signsFor ? keys[kind].sign(message) : null),
  verify: (kind, message, mac) => keys[kind].verify(message, mac),
});
