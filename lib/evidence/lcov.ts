import type { Outcome } from '../outcome.ts';
import type { CoverageCount, LcovFacts } from './facts.ts';
import { textOf, unreadable } from './unreadable.ts';

const expected = 'an LCOV tracefile: SF records with DA lines, each closed by end_of_record (geninfo(1))';

/** Per file: what can be covered, and whether any record says that it was. */
type File = { readonly lines: Map<string, boolean>; readonly functions: Map<string, boolean>; readonly branches: Map<string, boolean> };

/** Recomputed from DA, FN, FNDA and BRDA; the LF, LH, FNF, FNH, BRF and BRH totals that the file claims are not read. */
export const parseLcov = (bytes: Uint8Array): Outcome<LcovFacts> => {
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
  const sum = (what: keyof File): CoverageCount =>
    [...files.values()].reduce(
      ({ found, hit }, file) => ({ found: found + file[what].size, hit: hit + [...file[what].values()].filter(Boolean).length }),
      { found: 0, hit: 0 },
    );
  return { ok: { type: 'lcov', files: files.size, lines: sum('lines'), functions: sum('functions'), branches: sum('branches') } };
};

/** One record; false when its figures are none. Something counts as hit when any of its records says so. */
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
      // FN:line,name and FN:first,last,name: a function that no FNDA speaks of was not called.
      return hit(file.functions, fields.slice(/^\d+$/.test(fields[1] ?? '') && fields.length > 2 ? 2 : 1).join(','), '0');
    case 'FNDA':
      return hit(file.functions, fields.slice(1).join(','), fields[0]);
    case 'BRDA':
      return hit(file.branches, fields.slice(0, 3).join(','), fields[3]);
    default:
      return true;
  }
};
