import * as z from 'zod';
import {
  type GitLabAnswers,
  type GitLabAuthorship,
  type GitLabChange,
  type GitLabMergeRequest,
  gitlabApprovals,
  gitlabAuthorship,
  gitlabAuthorsQuery,
  gitlabCommit,
  gitlabMergeRequest,
  gitlabNote,
  gitlabReviewer,
  gitlabVersion,
} from '../producers/gitlab-reviews.ts';
import { counted } from '../wording.ts';
import { connectGitLab, type GitLab, type GitLabTarget } from './gitlab-client.ts';
import type { Io } from './io.ts';

/** GraphQL bounds how much a query may ask; so many commits stay below it. */
const commitsOfQuery = 20;
/** A release with more commits is asked in parts, by several bases. */
const mostCommits = 1000;

/** Asks GitLab everything that the reviews of these commits need. Throws with a sentence where GitLab does not answer or refuses. */
export const askGitLab = async (io: Io, target: GitLabTarget, commits: readonly string[]): Promise<GitLabAnswers> => {
  const gitlab = connectGitLab(io, target);
  if (commits.length > mostCommits)
    throw new Error(
      `the release has ${counted(commits.length, 'commit')}, and GitLab is asked about ${mostCommits} at most: use a later --base`,
    );
  const brought = new Map<string, readonly GitLabMergeRequest[]>();
  for (const commit of commits) {
    const found = await gitlab.pages(`/repository/commits/${commit}/merge_requests`, gitlabMergeRequest);
    brought.set(
      commit,
      found.filter(({ state }) => state === 'merged'),
    );
  }
  const changes = new Map<string, GitLabChange>();
  for (const request of [...brought.values()].flat())
    if (!changes.has(keyOf(request))) changes.set(keyOf(request), await changeOf(gitlab, request));
  const authorships = await authorshipsOf(gitlab, [...new Set([...commits, ...[...changes.values()].flatMap((one) => one.commits)])]);
  return {
    changesOf: (commit) => (brought.get(commit) ?? []).flatMap((request) => changes.get(keyOf(request)) ?? []),
    authorshipOf: (commit) => authorships.get(commit),
    known: [...authorships.values()],
    askedAt: io.now().toISOString(),
  };
};

const keyOf = ({ project_id: project, iid }: GitLabMergeRequest): string => `${project}!${iid}`;

const changeOf = async (gitlab: GitLab, request: GitLabMergeRequest): Promise<GitLabChange> => {
  const of = (what: string): string => `/projects/${request.project_id}/merge_requests/${request.iid}/${what}`;
  const approvals = await gitlab.one(of('approvals'), gitlabApprovals);
  const versions = await gitlab.pages(of('versions'), gitlabVersion);
  const reviewers = await gitlab.pages(of('reviewers'), gitlabReviewer);
  const isTimed = approvals.approved_by.every(({ approved_at: at }) => at !== undefined && at !== null);
  const notes = isTimed ? [] : await gitlab.pages(of('notes'), gitlabNote);
  const isSquashed = request.squash_commit_sha !== undefined && request.squash_commit_sha !== null;
  const commits = isSquashed ? await gitlab.pages(of('commits'), gitlabCommit) : [];
  return { request, approvals, versions, reviewers, notes, commits: commits.map(({ id }) => id) };
};

const project = z.object({ path_with_namespace: z.string().min(1) });
const answer = z.object({
  errors: z.array(z.object({ message: z.string() })).optional(),
  data: z
    .object({
      project: z.object({ repository: z.record(z.string(), z.object({ lastCommit: gitlabAuthorship.nullable() }).nullable()) }).nullable(),
    })
    .nullish(),
});

/** Only GraphQL says which account has the address of an author. A commit that it does not know has no author that counts. */
const authorshipsOf = async (gitlab: GitLab, commits: readonly string[]): Promise<ReadonlyMap<string, GitLabAuthorship>> => {
  const { path_with_namespace: path } = await gitlab.one('', project);
  const found = new Map<string, GitLabAuthorship>();
  for (let from = 0; from < commits.length; from += commitsOfQuery) {
    const asked = commits.slice(from, from + commitsOfQuery);
    const { data, errors } = await gitlab.query(gitlabAuthorsQuery(asked), { path }, answer);
    if (errors !== undefined || !data?.project)
      throw new Error(`GitLab does not answer the query for authors: ${errors?.[0]?.message ?? `it does not show the project ${path}`}`);
    for (const [place, id] of asked.entries()) {
      const one = data.project.repository[`c${place}`]?.lastCommit;
      if (one?.sha === id) found.set(id, one);
    }
  }
  return found;
};
