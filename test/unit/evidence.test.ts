import { describe, expect, test } from 'vitest';
import { canonical } from '../../lib/canonical-json.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { readFacts } from '../../lib/registry/stored-facts.ts';
import { bytes, factsOf as facts, json, refusalOf as refusal } from './parsed.ts';

describe('junit', () => {
  test('counts test cases; totals that claim more tests are doubtful', () => {
    const xml = `<?xml version="1.0"?><testsuites tests="99" failures="0"><testsuite name="a" tests="50"><testcase classname="a" name="passes"/><testcase name="fails"><failure message="expected 1"/></testcase>
      <testsuite name="nested"><testcase name="breaks"><error message="boom"/></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuite></testsuites>`;
    expect(facts('junit', bytes(xml))).toEqual({
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

describe('openapi', () => {
  const document = (paths: object, more: object = {}) => json({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...more });
  const fine = { summary: 'Reads', responses: { 200: { description: 'ok' } } };

  test('counts operations, and operations without summary or description', () => {
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
    expect(found.problems).toEqual([
      'b: a path starts with /',
      'GET /a/{id}: the path parameter id is not declared',
      'GET /c: no responses',
      'GET /c: operationId x is taken by GET /a/{id}',
      '#/components/schemas/None points at nothing',
    ]);
  });

  test('a path has the operations of the path item that it refers to, and its own', () => {
    const silent = { responses: { 200: { description: 'ok' } } };
    const found = facts(
      'openapi',
      document(
        { '/a': { $ref: '#/components/pathItems/a' }, '/b': { $ref: '#/components/pathItems/a', put: silent }, 'x-internal': true },
        { components: { pathItems: { a: { get: fine, post: silent } } } },
      ),
    );
    expect(found).toMatchObject({ operations: 5, undescribed: ['POST /a', 'PUT /b', 'POST /b'], problemsCount: 0 });
  });

  test('operations that cannot be read are a problem', () => {
    const found = facts(
      'openapi',
      document({ '/a': { get: fine }, '/b': { $ref: 'b.json#/a' }, '/c': { $ref: '#/paths/~1c' }, '/d': null }),
    );
    expect(found.operations).toBe(1);
    expect(found.problems).toEqual(
      ['/b', '/c', '/d'].map((path) => `${path}: its operations cannot be read; bundle the document into one file`),
    );
  });

  test('a reference declares a path parameter only when its target does', () => {
    const components = { parameters: { id: { name: 'id', in: 'path', required: true }, page: { name: 'page', in: 'query' } } };
    const at = (name: string) =>
      document({ '/a/{id}': { get: fine, parameters: [{ $ref: `#/components/parameters/${name}` }] } }, { components });
    expect(facts('openapi', at('id')).problems).toEqual([]);
    expect(facts('openapi', at('page')).problems).toEqual(['GET /a/{id}: the path parameter id is not declared']);
  });

  test('circular references and a pointer with an invalid escape are read', () => {
    const schemas = { node: { properties: { next: { $ref: '#/components/schemas/node' } } }, bad: { $ref: '#/components/%zz' } };
    expect(facts('openapi', document({ '/a': { get: fine } }, { components: { schemas } })).problems).toEqual([
      '#/components/%zz points at nothing',
    ]);
  });

  test('webhooks are calls that the service makes and do not count as operations', () => {
    expect(facts('openapi', document({}, { webhooks: { paid: { post: fine } } })).operations).toBe(0);
  });

  test('all problems are counted, twenty are named', () => {
    const paths = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`/p${n}`, { get: { summary: 's' } }]));
    const found = facts('openapi', document(paths));
    expect([found.problemsCount, found.problems.length]).toEqual([30, 20]);
  });

  test('YAML and older versions are refused', () => {
    expect(refusal('openapi', bytes('openapi: 3.1.0\n')).expected).toMatch(/YAML is not read/);
    expect(refusal('openapi', json({ swagger: '2.0' })).type).toBe('evidence-unreadable');
  });
});

describe('cyclonedx', () => {
  const bom = (components: unknown, more: object = {}) =>
    json({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { type: 'application', name: 'app' } },
      components,
      ...more,
    });
  const zod = { type: 'library', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' };

  test('packages need name, version and package URL', () => {
    const found = facts(
      'cyclonedx',
      bom([zod, { type: 'library', name: 'b', version: '1' }, { name: 'c', version: '1', purl: 'pkg:' }, { ...zod, version: ' ' }]),
    );
    expect(found).toMatchObject({ subject: 'app', components: 4, incompleteCount: 3, incomplete: ['b', 'c', 'zod'] });
  });

  test('nested packages count', () => {
    const nested = { ...zod, components: [{ type: 'library', name: 'inner', components: [{ type: 'library', name: 'innermost' }] }] };
    expect(facts('cyclonedx', bom([nested]))).toMatchObject({ components: 3, incomplete: ['inner', 'innermost'] });
  });

  test('files, lock files and the operating system do not count, so a list of them alone is empty', () => {
    const others = ['file', 'application', 'operating-system', 'container'].map((type) => ({ type, name: `a ${type}` }));
    expect(facts('cyclonedx', bom(others))).toMatchObject({ components: 0, incompleteCount: 0 });
    expect(facts('cyclonedx', bom([...others, zod]))).toMatchObject({ components: 1, incompleteCount: 0 });
    expect(facts('cyclonedx', bom([{ type: 'novel', name: 'x' }]))).toMatchObject({ components: 1, incompleteCount: 1 });
    const jar = { type: 'application', name: 'app.jar', purl: 'pkg:maven/shop/app' };
    expect(facts('cyclonedx', bom([jar])), 'what has a package URL is a package').toMatchObject({ components: 1, incompleteCount: 1 });
  });

  test('1.4 to 1.6 without a subject are read; other versions and broken components are refused', () => {
    for (const specVersion of ['1.4', '1.5', '1.6'])
      expect(facts('cyclonedx', bom([zod], { specVersion, metadata: undefined }))).toMatchObject({ specVersion, subject: null });
    expect(refusal('cyclonedx', bom([zod], { specVersion: '1.2' })).got).toContain('specVersion');
    expect(refusal('cyclonedx', bom([zod], { bomFormat: 'SPDX' })).got).toContain('bomFormat');
    expect(refusal('cyclonedx', bom([zod, 'zod'])).type).toBe('evidence-unreadable');
    expect(facts('cyclonedx', bom(undefined))).toMatchObject({ components: 0 });
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
