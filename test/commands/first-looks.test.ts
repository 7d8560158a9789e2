import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { waitsInWords } from '../../lib/query/waits-words.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { record } from '../../lib/rules/record-within.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { Answering } from '../fakes/collector.ts';
import { artifact, check, checklistOf, ci, commit, dependenciesOf, gate, junitReport } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { must } from '../profile-given.ts';
import { collectorOf } from './collecting.ts';

/** People are asked when Holdpoint's own first looks are back, or when these were given up: what a look finds is a part of the report that they sign. */

const minute = 60_000;
const targets = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'reported' } }],
  probes: [{ id: 'no-token', url: 'https://staging.shop.test/orders', method: 'POST', body: '{}', expect: { status: [401] } }],
  openapi: { base: 'https://shop.test', url: 'https://shop.test/openapi.json' },
  staging: true,
});
const named = { staging: targets, production: targets };
const openapi = {
  openapi: '3.1.0',
  info: { title: 'shop', version: '1' },
  paths: { '/orders': { get: { responses: { 200: { description: 'the orders' } } } } },
};
const well: Answering = ({ url, method }) => {
  if (url.pathname === '/openapi.json') return { status: 200, body: JSON.stringify(openapi) };
  return { status: method === 'POST' ? 401 : 200 };
};
const askedRoles = ['technical-lead', 'operations-lead', 'product-owner'] as const;

const ownProbes = (set: 'operations' | 'protections', probes: 'reading' | 'unauthenticated') => [
  { id: 'own-probes', rule: probesPass.of({ set, probes }), asks: 'either' as const },
];
const tests = junitPasses.of({ minTests: 1, maxSkippedPct: 0 }) as never;
const teller = check('deployed-to-staging', 'phase-1', {
  rule: record('read-back', { environment: 'staging', minRunning: 1 }) as never,
  scope: 'artifact',
  tells: 'staging.deployed',
});
/** Tests prove it without the look, which may also fail it. */
const access = check('access', 'phase-1', { rule: tests, sources: ownProbes('protections', 'unauthenticated') });
const endpoints = check('endpoints', 'phase-1', { mode: 'observe', rule: tests, sources: ownProbes('operations', 'reading') });

/** A run that waits for people, its first gate passed before anybody has looked. */
const atGo = async (lines: Parameters<typeof checklistOf>[1]) => {
  const go = gate('go-no-go', { role: 'approval', asks: [...askedRoles], reports: ['phase-1'] });
  const signs = askedRoles.map((role) => check(`s-${role}`, 'go-no-go', { rule: { kind: 'signed/1', role }, kind: 'sign-off' }));
  const deps = dependenciesOf(checklistOf([gate('phase-1'), go], [teller, ...lines, ...signs]));
  Object.assign(deps.stage, { targets: { shop: named } });
  const { run, machine } = await atFirstGate(deps);
  const { tasks } = deps.controls.collector;
  const send = async (type: string, bytes: Uint8Array, more: object = {}) => {
    const madeAt = deps.clock.now().toISOString();
    const of = { run, type, contentType: 'application/octet-stream', source: 'ci', commit, madeAt, producerRun: 'job', producerAttempt: 1 };
    must(await recordEvidence(deps, { ...of, bytes, ...more }, ci));
    await machine.settle();
  };
  await send('junit', junitReport(1));
  const component = { component: 'web', platform: 'lambda shop:staging', deployed: artifact, running: artifact };
  const at = deps.clock.now().toISOString();
  const readBack = { schema: 'holdpoint.read-back/1', at, environment: 'staging', tool: 'lambda GetAlias', components: [component] };
  await send('record', new TextEncoder().encode(JSON.stringify(readBack)), { component: 'web', artifact });
  expect(machine.at()).toBe('go-no-go');
  const taken = () => tasks.splice(0).map(({ task }) => task.kind);
  const approval = async () => deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' });
  return {
    deps,
    taken,
    look: async (kind: 'protections' | 'operations', answering: Answering = well) => {
      expect(await collect(collectorOf({ deps }, answering, {}, { shop: named }), run, { kind })).toEqual({ events: [expect.any(String)] });
      await machine.settle();
    },
    pass: async (ms: number) => {
      deps.controls.clock.advance(ms);
      await sweep(deps);
      await machine.settle();
    },
    asked: async () => (await approval()).filter(isType('approval.requested')).length,
    voided: async () => (await approval()).filter(isType('approval.invalidated')).length,
    reasons: async () => must(await readRun(deps, run)).gates.find(({ id }) => id === 'go-no-go')?.reasons ?? [],
    waits: async () => waitsInWords((await deps.index.get(run)) ?? { outcome: null, waits: null }),
  };
};

describe('people are asked once the first looks are back', () => {
  test.each<[string, 'protections' | 'operations', ReturnType<typeof check>]>([
    ['at staging, for a line that tests prove', 'protections', access],
    ['at the operations, for a line that is only observed', 'operations', endpoints],
  ])('%s', async (_where, kind, line) => {
    const run = await atGo([line]);
    expect(await run.asked()).toBe(0);
    const [said] = await run.reasons();
    expect(said).toMatch(
      new RegExp(`^Holdpoint's own first look for ${line.title} is not back yet: people are asked when it is, and without it at 20\\S+Z$`),
    );
    expect(await run.waits()).toMatch(/^a look of Holdpoint itself/);
    await run.pass(5_000);
    expect(await run.asked()).toBe(0);
    await run.look(kind);
    expect([await run.asked(), await run.voided()]).toEqual([3, 0]);
    expect((await run.reasons()).join()).not.toContain('first look');
    await run.pass(20 * minute);
    expect([(await run.asked()) > 3, await run.voided()]).toEqual([false, 0]);
  });

  test('a look that fails is in the report that people get', async () => {
    const run = await atGo([endpoints]);
    await run.look('operations', () => ({ status: 500 }));
    expect([await run.asked(), await run.voided()]).toEqual([3, 0]);
  });

  test('a request that was lost is repeated after a minute, and not before', async () => {
    const run = await atGo([access]);
    run.taken();
    await run.pass(50_000);
    expect(run.taken()).toEqual([]);
    await run.pass(15_000);
    expect(run.taken()).toEqual(['protections']);
    await run.look('protections');
    await run.pass(5 * minute);
    expect([run.taken(), await run.asked()]).toEqual([[], 3]);
  });

  test('a look that never comes holds nobody up for longer than the gate says', async () => {
    const run = await atGo([access]);
    const until = Date.parse((await run.reasons())[0]?.split(' ').at(-1) ?? '');
    for (let n = 0; n < 4; n += 1) await run.pass(minute);
    expect(await run.asked()).toBe(0);
    await run.pass(until - run.deps.clock.now().getTime() - 10_000);
    expect(await run.asked()).toBe(0);
    await run.pass(minute);
    expect([await run.asked(), run.deps.clock.now().getTime() >= until]).toEqual([3, true]);
    expect(run.taken().length).toBeLessThan(7);
    await run.pass(10 * minute);
    expect(run.taken()).toEqual([]);
  });

  test('nobody waits for a look where none is made', async () => {
    const run = await atGo([check('plain', 'phase-1', { rule: tests })]);
    expect([await run.asked(), run.taken()]).toEqual([3, []]);
  });
});
