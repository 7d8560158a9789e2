import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { textOf, unreadable } from './unreadable.ts';

const coverage = z.strictObject({ found: z.int().min(0), hit: z.int().min(0) });
const facts = z.strictObject({
  type: z.literal('lcov'),
  files: z.int().min(0),
  lines: coverage,
  functions: coverage,
  branches: coverage,
});
export type LcovFacts = z.infer<typeof facts>;

export const lcov = evidenceType({
  id: 'lcov',
  description: 'Coverage as an LCOV tracefile',
  fileNames: ['*.info', '*.lcov', '*lcov*.txt'],
  mediaTypes: ['text/plain'],
  maxBytes: 4 * megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'lcov.info',
});

const expected = 'an LCOV tracefile: SF records with DA lines, each closed by end_of_record (geninfo(1))';

/** What a file has to cover, and whether any record says that it was hit. */
type File = { readonly lines: Map<string, boolean>; readonly functions: Map<string, boolean>; readonly branches: Map<string, boolean> };

/** Counts come from the DA, FN, FNDA and BRDA records. The totals LF, LH, FNF, FNH, BRF and BRH are ignored. */
const parse = (bytes: Uint8Array): Outcome<LcovFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const files = new Map<string, File>();
  let current: { readonly name: string; readonly file: File } | undefined;
  for (const [place, raw] of text.ok.split('\n').entries()) {
    const record = raw.trim();
    if (record === '' || record.startsWith('#') || record.startsWith('TN:')) continue;
    if (record.startsWith('SF:') && current === undefined) {
      const name = record.slice(3);
      const file = files.get(name) ?? { lines: new Map(), functions: new Map(), branches: new Map() };
      files.set(name, file);
      current = { name, file };
    } else if (record === 'end_of_record') current = undefined;
    else if (current === undefined || !/^[A-Z]+:/.test(record) || record.startsWith('SF:') || !count(current.file, record))
      return unreadable('The report is not an LCOV tracefile.', {
        got: `line ${place + 1}: ${record.slice(0, 80)}`,
        expected,
        fix: 'Send the lcov.info that the coverage tool wrote.',
      });
  }
  if (current !== undefined)
    return unreadable('The LCOV tracefile is cut off.', {
      got: `${current.name.slice(0, 80)} without end_of_record`,
      expected,
      fix: 'Send the whole file.',
    });
  const sum = (what: keyof File): z.infer<typeof coverage> =>
    [...files.values()].reduce(
      ({ found, hit }, file) => ({ found: found + file[what].size, hit: hit + [...file[what].values()].filter(Boolean).length }),
      { found: 0, hit: 0 },
    );
  return { ok: { type: 'lcov', files: files.size, lines: sum('lines'), functions: sum('functions'), branches: sum('branches') } };
};

/** Adds one record; false when its figures are not numbers. An entry counts as hit when any of its records says so. */
const count = (file: File, record: string): boolean => {
  const colon = record.indexOf(':');
  const fields = record.slice(colon + 1).split(',');
  const hit = (map: Map<string, boolean>, key: string, taken: string | undefined): boolean => {
    if (taken === undefined || !/^(\d+|-)$/.test(taken)) return false;
    map.set(key, map.get(key) === true || Number(taken) > 0);
    return true;
  };
  switch (record.slice(0, colon)) {
    case 'DA':
      return /^\d+$/.test(fields[0] ?? '') && hit(file.lines, `${Number(fields[0])}`, fields[1]);
    case 'FN':
      // FN:line,name or FN:first,last,name. A function without an FNDA record was not called.
      return hit(file.functions, fields.slice(/^\d+$/.test(fields[1] ?? '') && fields.length > 2 ? 2 : 1).join(','), '0');
    case 'FNDA':
      return hit(file.functions, fields.slice(1).join(','), fields[0]);
    case 'BRDA':
      return hit(file.branches, fields.slice(0, 3).join(','), fields[3]);
    default:
      return true;
  }
};
