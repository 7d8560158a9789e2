import * as z from 'zod';
import { bestReviewed, handsOf, type ReviewedCommit } from './reviewed-commit.ts';

/**
 * Who approved which commit, from answers of GitLab's API, of GitLab.com or of an own server.
 * Sources: https://docs.gitlab.com/api/commits/ (merge requests of a commit), /api/merge_requests/ (versions, reviewers, commits, notes),
 * /api/merge_request_approvals/ and /api/graphql/reference/ (Commit).
 *
 * An approval of GitLab names no commit. It is of the newest version of the merge request that was older than the approval: where the page
 * shows an older version, GitLab refuses the approval. A project may keep approvals when commits are added, so that one may be of an older
 * version than was merged.
 */
const commitId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const user = z.object({ username: z.string().min(1) }).nullable();
const instant = z.iso.datetime({ offset: true });

export const gitlabMergeRequest = z.object({
  iid: z.int().min(1),
  /** Of the target branch. */
  project_id: z.int().min(1),
  web_url: z.string(),
  state: z.string(),
  /** The last commit of the source branch. */
  sha: commitId.nullable(),
  squash_commit_sha: commitId.nullish(),
  /** Where a person pushed the merge, their commit; of a merge without a commit of its own it may be `sha`. */
  merge_commit_sha: commitId.nullish(),
  author: user,
});
export type GitLabMergeRequest = z.output<typeof gitlabMergeRequest>;

/** `approved_at` is missing in the answers of older servers. */
export const gitlabApprovals = z.object({ approved_by: z.array(z.object({ user, approved_at: instant.nullish() })) });
export const gitlabVersion = z.object({ head_commit_sha: commitId, created_at: instant });
export const gitlabReviewer = z.object({ user, state: z.string() });
export const gitlabNote = z.object({ system: z.boolean(), body: z.string(), author: user, created_at: instant });
export const gitlabCommit = z.object({ id: commitId });

/** What GraphQL says of a commit. `author` is null where no account has the address of its author. */
export const gitlabAuthorship = z.object({
  sha: commitId,
  webUrl: z.string().nullish(),
  author: user,
  authorEmail: z.string().nullish(),
  committerEmail: z.string().nullish(),
  message: z.string().nullish(),
});
export type GitLabAuthorship = z.output<typeof gitlabAuthorship>;

/** A query for the authorship of some commits, each under an alias. `path`: the full path of the project. */
export const gitlabAuthorsQuery = (commits: readonly string[]): string =>
  `query ($path: ID!) { project(fullPath: $path) { repository { ${commits
    .map(
      (id, place) => `c${place}: tree(ref: "${id}") { lastCommit { sha webUrl author { username } authorEmail committerEmail message } }`,
    )
    .join(' ')} } } }`;

/** A merge request with everything that was asked about it. `commits`: those of its branch, where it was squashed. */
export type GitLabChange = {
  readonly request: GitLabMergeRequest;
  readonly approvals: z.output<typeof gitlabApprovals>;
  readonly versions: readonly z.output<typeof gitlabVersion>[];
  readonly reviewers: readonly z.output<typeof gitlabReviewer>[];
  readonly notes: readonly z.output<typeof gitlabNote>[];
  readonly commits: readonly string[];
};

export type GitLabAnswers = {
  /** The merged merge requests that brought a commit. */
  readonly changesOf: (commit: string) => readonly GitLabChange[];
  readonly authorshipOf: (commit: string) => GitLabAuthorship | undefined;
  /** Every commit whose authorship is known, to find the account behind an address. */
  readonly known: readonly GitLabAuthorship[];
  readonly askedAt: string;
};

/** The commits in the order given. What GitLab cannot tell is no approval. */
export const gitlabReviewsOf = (answers: GitLabAnswers, commits: readonly string[]): readonly ReviewedCommit[] => {
  const accounts = accountsOf(answers.known);
  return commits.map((commit) => {
    const changes = answers.changesOf(commit).map((change) => broughtBy(answers, accounts, { commit, change }));
    return bestReviewed(changes) ?? broughtBy(answers, accounts, { commit, change: undefined });
  });
};

type Accounts = ReadonlyMap<string, string>;

const accountsOf = (known: readonly GitLabAuthorship[]): Accounts =>
  new Map(
    known.flatMap(({ author, authorEmail }) => (author === null || !authorEmail ? [] : [[authorEmail.toLowerCase(), author.username]])),
  );

const broughtBy = (
  answers: GitLabAnswers,
  accounts: Accounts,
  { commit, change }: { readonly commit: string; readonly change: GitLabChange | undefined },
): ReviewedCommit => {
  const own = answers.authorshipOf(commit);
  const squashed = change?.request.squash_commit_sha === commit ? change.commits.map(answers.authorshipOf) : [];
  const committer = own === undefined ? null : committerOf(own, accounts);
  const isExcused = committer === null && isMadeByGitLab(commit, change?.request);
  const hands = [
    ...authorsOf(own, accounts),
    ...(isExcused ? [] : [committer]),
    ...squashed.flatMap((one) => [...authorsOf(one, accounts), one === undefined ? null : committerOf(one, accounts)]),
  ];
  const [author = null, ...others] = hands;
  const opened = change === undefined ? undefined : (change.request.author?.username ?? null);
  const known = handsOf(author, [...others, opened]);
  const base = { commit, ...known, url: change?.request.web_url ?? own?.webUrl ?? commit };
  const head = change?.request.sha ?? null;
  if (change === undefined || head === null || known.unknownHands) return { ...base, reviews: [] };
  return { ...base, reviewedAs: head, reviews: [...approvalsOf(change), ...objectionsOf(change, head, answers.askedAt)] };
};

/** GitLab commits under an address of its own. What it squashes or merges it takes from the branch, and nobody else had a hand in it. */
const isMadeByGitLab = (commit: string, request: GitLabMergeRequest | undefined): boolean =>
  commit === request?.squash_commit_sha || (commit === request?.merge_commit_sha && commit !== request.sha);

/** GitLab says the author's account alone. That of a committer with another address is known where the release has a commit that they wrote. */
const committerOf = ({ author, authorEmail, committerEmail }: GitLabAuthorship, accounts: Accounts): string | null => {
  const address = committerEmail?.toLowerCase();
  if (!address) return null;
  return (address === authorEmail?.toLowerCase() ? author?.username : accounts.get(address)) ?? null;
};

/** Accounts of the author and of the co-authors that the message names. */
const authorsOf = (one: GitLabAuthorship | undefined, accounts: Accounts): readonly (string | null)[] => {
  if (one === undefined) return [null];
  const named = [...(one.message ?? '').matchAll(/^co-authored-by:[^<\n]*<([^>\n]+)>/gim)].map(([, address = '']) => address.toLowerCase());
  return [one.author?.username ?? null, ...named.map((address) => accounts.get(address) ?? null)];
};

/** An approval whose time nobody knows, or that is older than every version, is of no commit. */
const approvalsOf = (change: GitLabChange): ReviewedCommit['reviews'] =>
  change.approvals.approved_by.flatMap(({ user: by, approved_at: said }) => {
    const at = by === null ? undefined : (said ?? notedAt(change, by.username));
    const commit = at === undefined ? undefined : versionAt(change, at);
    if (by === null || at === undefined || commit === undefined) return [];
    return [{ by: by.username, at, commit, state: 'approved', ...(isProgram(by.username) ? { withoutWeight: 'bot' } : {}) }];
  });

/** Access tokens of projects and groups act as users of such names. https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects */
const isProgram = (username: string): boolean => /^(?:project|group)_\d+_bot(?:_|\d*$)/.test(username);

/** When somebody approved, by the note that GitLab itself wrote. An approval that stands has no later note that takes it back. */
const notedAt = ({ notes }: GitLabChange, by: string): string | undefined => {
  const own = notes
    .filter(({ system, author }) => system && author?.username === by)
    .filter(({ body }) => body === 'approved this merge request' || body === 'unapproved this merge request')
    .toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  const last = own.at(-1);
  return last?.body === 'approved this merge request' ? last.created_at : undefined;
};

/** The last commit of the version that was the newest one before an instant. Of one instant nobody knows what came first. */
const versionAt = ({ versions }: GitLabChange, at: string): string | undefined =>
  versions
    .filter(({ created_at: made }) => Date.parse(made) < Date.parse(at))
    .toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
    .at(-1)?.head_commit_sha;

/** GitLab does not say since when changes are requested, only that they are. */
const objectionsOf = ({ reviewers }: GitLabChange, head: string, at: string): ReviewedCommit['reviews'] =>
  reviewers.flatMap(({ user: by, state }) =>
    state === 'requested_changes' ? [{ by: by?.username ?? 'an account that is gone', at, commit: head, state: 'changes-requested' }] : [],
  );
