import type { Element } from './content.ts';
import { type FileSection, wrongPath } from './coverage-facts.ts';
import { mostReported, ownText, packed } from './entries.ts';
import { filePath } from './file-path.ts';
import { beyond, type Counted, counted, note } from './lcov-section.ts';
import type { timeOfParts } from './report-time.ts';
import { stop } from './xml-report.ts';

type Attributes = Element['attributes'];
type Kind = 'lines' | 'branches' | 'functions';
type Total = { readonly found: number; readonly hit: number };
/** Counters of an element, under the words of the field. */
export type Counters = Partial<Record<Kind, Total>>;
type Span = NonNullable<Parameters<typeof timeOfParts>[0][number]>;

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['LINE', 'lines'],
  ['BRANCH', 'branches'],
  ['METHOD', 'functions'],
]);

/** Reads the packages of a JaCoCo report, element by element. */
export const readPackages = () => {
  const path: { readonly name: string; readonly counters: Counters; readonly place: string }[] = [];
  const sections: FileSection[] = [];
  const spans: Span[] = [];
  const methods = new Map<string, Counted>();
  const all = { lines: { records: 0, hits: 0 }, branches: { records: 0, hits: 0 }, functions: { records: 0, hits: 0 } };
  /** The same with what the counters of files know beyond their records. */
  const known = { lines: { records: 0, hits: 0 }, branches: { records: 0, hits: 0 } };
  let totals: Counters = {};
  let source: { lines: Counted; branches: Counted } | undefined;
  let [sourceOfClass, ofClass, method] = ['', '', ''];

  /** The folder of a package, below the groups around it: modules may have the same package. */
  const folder = (): string =>
    path
      .map(({ place }) => place)
      .filter(Boolean)
      .join('/');
  const open = ({ name, attributes }: Element): void => {
    if (name === 'counter') {
      const of = path.at(-1);
      const kind = kinds.get(attributes.type ?? '');
      if (of !== undefined && kind !== undefined) of.counters[kind] = totalOf(attributes);
    } else if (name === 'line') takeLine(attributes);
    else if (name === 'sessioninfo') spans.push(...spanOf(attributes));
    else if (name === 'sourcefile') source = { lines: counted(), branches: counted() };
    else if (name === 'class') {
      sourceOfClass = ownText(filePath(`${folder()}/${attributes.sourcefilename ?? `${baseOf(attributes.name)}.class`}`));
      ofClass = baseOf(attributes.name);
    }
    // A report may name one class twice.
    else if (name === 'method') method = ownText(`${ofClass}.${attributes.name ?? ''}${attributes.desc ?? ''}`);
    const place = name === 'group' || name === 'package' || name === 'sourcefile' ? (attributes.name ?? '') : '';
    path.push({ name, counters: {}, place });
  };
  const takeLine = (attributes: Attributes): void => {
    if (source === undefined) return;
    const number = countOf(attributes.nr, 'nr');
    const ci = countOf(attributes.ci, 'ci');
    const mb = countOf(attributes.mb ?? '0', 'mb');
    const cb = countOf(attributes.cb ?? '0', 'cb');
    countOf(attributes.mi, 'mi');
    if (source.branches.records + mb + cb > mostBranches) stop(`more than ${mostBranches} branches in one file`);
    note(source.lines, number, ci > 0 && number >= 1);
    if (source.lines.records > mostReported.recordsOfFile) stop(`more than ${mostReported.recordsOfFile} lines in one file`);
    for (let place = 0; place < mb + cb; place += 1) note(source.branches, `${number},${place}`, place < cb);
  };
  const close = (name: string): void => {
    const at = path.at(-1);
    if (name === 'sourcefile' && source !== undefined && at !== undefined) {
      const file = ownText(filePath(folder()));
      const wrong = wrongPath(file);
      if (wrong !== undefined) stop(wrong);
      const section = {
        lines: part(source.lines, at.counters.lines),
        branches: part(source.branches, at.counters.branches),
        functions: part(counted(), undefined),
      };
      sections.push({ path: file, section });
      for (const kind of ['lines', 'branches'] as const) {
        all[kind].records += source[kind].records;
        all[kind].hits += source[kind].hits;
        known[kind].records += source[kind].records + section[kind].extra;
        known[kind].hits += source[kind].hits - section[kind].lost;
      }
      if (all.branches.records > mostOfAll) stop(`more than ${mostOfAll} branches`);
      if (sections.length > mostReported.files) stop(`more than ${mostReported.files} source files, so the report has to be split`);
      source = undefined;
    } else if (name === 'method' && at !== undefined) takeMethod(at.counters.functions);
    path.pop();
    if (path.length === 0 && at !== undefined) totals = at.counters;
  };
  const takeMethod = (own: Total | undefined): void => {
    const of = methods.get(sourceOfClass) ?? counted();
    methods.set(sourceOfClass, of);
    if (methods.size > mostReported.files) stop(`more than ${mostReported.files} source files, so the report has to be split`);
    const hit = (own?.hit ?? 0) > 0;
    note(of, method, hit);
    all.functions.records += 1;
    all.functions.hits += hit ? 1 : 0;
  };
  const result = () => {
    const ofMethods = [...methods].map(
      ([file, functions]): FileSection => ({
        path: file,
        section: { lines: part(counted(), undefined), branches: part(counted(), undefined), functions: part(functions, undefined) },
      }),
    );
    return { sections: [...sections, ...ofMethods], all, known, totals, spans };
  };
  return { open, close, result };
};

/** No file has more branches, and a number without limit would fill the memory. */
const mostBranches = 200_000;
const mostOfAll = 2_000_000;

const part = (all: Counted, total: Total | undefined): FileSection['section']['lines'] => ({
  entries: packed(all.entries),
  records: all.records,
  ...beyond(all, total),
  declared: total ?? {},
});

const baseOf = (name = ''): string => name.split('/').at(-1) ?? '';

const countOf = (text: string | undefined, what: string): number => {
  // Most counts have one digit.
  if (text?.length === 1 && text >= '0' && text <= '9') return text.charCodeAt(0) - 48;
  if (text === undefined || !/^\d{1,9}$/.test(text)) return stop(`${what}="${(text ?? '').slice(0, 40)}" is no count`);
  return Number(text);
};

const totalOf = ({ missed, covered }: Attributes): Total => {
  const hit = countOf(covered, 'covered');
  return { found: hit + countOf(missed, 'missed'), hit };
};

/** `dump` is when the execution data were written, in milliseconds since 1970. */
const spanOf = ({ dump = '' }: Attributes): Span[] => {
  const at = /^\d{1,15}$/.test(dump) ? Number(dump) : 0;
  return at < firstMs ? [] : [{ from: at, to: at }];
};
/** The year 2000: an earlier time is a placeholder. */
const firstMs = 946_684_800_000;
