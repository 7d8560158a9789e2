import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitNode, githubAnswer, pull } from '../unit/github-answer.ts';
import { gitlabServer } from '../unit/gitlab-server.ts';

/** A repository with one commit, which its code host knows: ada wrote it, and grace approved it. */

/** The folder of the repository and its only commit, which is the same in each test because of its fixed time. */
export const committed = (folder: string): { readonly path: string; readonly commit: string } => {
  const path = join(folder, 'committed');
  mkdirSync(join(path, 'src'), { recursive: true });
  writeFileSync(join(path, 'src/order.ts'), 'export const order = 1;\n');
  const at = '2026-03-01T08:00:00Z';
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: path,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: path, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at },
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'orders: keep them');
  return { path, commit: git('rev-parse', 'HEAD').trim() };
};

/** Stands for the command line of GitHub: it answers the query of `holdpoint reviews --query` about this commit, and nothing else. */
export const installGh = (bin: string, commit: string): void => {
  const answer = JSON.stringify(githubAnswer(commitNode(commit, {}, [pull()])));
  const script = `#!/bin/sh
test -n "$GH_TOKEN" || exit 4
case "$*" in "api graphql "*"owner=acme "*"name=shop "*"head=${commit} "*"query=query ("*) echo '${answer}';; *) echo "gh $*" >&2; exit 1;; esac
`;
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'gh'), script);
  chmodSync(join(bin, 'gh'), 0o755);
};

/** GitLab, with the merge request that brought this commit. */
export const startGitLab = (commit: string) =>
  gitlabServer(
    {
      '/projects/12': { id: 12, path_with_namespace: 'acme/shop' },
      [`/projects/12/repository/commits/${commit}/merge_requests`]: [
        {
          id: 90,
          iid: 7,
          project_id: 12,
          title: 'Orders',
          state: 'merged',
          web_url: 'https://gitlab.test/acme/shop/-/merge_requests/7',
          author: { id: 1, username: 'ada' },
          sha: commit,
          merge_commit_sha: null,
          squash_commit_sha: null,
        },
      ],
      '/projects/12/merge_requests/7/approvals': {
        approved_by: [{ user: { id: 2, username: 'grace', name: 'grace', state: 'active' }, approved_at: '2026-03-01T12:00:00.000Z' }],
      },
      '/projects/12/merge_requests/7/versions': [
        { id: 1, head_commit_sha: commit, base_commit_sha: commit, created_at: '2026-03-01T11:00:00.000Z', state: 'collected' },
      ],
      '/projects/12/merge_requests/7/reviewers': [],
      '/projects/12/merge_requests/7/notes': [],
      '/projects/12/merge_requests/7/commits': [],
    },
    { [commit]: { username: 'ada' } },
  );
