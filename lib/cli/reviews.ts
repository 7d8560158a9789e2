import * as z from 'zod';
import { emptyTrees, isEmptyTree } from '../evidence/empty-trees.ts';
import { schemaOf } from '../evidence/record.ts';
import { refusalOf, reviews as reviewsRecord } from '../evidence/records/reviews.ts';
import { githubQuery, githubReviewsOf } from '../producers/github-reviews.ts';
import { gitlabReviewsOf } from '../producers/gitlab-reviews.ts';
import type { ReviewedCommit } from '../producers/reviewed-commit.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { commitOf, git } from './git.ts';
import { askGitLab } from './gitlab.ts';
import { jsonIn } from './given-file.ts';
import { type Command, type Io, Usage } from './io.ts';
import { type ListedCommit, withOwnMerges } from './merges.ts';
import { jsonText, plain } from './plain.ts';
import { writeRecord } from './write-record.ts';

const options = {
  query: { type: 'boolean' },
  gitlab: { type: 'boolean' },
  api: { type: 'string' },
  project: { type: 'string' },
  base: { type: 'string' },
  head: { type: 'string' },
  output: { type: 'string' },
} as const;

export const reviews: Command = {
  usage: [
    'holdpoint reviews FILE… --base COMMIT [--head COMMIT] [--output FILE]',
    '       holdpoint reviews --query',
    '       holdpoint reviews --gitlab --base COMMIT [--head COMMIT] [--api URL] [--project ID] [--output FILE]',
    '',
    "--query prints a query for GitHub's GraphQL API; FILE is an answer to it. COMMIT after --base is that of the live version, and after --head",
    'that of the release (default: HEAD). Every commit between them must be in an answer; one answer has 50, and the variable `after` asks for',
    'the next ones. Commits are listed by git, which needs the whole history.',
    `For a first release --base is git's empty tree, ${emptyTrees[0]}: then every commit is listed.`,
    'An approval counts for the last commit of a merged pull request, by somebody who is neither its author nor an author or the committer of',
    'the commit, and who may change the repository; the approval of a program does not count. A commit whose committer has no account counts as',
    'not approved, unless GitHub itself made and signed it. A merge that changes more than git would needs an approval of its own (git 2.38).',
    'Exit code 1: a commit is not approved; the record says so, too.',
    '',
    '--gitlab asks GitLab itself, with the token in GITLAB_TOKEN (scope read_api). --api is the address of its API, such as',
    'https://gitlab.example.com/api/v4, and --project the id or path of the project; in GitLab CI both are known. An approval of GitLab names no',
    'commit: it is of the version of the merge request that was the newest one at that instant, and counts when that was the last one. GitLab tells',
    'no account of a committer: one with another address than the author must have written another commit of the release, or the commit counts',
    'as not approved. Commits that GitLab itself made by squashing or merging are excepted.',
  ].join('\n'),
  binds: 'the commits after --base up to --head, each by its whole id; nothing is sent to Holdpoint',
  defaults: '--head HEAD, --output reviews.record.json, --api $CI_API_V4_URL, --project $CI_PROJECT_ID',
  examples: [
    'holdpoint reviews --query',
    'holdpoint reviews github.json --base $OLD_COMMIT',
    'holdpoint reviews page-1.json page-2.json --base $OLD_COMMIT --head $COMMIT --output final.record.json',
    'holdpoint reviews --gitlab --base $OLD_COMMIT --api https://gitlab.example.com/api/v4 --project shop/orders',
  ],
  prints: z.union([z.object({ query: z.string() }), z.object({ file: z.string(), ...schemaOf(reviewsRecord).shape })]),
  run: async (argv, io) => {
    const { values, positionals: files } = read(argv, options, ['file?…']);
    if (values.query) {
      io.out(values.json ? jsonText({ query: githubQuery }) : githubQuery);
      return 0;
    }
    checkSource(files, values);
    const given = need(values.base, 'base');
    const base = isEmptyTree(given) ? given : await commitOf(io, 'base', given);
    const head = await commitOf(io, 'head', values.head ?? 'HEAD');
    const listed = await commitsBetween(io, base, head);
    const { tool, commits: asked } = await reviewedOf(io, { files, values, commits: listed.map(({ id }) => id) });
    const commits = await withOwnMerges(io, listed, asked);
    const record = {
      schema: 'holdpoint.reviews/1',
      at: io.now().toISOString(),
      tool,
      base,
      head,
      commits,
    };
    const output = values.output ?? 'reviews.record.json';
    await writeRecord(io, reviewsRecord, { record, output });
    const refused = commits.flatMap((one) => {
      const why = refusalOf(one);
      return why === undefined ? [] : [`${why} (${one.url})`];
    });
    io.out(values.json ? jsonText({ file: output, ...record }) : `${summaryOf(commits.length, refused, output)}\n`);
    return refused.length === 0 ? 0 : 1;
  },
};

type Asked = {
  readonly files: readonly string[];
  readonly values: { readonly gitlab?: boolean | undefined; readonly api?: string | undefined; readonly project?: string | undefined };
  readonly commits: readonly string[];
};

/** The commits with their reviews: by GitLab itself, or by the answers of GitHub in the files. */
const reviewedOf = async (
  io: Io,
  { files, values: { gitlab, api, project }, commits }: Asked,
): Promise<{ readonly tool: string; readonly commits: readonly ReviewedCommit[] }> => {
  if (commits.length === 0) return { tool: 'holdpoint reviews, git', commits: [] };
  if (gitlab)
    return { tool: 'holdpoint reviews, GitLab API', commits: gitlabReviewsOf(await askGitLab(io, { api, project }, commits), commits) };
  const answers = await Promise.all(files.map(async (file) => ({ file, json: await jsonIn(io, file) })));
  const found = githubReviewsOf(answers, commits);
  if ('wrong' in found) throw new Usage(found.wrong);
  return { tool: 'holdpoint reviews, GitHub GraphQL API', commits: found.ok };
};

/** Where the reviews come from must be said, and once. */
const checkSource = (files: readonly string[], { gitlab, api, project }: Asked['values']): void => {
  if (gitlab && files.length > 0) throw new Usage('--gitlab asks GitLab itself, and FILE is an answer of GitHub: give one of them');
  if (!gitlab && (api !== undefined || project !== undefined)) throw new Usage('--api and --project belong to --gitlab');
  if (!gitlab && files.length === 0)
    throw new Usage(
      'FILE is missing: an answer of GitHub to the query that `holdpoint reviews --query` prints; or --gitlab, which asks GitLab',
    );
};

/** Every commit after `base` up to `head`, the oldest first. */
const commitsBetween = async (io: Io, base: string, head: string): Promise<readonly ListedCommit[]> => {
  if ((await git(io, ['rev-parse', '--is-shallow-repository'])).trim() === 'true')
    throw new Usage('the clone is shallow, so that git does not know every commit of the release: fetch the whole history');
  const listed = (await git(io, ['rev-list', '--reverse', '--topo-order', '--parents', isEmptyTree(base) ? head : `${base}..${head}`]))
    .split('\n')
    .flatMap((line): ListedCommit[] => {
      const [id = '', ...parents] = line.split(' ');
      return id === '' ? [] : [{ id, parents }];
    });
  // An artifact that was built anew from the live commit: the record says that it brings no commit, and so no author.
  if (listed.length === 0 && base !== head)
    throw new Usage(`no commit lies between ${base.slice(0, 12)} and ${head.slice(0, 12)}: there is nothing to review`);
  return listed;
};

const summaryOf = (all: number, refused: readonly string[], output: string): string =>
  [
    `${counted(all, 'commit')}, ${all - refused.length} approved`,
    ...refused.map((why) => `  ${plain(why)}`),
    `The record is in ${plain(output)}.`,
  ].join('\n');
