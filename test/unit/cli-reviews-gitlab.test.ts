import { describe, expect, test } from 'vitest';
import { approvedBy, asked, base, first, head, judged, note, oldHead, request, token, version, type World } from './gitlab-release.ts';

describe('holdpoint reviews --gitlab', () => {
  test('writes a record of every commit that the check passes, and sends the token to the API alone', async () => {
    const { code, said, record, requests } = await asked();
    expect(code, said.err).toBe(0);
    expect(record).toMatchObject({
      base,
      head,
      tool: 'holdpoint reviews, GitLab API',
      commits: [
        { commit: first, author: 'ada', reviewedAs: head, reviews: [{ by: 'linus', commit: head, state: 'approved' }] },
        { commit: head, url: 'https://gitlab.test/shop/orders/-/merge_requests/7', reviews: [{ by: 'grace', commit: head }] },
      ],
    });
    expect(judged(record).verdict).toBe('pass');
    expect(new Set(requests.map((one) => one.token))).toEqual(new Set([token]));
  });

  test('asks about a merge request once, however many commits it brought', async () => {
    const { code, requests } = await asked({ of: { [`/projects/12/repository/commits/${first}/merge_requests`]: [request()] } });
    expect(code).toBe(0);
    expect(requests.filter(({ path }) => path.endsWith('/approvals'))).toHaveLength(1);
  });

  test('reads every page of a list', async () => {
    const versions = { pages: [[version(head, '2026-03-01T11:00:00.000Z')], [version(oldHead, '2026-03-01T09:00:00.000Z')]] };
    const { requests, record } = await asked({ versions, approvals: { approved_by: [approvedBy('grace', '2026-03-01T10:00:00.000Z')] } });
    expect(requests.map(({ path }) => path)).toContain('/api/v4/projects/12/merge_requests/7/versions?per_page=100&page=2');
    expect(judged(record)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('only an older commit was approved') as unknown,
    });
  });

  test.each<[string, World]>([
    [
      'an older server says the time of an approval in a note',
      {
        approvals: { approved_by: [approvedBy('grace', null)] },
        notes: [note('approved this merge request', '2026-03-01T12:00:00.000Z')],
      },
    ],
    [
      'it was approved again after it was taken back',
      {
        approvals: { approved_by: [approvedBy('grace', null)] },
        notes: [
          note('unapproved this merge request', '2026-03-01T11:30:00.000Z'),
          note('approved this merge request', '2026-03-01T12:00:00.000Z'),
        ],
      },
    ],
    [
      'another member of a squashed change wrote the rest',
      {
        request: { squash_commit_sha: head, sha: oldHead },
        versions: [version(oldHead, '2026-03-01T09:00:00.000Z')],
        commits: [{ id: oldHead }],
        authors: { [first]: { username: 'ada' }, [head]: { username: 'ada' }, [oldHead]: { username: 'alan' } },
      },
    ],
    [
      'GitLab squashed it under its own address',
      {
        request: { squash_commit_sha: head, sha: oldHead },
        versions: [version(oldHead, '2026-03-01T09:00:00.000Z')],
        commits: [{ id: oldHead }],
        authors: {
          [first]: { username: 'ada' },
          [head]: { username: 'ada', committerEmail: 'noreply@gitlab.test' },
          [oldHead]: { username: 'ada', committerEmail: 'Ada@shop.test' },
        },
      },
    ],
    [
      'GitLab merged it under its own address',
      {
        request: { merge_commit_sha: head, sha: oldHead },
        versions: [version(oldHead, '2026-03-01T09:00:00.000Z')],
        authors: { [first]: { username: 'ada' }, [head]: { username: 'ada', committerEmail: 'noreply@gitlab.test' } },
      },
    ],
  ])('passes when %s', async (_what, world) => {
    const { record } = await asked(world);
    expect(judged(record)).toMatchObject({ verdict: 'pass' });
  });

  test.each<[string, World]>([
    ['no merge request brought it', { of: { [`/projects/12/repository/commits/${head}/merge_requests`]: [] } }],
    ['the merge request is still open', { request: { state: 'opened' } }],
    ['nobody approved it', { approvals: { approved_by: [] } }],
    ['its author approved it', { approvals: { approved_by: [approvedBy('ada')] } }],
    ['who opened the merge request approved it', { request: { author: { username: 'grace' } } }],
    ['the account that opened it is gone', { request: { author: null } }],
    ['the account that approved it is gone', { approvals: { approved_by: [approvedBy(null)] } }],
    [
      'it was approved before the last commit was pushed',
      { approvals: { approved_by: [approvedBy('grace', '2026-03-01T10:00:00.000Z')] } },
    ],
    ['it was approved at the instant of the push', { approvals: { approved_by: [approvedBy('grace', '2026-03-01T11:00:00.000Z')] } }],
    ['it was approved before every version', { approvals: { approved_by: [approvedBy('grace', '2026-03-01T08:00:00.000Z')] } }],
    ['nobody says when it was approved', { approvals: { approved_by: [approvedBy('grace', null)] } }],
    [
      'the last note takes the approval back',
      {
        approvals: { approved_by: [approvedBy('grace', null)] },
        notes: [
          note('approved this merge request', '2026-03-01T12:00:00.000Z'),
          note('unapproved this merge request', '2026-03-01T12:30:00.000Z'),
        ],
      },
    ],
    [
      'a person wrote the note',
      {
        approvals: { approved_by: [approvedBy('grace', null)] },
        notes: [note('approved this merge request', '2026-03-01T12:00:00.000Z', 'grace', false)],
      },
    ],
    [
      'changes are requested',
      { reviewers: [{ user: { username: 'alan' }, state: 'requested_changes', created_at: '2026-03-01T08:00:00.000Z' }] },
    ],
    [
      'who approved it requests changes now',
      { reviewers: [{ user: { username: 'grace' }, state: 'requested_changes', created_at: '2026-03-01T08:00:00.000Z' }] },
    ],
    ['GitLab knows no account of its author', { authors: { [first]: { username: 'ada' }, [head]: { username: null } } }],
    ['GitLab does not know the commit', { authors: { [first]: { username: 'ada' } } }],
    [
      'a co-author approved it',
      {
        authors: {
          [first]: { username: 'grace' },
          [head]: { username: 'ada', message: 'Baskets\n\nCo-authored-by: Grace <Grace@shop.test>' },
        },
      },
    ],
    [
      'GitLab knows no account of a co-author',
      { authors: { [first]: { username: 'ada' }, [head]: { username: 'ada', message: 'Co-authored-by: X <x@else.test>' } } },
    ],
    [
      'its committer approved it',
      { authors: { [first]: { username: 'grace' }, [head]: { username: 'ada', committerEmail: 'grace@shop.test' } } },
    ],
    [
      'who approved it committed it, and wrote no other commit of the release',
      { authors: { [first]: { username: 'ada' }, [head]: { username: 'ada', committerEmail: 'grace@shop.test' } } },
    ],
    [
      'who approved it committed it, and pushed the merge',
      {
        request: { merge_commit_sha: head },
        authors: { [first]: { username: 'ada' }, [head]: { username: 'ada', committerEmail: 'grace@shop.test' } },
      },
    ],
    [
      'GitLab does not say who committed it',
      { authors: { [first]: { username: 'ada' }, [head]: { username: 'ada', committerEmail: null } } },
    ],
    ...['linus@shop.test', 'grace@shop.test'].map((address, place): [string, World] => [
      `who approved it committed a part of what was squashed, with an account that is ${place === 0 ? 'not known' : 'known'}`,
      {
        request: { squash_commit_sha: head, sha: oldHead },
        approvals: { approved_by: [approvedBy(address.split('@')[0] ?? '')] },
        versions: [version(oldHead, '2026-03-01T09:00:00.000Z')],
        commits: [{ id: oldHead }],
        authors: {
          [first]: { username: 'grace' },
          [head]: { username: 'ada' },
          [oldHead]: { username: 'ada', committerEmail: address },
        },
      },
    ]),
    [
      'who approved it wrote a part of what was squashed',
      {
        request: { squash_commit_sha: head, sha: oldHead },
        versions: [version(oldHead, '2026-03-01T09:00:00.000Z')],
        commits: [{ id: oldHead }],
        authors: { [first]: { username: 'ada' }, [head]: { username: 'ada' }, [oldHead]: { username: 'grace' } },
      },
    ],
    ['a program approved it', { approvals: { approved_by: [approvedBy('project_12_bot_4ffca233d8298ea1'), approvedBy('group_7_bot')] } }],
  ])('is no pass when %s', async (_what, world) => {
    const { record } = await asked(world);
    expect(record?.commits).toHaveLength(2);
    expect(judged(record)).toMatchObject({ verdict: 'fail', reason: expect.stringContaining(head.slice(0, 12)) as unknown });
  });

  test('waits as long as GitLab asks for, and goes on', async () => {
    const { code, slept } = await asked({ of: { '/projects/12/merge_requests/7/reviewers': (tried) => (tried < 3 ? 429 : []) } });
    expect([code, slept]).toEqual([0, [7000, 7000]]);
  });

  test.each<[string, number, string]>([
    ['an unknown token', 401, 'does not know the token in GITLAB_TOKEN'],
    ['a token without the right', 403, 'scope read_api'],
    ['a project that it does not show', 404, 'check --project'],
    ['a limit that does not end', 429, 'too many requests'],
    ['a redirect', 302, 'it sends to another address'],
    ['a fault', 500, 'try again later'],
  ])('says why it has no record: %s', async (_what, status, sentence) => {
    const { code, said, record, requests } = await asked({ of: { '/projects/12/merge_requests/7/approvals': status } });
    expect([code, record]).toEqual([1, undefined]);
    expect(said.err).toContain(`GitLab answers ${status} at /api/v4/projects/12/merge_requests/7/approvals`);
    expect(said.err).toContain(sentence);
    expect(requests.filter(({ path }) => path.endsWith('/7/approvals'))).toHaveLength(status === 429 ? 5 : 1);
  });

  test('an answer of another form is no record', async () => {
    const { code, said, record } = await asked({ approvals: { approved_by: 'grace' } });
    expect([code, record]).toEqual([1, undefined]);
    expect(said.err).toContain('has another form: approved_by');
  });

  test.each<[string, readonly string[], Record<string, string>, string]>([
    ['a token', [], { GITLAB_TOKEN: '' }, 'no token: set GITLAB_TOKEN'],
    ['a token that is one', [], { GITLAB_TOKEN: `${token}\nx` }, 'characters that no token has'],
    ['a project', [], { CI_PROJECT_ID: '' }, 'no project'],
    ['an address', [], { CI_API_V4_URL: '' }, 'no address'],
    ['an encrypted address', ['--api', 'http://gitlab.test/api/v4'], {}, 'is not encrypted'],
    ['the address of the API', ['--api', 'https://gitlab.test'], {}, 'ends with /api/v4'],
    ['one source', ['github.json'], {}, 'give one of them'],
  ])('needs %s', async (_what, argv, env, sentence) => {
    const { code, said, requests } = await asked({}, argv, env);
    expect([code, requests]).toEqual([2, []]);
    expect(said.err).toContain(sentence);
  });

  test('takes the path of a project on another server', async () => {
    const { code, said, requests } = await asked({}, ['--project', 'shop/orders']);
    expect(requests[0]?.path).toBe(`/api/v4/projects/shop%2Forders/repository/commits/${first}/merge_requests?per_page=100&page=1`);
    expect([code, said.err.includes('404')]).toEqual([1, true]);
  });
});
