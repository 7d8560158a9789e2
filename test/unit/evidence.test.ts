import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../lib/canonical.ts';
import { evidenceTypes, parseEvidence, readFacts } from '../../lib/evidence/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value));
const facts = (type: string, input: Uint8Array) => {
  const parsed = parseEvidence(type, input);
  if (parsed.refused) throw new Error(`${parsed.refused.type}: ${parsed.refused.detail} (${parsed.refused.got})`);
  return parsed.ok;
};
const refusal = (type: string, input: Uint8Array) => parseEvidence(type, input).refused;

describe('junit', () => {
  test('counts test cases and not what the report claims of itself', () => {
    const xml = `<?xml version="1.0"?><testsuites tests="99" failures="0"><testsuite name="a" tests="50"><testcase classname="a" name="passes"/><testcase name="fails"><failure message="expected 1"/></testcase>
      <testsuite name="nested"><testcase name="breaks"><error message="boom"/></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuite></testsuites>`;
    expect(facts('junit', bytes(xml))).toEqual({
      type: 'junit',
      tests: 4,
      failed: 1,
      errored: 1,
      skipped: 1,
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

  test('keeps at most twenty names, cut', () => {
    const many = Array.from(
      { length: 50 },
      (_, n) => `<testcase name="${n}${'n'.repeat(500)}"><failure message="${'m'.repeat(900)}"/></testcase>`,
    ).join('');
    const found = facts('junit', bytes(`<testsuite>${many}</testsuite>`));
    if (found.type !== 'junit') throw new Error('not junit');
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
    ['a cut file', '<testsuite><testcase name="x">', /unclosed|line/i],
    ['another document', '<html></html>', /<html>/],
    ['no XML', 'all tests passed', /line 1/],
  ])('refuses %s', (_what, xml, got) => {
    const refused = refusal('junit', bytes(xml));
    expect(refused?.type).toBe('evidence-unreadable');
    expect(refused?.got).toMatch(got);
    expect(refused?.expected).toBeDefined();
    expect(refused?.fix).toBeDefined();
  });
});

describe('lcov', () => {
  test('counts the records, also of a file that appears twice, and ignores the totals', () => {
    const text =
      'TN:\nSF:a.ts\nFNDA:1,f\nFNDA:0,g\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nLF:100\nLH:100\nend_of_record\nSF:a.ts\nDA:2,3\nDA:3,0\nend_of_record\n';
    expect(facts('lcov', bytes(text))).toEqual({
      type: 'lcov',
      files: 2,
      lines: { found: 3, hit: 2 },
      functions: { found: 2, hit: 1 },
      branches: { found: 2, hit: 1 },
    });
  });

  test.each([
    ['a cut file', 'SF:a.ts\nDA:1,1\n'],
    ['a record before a file', 'DA:1,1\nend_of_record\n'],
    ['figures that are none', 'SF:a.ts\nDA:one,1\nend_of_record'],
    ['other text', 'coverage: 100 %'],
  ])('refuses %s', (_what, text) => {
    expect(refusal('lcov', bytes(text))?.type).toBe('evidence-unreadable');
  });
});

describe('sarif', () => {
  const log = (results: unknown, rules: unknown[] = []) =>
    json({ version: '2.1.0', runs: [{ tool: { driver: { name: 'secretlint', rules } }, results }] });

  test("a result without a level has its rule's, and warning where the rule says none", () => {
    const found = facts(
      'sarif',
      log(
        [{ ruleId: 'a' }, { ruleId: 'b' }, { ruleId: 'c', level: 'note' }, { ruleId: 'a', kind: 'pass' }],
        [{ id: 'a', defaultConfiguration: { level: 'error' } }],
      ),
    );
    expect(found).toMatchObject({ tools: ['secretlint'], error: 1, warning: 1, note: 1, suppressed: 0 });
  });

  test('only accepted suppressions count as such', () => {
    const results = [
      { suppressions: [{ kind: 'inSource' }] },
      { suppressions: [{ kind: 'external', status: 'underReview' }] },
      { suppressions: [] },
    ];
    expect(facts('sarif', log(results))).toMatchObject({ warning: 2, suppressed: 1 });
  });

  test('a run without results did not look', () => {
    expect(refusal('sarif', log(undefined))?.detail).toMatch(/did not look/);
    expect(refusal('sarif', log(null))?.detail).toMatch(/did not look/);
  });

  test('another version is refused', () => {
    expect(refusal('sarif', json({ version: '2.0.0', runs: [] }))?.type).toBe('evidence-unreadable');
  });
});

describe('openapi', () => {
  const document = (paths: object, more: object = {}) => json({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...more });
  const fine = { summary: 'Reads', responses: { 200: { description: 'ok' } } };

  test('counts operations and those without words', () => {
    expect(
      facts(
        'openapi',
        document({ '/a': { get: fine, post: { responses: { 201: {} } } }, '/b': { put: { description: ' ', responses: { 200: {} } } } }),
      ),
    ).toMatchObject({ operations: 3, undescribedCount: 2, undescribed: ['POST /a', 'PUT /b'], problems: [] });
  });

  test('finds structural problems', () => {
    const found = facts(
      'openapi',
      document({
        '/a/{id}': { get: { ...fine, operationId: 'x' } },
        b: { get: fine },
        '/c': { get: { summary: 'no responses', operationId: 'x' }, post: { ...fine, requestBody: { $ref: '#/components/schemas/None' } } },
      }),
    );
    if (found.type !== 'openapi') throw new Error('not openapi');
    expect(found.problems).toEqual([
      'GET /a/{id}: the path parameter id is not declared',
      'GET b: a path starts with /',
      'GET /c: no responses',
      'GET /c: operationId x is taken by GET /a/{id}',
      '#/components/schemas/None points at nothing',
    ]);
  });

  test('YAML and older versions are refused with a sentence', () => {
    expect(refusal('openapi', bytes('openapi: 3.1.0\n'))?.expected).toMatch(/YAML is not read/);
    expect(refusal('openapi', json({ swagger: '2.0' }))?.type).toBe('evidence-unreadable');
  });
});

describe('cyclonedx, load and series', () => {
  test('components need name, version and package URL', () => {
    const bom = {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { name: 'app' } },
      components: [
        { name: 'a', version: '1', purl: 'pkg:npm/a@1' },
        { name: 'b', version: '1' },
      ],
    };
    expect(facts('cyclonedx', json(bom))).toMatchObject({ subject: 'app', components: 2, incompleteCount: 1, incomplete: ['b'] });
    expect(refusal('cyclonedx', json({ ...bom, specVersion: '1.2' }))?.type).toBe('evidence-unreadable');
  });

  test('autocannon: errors and answers that are no 2xx are failures', () => {
    const result = { connections: 120, duration: 5, errors: 3, timeouts: 2, non2xx: 4, requests: { total: 1000 }, latency: { p99: 50 } };
    expect(facts('load', json(result))).toEqual({
      type: 'load',
      tool: 'autocannon',
      concurrency: 120,
      requests: 1003,
      failed: 7,
      p99Ms: 50,
      durationSeconds: 5,
    });
  });

  test("k6: the failed rate's passes are failures", () => {
    const summary = {
      metrics: {
        http_reqs: { count: 500, rate: 100 },
        http_req_failed: { passes: 2, fails: 498, value: 0.004 },
        http_req_duration: { 'p(99)': 80 },
        vus_max: { value: 150 },
      },
    };
    expect(facts('load', json(summary))).toMatchObject({
      tool: 'k6',
      concurrency: 150,
      requests: 500,
      failed: 2,
      p99Ms: 80,
      durationSeconds: 5,
    });
    expect(refusal('load', json({ metrics: {} }))?.got).toContain('metrics.');
  });

  const points = (...list: readonly (readonly [number, boolean, number])[]) =>
    json({
      schema: 'holdpoint.series/1',
      name: 'soak',
      points: list.map(([second, ok, latencyMs]) => ({ at: new Date(second * 1000).toISOString(), ok, latencyMs })),
    });

  test('a series is measured from its points', () => {
    expect(facts('series', points([0, true, 10], [10, false, 20], [40, true, 30]))).toMatchObject({
      points: 3,
      failed: 1,
      durationSeconds: 40,
      longestGapSeconds: 30,
      p95Ms: 30,
    });
  });

  test('times that do not increase are refused', () => {
    expect(refusal('series', points([10, true, 1], [10, true, 1]))?.got).toContain('point 2');
  });

  test('a long series is read', () => {
    expect(facts('series', points(...Array.from({ length: 20_000 }, (_, n) => [n, true, 1] as const)))).toMatchObject({
      points: 20_000,
      longestGapSeconds: 1,
    });
  });
});

describe('every type', () => {
  test('says what it is, and refuses nothing and too much', () => {
    expect(refusal('cobol', bytes('x'))).toMatchObject({ type: 'evidence-type-unknown' });
    for (const [type, { maxBytes }] of Object.entries(evidenceTypes)) {
      expect(refusal(type, new Uint8Array())?.type, type).toBe('evidence-unreadable');
      expect(refusal(type, new Uint8Array(maxBytes + 1))?.type, type).toBe('body-too-large');
      expect(refusal(type, new Uint8Array([0xff, 0xfe, 0x00]))?.type, type).toBe('evidence-unreadable');
    }
  });

  test('never throws, whatever comes', () => {
    for (const type of Object.keys(evidenceTypes)) {
      fc.assert(
        fc.property(
          fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.json().map(bytes), fc.string({ minLength: 1 }).map(bytes)),
          (input) => {
            const parsed = parseEvidence(type, input);
            return parsed.ok !== undefined || parsed.refused !== undefined;
          },
        ),
        { numRuns: 200 },
      );
    }
  });

  test('facts are canonical and come back as they were kept', () => {
    const found = facts('junit', bytes('<testsuite><testcase name="x"/></testsuite>'));
    expect(readFacts(bytes(canonical(found)))).toEqual(found);
    expect(() => readFacts(bytes('{"type":"gossip"}'))).toThrow(/no known type/);
  });
});
