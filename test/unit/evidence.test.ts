import { describe, expect, test } from 'vitest';
import { canonical } from '../../lib/canonical-json.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { readFacts } from '../../lib/registry/stored-facts.ts';
import { bytes, factsOf as facts, refusalOf as refusal } from './parsed.ts';

describe('junit', () => {
  test('counts test cases; totals that claim more tests are doubtful', () => {
    const xml = `<?xml version="1.0"?><testsuites tests="99" failures="0"><testsuite name="a" tests="50"><testcase classname="a" name="passes"/><testcase name="fails"><failure message="expected 1"/></testcase>
      <testsuite name="nested"><testcase name="breaks"><error message="boom"/></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuite></testsuites>`;
    expect(facts('junit', bytes(xml))).toEqual({
      suites: expect.any(Array),
      type: 'junit',
      tests: 4,
      failed: 1,
      errored: 1,
      skipped: 1,
      unclear: 1,
      repeated: 0,
      failures: [
        { name: 'fails', message: 'expected 1' },
        { name: 'breaks', message: 'boom' },
      ],
      doubts: [{ name: 'testsuites', message: 'claims 95 more tests than it shows' }],
      passedTests: [expect.stringMatching(/^[0-9a-f]{12}$/)],
      passedNames: ['a › passes'],
      skippedTests: [expect.any(String)],
      otherTests: [expect.any(String), expect.any(String)],
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
    ['deep nesting', `${'<testsuite>'.repeat(1001)}${'</testsuite>'.repeat(1001)}`, /deeper than 1000/],
    ['a truncated file', '<testsuite><testcase name="x">', /unclosed|line/i],
    ['another document', '<assemblies></assemblies>', /<assemblies>/],
    ['a page', '<html></html>', /a page in HTML/],
    ['no XML', 'all tests passed', /line 1/],
  ])('refuses %s', (_what, xml, got) => {
    const refused = refusal('junit', bytes(xml));
    expect(refused.type).toBe('evidence-unreadable');
    expect(refused.got).toMatch(got);
    expect(refused.expected).toBeDefined();
    expect(refused.fix).toBeDefined();
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
