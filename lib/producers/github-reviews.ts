import * as z from 'zod';
import { bestReviewed, handsOf, type ReviewedCommit } from './reviewed-commit.ts';

/**
 * Who approved which commit, from answers of GitHub's GraphQL API.
 * Source: https://docs.github.com/graphql/reference (objects Commit, GitSignature, PullRequest, PullRequestReview).
 */
export const githubQuery = `query ($owner: String!, $name: String!, $head: GitObjectID!, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $head) {
      ... on Commit {
        history(first: 50, after: $after) {
          pageInfo { hasNextPage endCursor }
          nodes {
            oid
            url
            authors(first: 20) { pageInfo { hasNextPage } nodes { user { login } } }
            committer { user { login } }
            signature { isValid wasSignedByGitHub }
            associatedPullRequests(first: 10) {
              pageInfo { hasNextPage }
              nodes {
                url
                merged
                headRefOid
                author { login }
                reviews(first: 100) {
                  pageInfo { hasNextPage }
                  nodes { author { __typename login } authorCanPushToRepository state submittedAt commit { oid } }
                }
              }
            }
          }
        }
      }
    }
  }
}
`;

const actor = z.object({ login: z.string().min(1) }).nullable();
/** `User`, `Bot`, `Mannequin` (whom an import invented), `Organization` or `EnterpriseUserAccount`. */
const reviewer = z.object({ __typename: z.string(), login: z.string().min(1) }).nullable();
const commitId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const pageOf = <T extends z.ZodType>(node: T) => z.object({ pageInfo: z.object({ hasNextPage: z.boolean() }), nodes: z.array(node) });

const pullRequest = z.object({
  url: z.string(),
  merged: z.boolean(),
  headRefOid: commitId,
  author: actor,
  reviews: pageOf(
    z.object({
      author: reviewer,
      authorCanPushToRepository: z.boolean(),
      state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED', 'PENDING']),
      submittedAt: z.string().nullable(),
      commit: z.object({ oid: commitId }).nullable(),
    }),
  ),
});
const commit = z.object({
  oid: commitId,
  url: z.string(),
  authors: pageOf(z.object({ user: actor })),
  committer: z.object({ user: actor }).nullable(),
  signature: z.object({ isValid: z.boolean(), wasSignedByGitHub: z.boolean() }).nullish(),
  associatedPullRequests: pageOf(pullRequest),
});
const answer = z.object({
  data: z.object({ repository: z.object({ object: z.object({ history: z.object({ nodes: z.array(commit) }) }) }) }),
});

type Read = { readonly ok: readonly ReviewedCommit[] } | { readonly wrong: string };

const states = { APPROVED: 'approved', CHANGES_REQUESTED: 'changes-requested', COMMENTED: 'commented', DISMISSED: 'dismissed' } as const;

/**
 * The commits in the order given, each with the reviews of the pull request that brought it. Wrong: an answer of another form or with only a
 * part of a list, or a commit that no answer has. What GitHub cannot tell is never an approval: a commit of which it knows no account of an
 * author or of the committer has no reviews, because the one who approved it may have written it.
 */
export const githubReviewsOf = (
  answers: readonly { readonly file: string; readonly json: unknown }[],
  commits: readonly string[],
): Read => {
  const known = new Map<string, z.output<typeof commit>>();
  for (const { file, json } of answers) {
    const read = answer.safeParse(json);
    if (!read.success) {
      const [issue] = read.error.issues;
      return { wrong: `${file} is no answer to the query: ${issue?.path.join('.') || 'the document'}: ${issue?.message}` };
    }
    for (const one of read.data.data.repository.object.history.nodes) known.set(one.oid, one);
  }
  const found: ReviewedCommit[] = [];
  for (const id of commits) {
    const one = known.get(id);
    if (one === undefined)
      return { wrong: `no answer has the commit ${id}: ask for the next page of the history, with its endCursor as after` };
    const pulls = one.associatedPullRequests;
    if ([one.authors, pulls, ...pulls.nodes.map(({ reviews }) => reviews)].some(({ pageInfo }) => pageInfo.hasNextPage))
      return { wrong: `GitHub lists only a part of the authors, pull requests or reviews of the commit ${id}` };
    found.push(reviewedOf(one));
  }
  return { ok: found };
};

const reviewedOf = (one: z.output<typeof commit>): ReviewedCommit => {
  const merged = one.associatedPullRequests.nodes.filter((pull) => pull.merged);
  return bestReviewed(merged.map((pull) => broughtBy(one, pull))) ?? broughtBy(one, undefined);
};

const broughtBy = (
  { oid, url, authors, committer, signature }: z.output<typeof commit>,
  pull: z.output<typeof pullRequest> | undefined,
): ReviewedCommit => {
  const [author = null, ...coAuthors] = authors.nodes.map(({ user }) => user?.login ?? null);
  const committed = committer?.user?.login ?? (isMadeByGitHub(signature) ? undefined : null);
  const hands = handsOf(author, [...coAuthors, committed, pull === undefined ? undefined : (pull.author?.login ?? null)]);
  const base = { commit: oid, ...hands, url: pull?.url ?? url };
  if (pull === undefined || hands.unknownHands) return { ...base, reviews: [] };
  return { ...base, reviewedAs: pull.headRefOid, reviews: submitted(pull) };
};

/** GitHub signs with its own key what it commits itself, when somebody merges, squashes or edits there: nobody else committed that. */
const isMadeByGitHub = (signature: z.output<typeof commit>['signature']): boolean =>
  signature?.isValid === true && signature.wasSignedByGitHub;

/** A review that is not sent yet, or whose author or commit is gone, says nothing. */
const submitted = ({ reviews }: z.output<typeof pullRequest>): ReviewedCommit['reviews'] =>
  reviews.nodes.flatMap(({ author, authorCanPushToRepository: canPush, state, submittedAt, commit: shown }) =>
    state === 'PENDING' || author === null || submittedAt === null || shown === null
      ? []
      : [
          {
            by: author.login,
            at: submittedAt,
            commit: shown.oid,
            state: states[state],
            ...(author.__typename !== 'User' ? { withoutWeight: 'bot' } : canPush ? {} : { withoutWeight: 'no-write-access' }),
          },
        ],
  );
