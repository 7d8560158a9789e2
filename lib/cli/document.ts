import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import * as z from 'zod';
import { schemaOf } from '../evidence/record.ts';
import { document as documentRecord } from '../evidence/records/document.ts';
import { instantInputSchema } from '../fields.ts';
import { htmlAnchors } from '../producers/html-tags.ts';
import { type MarkdownFile, markdownFileOf } from '../producers/markdown.ts';
import { need, read } from './arguments.ts';
import { type CommittedFiles, committedFiles, literally } from './committed-files.ts';
import { git } from './git.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { fileFault } from './problem.ts';
import { writeRecord } from './write-record.ts';

const options = { as: { type: 'string' }, output: { type: 'string' }, 'changed-at': { type: 'string' } } as const;

export const document: Command = {
  usage: [
    'holdpoint document FILE --as NAME [--output FILE] [--changed-at INSTANT]',
    '',
    'Counts words and headings, follows the links to files and headings of the repository, and finds lines that say that something is still',
    'to be written. NAME says which document it is, such as user-guide. Links to other sites are counted and not followed; a link to what the',
    'last commit does not have is broken, even where this machine has such a file. The file must be committed as it is. Its last change is read',
    'from git, which needs the whole history, unless --changed-at says it.',
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
    await checkCommitted(io, path);
    const committed = await committedFiles(io);
    const full = await committed.named(path);
    const changedAt = await changedAtOf(io, path, values['changed-at']);
    const file = markdownFileOf(source);
    const brokenLinks = await brokenLinksOf(committed, full, file);
    const record = {
      schema: 'holdpoint.document/1',
      at: io.now().toISOString(),
      about: name,
      tool: 'holdpoint document',
      path: full,
      digest: `sha256:${createHash('sha256').update(source).digest('hex')}`,
      changedAt,
      words: file.words,
      headings: file.headings.filter((heading) => heading !== '').map((heading) => oneLine(heading)),
      links: file.links.length,
      brokenLinks: brokenLinks.map(({ line, link }) => ({ line, link: oneLine(link) })),
      placeholders: file.placeholders,
    };
    const output = values.output ?? `${name}.record.json`;
    await writeRecord(io, documentRecord, { record, output });
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

const checkCommitted = async (io: Io, path: string): Promise<void> => {
  if ((await git(io, ['status', '--porcelain', '--', literally(path)])).trim() !== '')
    throw new Usage(`${path} is not committed as it is: the record would be about a file that no commit has`);
};

/** When the last commit changed the file: in a shallow clone the oldest commit seems to have changed everything. */
const changedAtOf = async (io: Io, path: string, given: string | undefined): Promise<string> => {
  if (given !== undefined) {
    const instant = instantInputSchema.safeParse(given);
    if (instant.success) return instant.data;
    throw new Usage(`--changed-at ${given}: an instant is expected, such as 2026-03-01T09:00:00Z`);
  }
  if ((await git(io, ['rev-parse', '--is-shallow-repository'])).trim() === 'true')
    throw new Usage(
      'the clone is shallow, so that git does not know when the file was changed: fetch the whole history, or use --changed-at',
    );
  const changed = Date.parse((await git(io, ['log', '-1', '--format=%cI', '--', literally(path)])).trim());
  if (Number.isNaN(changed)) throw new Usage(`no commit has ${path}`);
  return new Date(changed).toISOString();
};

type Link = MarkdownFile['links'][number];

/** Links to files that the commit does not have, and to headings that their file does not have. */
const brokenLinksOf = async (committed: CommittedFiles, own: string, file: MarkdownFile): Promise<Link[]> => {
  const anchors = new Map<string, Promise<ReadonlySet<string> | undefined>>([[own, Promise.resolve(file.anchors)]]);
  const anchorsOf = (path: string): Promise<ReadonlySet<string> | undefined> => {
    const known = anchors.get(path) ?? (hasAnchors.test(path) ? committed.textOf(path).then(anchorsIn(path)) : Promise.resolve(undefined));
    anchors.set(path, known);
    return known;
  };
  const broken: Link[] = [];
  for (const one of file.links) if (one.isUndefined || !(await leadsSomewhere(committed, own, one.link, anchorsOf))) broken.push(one);
  return broken;
};

/** Files whose anchors are known: `#L10` of source code is a line. */
const hasAnchors = /\.(?:md|markdown|mdown|mkdn?|mdx|html?)$/i;
const anchorsIn =
  (path: string) =>
  (text: string): ReadonlySet<string> =>
    /\.html?$/i.test(path) ? htmlAnchors(text) : markdownFileOf(text).anchors;

const leadsSomewhere = async (
  committed: CommittedFiles,
  own: string,
  link: string,
  anchorsOf: (path: string) => Promise<ReadonlySet<string> | undefined>,
): Promise<boolean> => {
  // A drive, or a file of some machine, is nowhere for other readers.
  if (/^(?:[a-z]:|file:)/i.test(link)) return false;
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return true;
  const [, written = '', anchor = ''] = /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(link) ?? [];
  const name = decoded(written);
  const found = await committed.at(name === '' ? own : name.startsWith('/') ? name.slice(1) : posix.join(posix.dirname(own), name));
  if (found === undefined) return false;
  if (anchor === '' || found.kind === 'folder') return true;
  const known = await anchorsOf(found.path);
  // A browser takes `#top` for the beginning, whatever stands there.
  return known === undefined || /^top$/i.test(anchor) || known.has(decoded(anchor).toLowerCase()) || known.has(decoded(anchor));
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
