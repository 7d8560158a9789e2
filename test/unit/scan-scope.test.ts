import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import { run } from '../../lib/cli/main.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { profileSchema } from '../../lib/profile/schema.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { inRepository } from './given-files.ts';
import { bytes } from './parsed.ts';
import { terminal } from './terminal.ts';

const features = [
  { id: 'orders', title: 'Orders', paths: ['src/orders/**'] },
  { id: 'cart', title: 'Cart', paths: ['src/cart/**'] },
];
const profileText = (all: object): string => JSON.stringify({ service: 'shop', features: all });
const files = { 'p.yaml': profileText(features), 'src/orders/a.ts': '1', 'src/cart/b.ts': '1', 'scripts/c.ts': '1' };

const judged = (log: string, all: readonly object[] | undefined) => {
  const result =
    all === undefined ? { ok: baseChecklist } : profiled(baseChecklist, profileSchema.parse({ service: 'shop', features: all }));
  if ('wrong' in result) throw new Error(JSON.stringify(result.wrong));
  const rule = itemOf(result.ok, 'production-code-only')?.rule ?? null;
  const parsed = parseEvidence('sarif', bytes(log));
  if (parsed.refused || rule === null || !isEvidenceRule(rule)) throw new Error('no rule, or no log');
  return judgeEvidence(rule, parsed.ok);
};
const scanned = async (argv: readonly string[], more: Readonly<Record<string, string>> = {}, folder = '') => {
  const { said, code, out } = await inRepository(['scan', ...argv], { ...files, ...more }, '', folder);
  expect(code).toBe(0);
  return { log: said.files.get('scan.sarif') ?? '', out };
};

describe('a scan says what it read, and the check knows whether that is the production code', () => {
  test('in the folder of the repository it is whole', async () => {
    const { log } = await scanned([]);
    expect(judged(log, undefined).verdict).toBe('pass');
    expect(judged(log, features).verdict).toBe('pass');
  });

  test('in a subfolder it is a part, and its paths are those of the repository', async () => {
    const { log, out } = await scanned([], {}, 'packages/shop');
    expect(judged(log, features)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/only a part of the repository was scanned: run `holdpoint scan` in its top folder/),
    });
    expect(log).toContain('"uri": "packages/shop/src/orders/a.ts"');
    expect(out).toContain('Only a part of the repository was scanned');
  });

  test('with the features of the profile in force it is whole, in whatever order they stand', async () => {
    const { log } = await scanned(['--profile', 'p.yaml']);
    expect(judged(log, features.toReversed()).verdict).toBe('pass');
  });

  test('with other features it is not that of the release', async () => {
    const { log } = await scanned(['--profile', 'few.yaml'], { 'few.yaml': profileText(features.slice(0, 1)) });
    expect(judged(log, features)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/chosen by other features than those of the run's profile: scan with the profile in force/),
    });
  });

  test('files that git knows and that are not there were not read', async () => {
    const { io, said } = terminal(
      undefined,
      {},
      {
        readFile: async () => bytes('1'),
        entryOf: async (path) => {
          if (path === 'src/cart/b.ts') throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
          return { kind: 'file', bytes: 1, modifiedAt: new Date(0), version: '1' };
        },
        output: async (_command, [name]) => ({ code: 0, text: name === 'ls-files' ? 'src/orders/a.ts\0src/cart/b.ts\0' : '\n' }),
      },
    );
    expect(await run(['scan'], { ...io, env: {} })).toBe(0);
    expect(said.out).toContain('Not read, because not in the folder: src/cart/b.ts');
    expect(judged(said.files.get('scan.sarif') ?? '', undefined).verdict).toBe('inconclusive');
  });

  test.each([['text'], [7], [[1]], [{}]])('a log with the choice %j fits no profile', (paths) => {
    const log = (more: object): string =>
      JSON.stringify({
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'holdpoint-scan-mocks' } },
            results: [],
            artifacts: [{ location: { uri: 'src/orders/a.ts' } }],
            properties: { scope: 'whole', ...more },
          },
        ],
      });
    expect(judged(log({ paths }), features).verdict).toBe('inconclusive');
    expect(judged(log({ paths: ['src/orders/**', 'src/cart/**'] }), features).verdict).toBe('pass');
  });
});
