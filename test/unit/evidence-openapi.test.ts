import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, json, refusalOf, rulesOf } from './parsed.ts';

const response = { 200: { description: 'ok' } };
const get = { summary: 'Reads', responses: response };
const id = { name: 'id', in: 'path', required: true, schema: {} };
const query = { name: 'q', in: 'query', schema: {} };
const document = (paths: unknown, more: object = {}) => ({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...more });
const operation = (more: object, path = '/a') => document({ [path]: { get: { ...get, ...more } } });
const schemas = (given: object, more: object = {}) => document({ '/a': { get } }, { components: { schemas: given }, ...more });
const withContent = (content: object) => operation({ responses: { 200: { description: 'ok', content: { 'application/json': content } } } });
const old = (value: object) => ({ ...value, openapi: '3.0.3' });

/** The verdicts of the checks on the document: whether it is valid, and whether its operations are described. */
const verdictsOf = (input: Uint8Array): string[] =>
  ['valid', 'described'].flatMap((require) =>
    rulesOf('openapi')
      .filter((rule) => 'require' in rule && rule.require === require)
      .map((rule) => judgeEvidence(rule, factsOf('openapi', input)).verdict),
  );
const problemsOf = (value: unknown): readonly string[] => factsOf('openapi', json(value)).problems;

describe('a document with a structural problem never passes', () => {
  test.each<[string, unknown, RegExp]>([
    ['a response without description', operation({ responses: { 200: {} } }), /responses\/200 must have .*description/],
    ['a key that is no status', operation({ responses: { OK: 5 } }), /\/paths\/~1a\/get\/responses/],
    ['no response in an empty map', operation({ responses: {} }), /responses/],
    ['no responses in 3.0, which asks for them', old(operation({ responses: undefined })), /must have required property 'responses'/],
    ['a parameter in no known place', operation({ parameters: [{ ...query, in: 'nowhere' }] }), /parameters\/0\/in/],
    ['a parameter without anything', operation({ parameters: [{}] }), /parameters\/0/],
    ['a path parameter that is not required', operation({ parameters: [{ ...id, required: undefined }] }, '/a/{id}'), /'required'/],
    [
      'the same in 3.0',
      old(operation({ parameters: [{ ...id, required: undefined }] }, '/a/{id}')),
      /the path parameter id is not required: true/,
    ],
    ['a path parameter that is not declared', operation({}, '/a/{id}'), /^GET \/a\/\{id\}: the path parameter id is not declared$/],
    ['a path parameter that the path lacks', operation({ parameters: [id] }), /^GET \/a: the path has no parameter id$/],
    ['the same parameter twice', operation({ parameters: [query, query] }), /^GET \/a: the query parameter q is declared twice$/],
    [
      'a header twice in two spellings',
      operation({ parameters: ['X-A', 'x-a'].map((name) => ({ ...query, name, in: 'header' })) }),
      /x-a is declared twice/,
    ],
    [
      'a parameter twice, once behind a reference',
      { ...operation({ parameters: [query, { $ref: '#/components/parameters/q' }] }), components: { parameters: { q: query } } },
      /declared twice/,
    ],
    [
      'one path with two names for its parameter',
      document({ '/a/{id}': { parameters: [id], get }, '/a/{x}': { parameters: [{ ...id, name: 'x' }], get } }),
      /^\/a\/\{x\}: the same path as \/a\/\{id\} with other parameter names$/,
    ],
    ['a path without its slash', document({ a: { get } }), /a path starts with \//],
    ['components as a list', document({ '/a': { get } }, { components: [] }), /^\/components must be object/],
    ['a misspelt type', schemas({ A: { type: 'strnig' } }), /\/components\/schemas\/A\/type/],
    ['a misspelt type deep inside', schemas({ A: { properties: { b: { items: { type: 'strnig' } } } } }), /properties\/b\/items\/type/],
    ['a misspelt type in 3.0', old(schemas({ A: { type: 'strnig' } })), /\/components\/schemas\/A/],
    ['a word of 3.1 in 3.0', old(schemas({ A: { type: ['string', 'null'] } })), /\/components\/schemas\/A/],
    [
      'a later version with a method that is not known',
      { ...document({ '/a': { get, probe: get } }), openapi: '3.9.0' },
      /unknown member probe/,
    ],
    ['an unknown member', operation({ sumary: 'x' }), /sumary/],
    [
      'an operationId twice',
      document({ '/a': { get: { ...get, operationId: 'x' }, put: { ...get, operationId: 'x' } } }),
      /operationId x is taken by GET \/a/,
    ],
    ['a security scheme that is not defined', operation({ security: [{ oauth: [] }] }), /the security scheme oauth is not defined/],
    [
      'a whole document that asks for one',
      document({ '/a': { get } }, { security: [{ key: [] }] }),
      /the security scheme key is not defined/,
    ],
    ['a reference to nothing', withContent({ schema: { $ref: '#/components/schemas/None' } }), /None points at nothing$/],
    ['a reference to another kind', operation({ parameters: [{ $ref: '#/info' }] }), /#\/info points at no parameter/],
    ['a reference to a text', operation({ parameters: [{ $ref: '#/info/title' }] }), /points at no parameter/],
    ['a reference to the whole document', schemas({ A: { $ref: '#' } }), /# points at no schema/],
    ['a reference with an invalid escape', schemas({ A: { $ref: '#/components/%zz' } }), /%zz points at nothing/],
    [
      'a reference into another file',
      operation({ requestBody: { $ref: 'body.yaml#/A' } }),
      /body\.yaml#\/A is outside of the document, and nothing outside was read/,
    ],
    ['a reference to another server', withContent({ schema: { $ref: 'https://example.com/a.json' } }), /nothing outside was read/],
    ['a reference to a file', withContent({ schema: { $ref: 'file:///etc/passwd' } }), /nothing outside was read/],
    [
      'references in a circle',
      schemas({ A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } }),
      /leads back to itself/,
    ],
    ['a reference to itself', operation({ parameters: [{ $ref: '#/paths/~1a/get/parameters/0' }] }), /leads back to itself/],
    [
      'a path item in another file',
      document({ '/a': { get }, '/b': { $ref: 'b.json#/a' } }),
      /^\/b: its operations are in b\.json#\/a, which was not read/,
    ],
    [
      'a broken reference in the place of an extension that is referred to',
      { ...withContent({ schema: { $ref: '#/x-a' } }), 'x-a': { $ref: '#/x-none' } },
      /#\/x-none points at nothing/,
    ],
    [
      'a property that refers to nothing below a property named example',
      schemas({ A: { properties: { example: { $ref: '#/no' } } } }),
      /#\/no points at nothing/,
    ],
  ])('%s', (_what, value, problem) => {
    expect(problemsOf(value)).toContainEqual(expect.stringMatching(problem));
    expect(verdictsOf(json(value))).toEqual(['fail', 'fail']);
  });
});

describe('a good document passes, however unusual', () => {
  const yaml = (text: string) => bytes(`openapi: 3.0.3\ninfo: {title: T, version: "1"}\npaths:\n  /a:\n    get:\n${text}`);
  test.each<[string, Uint8Array]>([
    ['3.0', json(old(operation({})))],
    ['3.1', json(operation({}))],
    ['3.2', json({ ...operation({}), openapi: '3.2.0' })],
    [
      '3.2 with query and a method of its own',
      json({ ...document({ '/a': { query: get, additionalOperations: { LINK: get } } }), openapi: '3.2.0' }),
    ],
    ['a later minor version with members that are not known', json({ ...operation({ novel: true }), openapi: '3.3.0' })],
    ['YAML', yaml('      summary: Reads\n      responses:\n        200: {description: ok}\n')],
    ['YAML with an anchor', yaml('      summary: &s Reads\n      description: *s\n      responses: {default: {description: *s}}\n')],
    [
      'YAML with a byte-order mark, a comment and a document marker',
      bytes(`\ufeff# API\n---\n${new TextDecoder().decode(yaml('      summary: S\n      responses: {"200": {description: ok}}\n'))}`),
    ],
    ['no responses in 3.1, which lets them out', json(operation({ responses: undefined }))],
    ['a reference in an example is data', json(withContent({ example: { $ref: '#/definitions/User' } }))],
    ['a reference in the value of an example is data', json(withContent({ examples: { a: { value: { $ref: 'no.json' } } } }))],
    [
      'a reference in a default, const and enum is data',
      json(schemas({ A: { default: { $ref: '#/x' }, const: { $ref: '#/y' }, enum: [{ $ref: '#/z' }] } })),
    ],
    ['a reference in an extension is data', json({ ...operation({ 'x-a': { $ref: '#/no' } }), 'x-b': { $ref: 'no.json' } })],
    ['a property named $ref', json(schemas({ A: { properties: { $ref: { type: 'string' } } } }))],
    ['a schema that contains itself', json(schemas({ A: { properties: { next: { $ref: '#/components/schemas/A' } } } }))],
    [
      '$id with a reference to its own $defs',
      json(schemas({ A: { $id: 'https://shop.example/a', $defs: { b: {} }, items: { $ref: '#/$defs/b' } } })),
    ],
    ['a reference to the $id of a schema', json(schemas({ A: { $id: 'https://shop.example/a' }, B: { $ref: 'https://shop.example/a' } }))],
    ['a reference to an anchor', json(schemas({ A: { $anchor: 'here', type: 'string' }, B: { items: { $ref: '#here' } } }))],
    ['a reference to true', json(schemas({ A: true, B: { $ref: '#/components/schemas/A' } }))],
    ['a reference with a description of its own', json(schemas({ A: {}, B: { $ref: '#/components/schemas/A', description: 'B' } }))],
    [
      'a schema in a place of its own',
      json({ ...withContent({ schema: { $ref: '#/x-schemas/A' } }), 'x-schemas': { A: { type: 'string' } } }),
    ],
    ['a path item summary counts for its operations', json(document({ '/a': { summary: 'Reads a', get: { responses: response } } }))],
    ['a shared path item', json(document({ '/a': { $ref: '#/components/pathItems/a' } }, { components: { pathItems: { a: { get } } } }))],
    [
      'a shared path parameter',
      json(document({ '/a/{id}': { parameters: [{ $ref: '#/components/parameters/id' }], get } }, { components: { parameters: { id } } })),
    ],
    ['an operation that overrides a parameter', json(document({ '/a': { parameters: [query], get: { ...get, parameters: [query] } } }))],
    ['the same name in two places', json(operation({ parameters: [query, { ...query, in: 'header' }] }))],
    ['a callback', json(operation({ callbacks: { paid: { '{$request.body#/url}': { post: get } } } }))],
    [
      'a scheme that is defined',
      json({ ...operation({ security: [{ key: [] }, {}] }), components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } } }),
    ],
  ])('%s', (_what, input) => {
    expect(factsOf('openapi', input).problems).toEqual([]);
    expect(verdictsOf(input)).toEqual(['pass', 'pass']);
  });
});

describe('a description', () => {
  test.each<[string, object, 'pass' | 'fail']>([
    ['in the summary', { summary: 'Reads' }, 'pass'],
    ['in the description, in any script', { description: '読む' }, 'pass'],
    ['a dot', { summary: '.' }, 'fail'],
    ['white space and dashes', { summary: ' ', description: ' -- ' }, 'fail'],
    ['none', {}, 'fail'],
  ])('%s: %s', (_what, texts, verdict) => {
    expect(verdictsOf(json(document({ '/a': { get: { ...texts, responses: response } } })))).toEqual(['pass', verdict]);
  });
});

describe('operations', () => {
  test('of a path are its own and those of the path item that it refers to; each undescribed one is named', () => {
    const silent = { responses: response };
    const paths = {
      '/a': { $ref: '#/components/pathItems/a' },
      '/b': { $ref: '#/components/pathItems/a', put: silent },
      'x-internal': true,
    };
    expect(factsOf('openapi', json(document(paths, { components: { pathItems: { a: { get, post: silent } } } })))).toMatchObject({
      operations: 5,
      undescribedCount: 3,
      undescribed: ['POST /a', 'PUT /b', 'POST /b'],
      problemsCount: 0,
    });
  });

  test('do not include webhooks, which are calls that the service makes', () => {
    const found = factsOf('openapi', json(document(undefined, { webhooks: { paid: { post: get } } })));
    expect(found).toMatchObject({ operations: 0, problems: [] });
  });

  test.each([
    ['./paths/a.yaml', '/a: its operations are in ./paths/a.yaml, which was not read; bundle the document into one file'],
    ['#/paths/~1b', '/a: its operations are not at #/paths/~1b, where it refers to'],
  ])('that a path has elsewhere (%s) are not counted, and the reason says so', (reference, problem) => {
    const input = json(document({ '/a': { $ref: reference } }));
    expect(factsOf('openapi', input)).toMatchObject({ operations: 0 });
    for (const rule of rulesOf('openapi'))
      expect(judgeEvidence(rule, factsOf('openapi', input))).toMatchObject({
        verdict: 'inconclusive',
        reason: `0 operations, at least 1 expected; ${problem}`,
      });
  });

  test('with a problem are all counted, twenty are named', () => {
    const paths = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`/p${n}/{x}`, { get }]));
    const found = factsOf('openapi', json(document(paths)));
    expect([found.problemsCount, found.problems.length]).toEqual([30, 20]);
  });
});

test('a later minor version is read as the newest known one, and says so', () => {
  const facts = factsOf('openapi', json({ ...operation({}), openapi: '3.9.1' }));
  expect(facts).toMatchObject({ version: '3.9.1', readAs: '3.2' });
  for (const rule of rulesOf('openapi')) expect(judgeEvidence(rule, facts).reason).toContain('newer than 3.2');
  expect(problemsOf({ ...operation({ responses: 5 }), openapi: '3.9.1' })).not.toEqual([]);
});

describe('what cannot be read is refused', () => {
  const bomb = ['a: &a [x]', ...Array.from('bcdefghi', (name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`).join(',')}]`)];
  test.each<[string, Uint8Array, RegExp]>([
    ['Swagger 2', json({ swagger: '2.0' }), /swagger: 2.0/],
    ['OpenAPI 4', json({ ...operation({}), openapi: '4.0.0' }), /openapi/],
    ['a version that is a number', bytes('openapi: 3.1\n'), /openapi/],
    ['YAML without a document', bytes('just words'), /expected object/],
    ['YAML with a syntax error', bytes('openapi: [3.1.0\n'), /./],
    ['YAML with two documents', bytes('openapi: 3.1.0\n---\nopenapi: 3.1.0\n'), /^several documents in one file$/],
    ['YAML with a key twice', bytes('openapi: 3.1.0\npaths: {/a: 5}\npaths: {}\n'), /the key paths twice/],
    ['YAML with the same key as number and text', bytes('openapi: 3.1.0\nx-a: {200: a, "200": b}\n'), /the key 200 twice/],
    ['YAML with a key that is a list', bytes('? [a]\n: 1\n'), /not a scalar/],
    ['YAML whose aliases multiply', bytes(`openapi: 3.1.0\n${bomb.join('\n')}\n`), /alias|more than/i],
    ['YAML with an alias within its own anchor', bytes('openapi: &a {b: *a}\n'), /./],
    ['values nested too deep', bytes(`{"openapi":"3.1.0","x-a":${'['.repeat(5000)}${']'.repeat(5000)}}`), /more than 1000 levels/],
    ['YAML nested too deep', bytes(`openapi: 3.1.0\nx-a: ${'['.repeat(5000)}${']'.repeat(5000)}\n`), /./],
  ])('%s', (_what, input, got) => {
    expect(refusalOf('openapi', input)).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

test('a version that YAML reads as a number is a structural problem of a document that is read all the same', () => {
  const text =
    'openapi: 3.0.3\ninfo:\n  title: Shop\n  version: 1.0\npaths:\n  /a:\n    get: {summary: s, responses: {default: {description: d}}}\n';
  expect(factsOf('openapi', bytes(text))).toMatchObject({ operations: 1, problems: ['/info/version must be string'] });
});
