import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { profileSchema } from '../../lib/profile/schema.ts';
import type { Facts } from '../../lib/registry/evidence.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence, type Rule } from '../../lib/registry/rules.ts';
import { endpointsSeen } from '../../lib/rules/shown-by-name.ts';

const profileOf = (more: object) =>
  profileSchema.parse({ service: 'shop', features: [{ id: 'all', title: 'all', paths: ['**'] }], ...more });
const itemIn = (check: string, more: object) => {
  const result = profiled(baseChecklist, profileOf(more));
  if ('wrong' in result) throw new Error(JSON.stringify(result.wrong));
  return itemOf(result.ok, check);
};
const onEvidence = (rule: Rule | null | undefined): EvidenceRule => {
  if (rule == null || !isEvidenceRule(rule)) throw new Error('no rule on evidence');
  return rule;
};
const ruleFor = (check: string, more: object): EvidenceRule => onEvidence(itemIn(check, more)?.rule);
const sourceFor = (check: string, source: string, more: object): EvidenceRule =>
  onEvidence(itemIn(check, more)?.sources?.find(({ id }) => id === source)?.rule);
const factsOf = (type: string, content: string | object): Facts => {
  const parsed = parseEvidence(type, new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)));
  if (parsed.refused) throw new Error(JSON.stringify(parsed.refused));
  return parsed.ok;
};

const operation = { summary: 'does it', responses: { 200: { description: 'done' } } };
const documentOf = (paths: Readonly<Record<string, readonly string[]>>, more: object = {}): object => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  paths: Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      {
        parameters: [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: {} })),
        ...Object.fromEntries(methods.map((method) => [method, operation])),
      },
    ]),
  ),
  ...more,
});
const endpoints = ['GET /orders', 'POST /orders', 'GET /orders/{id}'];
const all = { '/orders': ['get', 'post'], '/orders/{order}': ['get'] };

describe('the OpenAPI document has each endpoint of the profile by name', () => {
  const judged = (document: object, more: object = { endpoints }) =>
    judgeEvidence(ruleFor('endpoints-documented', more), factsOf('openapi', document));

  test('an endpoint that is missing is named, also where there are as many operations', () => {
    const { verdict, reason, parts } = judged(documentOf({ '/orders': ['get', 'delete'], '/orders/{order}': ['get'] }));
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(/^1 of the profile's 3 endpoints is not in the document: “POST \/orders”/);
    expect(parts).toMatchObject([
      { subject: { kind: 'endpoint', id: 'POST /orders' }, verdict: 'inconclusive' },
      { subject: { id: 'GET /orders' }, verdict: 'pass' },
      { subject: { id: 'GET /orders/{id}' }, verdict: 'pass' },
    ]);
  });

  test.each([
    ['other names of parameters', all, {}],
    ['a slash at the end', { '/orders/': ['get', 'post'], '/orders/{order}/': ['get'] }, {}],
    ['more operations', { ...all, '/health': ['get'] }, {}],
    ['servers with a path', all, { servers: [{ url: 'https://api.example.com/v2' }] }],
  ])('%s: all are there', (_, paths, more) => {
    expect(judged(documentOf(paths, more))).toMatchObject({ verdict: 'pass' });
  });

  test.each([
    [{ servers: [{ url: 'https://api.example.com/v2/' }] }, 'pass'],
    [{ servers: [{ url: '{host}/{version}', variables: { host: { default: 'https://a.example' }, version: { default: 'v2' } } }] }, 'pass'],
    [{ servers: [{ url: '/v2' }] }, 'pass'],
    [{ servers: [{ url: '/v1' }] }, 'inconclusive'],
    [{}, 'inconclusive'],
  ])('endpoints below /v2 in a document with %j: %s', (more, verdict) => {
    expect(judged(documentOf(all, more), { endpoints: endpoints.map((one) => one.replace(' /', ' /v2/')) }).verdict).toBe(verdict);
  });

  test('a concrete path is not documented by a template', () => {
    expect(judged(documentOf(all), { endpoints: ['GET /orders/search'] }).verdict).toBe('inconclusive');
  });

  test('an operation without description fails as itself, once', () => {
    const document = documentOf(all) as { paths: Record<string, Record<string, object>> };
    document.paths['/orders/{order}'] = { ...document.paths['/orders/{order}'], get: { responses: operation.responses } };
    const { verdict, parts } = judged(document);
    expect(verdict).toBe('fail');
    expect(parts?.map(({ subject: { id }, verdict: one }) => `${id}: ${one}`)).toEqual([
      'GET /orders/{order}: fail',
      'GET /orders: pass',
      'POST /orders: pass',
    ]);
  });

  test('facts of an older version, which name no operation, prove nothing by name', () => {
    const { named: _, ...older } = factsOf('openapi', documentOf(all)) as { named?: unknown; type: string };
    expect(judgeEvidence(ruleFor('api-documentation', { endpoints }), older as Facts)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/send the document again/),
    });
  });
});

describe('a record of routes serves each endpoint of the profile', () => {
  const routes = (...served: readonly string[]) => {
    const listed = served.map((one) => ({ method: one.split(' ')[0], path: one.split(' ')[1] }));
    return factsOf('record', {
      schema: 'holdpoint.routes/1',
      at: '2026-03-01T08:00:00Z',
      tool: 'routes of the router',
      served: listed,
      documented: listed,
    });
  };
  const rule = sourceFor('endpoints-documented', 'routes-record', { endpoints });

  test('by name', () => {
    expect(judgeEvidence(rule, routes('GET /orders/', 'POST /orders', 'GET /orders/:id')).verdict).toBe('pass');
    const { verdict, reason } = judgeEvidence(rule, routes('GET /orders', 'PUT /orders', 'GET /orders/:id'));
    expect([verdict, reason]).toEqual([
      'inconclusive',
      expect.stringMatching(/1 of the profile's 3 endpoints is not in the record: “POST \/orders”/),
    ]);
  });
});

describe('tests name what they are about', () => {
  const report = (suite: string, ...tests: readonly string[]) =>
    factsOf(
      'junit',
      `<testsuites><testsuite name="${suite}">${tests.join('')}</testsuite><testsuite name="units">${unit}</testsuite></testsuites>`,
    );
  const unit = '<testcase classname="units" name="POST /orders"/>';
  const passed = (name: string, suite = 'endpoints') => `<testcase classname="${suite}" name="${name}"/>`;
  const judged = (facts: Facts, more: object = { endpoints }) => judgeEvidence(ruleFor('endpoints-responding', more), facts);

  test('each endpoint by a test that passed, with its parameters filled in, too', () => {
    const facts = report(
      'endpoints',
      passed('GET /orders answers'),
      passed('post /orders: places'),
      passed('the API &gt; GET /orders/42.'),
    );
    expect(judged(facts)).toMatchObject({ verdict: 'pass' });
  });

  test('an endpoint that no test names is named', () => {
    const { verdict, reason } = judged(report('endpoints', passed('GET /orders'), passed('orders are placed'), passed('GET /orders/42')));
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(/1 of the profile's 3 endpoints is not in the name of a test that passed: “POST \/orders” \(name a test/);
  });

  test.each([
    ['a skipped test', '<testcase classname="endpoints" name="POST /orders"><skipped/></testcase>'],
    ['a test of another suite', ''],
    ['a longer path', passed('POST /orders/export')],
  ])('%s shows none', (_, other) => {
    const rest = Array.from({ length: 9 }, (_one, n) => passed(`number ${n}`)).join('');
    expect(judged(report('endpoints', passed('GET /orders'), passed('GET /orders/{id}'), rest, other)).verdict).toBe('inconclusive');
  });

  test('without endpoints in the profile nothing is compared', () => {
    expect(judged(report('endpoints', passed('all of them answer')), {}).verdict).toBe('pass');
  });

  test('input that is not valid is sent to each endpoint', () => {
    const validated = (...tests: readonly string[]) =>
      judgeEvidence(ruleFor('input-validated', { endpoints }), report('input-validation', ...tests));
    const two = [passed('GET /orders with limit=0', 'input-validation'), passed('GET /orders/%00', 'input-validation')];
    expect(validated(...two, passed('POST /orders with “{”', 'input-validation')).verdict).toBe('pass');
    expect(validated(...two)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/1 of the profile's 3 endpoints is not in the name of a test that passed: “POST \/orders”/),
    });
    expect(judgeEvidence(ruleFor('input-validated', {}), report('input-validation', ...two)).verdict).toBe('pass');
  });

  test('each service, where there are several', () => {
    const services = (more: readonly string[], ...tests: readonly string[]) =>
      judgeEvidence(ruleFor('services-communicate', { services: more }), report('contract', ...tests));
    const two = ['order-api', 'web'];
    expect(services(two, passed('web calls order-api', 'contract')).verdict).toBe('pass');
    expect(services(two, passed('x', 'OrderApiContractTest'), passed('web gets what it expects', 'contract')).verdict).toBe('pass');
    expect(services(two, passed('webhooks reach order-api', 'contract'))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/1 of the profile's 2 services is not .*: “web”/),
    });
    expect(services(['web'], passed('nothing named', 'contract')).verdict).toBe('pass');
  });
});

describe("Holdpoint's own calls", () => {
  const probe = (method: string, path: string) => ({
    id: `${method} ${path}`,
    method,
    path,
    critical: false,
    mode: 'every',
    needed: 1,
    skipped: null,
    tries: [{ ms: 5, status: 200, ok: true, why: null }],
  });
  const look = (...probes: readonly object[]) =>
    factsOf('probes', {
      schema: 'holdpoint.probes/1',
      set: 'operations',
      partial: false,
      from: '2026-03-01T08:00:00Z',
      to: '2026-03-01T08:00:05Z',
      probes,
    });

  test('are made to each endpoint that only reads', () => {
    const rule = sourceFor('endpoints-responding', 'own-probes', { endpoints });
    expect(judgeEvidence(rule, look(probe('GET', '/orders'), probe('GET', '/orders/{order}'))).verdict).toBe('pass');
    expect(judgeEvidence(rule, look(probe('GET', '/orders'), probe('GET', '/health')))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/“GET \/orders\/\{id\}”/),
    });
  });
});

describe('endpoints that were seen', () => {
  test.each<readonly [string, readonly string[], readonly string[], readonly string[]]>([
    ['a concrete path', ['GET /orders/{id}'], ['GET /orders/42'], ['GET /orders/{id}']],
    ['the nearer path', ['GET /orders/{id}', 'GET /orders/search'], ['GET /orders/search'], ['GET /orders/search']],
    ['fewer parameters', ['GET /{a}/{b}', 'GET /orders/{id}'], ['GET /orders/42'], ['GET /orders/{id}']],
    ['one folder for one parameter', ['GET /orders/{id}'], ['GET /orders/4/2'], []],
    ['a parameter in a part of a folder', ['GET /a/{id}.json', 'GET /a/{id}'], ['GET /a/4.json'], ['GET /a/{id}']],
    ['a parameter in a part of a folder alone', ['GET /a/{id}.json'], ['GET /a/4.json', 'GET /a/4'], ['GET /a/{id}.json']],
    ['another method', ['GET /orders'], ['POST /orders'], []],
    ['a query', ['GET /orders'], ['get /orders/?limit=1'], ['GET /orders']],
    ['a base that all have', ['GET /v1/a', 'GET /v1/b'], ['GET /a', 'GET /b'], ['GET /v1/a', 'GET /v1/b']],
    ['a base that not all have', ['GET /v1/a', 'GET /v2/a'], ['GET /a'], []],
    ['the base itself', ['GET /v1', 'GET /v1/a'], ['GET /', 'GET /a'], ['GET /v1', 'GET /v1/a']],
  ])('%s', (_, listed, seen, expected) => {
    expect([...endpointsSeen(listed, seen)]).toEqual(expected);
  });

  test('of 2,000 endpoints and 5,000 names are found in a second', () => {
    const listed = Array.from({ length: 2000 }, (_, n) => `GET /a${n}/{id}`);
    const began = performance.now();
    expect(
      endpointsSeen(
        listed,
        Array.from({ length: 5000 }, (_, n) => `GET /a${n}/7`),
      ).size,
    ).toBe(2000);
    const holes = `GET /${'{a}-'.repeat(60)}x`;
    expect(endpointsSeen([holes], [`GET /${'a-'.repeat(100)}`]).size).toBe(0);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
