import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { record as recordRule } from '../../lib/rules/record-within.ts';
import { terminal } from './terminal.ts';

const changed = '2026-02-01T10:00:00+01:00';
type Git = {
  readonly status?: string;
  readonly shallow?: string;
  readonly changed?: string;
  readonly code?: number;
  /** Symbolic links of the commit, each with its target. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files that lie here and that no commit has. */
  readonly uncommitted?: readonly string[];
};

const reading = (
  files: Readonly<Record<string, string>>,
  { status = '', shallow = 'false', changed: at = changed, code = 0, links = {}, uncommitted = [] }: Git = {},
) => {
  const paths = [...Object.keys(files), ...Object.keys(links)].filter((path) => !uncommitted.includes(path));
  const idOf = (path: string): string => Buffer.from(path).toString('hex');
  const { io, said } = terminal(
    undefined,
    {},
    {
      output: async (_, argv) => {
        const [first, last = ''] = [argv[0], argv.at(-1)];
        const said = {
          status,
          log: `${at}\n`,
          'rev-parse': `${shallow}\n`,
          'ls-tree': paths.map((path) => `${path in links ? '120000' : '100644'} blob ${idOf(path)}\t${path}\0`).join(''),
          'ls-files': `${last.replace(':(literal)', '')}\0`,
          'cat-file': (({ [Buffer.from(last, 'hex').toString()]: text = '' }) => text)({ ...files, ...links }),
        }[String(first)];
        return { code, text: said ?? expect.fail(String(first)) };
      },
      readFile: async (path) => new TextEncoder().encode(files[path] ?? raise(path)),
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
const links = { 'docs/costs.md': 'prices.md', 'docs/away': '../../other' };
const repository = (text: string) => ({
  'docs/guide.md': `${guide}\n${text}\n`,
  'docs/prices.md': prices,
  'docs/page.html': '<h1 id="start">Prices</h1>',
  'docs/draft.md': '',
});

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
    ['a reference that nothing defines', 'See [the prices][prices].', '[the prices][prices] does not exist'],
    ['a link without a target', '[a]()', '(nowhere) does not exist'],
    ['a link in HTML', '<p>\n<a class="x" href=gone.md>a</a>\n</p>', 'line 10: gone.md does not exist'],
    ['a picture in HTML', "text <img alt=x src='gone.png'> text", 'gone.png does not exist'],
    ['an attribute that is no anchor', '<div data-id="zz"></div>\n\n[a](#zz)', '#zz does not exist'],
    ['an anchor in a comment', '<!-- id="zz" -->\n\n[a](#zz)', '#zz does not exist'],
    ['a name in other letters', '[a](Prices.md)', 'Prices.md does not exist'],
    ['what lies beside the repository', '[a](../../other/README.md)', '../../other/README.md does not exist'],
    ['what lies on this machine', '[a](/../etc/passwd), [b](file:///etc/passwd), [c](C:/docs/a.md)', 'C:/docs/a.md does not exist'],
    ['a file that no commit has', '[a](draft.md)', 'draft.md does not exist'],
    ['what a symbolic link finds outside', '[a](away/secret.md)', 'away/secret.md does not exist'],
    ['a heading that a page does not have', '[a](page.html#bottom)', 'page.html#bottom does not exist'],
    ['a note in a comment', '<!-- ' + 'TO' + 'DO: describe -->', 'TO' + 'DO'],
    ['a note in small letters', 'to' + 'do: write this', 'line 9: to' + 'do'],
    ['a phrase over two lines', 'This is to be\nwritten.', 'to be written'],
    ['a note as the words of a picture', '![' + 'TB' + 'D](prices.md)', 'TB' + 'D'],
    ['something to be written', 'The rest is ' + 'TB' + 'D.', 'TB' + 'D'],
    ['a phrase', 'Coming soon.', 'Coming soon'],
  ])('names %s', async (_, text, says) => {
    const { call, said } = reading(repository(text), { links, uncommitted: ['docs/draft.md'] });
    expect(await call(), said.err).toBe(1);
    expect(said.out).toContain(says);
  });

  test.each([
    ['another site', '[a](https://example.com/x) and <mailto:ole@example.com>'],
    ['a folder of the repository', '[a](/docs/prices.md)'],
    ['a heading with other signs', '## What is it?\n\n[a](#what-is-it)'],
    ['the second of two headings', '## Same\n\n## Same\n\n[a](#same-1)'],
    ['an anchor of HTML', '<a id="place"></a>\n\n[a](#place)'],
    ['a folder', '[a](../docs/) and [b](.)'],
    ['the beginning of a page', '[a](#top)'],
    ['a symbolic link within the repository', '[a](costs.md#all-prices)'],
    ['an anchor of HTML without quotes', '<h2 id=place>x</h2>\n\n[a](#place)'],
    ['an anchor of a page', '[a](page.html#start)'],
    ['a footnote', 'Text[^1].\n\n[^1]: word'],
    ['code with brackets', 'The value of list[0][1] and \\\\[a][b].'],
    ['a word in small letters', 'A to' + 'do list.'],
    ['code', '`' + 'TO' + 'DO` and\n\n```\n[a](missing.md)\n```'],
  ])('follows or leaves %s', async (_, text) => {
    const { call, said } = reading(repository(text), { links });
    expect(await call(), said.out + said.err).toBe(0);
  });

  test.each([
    ['YAML', `---\r\ntitle: Orders\r\nlink: "[a](gone.md)"\r\nstate: ${'TO' + 'DO'}\r\n---\r\n`],
    ['TOML', '+++\ntitle = "[a](gone.md)"\n+++\n'],
  ])('leaves out front matter in %s', async (_, before) => {
    const { call, record, said } = reading({ 'docs/guide.md': `\uFEFF${before}${guide}`, 'docs/prices.md': prices });
    expect(await call(), said.out).toBe(0);
    expect(record().headings).toEqual(['Orders', 'Place an order']);
  });

  test('takes a line above and below as a heading or a rule where no front matter is', async () => {
    const { call, record } = reading({ 'docs/guide.md': `---\nNo mapping\n---\n${guide}`, 'docs/prices.md': prices });
    expect(await call()).toBe(0);
    expect(record().headings).toEqual(['No mapping', 'Orders', 'Place an order']);
  });

  test.each<readonly [string, Git, string]>([
    ['that is changed', { status: ' M docs/guide.md' }, 'not committed'],
    ['of a shallow clone', { shallow: 'true' }, 'shallow'],
    ['of no commit', { changed: '' }, 'no commit has'],
    ['that is ignored', { uncommitted: ['docs/guide.md'] }, 'no commit has'],
    ['that is a symbolic link', { links: { 'docs/guide.md': '/etc/passwd' } }, 'is a symbolic link'],
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
    for (const wrong of ['soon', '1', '2026-01-01', '2026-01-01T00:00:00']) expect(await call('--changed-at', wrong), wrong).toBe(2);
  });

  test('writes no record of uncommitted text because its time is given', async () => {
    const { call, said } = reading({ 'docs/guide.md': guide, 'docs/prices.md': prices }, { status: ' M docs/guide.md' });
    expect([await call('--changed-at', '2026-01-01T00:00:00Z'), said.files.size]).toEqual([2, 0]);
  });
});
