/** Which lines, branches or functions of one part of a report were hit, each under its key. */
export type Entries = Iterable<readonly [key: string, hit: boolean]> & { readonly size: number; readonly hits: number };

/**
 * Of a report of tens of megabytes the maps of all its files would fill the memory, so a part that is complete is two texts: its keys, and a
 * sign for each that says whether it was hit.
 */
export const packed = (entries: ReadonlyMap<string, boolean>): Entries => {
  if (entries.size === 0) return none;
  const keys = [...entries.keys()];
  let [signs, hits] = ['', 0];
  for (const hit of entries.values()) {
    signs += hit ? '1' : '0';
    if (hit) hits += 1;
  }
  // A name with a line break is rare enough.
  if (keys.some((key) => key.includes('\n'))) return { size: entries.size, hits, [Symbol.iterator]: () => entries[Symbol.iterator]() };
  return new Packed(keys.join('\n'), ownText(signs), entries.size, hits);
};

const none: Entries = { size: 0, hits: 0, [Symbol.iterator]: () => [][Symbol.iterator]() };

class Packed implements Entries {
  private readonly keys: string;
  private readonly signs: string;
  readonly size: number;
  readonly hits: number;

  constructor(keys: string, signs: string, size: number, hits: number) {
    this.keys = keys;
    this.signs = signs;
    this.size = size;
    this.hits = hits;
  }

  *[Symbol.iterator](): Generator<readonly [string, boolean]> {
    for (const [place, key] of this.keys.split('\n').entries()) yield [key, this.signs[place] === '1'];
  }
}

/** A report about more files, or with more records of one file, is refused: nobody writes it, and it would fill the memory. */
export const mostReported = { files: 50_000, recordsOfFile: 500_000, functionsOfFile: 100_000 } as const;

/** The text in memory of its own: JavaScript keeps a piece of a text together with the whole text, and a joined text together with its parts. */
export const ownText = (text: string): string => Buffer.from(text).toString();
