/** Which lines, branches or functions of one part of a report were hit, each under its key. */
export type Entries = Iterable<readonly [key: string, hit: boolean]> & { readonly size: number; readonly hits: number };

/** A number where the key is the number of a line: numbers are found faster than texts, and need no memory of their own. */
export type Key = string | number;

/**
 * Of a report of tens of megabytes the maps of all its files would fill the memory, so a part that is complete is two texts: its keys, and a
 * sign for each that says whether it was hit.
 */
export const packed = (entries: ReadonlyMap<Key, boolean>): Entries => {
  if (entries.size === 0) return none;
  const keys = [...entries.keys()];
  if (scratch.length < entries.size) scratch = Buffer.alloc(2 * entries.size);
  let [place, hits] = [0, 0];
  for (const hit of entries.values()) {
    scratch[place] = hit ? one : zero;
    if (hit) hits += 1;
    place += 1;
  }
  // A name with a line break is rare enough.
  if (keys.some((key) => typeof key === 'string' && key.includes('\n')))
    return {
      size: entries.size,
      hits,
      [Symbol.iterator]: () => [...entries].map(([key, hit]) => [`${key}`, hit] as const)[Symbol.iterator](),
    };
  return new Packed(keys.join('\n'), scratch.toString('latin1', 0, place), entries.size, hits);
};
const [zero, one] = ['0'.charCodeAt(0), '1'.charCodeAt(0)];
/** Used again by every part: a report has a hundred thousand of them. */
let scratch = Buffer.alloc(4096);

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
