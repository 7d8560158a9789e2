import * as z from 'zod';
import { firstRecord } from './content.ts';
import { claimsOf, coverageMembers, coverageOf, coverageWords, type FileSection, wrongPath } from './coverage-facts.ts';
import { mostReported, ownText } from './entries.ts';
import { filePath } from './file-path.ts';
import { evidenceType, mostStreamed } from './kind.ts';
import { plainRecord, type Reader, sectionReader } from './lcov-section.ts';
import type { Parsed } from './report-time.ts';
import { linesOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('lcov'), ...coverageMembers });
export type LcovFacts = z.infer<typeof facts>;

export const lcov = evidenceType({
  id: 'lcov',
  description: 'Coverage as an LCOV tracefile',
  fileNames: ['*.info', '*.lcov', '*lcov*.txt'],
  mediaTypes: ['text/plain'],
  maxBytes: mostStreamed,
  facts,
  recognises: ({ head }) => /^(TN|SF):/.test(firstRecord(head)),
  fieldWords: coverageWords,
  parse: (bytes) => parse(bytes),
  sample: 'lcov.info',
});

const tooManyRecords = `more than ${mostReported.recordsOfFile} records of one file`;
const expected = 'an LCOV tracefile: SF records with DA lines, each closed by end_of_record (geninfo(1))';

/** Counts come from the DA, FN, FNDA, FNL, FNA and BRDA records. The totals LF, LH, FNF, FNH, BRF and BRH can only make them worse. */
const parse = (bytes: Uint8Array): Parsed<LcovFacts> => {
  const sections: FileSection[] = [];
  const records = new Map<string, number>();
  let current: { readonly path: string; readonly reader: Reader; records: number } | undefined;
  let place = 0;
  for (const raw of linesOf(bytes, expected)) {
    if (typeof raw !== 'string') return raw;
    place += 1;
    const plain = current === undefined ? 0 : plainRecord(raw);
    if (current !== undefined && plain !== 0 && current.records < mostReported.recordsOfFile) {
      current.records += 1;
      current.reader.plain(plain);
      continue;
    }
    const record = raw.trim();
    if (record === '' || record.startsWith('#') || record.startsWith('TN:')) continue;
    let wrong: string | undefined;
    if (record.startsWith('SF:')) {
      const path = ownText(filePath(record.slice(3)));
      wrong = current === undefined ? wrongPath(path) : 'a file begins before the last one ended';
      current = { path, reader: sectionReader(), records: records.get(path) ?? 0 };
      if (sections.length >= mostReported.files) wrong ??= `more than ${mostReported.files} files, so the report has to be split`;
    } else if (record === 'end_of_record') {
      const section = current?.reader.close();
      if (typeof section === 'string') wrong = section;
      else if (current !== undefined && section !== undefined) {
        sections.push({ path: current.path, section });
        records.set(current.path, current.records);
      }
      current = undefined;
    } else if (!/^[A-Z]+:/.test(record)) wrong = 'not a record';
    else if (current === undefined) wrong = 'a record before a file';
    else {
      current.records += 1;
      wrong = current.records > mostReported.recordsOfFile ? tooManyRecords : current.reader.add(record);
    }
    if (wrong !== undefined)
      return unreadable('A line of the LCOV tracefile cannot be read.', {
        got: `line ${place}, ${wrong}: ${record.slice(0, 80)}`,
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
  return {
    ok: { type: 'lcov', ...found },
    account: { counted, ...claimsOf(sections, counted) },
  };
};
