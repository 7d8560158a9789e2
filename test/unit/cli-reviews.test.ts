import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { record as recordRule } from '../../lib/rules/record-within.ts';
import { commitNode, githubAnswer, pull, review } from './github-answer.ts';
import { bytes } from './parsed.ts';
import { terminal } from './terminal.ts';

const [base, first, head, branch] = ['a', 'b', 'c', 'e'].map((digit) => digit.repeat(40)) as [string, string, string, string];
const both = githubAnswer(commitNode(head), commitNode(first));

type Git = {
  readonly shallow?: boolean;
  readonly listed?: readonly string[];
  readonly knows?: boolean;
  /** What git makes of the two parents of a merge, with its exit code; and the tree that the merge has. */
  readonly merged?: { readonly code: number; readonly tree: string; readonly has: string; readonly isBehind?: boolean };
};

/** Runs the command in a repository with two commits since the live version. */
const inRepository = async (
  files: Readonly<Record<string, string>>,
  argv: readonly string[] = ['reviews', ...Object.keys(files), '--base', 'v1'],
  { shallow = false, listed = [first, head], knows = true, merged }: Git = {},
) => {
  const { io, said } = terminal(
    undefined,
    {},
    {
      output: async (_, [what, second, , named]) => {
        if (what === 'merge-tree') return { code: merged?.code ?? 129, text: `${merged?.tree}\n` };
        if (what === 'merge-base') return { code: merged?.isBehind ? 0 : 1, text: '' };
        if (named?.endsWith('^{tree}')) return { code: 0, text: `${merged?.has}\n` };
        if (what === 'rev-list') return { code: 0, text: `${listed.join('\n')}\n` };
        if (second === '--is-shallow-repository') return { code: 0, text: `${shallow}\n` };
        return knows ? { code: 0, text: `${named?.startsWith('v1') ? base : head}\n` } : { code: 128, text: '' };
      },
      readFile: async (path) => bytes(files[path] ?? expect.fail(path)),
    },
  );
  const code = await run([...argv], { ...io, env: {} });
  const written = said.files.get('reviews.record.json');
  return { code, said, record: written === undefined ? undefined : (JSON.parse(written) as { readonly commits: readonly object[] }) };
};

const judged = (record: unknown) => {
  const read = parseEvidence('record', bytes(JSON.stringify(record)));
  expect(read.refused).toBeUndefined();
  return judgeEvidence(recordRule('reviews', { minCommits: 1 }) as never, read.ok as never);
};

describe('holdpoint reviews', () => {
  test("takes git's empty tree, which is no commit, and lists every commit", async () => {
    const base = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
    const files = { 'github.json': JSON.stringify(githubAnswer(commitNode(first), commitNode(head))) };
    const { code, record } = await inRepository(files, ['reviews', 'github.json', '--base', base]);
    expect([code, record]).toMatchObject([0, { base, head, commits: [{ commit: first }, { commit: head }] }]);
  });

  test('writes a record of every commit, in the order of git, that the check passes', async () => {
    const { code, said, record } = await inRepository({ 'github.json': JSON.stringify(both) });
    expect(code, said.err).toBe(0);
    expect(record).toMatchObject({ base, head, commits: [{ commit: first, author: 'ada', reviewedAs: branch }, { commit: head }] });
    expect(judged(record).verdict).toBe('pass');
    expect(said.out).toContain('2 commits, 2 approved');
  });

  test('reads several pages', async () => {
    const pages = {
      'one.json': JSON.stringify(githubAnswer(commitNode(head))),
      'two.json': JSON.stringify(githubAnswer(commitNode(first), commitNode(base))),
    };
    expect((await inRepository(pages)).code).toBe(0);
  });

  const reviewed = (...nodes: readonly object[]) => pull({ reviews: { pageInfo: { hasNextPage: false }, nodes } });
  const by = (...logins: readonly (string | null)[]) => ({
    authors: { pageInfo: { hasNextPage: false }, nodes: logins.map((login) => ({ user: login === null ? null : { login } })) },
  });

  const signed = (changes: object) => ({ isValid: true, wasSignedByGitHub: true, ...changes });
  test.each<readonly [string, object, readonly object[]]>([
    ['no pull request brought it', {}, []],
    ['the pull request is still open', {}, [pull({ merged: false })]],
    ['nobody reviewed it', {}, [reviewed()]],
    ['its author approved it', {}, [reviewed(review('ada', 'APPROVED'))]],
    ['a co-author approved it', by('ada', 'grace'), [pull()]],
    ['its committer approved it', { committer: { user: { login: 'grace' } } }, [pull()]],
    ['GitHub knows no account of its committer', { committer: { user: null }, signature: null }, [pull()]],
    ['GitHub says nothing of its committer', { committer: null, signature: null }, [pull()]],
    [
      'its committer has no account and signed it',
      { committer: { user: null }, signature: signed({ wasSignedByGitHub: false }) },
      [pull()],
    ],
    ["GitHub's signature is not valid", { committer: { user: null }, signature: signed({ isValid: false }) }, [pull()]],
    ['who opened the pull request approved it', by('linus'), [pull({ author: { login: 'grace' } })]],
    ['GitHub knows no account of its author', by(null), [pull()]],
    ['GitHub knows no account of a co-author', by('ada', null), [pull()]],
    ['the account that opened the pull request is gone', {}, [pull({ author: null })]],
    ['the account that approved it is gone', {}, [reviewed(review(null, 'APPROVED'))]],
    ['the approval is not sent yet', {}, [reviewed(review('grace', 'PENDING'))]],
    ['the approved commit is gone', {}, [reviewed(review('grace', 'APPROVED', { commit: null }))]],
    ['an older commit was approved', {}, [reviewed(review('grace', 'APPROVED', { commit: { oid: 'f'.repeat(40) } }))]],
    [
      'the approval was dismissed',
      {},
      [reviewed(review('grace', 'APPROVED'), review('grace', 'DISMISSED', { submittedAt: '2026-03-01T11:00:00Z' }))],
    ],
    ['a program approved it', {}, [reviewed(review('renovate', 'APPROVED', { author: { __typename: 'Bot', login: 'renovate' } }))]],
    [
      'somebody approved it who may not change the repository',
      {},
      [reviewed(review('ada-2', 'APPROVED', { authorCanPushToRepository: false }))],
    ],
    ['the approval was dismissed at the same instant', {}, [reviewed(review('grace', 'DISMISSED'), review('grace', 'APPROVED'))]],
    ['its author approved it under small and capital letters', {}, [reviewed(review('ADA', 'APPROVED'))]],
    ['changes are requested', {}, [reviewed(review('grace', 'APPROVED'), review('alan', 'CHANGES_REQUESTED'))]],
  ])('is no pass when %s', async (_, changes, pulls) => {
    const { record } = await inRepository({
      'github.json': JSON.stringify(githubAnswer(commitNode(first), commitNode(head, changes, pulls))),
    });
    expect(record?.commits).toHaveLength(2);
    expect(judged(record)).toMatchObject({ verdict: 'fail', reason: expect.stringContaining(head.slice(0, 12)) as unknown });
  });

  const merge = [first, `${head} ${first} ${branch}`];
  test.each<readonly [string, NonNullable<Git['merged']>, 'pass' | 'fail']>([
    ['that git makes of its parents', { code: 0, tree: 'same', has: 'same' }, 'pass'],
    ['that changes more than git would', { code: 0, tree: 'one', has: 'other' }, 'fail'],
    ['that mended a conflict', { code: 1, tree: 'same', has: 'same' }, 'fail'],
    ['that was approved with the branch', { code: 1, tree: 'one', has: 'other', isBehind: true }, 'pass'],
  ])('asks of a merge %s whether the approval was of it', async (_, merged, verdict) => {
    const { record } = await inRepository({ 'github.json': JSON.stringify(both) }, undefined, { listed: merge, merged });
    expect(judged(record)).toMatchObject({
      verdict,
      ...(verdict === 'fail'
        ? { reason: expect.stringContaining(`${head.slice(0, 12)}: only an older commit was approved`) as unknown }
        : {}),
    });
  });

  test('writes nothing where an older git cannot tell what a merge changed', async () => {
    const { code, said } = await inRepository({ 'github.json': JSON.stringify(both) }, undefined, { listed: merge });
    expect([code, said.err, said.files.size]).toEqual([2, expect.stringContaining('git 2.38 or newer'), 0]);
  });

  test('counts the pull request that was approved, when a commit came by several', async () => {
    const { record } = await inRepository({
      'github.json': JSON.stringify(githubAnswer(commitNode(first), commitNode(head, {}, [reviewed(), pull()]))),
    });
    expect(judged(record).verdict).toBe('pass');
  });

  test('counts the other one, when the committer alone approved the first', async () => {
    const byCommitter = { committer: { user: { login: 'alan' } } };
    const { record } = await inRepository({
      'github.json': JSON.stringify(
        githubAnswer(commitNode(first), commitNode(head, byCommitter, [reviewed(review('alan', 'APPROVED')), pull()])),
      ),
    });
    expect(judged(record).verdict).toBe('pass');
  });

  test('names each commit that is not approved, and exits with 1', async () => {
    const answer = githubAnswer(commitNode(first), commitNode(head, {}, []));
    const { code, said } = await inRepository({ 'github.json': JSON.stringify(answer) });
    expect([code, said.out]).toEqual([
      1,
      expect.stringMatching(/^2 commits, 1 approved\n {2}c{12}: nobody but its author approved it \(https:/),
    ]);
  });

  const more = { pageInfo: { hasNextPage: true }, nodes: [] };
  test.each<readonly [string, string, RegExp]>([
    ['a commit is missing', JSON.stringify(githubAnswer(commitNode(head))), /no answer has the commit b{40}: ask for the next page/],
    [
      'reviews are cut off',
      JSON.stringify(githubAnswer(commitNode(first), commitNode(head, {}, [pull({ reviews: more })]))),
      /only a part/,
    ],
    [
      'pull requests are cut off',
      JSON.stringify(githubAnswer(commitNode(first), commitNode(head, { associatedPullRequests: more }))),
      /part/,
    ],
    ['authors are cut off', JSON.stringify(githubAnswer(commitNode(first), commitNode(head, { authors: more }))), /only a part/],
    ['GitHub refused', '{"message":"Bad credentials"}', /github\.json is no answer to the query: data: /],
    ['a state is unknown', JSON.stringify(both).replaceAll('APPROVED', 'BLESSED'), /is no answer to the query/],
    ['it is a login page', '<!doctype html>', /github\.json cannot be read as JSON\. The report is not JSON/],
    ['a name stands in it twice', '{"data":{"repository":1},"data":{}}', /has a name twice/],
  ])('writes nothing when %s', async (_, text, says) => {
    const { code, said } = await inRepository({ 'github.json': text });
    expect([code, said.err, said.files.size]).toEqual([2, expect.stringMatching(says), 0]);
  });

  test('writes that the release brings no commit where it is the commit of the live version', async () => {
    const files = { 'github.json': JSON.stringify(both) };
    const { code, said, record } = await inRepository(files, ['reviews', 'github.json', '--base', 'HEAD'], { listed: [] });
    expect(code, said.err).toBe(0);
    expect(record).toMatchObject({ base: head, head, commits: [] });
    expect(parseEvidence('record', bytes(JSON.stringify(record))).ok).toMatchObject({
      authors: [],
      base: head,
      commit: head,
      faultsCount: 0,
    });
    expect(judged(record).verdict).toBe('inconclusive');
  });

  test('names nobody in place of an account that GitHub does not know', async () => {
    const answer = githubAnswer(commitNode(first, by('ada', null)), commitNode(head, by(null)));
    const { record } = await inRepository({ 'github.json': JSON.stringify(answer) });
    expect(record?.commits).toMatchObject([{ author: 'ada', unknownHands: true }, { unknownHands: true }]);
    expect(JSON.stringify(record)).not.toContain('unknown to');
    expect(parseEvidence('record', bytes(JSON.stringify(record))).ok).toMatchObject({ unnamedAuthors: true });
  });

  test.each<readonly [string, Git, RegExp]>([
    ['a shallow clone', { shallow: true }, /the clone is shallow/],
    ['an unknown commit', { knows: false }, /git does not know this commit/],
    ['nothing between both commits', { listed: [] }, /there is nothing to review/],
  ])('refuses %s', async (_, git, says) => {
    const files = { 'github.json': JSON.stringify(both) };
    const { code, said } = await inRepository(files, ['reviews', 'github.json', '--base', 'v1'], git);
    expect([code, said.err, said.files.size]).toEqual([2, expect.stringMatching(says), 0]);
  });

  test('prints its query, and asks for a file without it', async () => {
    const { code, said } = await inRepository({}, ['reviews', '--query']);
    expect([code, said.out]).toEqual([0, expect.stringContaining('associatedPullRequests(first: 10)')]);
    expect((await inRepository({}, ['reviews', '--base', 'v1'])).said.err).toContain('FILE is missing');
  });
});
