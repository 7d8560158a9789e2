import { createHash } from 'node:crypto';
import { dirname, join, normalize } from 'node:path';
import * as z from 'zod';
import { schemaOf } from '../evidence/record.ts';
import { document as documentRecord } from '../evidence/records/document.ts';
import { type MarkdownFile, markdownFileOf } from '../producers/markdown.ts';
import { need, read } from './arguments.ts';
import { git } from './git.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { fileFault } from './problem.ts';

const options = { as: { type: 'string' }, output: { type: 'string' }, 'changed-at': { type: 'string' } } as const;

export const document: Command = {
  usage: [
    'holdpoint document FILE --as NAME [--output FILE] [--changed-at INSTANT]',
    '',
    'Counts words and headings, follows the links to files and headings of the repository, and finds lines that say that something is still',
    'to be written. NAME says which document it is, such as user-guide. Links to other sites are counted and not followed.',
    'The file must be committed as it is. Its last change is read from git, which needs the whole history, unless --changed-at says it.',
    'Exit code 1: a link is broken, or something is still to be written.',
  ].join('\n'),
  binds: 'a committed file, by the digest of its bytes and the time of its last commit; nothing is sent',
  defaults: '--output NAME.record.json, --changed-at the time of the last commit that changed the file',
  examples: [
    'holdpoint document docs/user-guide.md --as user-guide',
    'holdpoint document docs/operations.md --as deployment-guide --output deployment-guide.record.json',
  ],
  prints: z.object({ file: z.string(), ...schemaOf(documentRecord).shape }),
  run: async (argv, io) => {
    const {
      values,
      positionals: [path = ''],
    } = read(argv, options, ['file']);
    const name = need(values.as, 'as');
    if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/.test(name))
      throw new Usage(`--as ${name}: letters, digits, dot, underscore and hyphen are expected`);
    const source = await textOf(io, path);
    const changedAt = await changedAtOf(io, path, values['changed-at']);
    const file = markdownFileOf(source);
    const brokenLinks = await brokenLinksOf(io, path, file);
    const record = {
      schema: 'holdpoint.document/1',
      at: io.now().toISOString(),
      about: name,
      tool: 'holdpoint document',
      path: normalize(path),
      digest: `sha256:${createHash('sha256').update(source).digest('hex')}`,
      changedAt,
      words: file.words,
      headings: file.headings.filter((heading) => heading !== '').map((heading) => oneLine(heading)),
      links: file.links.length,
      brokenLinks: brokenLinks.map(({ line, link }) => ({ line, link: oneLine(link) })),
      placeholders: file.placeholders,
    };
    const output = values.output ?? `${name}.record.json`;
    await io.writeFile(output, jsonText(record));
    const faults = brokenLinks.length + file.placeholders.length;
    io.out(values.json ? jsonText({ file: output, ...record }) : `${summaryOf(path, file, brokenLinks, output)}\n`);
    return faults === 0 ? 0 : 1;
  },
};

const oneLine = (text: string): string => plain(text).slice(0, 300) || '(empty)';

const textOf = async (io: Io, path: string): Promise<string> => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await io.readFile(path));
  } catch (fault) {
    throw new Usage(`${path} cannot be read: ${fault instanceof TypeError ? 'it is not UTF-8 text' : fileFault(fault)}`, { cause: fault });
  }
};

/** When the last commit changed the file: in a shallow clone the oldest commit seems to have changed everything. */
const changedAtOf = async (io: Io, path: string, given: string | undefined): Promise<string> => {
  if (given !== undefined) {
    if (Number.isNaN(Date.parse(given))) throw new Usage(`--changed-at ${given}: an instant is expected, such as 2026-03-01T09:00:00Z`);
    return new Date(given).toISOString();
  }
  if ((await git(io, ['status', '--porcelain', '--', path])).trim() !== '')
    throw new Usage(`${path} is not committed as it is: the record would be about a file that no commit has`);
  if ((await git(io, ['rev-parse', '--is-shallow-repository'])).trim() === 'true')
    throw new Usage(
      'the clone is shallow, so that git does not know when the file was changed: fetch the whole history, or use --changed-at',
    );
  const changed = Date.parse((await git(io, ['log', '-1', '--format=%cI', '--', path])).trim());
  if (Number.isNaN(changed)) throw new Usage(`no commit has ${path}`);
  return new Date(changed).toISOString();
};

type Link = MarkdownFile['links'][number];

/** Links to files that do not exist, and to headings that their file does not have. */
const brokenLinksOf = async (io: Io, path: string, file: MarkdownFile): Promise<Link[]> => {
  const others = new Map<string, Promise<MarkdownFile | undefined>>();
  const read = (target: string): Promise<MarkdownFile | undefined> => {
    const known = others.get(target) ?? textOf(io, target).then(markdownFileOf, () => undefined);
    others.set(target, known);
    return known;
  };
  const broken: Link[] = [];
  for (const one of file.links) if (!(await leadsSomewhere(io, path, file, one.link, read))) broken.push(one);
  return broken;
};

const leadsSomewhere = async (
  io: Io,
  path: string,
  own: MarkdownFile,
  link: string,
  read: (target: string) => Promise<MarkdownFile | undefined>,
): Promise<boolean> => {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return true;
  const [, written = '', anchor = ''] = /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(link) ?? [];
  const name = decoded(written);
  const target = name === '' ? path : name.startsWith('/') ? name.slice(1) : join(dirname(path), name);
  if (
    name !== '' &&
    !(await io.entryOf(target, true).then(
      () => true,
      () => false,
    ))
  )
    return false;
  if (anchor === '' || !/\.(?:md|markdown)$/i.test(target)) return true;
  const file = name === '' ? own : await read(target);
  return file?.anchors.has(decoded(anchor).toLowerCase()) === true || file?.anchors.has(decoded(anchor)) === true;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const summaryOf = (path: string, { words, headings, links, placeholders }: MarkdownFile, broken: readonly Link[], output: string): string =>
  [
    `${plain(path)}: ${words} words, ${headings.length} headings, ${links.length} links`,
    ...broken.map(({ line, link }) => `  line ${line}: ${plain(link)} does not exist`),
    ...placeholders.map(({ line, found }) => `  line ${line}: ${plain(found)}`),
    `The record is in ${plain(output)}.`,
  ].join('\n');
