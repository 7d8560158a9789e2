import { refusalOf } from '../evidence/records/reviews.ts';

/** A commit of a release with the reviews of the change that brought it, as the record `reviews` has it. */
export type ReviewedCommit = {
  readonly commit: string;
  /** Absent where the code host knows no account of the author. */
  readonly author?: string;
  /** Who else had a hand in it, and whose approval does not count. */
  readonly committers: string[];
  /** Somebody had a hand in it of whom the code host knows no account. */
  readonly unknownHands?: true;
  readonly url: string;
  readonly reviewedAs?: string;
  readonly reviews: {
    readonly by: string;
    readonly at: string;
    readonly commit: string;
    readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
    readonly withoutWeight?: 'bot' | 'no-write-access';
  }[];
};

/** A commit can come by several changes: one from a feature's branch, one from there to the main branch. One that was reviewed is enough. */
export const bestReviewed = (changes: readonly ReviewedCommit[]): ReviewedCommit | undefined =>
  changes.find((by) => refusalOf(by) === undefined) ?? changes[0];

/** An account; null: the code host knows none of that person. Undefined: there is nobody. */
export type Hand = string | null | undefined;

/** The author and all others, each once. */
export const handsOf = (author: Hand, others: readonly Hand[]): Pick<ReviewedCommit, 'author' | 'committers' | 'unknownHands'> => ({
  ...(typeof author === 'string' ? { author } : {}),
  committers: [...new Set(others.filter((one) => typeof one === 'string'))].filter((one) => one !== author),
  ...(typeof author !== 'string' || others.includes(null) ? { unknownHands: true } : {}),
});
