import { basename, join, normalize } from 'node:path';
import type { Problem } from '../api/problem.ts';
import { recognise, typesOfFile, uploadedTypes } from '../registry/evidence.ts';
import { counted } from '../wording.ts';
import type { Io, PathEntry } from './io.ts';
import { fileFault, ownProblem } from './problem.ts';

type File = Extract<PathEntry, { kind: 'file' }>;
export type Report = { readonly file: string; readonly type: string; readonly entry: File };
/** A file or folder that is not sent. `wrongUsage`: the command line names it wrongly. `isMissing`: there is nothing of this name. */
export type NotSent = { readonly file: string; readonly problem: Problem; readonly wrongUsage: boolean; readonly isMissing: boolean };
export type Found = {
  readonly reports: readonly Report[];
  readonly notSent: readonly NotSent[];
  /** Files in folders whose names look like no report at all, such as the pages of a coverage report. */
  readonly skipped: readonly string[];
};

/** More files than this below the named folders are refused: a wrong folder must not flood the run. */
const mostFiles = 2_000;
const deepest = 20;

/** One spelling for each path, so that a file that is named twice is sent once. */
export const pathOf = (given: string): string => normalize(given).replace(/(?<=.)\/+$/, '');

const endingOf = (name: string): string => /\.[a-z0-9]+$/i.exec(name)?.[0].toLowerCase() ?? '';
const endingsOf = (fileNames: readonly string[]): string[] => fileNames.map(endingOf);
/** Plain text is what tools write beside their reports, too; only its full name makes it a report. */
const reportEndings = new Set(uploadedTypes.flatMap(({ fileNames }) => endingsOf(fileNames)).filter((ending) => ending !== '.txt'));

const typeNames = uploadedTypes.map(({ id }) => id).join('|');

/**
 * The reports that the paths name. A folder stands for every regular file below it: files whose names or contents say their type are
 * reports, other files that end like a report are refused, and the rest is skipped. With `type`, every file of a folder is one that ends as this type's
 * files do. Links inside folders are not followed, and those that end like a report are refused.
 */
export const findReports = async (io: Io, paths: readonly string[], type: string | undefined): Promise<Found> => {
  const reports = new Map<string, Report>();
  const notSent: NotSent[] = [];
  const skipped: string[] = [];
  const take = async (file: string, entry: PathEntry, inFolder: boolean): Promise<void> => {
    const shown = type ?? (await typeIn(io, file, entry, inFolder));
    const found = typeof shown === 'object' ? shown : reportOf(file, entry, shown, inFolder);
    if (found === undefined) skipped.push(file);
    else if ('problem' in found) notSent.push(found);
    else reports.set(file, found);
  };
  for (const given of paths) {
    const path = pathOf(given);
    const entry = await io.entryOf(path, true).catch((thrown: unknown) => fileFault(thrown));
    if (typeof entry === 'string') notSent.push({ ...refused(path, `${given} cannot be read: ${entry}`, true), isMissing: true });
    else if (entry.kind !== 'folder') await take(path, entry, false);
    else {
      const files = await filesBelow(io, path, entry.names);
      const before = reports.size + notSent.length;
      if (files === undefined)
        notSent.push(refused(path, `The folder ${given} has more than ${mostFiles} files or more than ${deepest} levels.`));
      else for (const one of files) await take(one.file, one.entry, true);
      if (files !== undefined && reports.size + notSent.length === before && !files.some(({ file }) => reports.has(file)))
        notSent.push(
          refused(
            path,
            `The folder ${given} has no report${files.length === 0 ? ': it is empty' : ` among ${counted(files.length, 'file')}`}.`,
          ),
        );
    }
  }
  return { reports: [...reports.values()], notSent, skipped };
};

const refused = (file: string, detail: string, wrongUsage = false, more: Pick<Problem, 'got' | 'expected' | 'fix'> = {}): NotSent => ({
  file,
  wrongUsage,
  isMissing: false,
  problem: ownProblem(wrongUsage ? 'usage' : 'report-not-sent', detail, more),
});

/** Every file and link below a folder, in the order of their names; undefined when there are too many. */
const filesBelow = async (
  io: Io,
  folder: string,
  names: readonly string[],
): Promise<readonly { readonly file: string; readonly entry: PathEntry }[] | undefined> => {
  const found: { file: string; entry: PathEntry }[] = [];
  const open = [{ folder, names, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const name of [...next.names].sort()) {
      const file = join(next.folder, name);
      const entry = await io.entryOf(file, false).catch((): PathEntry => ({ kind: 'other' }));
      if (entry.kind === 'folder') open.push({ folder: file, names: entry.names, depth: next.depth + 1 });
      else found.push({ file, entry });
      if (found.length > mostFiles || next.depth > deepest) return undefined;
    }
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
};

/** The type that the content shows, of a file that may be a report and whose name does not say one type; or why no type may have this content. */
const typeIn = async (io: Io, file: string, entry: PathEntry, inFolder: boolean): Promise<string | NotSent | undefined> => {
  const named: readonly string[] = typesOfFile(basename(file));
  if (named.length === 1 || entry.kind !== 'file' || entry.bytes > largest) return undefined;
  if (inFolder && !reportEndings.has(endingOf(file))) return undefined;
  const { ok: shown, refused: no } = recognise(await io.readFile(file).catch(() => new Uint8Array()));
  if (no?.type === 'body-too-large') return refused(file, no.detail, false, { got: no.got, expected: no.expected, fix: no.fix });
  return shown !== undefined && (named.length === 0 || named.includes(shown)) && uploadedTypes.some(({ id }) => id === shown)
    ? shown
    : undefined;
};
const largest = Math.max(...uploadedTypes.map(({ maxBytes }) => maxBytes));

const reportOf = (file: string, entry: PathEntry, given: string | undefined, inFolder: boolean): Report | NotSent | undefined => {
  const name = basename(file);
  const types: readonly string[] = given === undefined ? typesOfFile(name) : [given];
  const known = uploadedTypes.find(({ id }) => id === given);
  const isOther =
    known === undefined ? types.length === 0 && !reportEndings.has(endingOf(name)) : !endingsOf(known.fileNames).includes(endingOf(name));
  if (inFolder && isOther) return undefined;
  if (entry.kind !== 'file')
    return refused(file, `${file} is no regular file${inFolder ? ', and links in a folder are not followed: name the file itself' : ''}.`);
  const [type] = types;
  if (types.length > 1)
    return refused(file, `the file name ${name} fits several evidence types: add --type ${types.join(' or --type ')}`, true);
  if (type === undefined) return refused(file, `the file name ${name} fits no evidence type: add --type ${typeNames}`, true);
  const most = uploadedTypes.find(({ id }) => id === type)?.maxBytes ?? Number.POSITIVE_INFINITY;
  if (entry.bytes > most)
    return refused(file, `${file} is too large for a ${type} report.`, false, {
      got: `${counted(entry.bytes, 'byte')}`,
      expected: `${most} bytes at most`,
      fix: 'Split the report, or leave out captured output.',
    });
  return { file, type, entry };
};
