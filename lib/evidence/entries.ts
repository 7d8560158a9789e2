/** Which lines, branches or functions of one part of a report were hit, each under its key. */
export type Entries = Iterable<readonly [key: string, hit: boolean]> & { readonly size: number; readonly hits: number };

/** A number where the key is the number of a line: numbers are found faster than texts, and need no memory of their own. */
export type Key = string | number;

/**
 * Of a report of tens of megabytes the maps of all its files would fill the memory, so a part that is complete is one text of numbers, or two
 * texts: its keys, and a sign for each that says whether it was hit.
 */
export const packed = (entries: ReadonlyMap<Key, boolean>): Entries => {
  if (entries.size === 0) return none;
  const numbered = numberedOf(entries);
  if (numbered !== undefined) return numbered;
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

/** Bytes of a number at most: seven bits in each. */
const longestNumber = 5;
const mostNumber = 2 ** 30;

/**
 * Lines mostly follow each other, so that each is one byte: the distance to the line before, its sign, and whether it was hit. Undefined where a
 * key is no line that a file may have.
 */
const numberedOf = (entries: ReadonlyMap<Key, boolean>): Entries | undefined => {
  if (scratch.length < longestNumber * entries.size) scratch = Buffer.alloc(2 * longestNumber * entries.size);
  let [place, hits, before] = [0, 0, 0];
  for (const [key, hit] of entries) {
    if (typeof key !== 'number' || key < 0 || key >= mostNumber) return undefined;
    const distance = key - before;
    before = key;
    if (hit) hits += 1;
    // Two bits below the distance. What is more than 31 bits is no place for the operators of bits.
    let rest = Math.abs(distance) * 4 + (distance < 0 ? 2 : 0) + (hit ? 1 : 0);
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      scratch[place] = (rest % 128) + 128;
      place += 1;
    }
    scratch[place] = rest;
    place += 1;
  }
  return new Numbered(scratch.toString('latin1', 0, place), entries.size, hits);
};

class Numbered implements Entries {
  readonly numbers: string;
  readonly size: number;
  readonly hits: number;

  constructor(numbers: string, size: number, hits: number) {
    this.numbers = numbers;
    this.size = size;
    this.hits = hits;
  }

  each(visit: (key: number, hit: boolean) => void): void {
    let [key, value, weight] = [0, 0, 1];
    for (let place = 0; place < this.numbers.length; place += 1) {
      const byte = this.numbers.charCodeAt(place);
      value += (byte % 128) * weight;
      weight *= 128;
      if (byte >= 128) continue;
      const bits = value % 4;
      key += ((value - bits) / 4) * (bits >= 2 ? -1 : 1);
      visit(key, bits % 2 === 1);
      [value, weight] = [0, 1];
    }
  }

  [Symbol.iterator](): Iterator<readonly [string, boolean]> {
    const all: (readonly [string, boolean])[] = [];
    this.each((key, hit) => all.push([String(key), hit]));
    return all[Symbol.iterator]();
  }
}

/** Each entry once. It is hit where any of the parts says so. */
export const mergedEntries = (all: readonly Entries[]): Entries => {
  const [first = none, ...others] = all.filter(({ size }) => size > 0);
  if (others.every((other) => areSame(first, other))) return first;
  const entries = new Map<Key, boolean>();
  const note = (key: Key, hit: boolean): void => {
    if (hit || !entries.has(key)) entries.set(key, hit);
  };
  eachOf([first, ...others], note);
  return packed(entries);
};

/** Whether both have the same lines, hit or not; what has none is like nothing. */
export const haveSameKeys = (a: Entries, b: Entries): boolean => {
  // Before the lines are unpacked: one file could be compared with thousands of small ones.
  if (a.size === 0 || a.size !== b.size) return false;
  if (areSame(a, b)) return true;
  const keys = new Set<Key>();
  eachOf([a, b], (key) => keys.add(key));
  return keys.size === a.size;
};

const areSame = (a: Entries, b: Entries): boolean => a === b || (a instanceof Numbered && b instanceof Numbered && a.numbers === b.numbers);

/** Numbers stay numbers where all parts have nothing else; a text and a number are one key where they read the same. */
const eachOf = (all: readonly Entries[], visit: (key: Key, hit: boolean) => void): void => {
  const numbered = all.filter((one) => one instanceof Numbered);
  if (numbered.length === all.length) for (const one of numbered) one.each(visit);
  else for (const one of all) for (const [key, hit] of one) visit(key, hit);
};

/** A report about more files, or with more records of one file, is refused: nobody writes it, and it would fill the memory. */
export const mostReported = { files: 50_000, recordsOfFile: 500_000, functionsOfFile: 100_000 } as const;

/** The text in memory of its own: JavaScript keeps a piece of a text together with the whole text, and a joined text together with its parts. */
export const ownText = (text: string): string => Buffer.from(text).toString();
