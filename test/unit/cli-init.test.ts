import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { inRepository } from './given-files.ts';
import { bytes } from './parsed.ts';

describe('holdpoint init', () => {
  const started = async (files: Readonly<Record<string, string>>, grep = '') => {
    const { code, said } = await inRepository(['init'], files, grep);
    expect(code).toBe(0);
    const text = said.files.get('holdpoint.yaml') ?? '';
    const read = readProfile(bytes(text));
    if ('wrong' in read) throw new Error(`${JSON.stringify(read.wrong)}\n${text}`);
    const result = profiled(baseChecklist, read.ok.profile);
    expect('wrong' in result ? result.wrong : []).toEqual([]);
    return { text, profile: read.ok.profile };
  };

  test('of an empty repository everything that a repository could have is observed, and the profile fits', async () => {
    const { profile } = await started({ 'README.md': '' });
    expect(profile.service).toBe('My-Shop');
    expect(profile.features).toEqual([{ id: 'my-shop', title: 'My-Shop', paths: ['**'] }]);
    expect(Object.keys(profile.observe ?? {})).toEqual(
      expect.arrayContaining([
        'coverage-per-feature',
        'no-regressions',
        'user-guide',
        'api-documentation',
        'load-testing',
        'manifests-valid',
        'backup-strategy',
      ]),
    );
    expect(Object.keys(profile.observe ?? {})).not.toContain('no-secrets');
    expect(Object.values(profile.observe ?? {})).toContain('2026-05-31');
  });

  test('what the repository has is required, and stands in the profile', async () => {
    const { profile, text } = await started(
      {
        'package.json': JSON.stringify({ name: '@acme/shop', devDependencies: { autocannon: '9' } }),
        'openapi.yaml': 'openapi: 3.1.0\npaths:\n  /orders:\n    get: {}\n    post: {}\n  /orders/{id}:\n    parameters: []\n    get: {}\n',
        Dockerfile: 'FROM node\nEXPOSE 8000/tcp 8080\n',
        'docs/user-guide.md': '',
        'docs/troubleshooting.md': '',
        'docs/architecture.md': '',
        'k8s/deployment.yaml': '',
        'src/cart/a.ts': '',
        'src/My Orders/b.ts': '',
        'src/index.ts': '',
        'test/smoke/health.test.ts': '',
      },
      'holdpoint.backup/1\n',
    );
    expect(profile).toMatchObject({
      service: 'shop',
      features: [
        { id: 'cart', paths: ['src/cart/**'] },
        { id: 'core', paths: ['src/*'] },
        { id: 'my-orders', paths: ['src/My Orders/**'] },
      ],
      guides: {
        'user-guide': 'docs/user-guide.md',
        'troubleshooting-guide': 'docs/troubleshooting.md',
        'architecture-documentation': 'docs/architecture.md',
      },
      endpoints: ['GET /orders', 'POST /orders', 'GET /orders/{id}'],
      ports: { from: 8000, to: 8080 },
    });
    const observed = Object.keys(profile.observe ?? {});
    for (const one of [
      'user-guide',
      'api-documentation',
      'load-testing',
      'manifests-valid',
      'smoke-tests-staging',
      'no-regressions',
      'backup-strategy',
    ])
      expect(observed, one).not.toContain(one);
    expect(observed).toEqual(expect.arrayContaining(['administrator-guide', 'cors-configured']));
    expect(text).toMatch(/cors-configured: 2026-05-31 # tests named \*cors\*/);
    expect(text.split('\n')[1]).toBe('$schema: https://holdpoint.dev/schemas/profile/1');
  });

  test.each(['a: b # c', "it's", '"quoted"', '[x]', 'ünïcode', '%', '(shop)', 'a*b'])(
    'a folder %s makes no profile that cannot be read',
    async (folder) => {
      const { profile } = await started({ [`src/${folder}/a.ts`]: '', 'src/other/b.ts': '', 'package.json': '{' });
      expect(profile.features.length).toBeGreaterThan(0);
    },
  );

  test.each<readonly [string, Readonly<Record<string, string>>, object]>([
    [
      'several folders of packages',
      {
        'package.json': '{"name":"mono"}',
        'apps/web/package.json': '{"devDependencies":{"k6":"1"}}',
        'apps/web/main.tsx': '',
        'packages/cart/a.ts': '',
        'vite.config.ts': '',
        'scripts/seed.ts': '',
      },
      {
        features: [
          { id: 'cart', paths: ['packages/cart/**'] },
          { id: 'web', paths: ['apps/web/**'] },
        ],
      },
    ],
    [
      'Go',
      { 'cmd/server/main.go': '', 'internal/cart/cart.go': '', 'internal/cart/cart_test.go': '' },
      { features: [{ paths: ['internal/cart/**'] }, { paths: ['cmd/server/**'] }] },
    ],
    ['Rails', { 'app/models/cart.rb': '', 'db/migrate/1.rb': '' }, { migrations: ['db/migrate/**'] }],
    [
      'documents in folders and under short names',
      { 'docs/troubleshooting/README.md': '', 'doc/ADMIN_GUIDE.MD': '' },
      { guides: { 'troubleshooting-guide': 'docs/troubleshooting/README.md', 'administrator-guide': 'doc/ADMIN_GUIDE.MD' } },
    ],
    [
      'several Dockerfiles',
      { 'a/Dockerfile': 'EXPOSE 3000', 'b/api.Dockerfile': 'EXPOSE 5000 70000' },
      { ports: { from: 3000, to: 5000 } },
    ],
  ])('of %s', async (_, files, expected) => {
    expect((await started(files)).profile).toMatchObject(expected);
  });

  test('an OpenAPI document is one by its content, with operations, and in a version that is evidence', async () => {
    const document = (version: string, paths = '{ /a: { get: {} } }'): string => `${version}\npaths: ${paths}\n`;
    const observed = async (files: Readonly<Record<string, string>>, grep = '') =>
      Object.keys((await started(files, grep)).profile.observe ?? {});
    expect(await observed({ 'spec/api.yaml': document('openapi: 3.1.0') }, 'spec/api.yaml\0')).not.toContain('api-documentation');
    expect(await observed({ 'swagger.yaml': document('swagger: "2.0"') })).toContain('api-documentation');
    expect(await observed({ 'openapi.yaml': document('openapi: 3.1.0', '{}') })).toContain('api-documentation');
    expect(
      (await started({ 'openapi.yaml': document('openapi: 3.1.0', `{ /${'x'.repeat(400)}: { get: {} } }`) })).profile.endpoints,
    ).toBeUndefined();
  });

  test('whatever files are called, the profile fits', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        '!x',
        '~',
        '..x',
        '*',
        '**',
        '{a}',
        '[id]',
        '\\',
        '\n',
        '\t',
        ' ',
        '-',
        '#',
        "'",
        '"',
        '\u202e',
        '__proto__',
        'core',
        '\u0085',
      ),
      fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).map((text) => text.replaceAll(/[/\0]/g, '_')),
      fc.constantFrom('l', '*', '\u{1f6d2}').map((sign) => sign.repeat(90)),
    );
    const path = fc
      .tuple(
        fc.constantFrom('src/', 'docs/', '', 'packages/'),
        name,
        name,
        fc.constantFrom('/a.ts', '/migrations/1.sql', '/user-guide.md', '-guide.md'),
      )
      .map((parts) => parts.join(''))
      .filter((one) => !/(?:^|\/)\.{1,2}(?:\/|$)/.test(one));
    await fc.assert(
      fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 8 }), async (paths) => {
        await started(Object.fromEntries(paths.map((one) => [one, ''])));
      }),
      { numRuns: 40 },
    );
  });

  test('a file that exists is not overwritten, and wrong options are wrong usage', async () => {
    const kept = await inRepository(['init'], { 'holdpoint.yaml': 'service: shop\n' });
    expect([kept.code, kept.said.files.size]).toEqual([2, 0]);
    for (const argv of [
      ['--days', '0'],
      ['--days', 'x'],
      ['--service', 'my shop'],
    ])
      expect((await inRepository(['init', ...argv], {})).code).toBe(2);
  });
});
