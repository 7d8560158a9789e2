import * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { firstRecord } from './content.ts';
import { type Covered as Coverage, coverageMembers, coverageWords } from './coverage-facts.ts';
import { filePath } from './file-path.ts';
import { evidenceType, megabyte, mostNamed } from './kind.ts';
import { type Reader, type Section, sectionReader } from './lcov-section.ts';
import { below, commonRoot, isTestFile, sharedFolder } from './source-files.ts';
import { textOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('lcov'), ...coverageMembers });
export type LcovFacts = z.infer<typeof facts>;

export const lcov = evidenceType({
  id: 'lcov',
  description: 'Coverage as an LCOV tracefile',
  fileNames: ['*.info', '*.lcov', '*lcov*.txt'],
  mediaTypes: ['text/plain'],
  maxBytes: 4 * megabyte,
  facts,
  recognises: ({ head }) => /^(TN|SF):/.test(firstRecord(head)),
  fieldWords: coverageWords,
  parse: (bytes) => parse(bytes),
  sample: 'lcov.info',
});

const expected = 'an LCOV tracefile: SF records with DA lines, each closed by end_of_record (geninfo(1))';
const kinds = ['lines', 'functions', 'branches'] as const;
type Kind = (typeof kinds)[number];

/** Counts come from the DA, FN, FNDA, FNL, FNA and BRDA records. The totals LF, LH, FNF, FNH, BRF and BRH can only make them worse. */
const parse = (bytes: Uint8Array): Outcome<LcovFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const sections: { readonly path: string; readonly section: Section }[] = [];
  let current: { readonly path: string; readonly reader: Reader } | undefined;
  for (const [place, raw] of text.ok.split('\n').entries()) {
    const record = raw.trim();
    if (record === '' || record.startsWith('#') || record.startsWith('TN:')) continue;
    let wrong: string | undefined;
    if (record.startsWith('SF:')) {
      const path = filePath(record.slice(3));
      wrong = current === undefined ? wrongPath(path) : 'a file begins before the last one ended';
      current = { path, reader: sectionReader() };
    } else if (record === 'end_of_record') {
      const section = current?.reader.close();
      if (typeof section === 'string') wrong = section;
      else if (current !== undefined && section !== undefined) sections.push({ path: current.path, section });
      current = undefined;
    } else if (!/^[A-Z]+:/.test(record)) wrong = 'not a record';
    else wrong = current === undefined ? 'a record before a file' : current.reader.add(record);
    if (wrong !== undefined)
      return unreadable('A line of the LCOV tracefile cannot be read.', {
        got: `line ${place + 1}, ${wrong}: ${record.slice(0, 80)}`,
        expected,
        fix: 'Send the lcov.info that the coverage tool wrote. When the tool wrote this line, convert the file with `lcov --add-tracefile`.',
      });
  }
  if (current !== undefined)
    return unreadable('The LCOV tracefile is cut off.', {
      got: `${current.path.slice(0, 80)} without end_of_record`,
      expected,
      fix: 'Send the whole file.',
    });
  return { ok: factsOf(sections) };
};

const wrongPath = (path: string): string | undefined => {
  if (path === '') return 'a file without a name';
  return /\p{Cc}/u.test(path) ? 'a file name with control characters' : undefined;
};

/** Sections of one file add up, in whichever way they spell its path. */
const factsOf = (sections: readonly { readonly path: string; readonly section: Section }[]): LcovFacts => {
  const paths = sections.map(({ path }) => path);
  const root = commonRoot(paths);
  const files = new Map<string, Section[]>();
  for (const { path, section } of sections) {
    const name = below(root, path);
    const known = files.get(name);
    if (known === undefined) files.set(name, [section]);
    else known.push(section);
  }
  const shared = sharedFolder([...files.keys()]);
  const tests = [...files].filter(([path]) => isTestFile(below(shared, path))).map(([, file]) => file);
  const product = [...files].filter(([path]) => !isTestFile(below(shared, path))).map(([, file]) => file);
  const [lines, functions, branches] = kinds.map((kind) => worse(sum(product, kind), sum(tests, kind)));
  const none = { found: 0, hit: 0 };
  return {
    type: 'lcov',
    files: product.length,
    paths: [...files.keys()]
      .map((path) => sha256(below(shared, path)).slice(0, 12))
      .sort()
      .slice(0, mostNamed),
    testFiles: tests.length,
    lines: lines ?? none,
    functions: functions ?? none,
    branches: branches ?? none,
  };
};

const sum = (files: readonly (readonly Section[])[], kind: Kind): Coverage => {
  const total = { found: 0, hit: 0 };
  for (const sections of files) {
    const { found, hit } = ofFile(sections.map((section) => section[kind]));
    total.found += found;
    total.hit += hit;
  }
  return total;
};

/** An entry is hit when any section says so. What the totals of a section know beyond its records is taken from the worst section. */
const ofFile = (parts: readonly Section[Kind][]): Coverage => {
  const entries = new Map(parts[0]?.entries);
  for (const part of parts.slice(1)) for (const [key, hit] of part.entries) entries.set(key, entries.get(key) === true || hit);
  const most = (of: 'extra' | 'lost') => parts.reduce((so, part) => Math.max(so, part[of]), 0);
  const hits = [...entries.values()].filter(Boolean).length;
  return { found: entries.size + most('extra'), hit: Math.max(0, hits - most('lost')) };
};

/** Test files cover themselves, so they count only where they make the share lower: what looks like a test may be part of the product. */
const worse = (product: Coverage, tests: Coverage): Coverage => {
  const all = { found: product.found + tests.found, hit: product.hit + tests.hit };
  return product.found > 0 && all.hit * product.found < product.hit * all.found ? all : product;
};
