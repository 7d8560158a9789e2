import { posix } from 'node:path';
import { git } from './git.ts';
import { type Io, Usage } from './io.ts';

/**
 * What the last commit has. What lies on this machine may be something else: an ignored file, a neighbour of the repository, another name
 * where the disk takes A for a.
 */
export type CommittedFiles = {
  /** The path below the top of the repository that a path of this folder names. Throws Usage where it is no file of the commit. */
  readonly named: (path: string) => Promise<string>;
  /** What a path below the top is in the end, symbolic links followed; undefined where the commit has nothing there. */
  readonly at: (path: string) => Promise<{ readonly kind: 'folder' } | { readonly kind: 'file'; readonly path: string } | undefined>;
  /** The text of a file that `at` found. */
  readonly textOf: (path: string) => Promise<string>;
};

type Entry = { readonly mode: string; readonly id: string };
const isLink = (entry: Entry | undefined): entry is Entry => entry?.mode === '120000';
/** As many as Linux follows. */
const mostLinks = 40;

export const committedFiles = async (io: Io): Promise<CommittedFiles> => {
  const entries = entriesOf(await git(io, ['ls-tree', '-r', '-z', '--full-tree', 'HEAD']));
  const folders = new Set(['', ...[...entries.keys()].flatMap(foldersOf)]);
  const blob = async (id: string): Promise<string> => git(io, ['cat-file', 'blob', id]);

  const at: CommittedFiles['at'] = async (path) => {
    let now = inside(path);
    for (let followed = 0; now !== undefined && followed <= mostLinks; followed += 1) {
      const link = [...foldersOf(now), now].find((part) => isLink(entries.get(part)));
      if (link === undefined) {
        if (folders.has(now)) return { kind: 'folder' };
        return entries.has(now) ? { kind: 'file', path: now } : undefined;
      }
      const target = await blob(entries.get(link)?.id ?? '');
      now = target.startsWith('/') ? undefined : inside(posix.join(posix.dirname(link), target, now.slice(link.length)));
    }
    return undefined;
  };

  const named: CommittedFiles['named'] = async (path) => {
    const found = (await git(io, ['ls-files', '--full-name', '-z', '--', literally(path)])).split('\0').filter((one) => one !== '');
    const [full = ''] = found;
    const entry = entries.get(full);
    if (found.length !== 1 || entry === undefined) throw new Usage(`no commit has a file ${path}`);
    if (isLink(entry)) throw new Usage(`${path} is a symbolic link: name the file that it leads to`);
    return full;
  };
  return { named, at, textOf: async (path) => blob(entries.get(path)?.id ?? '') };
};

/** A path as git takes it without patterns. */
export const literally = (path: string): string => `:(literal)${path}`;

/** Of each entry: mode, kind, id, a tab, path. */
const entriesOf = (text: string): ReadonlyMap<string, Entry> =>
  new Map(
    text.split('\0').flatMap((line) => {
      const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
      return path === '' ? [] : [[path, { mode, id }] as const];
    }),
  );

/** The folders around a path, the outermost one first. */
const foldersOf = (path: string): readonly string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));

/** The path in one spelling, '' for the top; undefined where it leads out of the repository. */
const inside = (path: string): string | undefined => {
  const one = posix.normalize(path).replace(/^\.?\/?$|\/$/, '');
  return one === '..' || one.startsWith('../') || one.startsWith('/') ? undefined : one;
};
