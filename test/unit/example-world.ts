import type { Io } from '../../lib/cli/io.ts';
import { commitNode, githubAnswer } from './github-answer.ts';

/** A folder in which every example of a command can be carried out. */

export const commit = 'c'.repeat(40);
export const digest = `sha256:${'d'.repeat(64)}`;
const profile = 'service: shop\nfeatures: [{ id: all, title: All, paths: ["src/**"] }]\n';

const contentOf = (path: string): string => {
  if (path === 'holdpoint.yaml') return profile;
  if (/^(unit|integration)\.xml$/.test(path)) return '<testsuite><testcase name="orders are priced"/></testsuite>';
  return /^(github|page)/.test(path) ? JSON.stringify(githubAnswer(commitNode(commit))) : '<testsuite/>';
};

/** GitLab knows the commit and its author, and no merge request that brought it. */
export const gitlabExample = (url: string): object => {
  if (url.endsWith('/graphql'))
    return { data: { project: { repository: { c0: { lastCommit: { sha: commit, webUrl: null, author: { username: 'ada' } } } } } } };
  return url.includes('/merge_requests') ? [] : { path_with_namespace: 'shop/orders' };
};

/** Every path without an ending is a folder with a report, and every look finds a newer version of it. git knows one file, which one commit changed. */
export const exampleWorld: Partial<Io> = {
  readFile: async (path) => new TextEncoder().encode(contentOf(path)),
  entryOf: async (path) => {
    if (path === 'holdpoint.yaml') throw new Error('ENOENT');
    return path.includes('.')
      ? { kind: 'file', bytes: 1, modifiedAt: new Date('2026-03-02T08:00:00.000Z'), version: String(Math.random()) }
      : { kind: 'folder', names: ['TEST-a.xml'] };
  },
  output: async (_, [what = '', how]) => ({
    code: 0,
    text:
      {
        'ls-files': 'src/a.ts\0',
        'ls-tree': `100644 blob ${commit}\tsrc/a.ts\0`,
        log: '2026-03-01T08:00:00Z',
        'rev-list': commit,
        'rev-parse': how === '--verify' ? commit : '',
      }[what] ?? '',
  }),
};

/** The words of an example after `holdpoint`, with values for its variables. */
export const argvOf = (example: string): string[] =>
  [...example.matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, quoted, word]) => quoted ?? word ?? '')
    .slice(1)
    .map((word) => word.replace(/\$(OLD_)?COMMIT/, commit).replace(/\$(OLD_)?DIGEST/, digest));
