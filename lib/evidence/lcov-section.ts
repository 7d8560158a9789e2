import type { Part, Section } from './coverage-facts.ts';
import { type Key, mostReported, packed } from './entries.ts';

/** Maps say of each entry whether it was hit. */
export type Counted = { readonly entries: Map<Key, boolean>; records: number; hits: number };
type Totals = { found?: number; hit?: number };

/** Collects the records of one section. `add` says why a record cannot be read; `plain` takes what `plainRecord` found. */
export type Reader = {
  readonly plain: (record: number) => void;
  readonly add: (record: string) => string | undefined;
  readonly close: () => Section | string;
};

export const sectionReader = (): Reader => {
  const [lines, branches]: Counted[] = [counted(), counted()] as const;
  const functions = functionReader();
  const totals: Record<string, Totals> = { L: {}, FN: {}, BR: {} };
  const total = (kind: string, text: string): string | undefined => {
    if (!/^\d{1,9}$/.test(text)) return 'the total is not a number';
    const of = totals[kind.slice(0, -1)] ?? {};
    // Of a total that is there twice, the worse one counts.
    if (kind.endsWith('F')) of.found = Math.max(of.found ?? 0, Number(text));
    else of.hit = Math.min(of.hit ?? Number(text), Number(text));
    return undefined;
  };
  return {
    plain: (record) => note(lines, Math.abs(record), record > 0),
    add: (record) => {
      const colon = record.indexOf(':');
      const [kind, text] = [record.slice(0, colon), record.slice(colon + 1)];
      switch (kind) {
        case 'DA':
          return addLine(lines, text.split(','));
        case 'BRDA':
          return addBranch(branches, text.split(','));
        case 'LF':
        case 'LH':
        case 'FNF':
        case 'FNH':
        case 'BRF':
        case 'BRH':
          return total(kind, text);
        default:
          return functions.add(kind, text.split(','));
      }
    },
    close: () => {
      const called = functions.close();
      if (typeof called === 'string') return called;
      return { lines: part(lines, totals.L), functions: part(called, totals.FN), branches: part(branches, totals.BR) };
    },
  };
};

const [zero, nine, comma] = ['0', '9', ','].map((sign) => sign.charCodeAt(0)) as [number, number, number];

/**
 * Almost every record is such a one: `DA` with a line that some file may have, and a count without sign, fraction, exponent or leading zero.
 * Returns the line, negative where it was not hit; 0 for every other record.
 */
export const plainRecord = (record: string): number => {
  const end = record.length;
  // DA, a colon, nine digits, a comma and fifteen digits at most.
  if (end > 28 || !record.startsWith('DA:')) return 0;
  let [line, at, code] = [0, 3, record.charCodeAt(3)];
  if (code === zero) return 0;
  for (; code >= zero && code <= nine; code = record.charCodeAt(at)) {
    line = line * 10 + (code - zero);
    at += 1;
  }
  if (code !== comma || line === 0 || at > 12) return 0;
  const first = record.charCodeAt(at + 1);
  if (!(first >= zero && first <= nine) || end - at > 16 || (first === zero && end > at + 2)) return 0;
  for (let place = at + 2; place < end; place += 1) {
    const digit = record.charCodeAt(place);
    if (!(digit >= zero && digit <= nine)) return 0;
  }
  return first === zero ? -line : line;
};

export const counted = (): Counted => ({ entries: new Map(), records: 0, hits: 0 });

/** An entry is hit when any of its records says so. */
export const note = (to: Counted, key: Key, hit: boolean): void => {
  const known = to.entries.get(key);
  if (known === undefined || (hit && !known)) to.entries.set(key, hit);
  to.records += 1;
  if (hit) to.hits += 1;
};

/** What totals know beyond the records: they only make it worse. */
export const beyond = ({ records, hits }: Pick<Counted, 'records' | 'hits'>, { found, hit }: Totals = {}): Pick<Part, 'extra' | 'lost'> => {
  // What was hit is there, also where a total says less or nothing of it.
  const extra = Math.max(0, (found ?? 0) - records, (hit ?? 0) - records);
  const missed = hit === undefined ? 0 : Math.max(0, (found ?? records) - hit);
  return { extra, lost: Math.max(0, missed - (records - hits + extra)) };
};

/** A report has some hundred thousand parts, so that none holds more than it says. */
const part = (all: Counted, totals: Totals = {}): Part => {
  const { found, hit } = totals;
  if (all.records === 0 && found === undefined && hit === undefined) return nothing;
  const { extra, lost } = beyond(all, totals);
  const declared = found === undefined ? (hit === undefined ? nothing.declared : { hit }) : hit === undefined ? { found } : { found, hit };
  return { entries: packed(all.entries), records: all.records, extra, lost, declared };
};
const nothing: Part = { entries: packed(new Map()), records: 0, extra: 0, lost: 0, declared: {} };

/**
 * Whether a count says that something ran; undefined when it is no count. Coverage tools write negative counts (races of gcov) and, for
 * large counts, floats. Neither a count below 1 nor one beyond all counting is a hit; `-` stands for "never reached".
 */
export const isHit = (written: string | undefined): boolean | undefined => {
  if (written === undefined || !/^(?:-|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(written)) return undefined;
  const value = written === '-' ? 0 : Number(written);
  return value >= 1 && value <= 1e30;
};
const noCount = 'the count is not a number';

const isNumber = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);
const plain = (line: string): string => line.replace(/^0+(?=\d)/, '');

/** The same key for one line, however it was read. */
const lineKey = (line: string): Key => (/^\d{1,9}$/.test(line) ? Number(line) : line);

/** DA:line,count[,checksum]. A line that no file has is never hit. */
const addLine = (lines: Counted, [line, written]: readonly string[]): string | undefined => {
  if (!isNumber(line)) return 'the line is not a number';
  const hit = isHit(written);
  if (hit === undefined) return noCount;
  note(lines, lineKey(plain(line)), hit && Number(line) >= 1 && Number(line) <= 1e9);
  return undefined;
};

/** BRDA:line,block,branch,count. The branch may be an expression of the source with commas in it (lcov 2). */
const addBranch = (branches: Counted, fields: readonly string[]): string | undefined => {
  const [line] = fields;
  if (!isNumber(line) || fields.length < 4) return 'the branch has no line, block, name and count';
  const hit = isHit(fields.at(-1));
  if (hit === undefined) return noCount;
  note(branches, [plain(line), ...fields.slice(1, -1)].join(','), hit);
  return undefined;
};

/**
 * Functions are written in two ways. FN:line[,last],name with FNDA:count,name: several functions may share a name (methods), and then the
 * first FNDA of the name is for its first FN. FNL:index,line[,last] with FNA:index,count,name (lcov 2.2): each FNA is an alias, and a
 * function is hit when an alias is. A function without a count was not called.
 */
const functionReader = () => {
  const declared = new Map<string, Set<string>>();
  const called = new Map<string, boolean[]>();
  const indexed = new Map<string, string>();
  const onLine = new Map<string, number>();
  const aliases: { index: string; hit: boolean }[] = [];
  const add = (kind: string, [first, ...rest]: readonly string[]): string | undefined => {
    const hit = kind === 'FNDA' ? isHit(first) : isHit(rest[0]);
    switch (kind) {
      case 'FN': {
        if (!isNumber(first) || rest.length === 0) return 'the function has no line and name';
        const name = (rest.length > 1 && isNumber(rest[0]) ? rest.slice(1) : rest).join(',');
        declared.set(name, (declared.get(name) ?? new Set()).add(plain(first)));
        return declared.size > mostReported.functionsOfFile ? `more than ${mostReported.functionsOfFile} functions in one file` : undefined;
      }
      case 'FNDA': {
        if (hit === undefined) return noCount;
        const name = rest.join(',');
        const calls = called.get(name);
        if (calls === undefined) called.set(name, [hit]);
        else calls.push(hit);
        return undefined;
      }
      case 'FNL': {
        const [line] = rest;
        if (!isNumber(first) || !isNumber(line)) return 'the function has no index and line';
        const place = onLine.get(line) ?? 0;
        onLine.set(line, place + 1);
        indexed.set(first, `${plain(line)}#${place}`);
        return undefined;
      }
      case 'FNA':
        if (!isNumber(first) || hit === undefined) return noCount;
        aliases.push({ index: first, hit });
        return undefined;
      default:
        return undefined;
    }
  };
  const close = (): Counted | string => {
    const entries = new Map<string, boolean>([...indexed.values()].map((key) => [key, false]));
    const set = (key: string, hit: boolean) => entries.set(key, entries.get(key) === true || hit);
    for (const { index, hit } of aliases) {
      const key = indexed.get(index);
      if (key === undefined) return `the function ${index} has a count (FNA) and no line (FNL)`;
      set(key, hit);
    }
    for (const [name, lines] of declared) for (let place = 0; place < lines.size; place += 1) set(`${name},${place}`, false);
    for (const [name, hits] of called)
      for (const [place, hit] of hits.entries()) set(`${name},${Math.min(place, (declared.get(name)?.size ?? 1) - 1)}`, hit);
    return { entries, records: entries.size, hits: [...entries.values()].filter(Boolean).length };
  };
  return { add, close };
};
