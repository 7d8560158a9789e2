import { describe, expect, test } from 'vitest';
import { mostReported, packed } from '../../lib/evidence/entries.ts';
import { megabyte, mostTests } from '../../lib/evidence/kind.ts';
import { type EvidenceType, evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';
import { grownReport, listTypes } from '../bench/json-reports.ts';
import { largeReport, largeTypes } from '../bench/large-reports.ts';
import { parsingFigures } from '../bench/parsing.ts';
import { bytes, refusalOf } from './parsed.ts';

const repeated = (count: number, part: (n: number) => string): string => Array.from({ length: count }, (_, n) => part(n)).join('');

describe('a report that no parser could hold is refused, and says that it has to be split', () => {
  test.each<[string, EvidenceType, string]>([
    ['tests', 'junit', `<testsuite>${'<testcase/>'.repeat(mostTests + 1)}</testsuite>`],
    ['suites that claim a failure', 'junit', `<testsuites>${'<testsuite failures="1"/>'.repeat(mostTests + 1)}</testsuites>`],
    ['tests', 'tap', 'ok\n'.repeat(mostTests + 1)],
    ['files', 'lcov', repeated(mostReported.files + 1, (n) => `SF:${n}\nend_of_record\n`)],
    ['records of one file', 'lcov', `SF:a\n${'DA:1,1\n'.repeat(mostReported.recordsOfFile + 1)}`],
    ['records of one file in many parts', 'lcov', repeated(60, () => `SF:a\n${'DA:1,1\n'.repeat(10_000)}end_of_record\n`)],
    ['functions of one file', 'lcov', `SF:a\n${repeated(mostReported.functionsOfFile + 1, (n) => `FN:1,f${n}\n`)}`],
    ['classes', 'cobertura', `<coverage>${repeated(mostReported.files + 1, (n) => `<class filename="${n}"/>`)}</coverage>`],
    [
      'lines of a class',
      'cobertura',
      `<coverage><class filename="a">${'<line number="1" hits="1"/>'.repeat(mostReported.recordsOfFile + 1)}</class></coverage>`,
    ],
    [
      'source files',
      'jacoco',
      `<report><package name="p">${repeated(mostReported.files + 1, (n) => `<sourcefile name="${n}"/>`)}</package></report>`,
    ],
  ])('%s: %s', (_, type, text) => {
    const refusal = refusalOf(type, bytes(text));
    expect(refusal.type).toBe('evidence-unreadable');
    expect(refusal.got).toMatch(/more than \d+ /);
  });
});

describe('a large report', () => {
  test.each(largeTypes)('as the bench makes it is a good one: %s', (type) => {
    const report = largeReport(type, 0.3);
    const { ok, refused } = parseEvidence(type, report);
    expect(refused).toBeUndefined();
    expect(ok?.type).toBe(type);
    expect('failed' in evidenceTypes[type].fieldWords(ok as never)).toBe(false);
  });
});

/** As 50 MB have in the 256 MB that such a type may take. Who unpacks the lines of all files of these 6 at once needs more than 30 MB. */
test('a large report of each type that is read piece by piece needs little memory', async () => {
  const reports = largeTypes.map((type) => ({ type, report: () => largeReport(type, 6), times: 1, limit: '' }));
  await expect(parsingFigures(reports, 28)).resolves.toHaveLength(largeTypes.length);
}, 60_000);

describe('a JSON report that grew from its sample', () => {
  test.each(listTypes)('as the bench makes it is read, and says more than its sample: %s', (type) => {
    const [small, large] = [grownReport(type, 0), grownReport(type, 0.2)];
    expect(large.byteLength).toBeGreaterThan(0.19 * megabyte);
    const [before, after] = [parseEvidence(type, small), parseEvidence(type, large)];
    expect([before.refused, after.refused]).toEqual([undefined, undefined]);
    expect(after.ok).not.toEqual(before.ok);
  });
});

describe('packed entries', () => {
  test.each<[string, readonly (readonly [string, boolean])[]]>([
    ['none', []],
    [
      'lines',
      [
        ['1', true],
        ['22', false],
        ['333', true],
      ],
    ],
    [
      'names, also an empty one',
      [
        ['', true],
        ['a,b', false],
      ],
    ],
    [
      'names with a line break',
      [
        ['a\nb', true],
        ['c', false],
      ],
    ],
  ])('are what they were: %s', (_, entries) => {
    const small = packed(new Map(entries));
    expect([...small]).toEqual(entries);
    expect([...small], 'a second time').toEqual(entries);
    expect([small.size, small.hits]).toEqual([entries.length, entries.filter(([, hit]) => hit).length]);
  });
});
