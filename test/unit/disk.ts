import type { Io, PathEntry } from '../../lib/cli/io.ts';
import { textOf } from './terminal.ts';

/** What a file holds and since when; a `link` is a symbolic link to a file. */
type Held = { readonly text: string; readonly at: Date; readonly version: string; readonly link: boolean };

/** A disk that holds these files. A path below which files lie is a folder, as are the named empty ones. */
export const diskOf = (
  texts: Readonly<Record<string, string>>,
  { links = [], empty = [], at = '2026-03-02T07:30:00.000Z' }: Options = {},
) => {
  const held = new Map<string, Held>();
  let writes = 0;
  const write = (path: string, text: string, when: Date, link = false): void => {
    writes += 1;
    held.set(path, { text, at: when, version: String(writes), link });
  };
  for (const [path, text] of Object.entries(texts)) write(path, text, new Date(at), links.includes(path));
  const below = (path: string): string[] => [
    ...new Set(
      [...held.keys(), ...empty].flatMap((one) => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1).split('/')[0] ?? ''] : [])),
    ),
  ];
  const missing = (path: string) => Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
  const entryOf = async (path: string, follow: boolean): Promise<PathEntry> => {
    const file = held.get(path);
    if (file === undefined && below(path).length === 0 && !empty.includes(path)) throw missing(path);
    if (file === undefined) return { kind: 'folder', names: below(path) };
    if (file.link && !follow) return { kind: 'other' };
    return { kind: 'file', bytes: file.text.length, modifiedAt: file.at, version: file.version };
  };
  const io: Pick<Io, 'entryOf' | 'readFile' | 'pieces' | 'writeFile'> = {
    entryOf,
    readFile: async (path) => {
      const file = held.get(path);
      if (file === undefined) throw missing(path);
      return new TextEncoder().encode(file.text);
    },
    pieces: async function* (path) {
      const bytes = await io.readFile(path);
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
    writeFile: async (path, content) => write(path, textOf(content), new Date(at)),
  };
  return { io, write };
};
type Options = { readonly links?: readonly string[]; readonly empty?: readonly string[]; readonly at?: string };
