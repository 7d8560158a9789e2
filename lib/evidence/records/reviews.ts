import * as z from 'zod';
import { accountName, isPlaceholder } from '../../fields.ts';
import { at, list, recordKind, text } from './kind.ts';

const commit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const reviewed = z.strictObject({
  commit,
  author: text.optional().meta({
    description: 'Account at the code host, or address, of the author. Absent where the code host knows no account of theirs.',
  }),
  committers: list(text).optional().meta({ description: 'Accounts or addresses of everybody else who had a hand in the commit.' }),
  unknownHands: z.boolean().optional().meta({
    description:
      'True where somebody had a hand in the commit of whom the code host knows no account. Nobody can then say who did not write it.',
  }),
  url: text.optional(),
  reviews: list(
    z.strictObject({
      by: text,
      at,
      /** The commit that was shown to the reviewer: an approval of an older one does not count. */
      commit,
      state: z.enum(['approved', 'changes-requested', 'commented', 'dismissed']),
      withoutWeight: z.enum(['bot', 'no-write-access']).optional().meta({
        description:
          'Why an approval does not count: a program gave it, or somebody who may not change the repository, such as a second account of the author.',
      }),
    }),
  ),
});

export const reviews = recordKind({
  id: 'reviews',
  description: 'Every commit since the live version, with the reviews of the change that brought it',
  schema: z.strictObject({
    /** The commit of the live version, and that of the release. */
    base: commit,
    head: commit,
    /** In order, the last one is `head`. A change that was merged from a branch names the branch's last commit in its reviews. */
    commits: list(reviewed.extend({ reviewedAs: commit.optional() })),
  }),
  limits: { minCommits: { of: 'commits', name: 'commits', is: 'least', bound: { least: 1 } } },
  content: ({ base, head, commits }) => ({
    base,
    items: commits.length,
    commit: head,
    authors: {
      accounts: commits.flatMap(handsIn).filter((one) => !isPlaceholder(one)),
      unnamed: commits.some(hasUnknownHands),
      fault: rangeFault({ base, head, commits })?.[0],
    },
    figures: { commits: commits.length, approved: commits.filter((one) => refusalOf(one) === undefined).length },
    once: commits.map(({ commit: id }) => id.slice(0, 12)),
    faults: [...(rangeFault({ base, head, commits }) ?? []), ...commits.flatMap((one) => refusalOf(one) ?? [])],
  }),
});

/** Why the commits are not those of the release. An artifact that was built anew from the live commit brings none. */
const rangeFault = ({ base, head, commits }: Range): readonly [string] | undefined => {
  if (commits.length === 0 && base === head) return undefined;
  return commits.at(-1)?.commit === head ? undefined : ['the last commit listed is not the head'];
};
type Range = { readonly base: string; readonly head: string; readonly commits: readonly { readonly commit: string }[] };

type Hands = Pick<z.output<typeof reviewed>, 'author' | 'committers' | 'unknownHands'>;
const handsIn = ({ author, committers = [] }: Hands): readonly string[] => (author === undefined ? committers : [author, ...committers]);
const hasUnknownHands = (one: Hands): boolean => one.author === undefined || one.unknownHands === true || handsIn(one).some(isPlaceholder);

/**
 * Of each reviewer the last review counts; a comment is no review, and of several at one instant nobody knows the last one. Where it is not
 * known who had a hand in the commit, nobody is known to be somebody else.
 */
export const refusalOf = (one: z.output<typeof reviewed> & { readonly reviewedAs?: string | undefined }): string | undefined => {
  const { commit: id, reviews: all, reviewedAs = id } = one;
  const words = new Map<string, Word>();
  for (const word of all) {
    const before = words.get(accountName(word.by));
    if (word.state !== 'commented' && (before === undefined || isLater(word, before))) words.set(accountName(word.by), word);
  }
  const last = [...words.values()];
  const short = id.slice(0, 12);
  if (last.some(({ state }) => state === 'changes-requested')) return `${short}: changes are still requested`;
  if (hasUnknownHands(one)) return `${short}: the code host knows no account of somebody who had a hand in it`;
  const hands = handsIn(one).map(accountName);
  const approvals = last.filter(({ by, state }) => state === 'approved' && !hands.includes(accountName(by)));
  const others = approvals.filter(({ withoutWeight }) => withoutWeight === undefined);
  if (approvals.length > 0 && others.length === 0)
    return `${short}: ${approvals.some(({ withoutWeight }) => withoutWeight === 'bot') ? 'a program' : 'somebody without write access'} approved it, and nobody else`;
  if (others.length === 0) return `${short}: nobody but its author approved it`;
  return others.some((word) => word.commit === reviewedAs) ? undefined : `${short}: only an older commit was approved`;
};

type Word = z.output<typeof reviewed>['reviews'][number];
const worst = ['approved', 'dismissed', 'changes-requested'];
/** Whether a review takes the place of another one of the same person: the worse one does where both are of one instant. */
const isLater = (word: Word, before: Word): boolean => {
  const ms = Date.parse(word.at) - Date.parse(before.at);
  return ms > 0 || (ms === 0 && worst.indexOf(word.state) > worst.indexOf(before.state));
};
