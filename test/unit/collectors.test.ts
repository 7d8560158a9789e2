import { describe, expect, test } from 'vitest';
import { type Probe, probeSchema } from '../../lib/checklist/probe.ts';
import { openapiTargetSchema } from '../../lib/checklist/targets.ts';
import { fetchDocument, probeOperations, readOperations } from '../../lib/collectors/operations.ts';
import type { Hop } from '../../lib/collectors/ports.ts';
import { type Probed, runProbe, runProbes, watchProbes } from '../../lib/collectors/probe.ts';
import { probes as probesKind } from '../../lib/evidence/probes.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { type Answering, collectorWorld } from '../fakes/collector.ts';
import { bytes, factsOf, json } from './parsed.ts';

const probe = (changes: object = {}): Probe =>
  probeSchema.parse({ id: 'home', url: 'https://shop.test/home?key=secret', expect: {}, ...changes });
const open = { privateAddresses: false, staging: false };
const asked = (answering: Answering, given: Probe = probe(), permitted = open) => {
  const world = collectorWorld(answering);
  return runProbe(world, given, permitted).then((probed) => ({ probed, world, facts: factsIn([probed]) }));
};
const factsIn = (probed: readonly Probed[], set = 'probes') =>
  factsOf(
    'probes',
    json({
      schema: 'holdpoint.probes/1',
      set,
      partial: false,
      from: '2026-03-02T08:00:00.000Z',
      to: '2026-03-02T08:00:09.000Z',
      probes: probed,
    }),
  );
const outcome = (facts: ReturnType<typeof factsIn>): string => facts.probes[0]?.outcome ?? '';

describe('a probe', () => {
  test('passes after n good answers in a row, and asks no more', async () => {
    const { facts, world } = await asked(() => ({ status: 200 }));
    expect([outcome(facts), world.sent.length]).toEqual(['passed', 3]);
  });

  test('of a profile is led no further than the stage permits', async () => {
    const within = ['https://shop.test/home'];
    const { facts, world } = await asked(() => ({ status: 302, headers: { location: '/admin' } }), { ...probe(), within });
    expect([outcome(facts), world.sent.length]).toEqual(['failed', 3]);
    expect(facts.probes[0]?.reason).toContain('permits no request to https://shop.test/admin');
  });

  test('fails after n bad answers in a row, and says the first reason', async () => {
    const { facts, world } = await asked(() => ({ status: 500 }));
    expect([outcome(facts), world.sent.length, facts.probes[0]?.reason]).toEqual(['failed', 3, 'status 500, 200 expected']);
  });

  test('that changes its mind goes on, and is unsteady when it never settles', async () => {
    const settles = await asked((_hop, n) => ({ status: n === 1 ? 500 : 200 }));
    expect([outcome(settles.facts), settles.world.sent.length]).toEqual(['passed', 5]);
    const never = await asked((_hop, n) => ({ status: n % 2 === 0 ? 500 : 200 }));
    expect([outcome(never.facts), never.world.sent.length]).toEqual(['unsteady', 9]);
    expect(judgeEvidence(probesPass.of({ set: 'probes', probes: 'all' }), never.facts).verdict).toBe('inconclusive');
  });

  test.each<[string, object, ReturnType<Answering>, RegExp | null]>([
    ['contains a text', { expect: { contains: 'ok' } }, { status: 200, body: 'all ok' }, null],
    ['misses a text', { expect: { contains: 'ok' } }, { status: 200, body: 'no' }, /does not contain/],
    ['is too slow', { expect: { maxMs: 100 } }, { status: 200, ms: 101 }, /101 ms, at most 100/],
    ['does not answer', {}, { failed: 'ECONNREFUSED' }, /ECONNREFUSED/],
    [
      'refuses a foreign origin',
      { method: 'OPTIONS', expect: { status: [204], withoutHeaders: ['Access-Control-Allow-Origin'] } },
      { status: 204 },
      null,
    ],
    [
      'admits a foreign origin',
      { method: 'OPTIONS', expect: { status: [204], withoutHeaders: ['Access-Control-Allow-Origin'] } },
      { status: 204, headers: { 'access-control-allow-origin': '*' } },
      /must be absent/,
    ],
    ['refuses a stranger', { expect: { status: [401, 403] } }, { status: 401 }, null],
    ['admits a stranger', { expect: { status: [401, 403] } }, { status: 200 }, /401 or 403 expected/],
  ])('of a service that %s', async (_what, changes, answer, reason) => {
    const { facts } = await asked(() => answer, probe(changes));
    expect(outcome(facts)).toBe(reason === null ? 'passed' : 'failed');
    if (reason !== null) expect(facts.probes[0]?.reason).toMatch(reason);
  });

  test('records neither its query nor its headers', async () => {
    const { probed } = await asked(() => ({ status: 200 }), probe({ headers: { authorization: 'Bearer secret' } }));
    expect(probed.path).toBe('/home');
    expect(JSON.stringify(probed)).not.toContain('secret');
  });

  test('that may change something is not made unless the stage says so', async () => {
    const unsafe = probe({ method: 'POST' });
    const { facts, world } = await asked(() => ({ status: 200 }), unsafe);
    expect([outcome(facts), world.sent.length]).toEqual(['not-probed', 0]);
    expect(outcome((await asked(() => ({ status: 200 }), unsafe, { ...open, staging: true })).facts)).toBe('passed');
    expect(outcome((await asked(() => ({ status: 200 }), probe({ method: 'POST', safe: true }))).facts)).toBe('passed');
  });

  test.each([
    ['turns the last request away', (n: number) => (n === 4 ? 429 : 200), 'passed'],
    ['takes every request', () => 200, 'failed'],
    ['breaks', (n: number) => (n === 4 ? 503 : 200), 'failed'],
  ])('in a burst of a service that %s', async (_what, status, expected) => {
    const { facts, world } = await asked((_hop, n) => ({ status: status(n) }), probe({ burst: { requests: 5 } }));
    expect([outcome(facts), world.sent.length]).toEqual([expected, 5]);
  });

  test('in a burst of a service that fails ends at once', async () => {
    const { facts, world } = await asked(() => ({ status: 500 }), probe({ burst: { requests: 200 } }));
    expect([outcome(facts), world.sent.length < 200]).toEqual(['failed', true]);
  });

  test('has its turn: the critical ones first, bursts last', async () => {
    const world = collectorWorld(() => ({ status: 200 }));
    const all = [
      probe({ id: 'burst', burst: { requests: 2 }, critical: true }),
      probe({ id: 'plain' }),
      probe({ id: 'vital', critical: true }),
    ];
    expect((await runProbes(world, all, open)).map(({ id }) => id)).toEqual(['vital', 'plain', 'burst']);
  });
});

describe('a watch', () => {
  const watched = async (answering: Answering, seconds = 30) => {
    const world = collectorWorld(answering);
    const probed = await watchProbes(world, [probe({ critical: true })], open, seconds);
    return { facts: factsIn(probed, 'proof'), world };
  };

  test('asks every five seconds until its time is over', async () => {
    const { facts, world } = await watched(() => ({ status: 200 }));
    expect(outcome(facts)).toBe('passed');
    expect(world.sent.length).toBe(7);
    expect(world.elapsedMs()).toBeGreaterThanOrEqual(30_000);
  });

  test('ends at the first bad answer, and has failed', async () => {
    const { facts, world } = await watched((_hop, n) => ({ status: n === 2 ? 500 : 200 }));
    expect([outcome(facts), world.sent.length]).toEqual(['failed', 3]);
    const slow = await watched((_hop, n) => ({ status: 200, ms: n === 0 ? 29_000 : 1 }), 120);
    expect(slow.facts.probes[0]?.outcome).toBe('failed');
  });

  // The process stood still: one answer at the end does not make up for the time that nobody watched.
  test('with too few looks proves nothing', async () => {
    const paused = collectorWorld(() => ({ status: 200 }), { pauseFactor: 20 });
    expect(outcome(factsIn(await watchProbes(paused, [probe()], open, 120), 'proof'))).toBe('unsteady');
  });
});

describe('the operations of an OpenAPI document', () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'shop', version: '1' },
    components: { parameters: { order: { name: 'order', in: 'path', required: true, schema: { type: 'string' } } } },
    paths: {
      '/orders': {
        get: {
          operationId: 'listOrders',
          responses: { 200: {} },
          parameters: [{ name: 'limit', in: 'query', required: true, example: 5 }],
        },
        head: { responses: { '2XX': {} } },
        post: { operationId: 'placeOrder', responses: { 201: {} }, requestBody: { required: true } },
      },
      '/orders/{order}': {
        parameters: [{ $ref: '#/components/parameters/order' }],
        get: { operationId: 'readOrder', responses: { 200: {} } },
      },
      '/me': { get: { operationId: 'me', security: [{ bearer: [] }], responses: { 200: {} } } },
    },
  };
  const called = async (answering: Answering, changes: object = {}, permitted = open, given: object = document) => {
    const world = collectorWorld(answering);
    const read = readOperations(json(given));
    const probed = await probeOperations(
      world,
      read.ok ?? [],
      openapiTargetSchema.parse({ base: 'https://shop.test/v1/', ...changes }),
      permitted,
    );
    const facts = factsIn(probed, 'operations');
    return { facts, by: Object.fromEntries(facts.probes.map((one) => [one.id, one])), sent: world.sent };
  };

  test('are called where examples permit it; what is not called never passes', async () => {
    const { facts, by, sent } = await called((hop) => ({ status: hop.url.pathname.endsWith('/me') ? 401 : 200 }));
    expect(sent.map(({ method, url }: Hop) => `${method} ${url.pathname}${url.search}`).sort()).toEqual([
      'GET /v1/me',
      'GET /v1/orders?limit=5',
      'HEAD /v1/orders',
    ]);
    expect(Object.values(by).map(({ id, outcome: came }) => `${id} ${came}`)).toEqual([
      'listOrders passed',
      'HEAD /orders passed',
      'placeOrder not-probed',
      'readOrder not-probed',
      'me not-probed',
    ]);
    expect(by.readOrder?.reason).toBe('there is no example of the path parameter order');
    expect(judgeEvidence(probesPass.of({ set: 'operations', probes: 'all' }), facts)).toMatchObject({ verdict: 'inconclusive' });
    expect(judgeEvidence(probesPass.of({ set: 'operations', probes: ['listOrders'] }), facts)).toMatchObject({ verdict: 'pass' });
  });

  test('take parameters and safe requests from the stage file, each value as one segment', async () => {
    const { by, sent } = await called((hop) => ({ status: hop.method === 'POST' ? 201 : 200 }), {
      examples: { readOrder: { order: 'a/../b' } },
      requests: { placeOrder: { safe: true, body: '{}' } },
      headers: { authorization: 'x' },
    });
    expect(Object.values(by).every(({ outcome: came }) => came === 'passed')).toBe(true);
    expect(sent.map(({ url }: Hop) => url.pathname)).toContain('/v1/orders/a%2F..%2Fb');
    expect((await called(() => ({ status: 200 }), { examples: { readOrder: { order: '..' } } })).by.readOrder?.outcome).toBe('not-probed');
  });

  test('fail with an error, and with an answer that is not documented', async () => {
    expect((await called(() => ({ status: 404 }))).by.listOrders).toMatchObject({ outcome: 'failed', reason: 'status 404' });
    expect((await called(() => ({ status: 204 }))).by.listOrders).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('not describe') as unknown,
    });
  });

  const openapi = (paths: object) => ({ openapi: '3.1.0', paths });

  test('that a document of CI describes lead to no other place, and change no header that says who asks', async () => {
    const header = (name: string) => ({ name, in: 'header', required: true, example: 'evil.example' });
    const paths = {
      '/../admin': { get: { responses: { 200: {} } } },
      '/x/%2e%2e/%2e%2e/admin': { get: { responses: { 200: {} } } },
      '/..%2fadmin': { get: { responses: { 200: {} } } },
      '/x{out}': {
        get: { responses: { 200: {} }, parameters: [{ name: 'out', in: 'path', required: true, example: '/../../admin' }] },
      },
      '/orders': { get: { responses: { 200: {} }, parameters: ['Host', 'Authorization', 'X-Stage', 'X-Shop'].map(header) } },
    };
    const { by, sent } = await called(() => ({ status: 200 }), { headers: { 'x-stage': 'secret' } }, open, openapi(paths));
    expect(Object.values(by).map(({ path, outcome: came }) => [path, came])).toEqual([
      ['/../admin', 'not-probed'],
      ['/x/%2e%2e/%2e%2e/admin', 'not-probed'],
      ['/..%2fadmin', 'not-probed'],
      ['/x{out}', 'not-probed'],
      ['/orders', 'passed'],
    ]);
    const headers = Object.fromEntries(Object.entries(sent[0]?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    expect(headers).toMatchObject({ 'x-stage': 'secret', 'x-shop': 'evil.example' });
    expect([headers.host, headers.authorization]).toEqual([undefined, undefined]);
  });

  test('of a profile, and its document, are asked only where the stage permits, also behind a redirect', async () => {
    const within = ['https://shop.test/v1'];
    const paths = { '/a': { get: { responses: { 200: {} } } } };
    const world = collectorWorld((hop) => ({ status: hop.url.pathname === '/admin' ? 200 : 302, headers: { location: '/admin' } }));
    const target = { ...openapiTargetSchema.parse({ base: within[0] }), within };
    const [probed] = await probeOperations(world, readOperations(json(openapi(paths))).ok ?? [], target, open);
    const document = await fetchDocument(world, { url: 'https://shop.test/v1/openapi.json', within }, open);
    const why = 'the stage file permits no request to https://shop.test/admin (permits.addresses)';
    expect([probed?.tries[0]?.why, document.refused?.detail]).toEqual([`after 1 redirect: ${why}`, expect.stringContaining(why)]);
    expect(world.sent).toHaveLength(2);
  });

  test('that answer with a documented redirect are not led further', async () => {
    const paths = { '/old': { get: { responses: { 302: {} } } } };
    const { by, sent } = await called(() => ({ status: 302, headers: { location: '/v1/new' } }), {}, open, openapi(paths));
    expect([by['GET /old']?.outcome, sent.length]).toEqual(['passed', 1]);
  });

  test('of a document that is too large, or has half characters, are a report nevertheless', async () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, place) => [`/${place}`, { get: { responses: { 200: {} } } }]));
    const { facts } = await called(() => ({ status: 200 }), {}, open, openapi(many));
    expect([facts.probes.length, facts.probes.at(-1)?.outcome]).toEqual([1000, 'not-probed']);
    const half = await called(() => ({ status: 200 }), {}, open, openapi({ '/\ud800': { get: { responses: { 200: {} } } } }));
    expect(half.facts.probes.map(({ path }) => path.isWellFormed())).toEqual([true]);
  });

  test('are read from YAML, too; what is no document is refused', () => {
    expect(readOperations(bytes('openapi: 3.0.3\npaths:\n  /a:\n    get: {responses: {200: {}}}\n')).ok?.map(({ id }) => id)).toEqual([
      'GET /a',
    ]);
    for (const text of ['', '[]', '{"openapi":"2.0"}', '{', 'a: [']) expect(readOperations(bytes(text)).refused).toBeDefined();
  });
});

test('a report whose end lies before its begin is refused', () => {
  const text = {
    schema: 'holdpoint.probes/1',
    set: 'probes',
    partial: false,
    from: '2026-03-02T08:00:00Z',
    to: '2026-03-02T07:00:00Z',
    probes: [],
  };
  expect(probesKind.parse(json(text)).refused?.detail).toMatch(/ends before/);
});
