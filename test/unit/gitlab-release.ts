import { afterEach, expect } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { record as recordRule } from '../../lib/rules/record-within.ts';
import { type GitLabAnswer, gitlabServer } from './gitlab-server.ts';
import { bytes } from './parsed.ts';
import { terminal } from './terminal.ts';

/** A release of two commits, each brought by a merge request of its own; a test changes what GitLab says of the second one. */
export const [base, first, head, oldHead] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [string, string, string, string];
export const token = 'glpat-very-secret';

const servers: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

export const request = (changes: object = {}) => ({
  id: 90,
  iid: 7,
  project_id: 12,
  title: 'Baskets',
  state: 'merged',
  web_url: 'https://gitlab.test/shop/orders/-/merge_requests/7',
  author: { id: 1, username: 'ada' },
  sha: head,
  merge_commit_sha: null,
  squash_commit_sha: null,
  ...changes,
});
export const approvedBy = (username: string | null, approved_at: string | null = '2026-03-01T12:00:00.000Z') => ({
  user: username === null ? null : { id: 2, username, name: username, state: 'active' },
  ...(approved_at === null ? {} : { approved_at }),
});
export const version = (head_commit_sha: string, created_at: string) => ({
  id: 1,
  head_commit_sha,
  base_commit_sha: base,
  created_at,
  state: 'collected',
});
export const note = (body: string, created_at: string, username = 'grace', system = true) => ({
  id: 1,
  body,
  system,
  created_at,
  author: { username },
});

export type World = {
  readonly request?: object;
  readonly approvals?: GitLabAnswer;
  readonly versions?: GitLabAnswer;
  readonly reviewers?: GitLabAnswer;
  readonly notes?: GitLabAnswer;
  readonly commits?: GitLabAnswer;
  readonly of?: Readonly<Record<string, GitLabAnswer | ((tried: number) => GitLabAnswer)>>;
  readonly authors?: Parameters<typeof gitlabServer>[1];
};

const routesOf = (world: World) => ({
  '/projects/12': { id: 12, path_with_namespace: 'shop/orders' },
  [`/projects/12/repository/commits/${first}/merge_requests`]: [request({ iid: 8 })],
  '/projects/12/merge_requests/8/approvals': { approved_by: [approvedBy('linus')] },
  '/projects/12/merge_requests/8/versions': [version(head, '2026-03-01T09:00:00.000Z')],
  '/projects/12/merge_requests/8/reviewers': [],
  [`/projects/12/repository/commits/${head}/merge_requests`]: [request(world.request)],
  '/projects/12/merge_requests/7/approvals': world.approvals ?? { approved_by: [approvedBy('grace')] },
  '/projects/12/merge_requests/7/versions': world.versions ?? [
    version(head, '2026-03-01T11:00:00.000Z'),
    version(oldHead, '2026-03-01T09:00:00.000Z'),
  ],
  '/projects/12/merge_requests/7/reviewers': world.reviewers ?? [
    { user: { username: 'grace' }, state: 'approved', created_at: '2026-03-01T08:00:00.000Z' },
  ],
  '/projects/12/merge_requests/7/notes': world.notes ?? [],
  '/projects/12/merge_requests/7/commits': world.commits ?? [],
  ...world.of,
});

export const asked = async (world: World = {}, argv: readonly string[] = [], env: Record<string, string> = {}) => {
  const server = await gitlabServer(routesOf(world), world.authors ?? { [first]: { username: 'ada' }, [head]: { username: 'ada' } });
  servers.push(server);
  const slept: number[] = [];
  const { io, said } = terminal(
    undefined,
    {},
    {
      fetch,
      sleep: async (ms) => void slept.push(ms),
      output: async (_, [what, second, , named]) => {
        if (what === 'rev-list') return { code: 0, text: `${first}\n${head}\n` };
        return { code: 0, text: second === '--is-shallow-repository' ? 'false\n' : `${named?.startsWith('v1') ? base : head}\n` };
      },
    },
  );
  const code = await run(['reviews', '--gitlab', '--base', 'v1', ...argv], {
    ...io,
    env: { CI_API_V4_URL: server.api, CI_PROJECT_ID: '12', GITLAB_TOKEN: token, ...env },
  });
  expect(said.out + said.err + [...said.files.values()].join('')).not.toContain(token);
  const written = said.files.get('reviews.record.json');
  return {
    code,
    said,
    slept,
    requests: server.asked,
    record: written === undefined ? undefined : (JSON.parse(written) as { readonly commits: readonly object[] }),
  };
};

export const judged = (record: unknown) => {
  const read = parseEvidence('record', bytes(JSON.stringify(record)));
  expect(read.refused).toBeUndefined();
  return judgeEvidence(recordRule('reviews', { minCommits: 1 }) as never, read.ok as never);
};
