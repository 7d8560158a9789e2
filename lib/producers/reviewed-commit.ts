import { refusalOf } from '../evidence/records/reviews.ts';

/** A commit of a release with the reviews of the change that brought it, as the record `reviews` has it. */
export type ReviewedCommit = {
  readonly commit: string;
  readonly author: string;
  /** Who else had a hand in it, and whose approval does not count. */
  readonly committers: string[];
  readonly url: string;
  readonly reviewedAs?: string;
  readonly reviews: {
    readonly by: string;
    readonly at: string;
    readonly commit: string;
    readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  }[];
};

/** A commit can come by several changes: one from a feature's branch, one from there to the main branch. One that was reviewed is enough. */
export const bestReviewed = (changes: readonly ReviewedCommit[]): ReviewedCommit | undefined =>
  changes.find((by) => refusalOf(by) === undefined) ?? changes[0];

/** The author and all others, each once. */
export const handsOf = (author: string, others: readonly (string | undefined)[]): Pick<ReviewedCommit, 'author' | 'committers'> => ({
  author,
  committers: [...new Set(others.filter((one) => one !== undefined))].filter((one) => one !== author),
});
