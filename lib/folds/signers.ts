import type { Authorship, Signers } from '../audit/events/approval.ts';

/** An approval, or one that a person is about to give. */
type Signature = {
  readonly role: string;
  readonly person: string;
  readonly for?: string | undefined;
  readonly author?: Authorship | undefined;
};

/** Whose word an answer is: the person's, and of a deputy's answer that of the person for whom it was given, too. */
export const behind = (data: Pick<Signature, 'person' | 'for'>): readonly string[] =>
  data.for === undefined ? [data.person] : [data.person, data.for];

/** `second-role`: too few different people would sign. `all-authors`: nobody would be left who is no author. */
export type MaySign = 'yes' | 'second-role' | 'all-authors';

/**
 * Whether an approval may count beside those that count already: the roles that nobody has signed yet must still be able to bring as many
 * different people, and as many who are no author, as the round demands. Without `signers` each role takes another person.
 */
export const maySign = (given: readonly Signature[], next: Signature, signers: Signers | undefined): MaySign => {
  const all = [...given, next];
  if (signers === undefined) return voicesIn(all) < all.length ? 'second-role' : 'yes';
  const left = Math.max(0, signers.roles - all.length);
  if (voicesIn(all) + left < signers.distinctPeople) return 'second-role';
  return all.filter(({ author }) => author === 'no').length + left < signers.nonAuthors ? 'all-authors' : 'yes';
};

/** How many different people have spoken. A deputy and the person for whom they answer are one, and so is who shares either with them. */
const voicesIn = (signatures: readonly Signature[]): number =>
  signatures.reduce<readonly (readonly string[])[]>((voices, signature) => {
    const own = behind(signature);
    const shared = voices.filter((voice) => voice.some((one) => own.includes(one)));
    return [...voices.filter((voice) => !shared.includes(voice)), [...shared.flat(), ...own]];
  }, []).length;
