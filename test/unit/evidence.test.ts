import { describe, expect, test } from 'vitest';
import { canonical } from '../../lib/canonical-json.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { readFacts } from '../../lib/registry/stored-facts.ts';
import { bytes, factsOf as facts, refusalOf as refusal } from './parsed.ts';

describe('junit', () => {
  test('counts test cases and ignores the totals of the report', () => {
    const xml = `<?xml version="1.0"?><testsuites tests="99" failures="0"><testsuite name="a" tests="50"><testcase classname="a" name="passes"/><testcase name="fails"><failure message="expected 1"/></testcase>
      <testsuite name="nested"><testcase name="breaks"><error message="boom"/></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuite></testsuites>`;
    expect(facts('junit', bytes(xml))).toEqual({
      type: 'junit',
      tests: 4,
      failed: 1,
      errored: 1,
      skipped: 1,
      repeated: 0,
      failures: [
        { name: 'fails', message: 'expected 1' },
        { name: 'breaks', message: 'boom' },
      ],
    });
  });

  test('a case that failed and was retried within the report stays failed', () => {
    expect(facts('junit', bytes('<testsuite><testcase name="x"><failure/><skipped/></testcase></testsuite>'))).toMatchObject({
      failed: 1,
      skipped: 0,
    });
  });

  test('keeps at most twenty names, each cut short', () => {
    const many = Array.from(
      { length: 50 },
      (_, n) => `<testcase name="${n}${'n'.repeat(500)}"><failure message="${'m'.repeat(900)}"/></testcase>`,
    ).join('');
    const found = facts('junit', bytes(`<testsuite>${many}</testsuite>`));
    expect(found.failed).toBe(50);
    expect(found.failures).toHaveLength(20);
    expect(Math.max(...found.failures.map(({ name, message }) => name.length + message.length))).toBeLessThanOrEqual(400);
  });

  test.each([
    [
      'entities that multiply',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>',
      /document type declaration/,
    ],
    ['an external entity', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', /document type declaration/],
    ['deep nesting', `${'<testsuite>'.repeat(100)}${'</testsuite>'.repeat(100)}`, /deeper than 64/],
    ['a truncated file', '<testsuite><testcase name="x">', /unclosed|line/i],
    ['another document', '<html></html>', /<html>/],
    ['no XML', 'all tests passed', /line 1/],
  ])('refuses %s', (_what, xml, got) => {
    const refused = refusal('junit', bytes(xml));
    expect(refused.type).toBe('evidence-unreadable');
    expect(refused.got).toMatch(got);
    expect(refused.expected).toBeDefined();
    expect(refused.fix).toBeDefined();
  });
});

describe('lcov', () => {
  test('counts the records, also those of a file that appears twice, and ignores the totals', () => {
    const text =
      'TN:\nSF:a.ts\nFNDA:1,f\nFNDA:0,g\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nLF:100\nLH:100\nend_of_record\nSF:a.ts\nDA:2,3\nDA:3,0\nend_of_record\n';
    expect(facts('lcov', bytes(text))).toEqual({
      type: 'lcov',
      files: 1,
      lines: { found: 3, hit: 2 },
      functions: { found: 2, hit: 1 },
      branches: { found: 2, hit: 1 },
    });
  });

  test('c8, istanbul and grcov: carriage returns, checksums, functions without a call, no totals', () => {
    const text = [
      'TN:',
      'SF:src/a.ts',
      'VER:1',
      'FN:7,(anonymous_0)',
      'FN:9,12,sum(int, int)',
      'FNDA:0,(anonymous_0)',
      'BRDA:8,0,0,1',
      'BRDA:8,0,1,-',
      'BRDA:8,e1,0,0',
      'DA:7,0,FwMJSH8nVNC9fdx7qOFqYg',
      'DA:8,12',
      'DA:8,00',
      'end_of_record',
      '# a comment of lcov 2',
      '',
    ].join('\r\n');
    expect(facts('lcov', bytes(text))).toEqual({
      type: 'lcov',
      files: 1,
      lines: { found: 2, hit: 1 },
      functions: { found: 2, hit: 0 },
      branches: { found: 3, hit: 1 },
    });
  });

  test('a tracefile without measured lines is read as zero lines', () => {
    for (const text of ['TN:\n', 'SF:a.ts\nLF:100\nLH:100\nend_of_record\n'])
      expect(facts('lcov', bytes(text))).toMatchObject({ lines: { found: 0, hit: 0 } });
  });

  test.each([
    ['two truncated files', 'SF:a.ts\nDA:1,1\nSF:b.ts\nDA:1,1\nend_of_record\n'],
    ['a count below zero', 'SF:a.ts\nDA:1,-1\nend_of_record\n'],
    ['a truncated file', 'SF:a.ts\nDA:1,1\n'],
    ['a record before a file', 'DA:1,1\nend_of_record\n'],
    ['figures that are not numbers', 'SF:a.ts\nDA:one,1\nend_of_record'],
    ['other text', 'coverage: 100 %'],
  ])('refuses %s', (_what, text) => {
    expect(refusal('lcov', bytes(text)).type).toBe('evidence-unreadable');
  });
});

describe('every type', () => {
  test('refuses an empty report, one over the limit and one that is not UTF-8', () => {
    expect(refusal('cobol', bytes('x'))).toMatchObject({ type: 'evidence-type-unknown' });
    for (const [type, { maxBytes }] of Object.entries(evidenceTypes)) {
      expect(refusal(type, new Uint8Array()).type, type).toBe('evidence-unreadable');
      expect(refusal(type, new Uint8Array(maxBytes + 1)).type, type).toBe('body-too-large');
      expect(refusal(type, new Uint8Array([0xff, 0xfe, 0x00])).type, type).toBe('evidence-unreadable');
    }
  });

  test('facts are canonical and are read back as they were stored', () => {
    const found = facts('junit', bytes('<testsuite><testcase name="x"/></testsuite>'));
    expect(readFacts(bytes(canonical(found)))).toEqual(found);
    for (const broken of ['{}', '[]', 'null', '"junit"', '{"type":1}'])
      expect(() => readFacts(bytes(broken)), broken).toThrow(/not a JSON object with a type/);
  });
});
