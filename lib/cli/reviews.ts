import * as z from 'zod';
import { schemaOf } from '../evidence/record.ts';
import { reviews as reviewsRecord } from '../evidence/records/reviews.ts';
import { githubQuery, githubReviewsOf, type ReviewedCommit } from '../producers/github-reviews.ts';
import { need, read } from './arguments.ts';
import { git } from './git.ts';
import { jsonIn } from './given-file.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';

const options = {
  query: { type: 'boolean' },
  base: { type: 'string' },
  head: { type: 'string' },
  output: { type: 'string' },
} as const;

export const reviews: Command = {
  usage: [
    'holdpoint reviews FILE… --base COMMIT [--head COMMIT] [--output FILE]',
    '       holdpoint reviews --query',
    '',
    "--query prints a query for GitHub's GraphQL API; FILE is an answer to it. COMMIT after --base is that of the live version, and after --head",
    'that of the release (default: HEAD). Every commit between them must be in an answer; one answer has 50, and the variable `after` asks for',
    'the next ones. Commits are listed by git, which needs the whole history.',
    'An approval counts for the last commit of a merged pull request, by somebody who is neither its author nor an author or the committer of',
    'the commit. Default: --output reviews.record.json. Exit code 1: a commit has no approval at all; the check judges the rest.',
  ].join('\n'),
  binds: 'the commits after --base up to --head, each by its whole id; nothing is sent',
  defaults: '--head HEAD, --output reviews.record.json',
  examples: [
    'holdpoint reviews --query',
    'holdpoint reviews github.json --base $OLD_COMMIT',
    'holdpoint reviews page-1.json page-2.json --base $OLD_COMMIT --head $COMMIT --output final.record.json',
  ],
  prints: z.union([z.object({ query: z.string() }), z.object({ file: z.string(), ...schemaOf(reviewsRecord).shape })]),
  run: async (argv, io) => {
    const { values, positionals: files } = read(argv, options, ['file?…']);
    if (values.query) {
      io.out(values.json ? jsonText({ query: githubQuery }) : githubQuery);
      return 0;
    }
    if (files.length === 0) throw new Usage('FILE is missing: an answer of GitHub to the query that `holdpoint reviews --query` prints');
    const base = await commitOf(io, 'base', need(values.base, 'base'));
    const head = await commitOf(io, 'head', values.head ?? 'HEAD');
    const listed = await commitsBetween(io, base, head);
    const answers = await Promise.all(files.map(async (file) => ({ file, json: await jsonIn(io, file) })));
    const found = githubReviewsOf(answers, listed);
    if ('wrong' in found) throw new Usage(found.wrong);
    const record = {
      schema: 'holdpoint.reviews/1',
      at: io.now().toISOString(),
      tool: 'holdpoint reviews, GitHub GraphQL API',
      base,
      head,
      commits: found.ok,
    };
    const output = values.output ?? 'reviews.record.json';
    await io.writeFile(output, jsonText(record));
    const bare = found.ok.filter((one) => !one.reviews.some(({ state }) => state === 'approved'));
    io.out(values.json ? jsonText({ file: output, ...record }) : `${summaryOf(found.ok, bare, output)}\n`);
    return bare.length === 0 ? 0 : 1;
  },
};

/** The whole id of a commit, as git knows it. */
const commitOf = async (io: Io, option: string, given: string): Promise<string> => {
  const { code, text } = await io.output('git', ['rev-parse', '--verify', '--end-of-options', `${given}^{commit}`]);
  if (code !== 0) throw new Usage(`--${option} ${given}: git does not know this commit; fetch the whole history`);
  return text.trim();
};

/** Every commit after `base` up to `head`, the oldest first. */
const commitsBetween = async (io: Io, base: string, head: string): Promise<readonly string[]> => {
  if ((await git(io, ['rev-parse', '--is-shallow-repository'])).trim() === 'true')
    throw new Usage('the clone is shallow, so that git does not know every commit of the release: fetch the whole history');
  const listed = (await git(io, ['rev-list', '--reverse', '--topo-order', `${base}..${head}`])).split('\n').filter((line) => line !== '');
  if (listed.length === 0)
    throw new Usage(`no commit lies between ${base.slice(0, 12)} and ${head.slice(0, 12)}: there is nothing to review`);
  return listed;
};

const summaryOf = (all: readonly ReviewedCommit[], bare: readonly ReviewedCommit[], output: string): string =>
  [
    `${all.length === 1 ? '1 commit' : `${all.length} commits`}, ${all.length - bare.length} with an approval`,
    ...bare.map(({ commit, author, url }) => `  ${commit.slice(0, 12)} by ${plain(author)}: no approval (${plain(url)})`),
    `The record is in ${plain(output)}.`,
  ].join('\n');
