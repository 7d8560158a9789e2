import * as z from 'zod';
import { firstRecord } from './content.ts';
import { claimsOf, coverageMembers, coverageOf, coverageWords, type FileSection, wrongPath } from './coverage-facts.ts';
import { filePath } from './file-path.ts';
import { evidenceType, megabyte } from './kind.ts';
import { type Reader, sectionReader } from './lcov-section.ts';
import type { Parsed } from './report-time.ts';
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

/** Counts come from the DA, FN, FNDA, FNL, FNA and BRDA records. The totals LF, LH, FNF, FNH, BRF and BRH can only make them worse. */
const parse = (bytes: Uint8Array): Parsed<LcovFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const sections: FileSection[] = [];
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
  const { facts: found, counted } = coverageOf(sections);
  return { ok: { type: 'lcov', ...found }, account: { counted, ...claimsOf(sections) } };
};
