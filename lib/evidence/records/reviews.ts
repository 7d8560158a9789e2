import * as z from 'zod';
import { at, list, recordKind, text } from './kind.ts';

const commit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const reviewed = z.strictObject({
  commit,
  /** Ids of the code host, not names. */
  author: text,
  committers: list(text).optional(),
  url: text.optional(),
  reviews: list(
    z.strictObject({
      by: text,
      at,
      /** The commit that was shown to the reviewer: an approval of an older one does not count. */
      commit,
      state: z.enum(['approved', 'changes-requested', 'commented', 'dismissed']),
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
  limits: { minCommits: { of: 'commits', is: 'least', bound: { least: 1 } } },
  content: ({ base, head, commits }) => ({
    base,
    items: commits.length,
    commit: head,
    authors: commits.flatMap(({ author, committers = [] }) => [author, ...committers]),
    figures: { commits: commits.length, approved: commits.filter((one) => refusalOf(one) === undefined).length },
    faults: [
      ...(commits.at(-1)?.commit === head ? [] : ['the last commit listed is not the head']),
      ...commits.flatMap((one) => refusalOf(one) ?? []),
    ],
  }),
});

/** Of each reviewer the last review counts; a comment is no review. */
export const refusalOf = ({
  commit: id,
  author,
  committers = [],
  reviews: all,
  reviewedAs = id,
}: z.output<typeof reviewed> & { readonly reviewedAs?: string | undefined }): string | undefined => {
  const words = all.filter(({ state }) => state !== 'commented').toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const last = [...new Map(words.map((one) => [one.by, one])).values()];
  const short = id.slice(0, 12);
  if (last.some(({ state }) => state === 'changes-requested')) return `${short}: changes are still requested`;
  const others = last.filter(({ by, state }) => state === 'approved' && by !== author && !committers.includes(by));
  if (others.length === 0) return `${short}: nobody but its author approved it`;
  return others.some((one) => one.commit === reviewedAs) ? undefined : `${short}: only an older commit was approved`;
};
