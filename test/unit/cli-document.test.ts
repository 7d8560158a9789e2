import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { record as recordRule } from '../../lib/rules/record-within.ts';
import { terminal } from './terminal.ts';

const changed = '2026-02-01T10:00:00+01:00';
type Git = { readonly status?: string; readonly shallow?: string; readonly changed?: string; readonly code?: number };

const reading = (
  files: Readonly<Record<string, string>>,
  { status = '', shallow = 'false', changed: at = changed, code = 0 }: Git = {},
) => {
  const { io, said } = terminal(
    undefined,
    {},
    {
      output: async (_, [first]) => ({ code, text: first === 'status' ? status : first === 'log' ? `${at}\n` : `${shallow}\n` }),
      readFile: async (path) => new TextEncoder().encode(files[path] ?? raise(path)),
      entryOf: async (path) => (path in files ? { kind: 'file', bytes: 1, modifiedAt: new Date(), version: '1' } : raise(path)),
    },
  );
  const record = (): Record<string, unknown> => JSON.parse(said.files.get('user-guide.record.json') ?? '{}') as Record<string, unknown>;
  return { io, said, record, call: (...more: string[]) => run(['document', 'docs/guide.md', '--as', 'user-guide', ...more], io) };
};
const raise = (path: string): never => {
  throw Object.assign(new Error(path), { code: 'ENOENT' });
};
const guide = '# Orders\n\nHow to place an order.\n\n## Place an order\n\nSee [above](#orders) and [prices](prices.md#all-prices).\n';
const prices = '# All prices\n';

describe('holdpoint document', () => {
  test('writes a record that the check judges', async () => {
    const { call, record } = reading({ 'docs/guide.md': guide, 'docs/prices.md': prices });
    expect(await call()).toBe(0);
    expect(record()).toMatchObject({
      about: 'user-guide',
      headings: ['Orders', 'Place an order'],
      links: 2,
      brokenLinks: [],
      placeholders: [],
      changedAt: '2026-02-01T09:00:00.000Z',
    });
    const read = parseEvidence('record', new TextEncoder().encode(JSON.stringify(record())));
    expect(read.refused).toBeUndefined();
    const rule = recordRule('document', { about: 'user-guide', minWords: 10, minHeadings: 2, maxUnchangedDays: 365 });
    expect(judgeEvidence(rule as never, read.ok as never).verdict).toBe('pass');
  });

  test.each([
    ['a file that does not exist', '[a](missing.md)', 'missing.md does not exist'],
    ['a heading that the file does not have', '[a](prices.md#no-prices)', 'prices.md#no-prices does not exist'],
    ['a heading that it does not have itself', '[a](#nowhere)', '#nowhere does not exist'],
    ['an image', '![a](a.png)', 'a.png does not exist'],
    ['a reference', '[a][one]\n\n[one]: gone.md', 'gone.md does not exist'],
    ['something to be written', 'The rest is ' + 'TB' + 'D.', 'TB' + 'D'],
    ['a phrase', 'Coming soon.', 'Coming soon'],
  ])('names %s', async (_, text, says) => {
    const { call, said } = reading({ 'docs/guide.md': `${guide}\n${text}\n`, 'docs/prices.md': prices });
    expect(await call()).toBe(1);
    expect(said.out).toContain(says);
  });

  test.each([
    ['another site', '[a](https://example.com/x) and <mailto:ole@example.com>'],
    ['a folder of the repository', '[a](/docs/prices.md)'],
    ['a heading with other signs', '## What is it?\n\n[a](#what-is-it)'],
    ['the second of two headings', '## Same\n\n## Same\n\n[a](#same-1)'],
    ['an anchor of HTML', '<a id="place"></a>\n\n[a](#place)'],
    ['code', '`' + 'TO' + 'DO` and\n\n```\n[a](missing.md)\n```'],
  ])('follows or leaves %s', async (_, text) => {
    const { call, said } = reading({ 'docs/guide.md': `${guide}\n${text}\n`, 'docs/prices.md': prices });
    expect(await call(), said.out + said.err).toBe(0);
  });

  test.each<readonly [string, Git, string]>([
    ['that is changed', { status: ' M docs/guide.md' }, 'not committed'],
    ['of a shallow clone', { shallow: 'true' }, 'shallow'],
    ['of no commit', { changed: '' }, 'no commit has'],
    ['outside of a repository', { code: 128 }, 'inside of the repository'],
    ['without git', { code: 127 }, 'git is not installed'],
  ])('writes no record about a file %s', async (_, git, says) => {
    const { call, said } = reading({ 'docs/guide.md': guide, 'docs/prices.md': prices }, git);
    expect(await call()).toBe(2);
    expect(said.err).toContain(says);
    expect(said.files.size).toBe(0);
  });

  test('takes the time of the change where it is given', async () => {
    const { call, record } = reading({ 'docs/guide.md': guide, 'docs/prices.md': prices }, { shallow: 'true' });
    expect(await call('--changed-at', '2026-01-01T00:00:00Z')).toBe(0);
    expect(record().changedAt).toBe('2026-01-01T00:00:00.000Z');
    expect(await call('--changed-at', 'soon')).toBe(2);
  });
});
