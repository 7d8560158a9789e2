import type { Outcome } from '../outcome.ts';
import type { CoverageCount, LcovFacts } from './facts.ts';
import { textOf, unreadable } from './unreadable.ts';

const expected = 'an LCOV tracefile: SF records with DA lines, closed by end_of_record (geninfo(1))';

type Counts = { files: number; lines: Map<string, boolean>; functions: Map<string, boolean>; branches: Map<string, boolean> };

/** Recomputed from DA, FNDA and BRDA; the LF, LH, FNF, FNH, BRF and BRH totals that the file claims are not read. */
export const parseLcov = (bytes: Uint8Array): Outcome<LcovFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const counts: Counts = { files: 0, lines: new Map(), functions: new Map(), branches: new Map() };
  let file: string | undefined;
  for (const [place, raw] of text.ok.split('\n').entries()) {
    const record = raw.trim();
    if (record === '' || record.startsWith('TN:')) continue;
    const wrong = (got: string) =>
      unreadable('The report is not an LCOV tracefile.', {
        got: `line ${place + 1}: ${got}`,
        expected,
        fix: 'Send the lcov.info that the coverage tool wrote.',
      });
    if (record.startsWith('SF:')) {
      file = record.slice(3);
      counts.files += 1;
    } else if (record === 'end_of_record') file = undefined;
    else if (file === undefined || !/^[A-Z]+:/.test(record)) return wrong(record.slice(0, 80));
    else if (!count(counts, file, record)) return wrong(record.slice(0, 80));
  }
  if (file !== undefined)
    return unreadable('The LCOV tracefile is cut off.', {
      got: `${file.slice(0, 80)} without end_of_record`,
      expected,
      fix: 'Send the whole file.',
    });
  return {
    ok: { type: 'lcov', files: counts.files, lines: sum(counts.lines), functions: sum(counts.functions), branches: sum(counts.branches) },
  };
};

/** One record; false when its figures are none. A line counts as hit when any of its records says so. */
const count = (counts: Counts, file: string, record: string): boolean => {
  const [kind, rest = ''] = [record.slice(0, record.indexOf(':')), record.slice(record.indexOf(':') + 1)];
  const fields = rest.split(',');
  const hit = (map: Map<string, boolean>, key: string, taken: string | undefined): boolean => {
    if (taken === undefined || !/^(\d+|-)$/.test(taken)) return false;
    map.set(key, map.get(key) === true || (taken !== '-' && taken !== '0'));
    return true;
  };
  if (kind === 'DA') return /^\d+$/.test(fields[0] ?? '') && hit(counts.lines, `${file}:${fields[0]}`, fields[1]);
  if (kind === 'FNDA') return hit(counts.functions, `${file}:${fields.slice(1).join(',')}`, fields[0]);
  if (kind === 'BRDA') return hit(counts.branches, `${file}:${fields.slice(0, 3).join(',')}`, fields[3]);
  return true;
};

const sum = (map: ReadonlyMap<string, boolean>): CoverageCount => ({ found: map.size, hit: [...map.values()].filter(Boolean).length });
