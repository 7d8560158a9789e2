import type { Element } from './content.ts';
import { type FileSection, wrongPath } from './coverage-facts.ts';
import { mostReported, ownText, packed } from './entries.ts';
import { filePath } from './file-path.ts';
import { type Counted, counted, isHit, note } from './lcov-section.ts';
import { stop } from './xml-report.ts';

type Attributes = Element['attributes'];
/** How many records a report has, and how many of them are hit. */
type Records = { records: number; hits: number };
type Branches = { readonly covered: number; readonly total: number };
type Line = { readonly number: number; readonly hit: boolean; readonly branches: Branches | undefined; readonly conditions: string[] };

/** Reads the classes of a Cobertura report, element by element. */
export const readClasses = () => {
  const sections: FileSection[] = [];
  const all = { lines: { records: 0, hits: 0 }, branches: { records: 0, hits: 0 } };
  let [root, current, method, line]: [Attributes, ClassReader | undefined, Method | undefined, Line | undefined] = [
    {},
    undefined,
    undefined,
    undefined,
  ];

  const open = ({ name, attributes }: Element): void => {
    if (name === 'coverage') root = attributes;
    else if (name === 'class') current = readClass(attributes);
    else if (current === undefined) {
      const other = otherFormats.get(name);
      if (other !== undefined) stop(`<${name}> in place of packages, as ${other} has it`);
    } else if (name === 'method') method = current.openMethod(attributes);
    else if (name === 'line') line = lineOf(attributes);
    else if (name === 'condition') line?.conditions.push(attributes.coverage ?? '');
  };
  const close = (name: string): void => {
    if (current === undefined) return;
    if (name === 'line' && line !== undefined) {
      current.take(line, method);
      line = undefined;
    } else if (name === 'method') {
      current.closeMethod(method);
      method = undefined;
    } else if (name === 'class') {
      const { section, records } = current.result();
      sections.push(section);
      if (sections.length > mostReported.files) stop(`more than ${mostReported.files} classes, so the report has to be split`);
      for (const kind of ['lines', 'branches'] as const) add(all[kind], records[kind].records, records[kind].hits);
      if (all.branches.records > mostOfAll) stop(`more than ${mostOfAll} branches`);
      current = undefined;
    }
  };
  return { open, close, result: () => ({ root, sections, all }) };
};

/** Formats with the same root element. */
const otherFormats: ReadonlyMap<string, string> = new Map([
  ['project', 'Clover'],
  ['file', "SonarQube's generic coverage"],
]);

type Method = { readonly name: string; hit: boolean; readonly isStated: boolean };
type ClassReader = ReturnType<typeof readClass>;

const readClass = ({ filename, name: className = '' }: Attributes) => {
  const path = ownText(filePath(filename ?? ''));
  const wrong = wrongPath(path);
  if (wrong !== undefined) stop(wrong);
  const [lines, functions, branches] = [counted(), counted(), counted()] as const;
  // Tools repeat the lines of methods below the class, or do not.
  const own = { lines: { records: 0, hits: 0 }, branches: { records: 0, hits: 0 } };
  const ofMethods = { lines: { records: 0, hits: 0 }, branches: { records: 0, hits: 0 } };
  return {
    openMethod: ({ name = '', signature = '', hits }: Attributes): Method => {
      const stated = hits === undefined ? undefined : hitOf(hits);
      // A file may hold several classes with methods of one name, and a report one class twice.
      return { name: `${className} ${name}${signature}#${functions.records}`, hit: stated === true, isStated: stated !== undefined };
    },
    closeMethod: (method: Method | undefined): void => {
      if (method === undefined) return;
      note(functions, method.name, method.hit);
      if (functions.records > mostReported.functionsOfFile)
        stop(`more than ${mostReported.functionsOfFile} functions in ${path.slice(0, 80)}`);
    },
    take: ({ number, hit, branches: given, conditions }: Line, method: Method | undefined): void => {
      const to = method === undefined ? own : ofMethods;
      note(lines, number, hit);
      if (lines.records > mostReported.recordsOfFile) stop(`more than ${mostReported.recordsOfFile} lines in ${path.slice(0, 80)}`);
      add(to.lines, 1, hit ? 1 : 0);
      if (method !== undefined && !method.isStated && hit) method.hit = true;
      if (given === undefined) return;
      const { covered, total } = given.total > 0 ? given : fromConditions(conditions);
      if (branches.records + total > mostBranches) stop(`more than ${mostBranches} branches in ${path.slice(0, 80)}`);
      for (let place = 0; place < total; place += 1) note(branches, `${number},${place}`, place < covered);
      add(to.branches, total, covered);
    },
    result: () => ({
      section: { path, section: { lines: part(lines), functions: part(functions), branches: part(branches) } } satisfies FileSection,
      records: { lines: stated(own.lines, ofMethods.lines, lines), branches: stated(own.branches, ofMethods.branches, branches) },
    }),
  };
};

const add = (to: Records, records: number, hits: number): void => {
  to.records += records;
  to.hits += hits;
};

/**
 * The records that a total counts: those of the class, or those of its methods where it has none of its own. Where methods have lines that the
 * class does not repeat, the total counts these, too.
 */
const stated = (own: Records, ofMethods: Records, { entries }: Counted): Records => {
  const { records, hits } = own.records > 0 ? own : ofMethods;
  if (entries.size <= records) return { records, hits };
  return { records: entries.size, hits: [...entries.values()].filter((hit) => hit).length };
};

const part = ({ entries, records }: Counted): FileSection['section']['lines'] => ({
  entries: packed(entries),
  records,
  extra: 0,
  lost: 0,
  declared: {},
});

const hitOf = (written: string | undefined): boolean => {
  // Most lines have one of these counts.
  if (written === '0' || written === '1') return written === '1';
  return isHit(written?.trim()) ?? stop(`hits="${(written ?? '').slice(0, 40)}" is no count`);
};

/** A line that no file has is never hit. */
const lineOf = (attributes: Attributes): Line => {
  const { number = '', hits, branch } = attributes;
  const covered = attributes['condition-coverage'];
  if (!/^\s*\d{1,12}\s*$/.test(number)) stop(`number="${number.slice(0, 40)}" is no line`);
  const place = Number(number);
  const isBranch = covered !== undefined || branch?.trim().toLowerCase() === 'true';
  return {
    number: place,
    hit: hitOf(hits) && place >= 1 && place <= 1e9,
    branches: isBranch ? branchesIn(covered ?? '') : undefined,
    conditions: [],
  };
};

/** No file has more branches, and a number without limit would fill the memory. */
const mostBranches = 200_000;
const mostOfAll = 2_000_000;

/** `50% (1/2)`: one of two branches. The percentage decides nothing. */
const branchesIn = (text: string): Branches => {
  const [, covered, total] = /\((\d{1,6})\s*\/\s*(\d{1,6})\)/.exec(text) ?? [];
  if (covered === undefined || total === undefined) return { covered: 0, total: 0 };
  if (Number(covered) > Number(total) || Number(total) > mostBranches) stop(`condition-coverage="${text.slice(0, 40)}" cannot be`);
  return { covered: Number(covered), total: Number(total) };
};

/** Each condition has two branches. Of a branch that says nothing more, nobody knows that it was taken. */
const fromConditions = (conditions: readonly string[]): Branches => {
  const shares = conditions.map((text) => /^\s*(\d{1,3})(?:\.\d+)?\s*%\s*$/.exec(text)?.[1]);
  return {
    covered: shares.reduce((sum, share) => sum + Math.floor(Math.min(100, Number(share ?? 0)) / 50), 0),
    total: Math.max(1, 2 * Math.min(shares.length, mostBranches)),
  };
};
