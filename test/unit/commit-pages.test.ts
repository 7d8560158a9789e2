import { describe, expect, test } from 'vitest';
import { commitPage, commitPagesOf } from '../../lib/checklist/commit-pages.ts';
import { commitLink } from '../../lib/console/release.ts';

const of = (issuer: string, ...claims: Record<string, string | string[] | number>[]): unknown =>
  commitPagesOf({
    issuers: [
      { kind: 'ci', issuer, audience: 'holdpoint', identities: claims.map((one) => ({ id: 'ci/shop', services: ['shop'], claims: one })) },
    ],
  } as never)['ci/shop'];

const github = 'https://token.actions.githubusercontent.com';

describe('where a code host shows a commit', () => {
  test.each([
    [github, { repository: 'acme/shop' }, 'https://github.com/acme/shop/commit/'],
    [github, { sub: 'repo:acme/shop:ref:refs/heads/main' }, 'https://github.com/acme/shop/commit/'],
    ['https://token.actions.acme.ghe.com', { repository: 'acme/shop' }, undefined],
    ['https://gitlab.com', { project_path: 'acme/web/shop' }, 'https://gitlab.com/acme/web/shop/-/commit/'],
    ['https://gitlab.com', { sub: 'project_path:acme/shop:ref_type:branch:ref:main' }, 'https://gitlab.com/acme/shop/-/commit/'],
  ])('%s with %o', (issuer, claims, expected) => {
    expect(of(issuer, claims)).toBe(expected);
  });

  test('an instance of its own, which the stage file names', () => {
    const own = (issuer: string, preset: string, claims: object): unknown =>
      commitPagesOf({
        issuers: [{ kind: 'ci', preset, issuer, audience: 'a', identities: [{ id: 'x', services: ['shop'], claims }] }],
      } as never).x;
    expect(own('https://git.acme.example/_services/token', 'github', { repository: 'a/b' })).toBe('https://git.acme.example/a/b/commit/');
    expect(own('https://token.actions.acme.ghe.com', 'github', { repository: 'a/b' })).toBe('https://acme.ghe.com/a/b/commit/');
    expect(own('https://git.acme.example/gitlab', 'gitlab', { project_path: 'a/b' })).toBe('https://git.acme.example/gitlab/a/b/-/commit/');
    expect(own('http://git.acme.example/_services/token', 'github', { repository: 'a/b' })).toBeUndefined();
  });

  test('is not known where the identity names no repository, several, or no name of one', () => {
    const refused: Record<string, string | string[] | number>[] = [
      {},
      { repository: ['acme/shop', 'acme/mail'] },
      { repository_id: 7 },
      { repository: 'acme/shop/../x"' },
      { repository: '//evil.example/x' },
    ];
    for (const claims of refused) expect(of(github, claims), JSON.stringify(claims)).toBeUndefined();
    expect(of(github, { repository: 'acme/shop' }, { repository: 'acme/mail' })).toBeUndefined();
    expect(of('https://agent.buildkite.com', { repository: 'acme/shop' })).toBeUndefined();
  });

  test('is completed by a hash alone, for the CI identity that started the run', () => {
    const stage = { commitPages: { 'ci/shop': 'https://github.com/acme/shop/commit/' } };
    const start = (commit: string, actor: { kind: string; id?: string } = { kind: 'ci', id: 'ci/shop' }) =>
      commitPage(stage, { actor, data: { commit } });
    expect(start('a'.repeat(40))).toBe(`https://github.com/acme/shop/commit/${'a'.repeat(40)}`);
    expect([
      start('../../evil'),
      start('a'.repeat(40), { kind: 'ci', id: 'toString' }),
      start('a'.repeat(40), { kind: 'person', id: 'ci/shop' }),
    ]).toEqual([null, null, null]);
  });
});

test('a page makes nothing else than https a link, and foreign signs stay text', async () => {
  const shown = async (text: string, address: string | null) => String(await commitLink(text, address));
  expect(await shown('abc', 'https://github.com/a/b/commit/abc')).toBe(
    '<a href="https://github.com/a/b/commit/abc" rel="noopener noreferrer">abc</a>',
  );
  for (const address of ['javascript:alert(1)', 'http://x.example/abc', null]) expect(await shown('<b>', address)).toBe('&lt;b&gt;');
});
