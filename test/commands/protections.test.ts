import { describe, expect, test } from 'vitest';
import { probeSchema } from '../../lib/checklist/probe.ts';
import { protectionOf } from '../../lib/checklist/protections.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { record } from '../../lib/rules/record-within.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { type EvidenceInput, recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { findingFrom } from '../../lib/run/state/findings.ts';
import type { Answering } from '../fakes/collector.ts';
import { signingFor } from '../fakes.ts';
import { artifact, check, checklistOf, ci, commit, contextOf, dependenciesOf, gate, junitReport } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { must } from '../profile-given.ts';
import { collectorOf } from './collecting.ts';

/** Holdpoint's own probes prove checks before T0: whom staging turns away, and what the operations of the OpenAPI document answer. */

const staging = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'reported' } }],
  probes: [
    {
      id: 'preflight',
      url: 'https://staging.shop.test/orders',
      method: 'OPTIONS',
      headers: { origin: 'https://foreign.example', 'access-control-request-method': 'POST' },
      expect: { status: [204, 403], withoutHeaders: ['access-control-allow-origin'] },
    },
    { id: 'no-token', url: 'https://staging.shop.test/orders', method: 'POST', body: '{}', expect: { status: [401] } },
    { id: 'limited', url: 'https://staging.shop.test/orders', expect: {}, burst: { requests: 5 } },
    { id: 'health', url: 'https://staging.shop.test/health', expect: {} },
  ],
  staging: true,
});
const production = targetsSchema.parse({
  components: staging.components,
  openapi: { base: 'https://shop.test', url: 'https://shop.test/openapi.json' },
});

const teller = check('deployed-to-staging', 'phase-1', {
  rule: record('read-back', { environment: 'staging', minRunning: 1 }) as never,
  scope: 'artifact',
  tells: 'staging.deployed',
});
const proved = (id: string, rule: ReturnType<typeof probesPass.of>) =>
  check(id, 'phase-1', {
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 0 }) as never,
    sources: [{ id: 'own-probes', rule, asks: 'either' }],
  });
const lines = {
  cors: proved('cors', probesPass.of({ set: 'protections', probes: 'foreign-origin' })),
  access: proved('access', probesPass.of({ set: 'protections', probes: 'unauthenticated' })),
  rate: proved('rate', probesPass.of({ set: 'protections', probes: 'rate-limit' })),
  endpoints: proved('endpoints', probesPass.of({ set: 'operations', probes: 'reading' })),
};
type Line = keyof typeof lines;

const document = {
  openapi: '3.1.0',
  info: { title: 'shop', version: '1' },
  paths: {
    '/orders': { get: { responses: { 200: { description: 'the orders' } } }, post: { responses: { 201: { description: 'kept' } } } },
    '/health': { get: { responses: { 200: { description: 'well' } } } },
  },
};
/** A service that turns away whom it should, and answers everybody else. */
const guarded: Answering = ({ url, method }, n) => {
  if (url.pathname === '/openapi.json') return { status: 200, body: JSON.stringify(document) };
  if (method === 'OPTIONS') return { status: 204 };
  if (method === 'POST') return { status: 401 };
  return { status: url.host.startsWith('staging') && url.pathname === '/orders' && n > 8 ? 429 : 200 };
};

const begin = async (named: object = { staging, production }) => {
  const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [teller, ...Object.values(lines), check('b', 'phase-2')]));
  Object.assign(deps.stage, { targets: { shop: named } });
  const { run } = await atFirstGate(deps);
  const { tasks } = deps.controls.collector;
  const send = async (type: string, bytes: Uint8Array, more: Partial<EvidenceInput> = {}) => {
    const madeAt = deps.clock.now().toISOString();
    const input = {
      run,
      type,
      contentType: 'application/octet-stream',
      source: 'ci',
      commit,
      madeAt,
      producerRun: 'job',
      producerAttempt: 1,
    };
    return must(await recordEvidence(deps, { ...input, bytes, ...more }, ci));
  };
  /** What the reconciler asks for now, beside what it has asked for before. */
  const asked = async (): Promise<readonly string[]> => {
    tasks.splice(0);
    await reconcileGate(signingFor(['reconciler'], deps), { run });
    return tasks.map(({ task }) => task.kind);
  };
  const look = (kind: 'protections' | 'operations', answering: Answering = guarded) =>
    collect(collectorOf({ deps }, answering, {}, { shop: named }), run, { kind });
  const deploy = () => {
    const at = deps.clock.now().toISOString();
    const component = { component: 'web', platform: 'lambda shop:staging', deployed: artifact, running: artifact };
    const readBack = { schema: 'holdpoint.read-back/1', at, environment: 'staging', tool: 'lambda GetAlias', components: [component] };
    return send('record', new TextEncoder().encode(JSON.stringify(readBack)), { component: 'web', artifact });
  };
  const finding = async (line: Line) => {
    const events = await deps.trail.read(`run/${run}`, { lane: `check/phase-1/${line}` });
    return findingFrom(lines[line], events, await contextOf(deps, run), { now: deps.clock.now() });
  };
  return { deps, asked, look, deploy, finding, tested: () => send('junit', junitReport(1)) };
};

describe('probes in staging', () => {
  test('are asked for once staging runs the release, prove their lines without tests, and are not asked for again', async () => {
    const { deps, asked, look, deploy, finding } = await begin();
    expect(await asked()).not.toContain('protections');
    expect(await look('protections')).toEqual({ declined: expect.stringContaining('nothing tells yet that staging runs the release') });
    await deploy();
    expect(await asked()).toContain('protections');
    expect(await look('protections')).toEqual({ events: [expect.any(String)] });
    for (const line of ['cors', 'access', 'rate'] as const)
      expect([line, (await finding(line)).verdict, (await finding(line)).basis]).toEqual([line, 'pass', 'measured']);
    deps.controls.clock.advance(600_000);
    expect(await asked()).not.toContain('protections');
  });

  test('that let somebody in fail their line also beside good tests, and name route, answer and expectation', async () => {
    const { deps, asked, look, deploy, finding, tested } = await begin();
    await deploy();
    await tested();
    expect((await finding('cors')).verdict).toBe('pass');
    const open: Answering = ({ method }) => ({ status: method === 'OPTIONS' ? 204 : 200, headers: { 'access-control-allow-origin': '*' } });
    await look('protections', open);
    expect(await finding('cors')).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/preflight \(OPTIONS \/orders\) failed .*access-control-allow-origin is there with the value “\*”/),
    });
    expect((await finding('access')).reason).toContain('no-token (POST /orders) failed (3 of 3 tries): status 200, 401 expected');
    expect((await finding('rate')).reason).toContain(
      'limited (GET /orders) failed (0 of 5 tries): none of 5 requests was answered with status 429',
    );
    deps.controls.clock.advance(60_000);
    expect(await asked()).toContain('protections');
    await look('protections');
    expect((await finding('cors')).verdict).toBe('pass');
  });

  test('that cannot be made prove nothing, and take nothing from tests', async () => {
    const { deps, look, deploy, finding, tested } = await begin();
    await deploy();
    await look('protections', () => ({ failed: 'connection refused' }));
    expect((await finding('cors')).verdict).toBe('fail');
    const [probe] = staging.probes;
    const other = await begin({ staging: { ...staging, probes: [{ ...probe, url: '' }] } });
    await other.deploy();
    await other.look('protections');
    expect((await other.finding('cors')).verdict).toBe('inconclusive');
    expect((await other.finding('access')).verdict).toBe('missing');
    await other.tested();
    expect((await other.finding('cors')).verdict).toBe('pass');
    await tested();
    expect((await finding('cors')).verdict).toBe('fail');
    expect(deps.controls.collector.tasks.length).toBeGreaterThan(0);
  });

  test('are not asked for where the stage names none', async () => {
    const { asked, look, deploy } = await begin({ production });
    await deploy();
    expect(await asked()).not.toContain('protections');
    expect(await look('protections')).toEqual({ declined: expect.stringContaining('no targets in staging') });
  });
});

describe('operations of the OpenAPI document', () => {
  test('are called where no probe is named, and called again until they answer as documented', async () => {
    const { deps, asked, look, finding, tested } = await begin();
    expect(await asked()).toContain('operations');
    await look('operations', (hop, n) => (hop.url.pathname === '/health' ? { status: 503 } : guarded(hop, n)));
    expect(await finding('endpoints')).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/GET \/health failed .*status 503/),
    });
    await tested();
    expect((await finding('endpoints')).verdict).toBe('fail');
    deps.controls.clock.advance(60_000);
    expect(await asked()).toContain('operations');
    await look('operations');
    expect(await finding('endpoints')).toMatchObject({ verdict: 'pass' });
    expect(await asked()).not.toContain('operations');
  });

  test.each<[string, ReturnType<Answering>, RegExp]>([
    ['a status that is not documented', { status: 202 }, /GET \/health failed .*status 202, which the document does not describe/],
    ['no answer', { failed: 'connection refused' }, /GET \/health failed .*connection refused/],
  ])('%s is named by its operation', async (_what, answer, reason) => {
    const { look, finding } = await begin();
    await look('operations', (hop, n) => (hop.url.pathname === '/health' ? answer : guarded(hop, n)));
    expect(await finding('endpoints')).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(reason) });
  });
});

describe('what a probe shows', () => {
  const preflight = { method: 'OPTIONS', headers: { Origin: 'https://foreign.example', 'Access-Control-Request-Method': 'POST' } };
  const refused = { status: [204], withoutHeaders: ['Access-Control-Allow-Origin'] };
  test.each<[string, object, string | undefined]>([
    ['a preflight that must not be allowed', { ...preflight, expect: refused }, 'foreign-origin'],
    ['a preflight that may be allowed', { ...preflight, expect: { status: [204] } }, undefined],
    ['a preflight that is turned away, and may be allowed', { ...preflight, expect: { status: [403] } }, undefined],
    ['no preflight', { method: 'OPTIONS', headers: { origin: 'https://foreign.example' }, expect: refused }, undefined],
    ['a request without credentials', { headers: { accept: '*/*' }, expect: { status: [401, 403] } }, 'unauthenticated'],
    ['one that may also be answered', { expect: { status: [401, 200] } }, undefined],
    ['a request with credentials', { headers: { Authorization: 'Bearer x' }, expect: { status: [401] } }, undefined],
    ['a request with a header that nobody knows', { headers: { 'x-key': 'x' }, expect: { status: [403] } }, undefined],
    ['a request with a query', { url: 'https://shop.test/orders?key=x', expect: { status: [403] } }, undefined],
    ['a request with a name in its address', { url: 'https://a:b@shop.test/orders', expect: { status: [403] } }, undefined],
    ['a burst', { expect: {}, burst: { requests: 20 } }, 'rate-limit'],
    ['any other', { expect: {} }, undefined],
  ])('%s', (_what, probe, shows) => {
    expect(protectionOf(probeSchema.parse({ id: 'a', url: 'https://shop.test/orders', ...probe }))).toBe(shows);
  });
});
