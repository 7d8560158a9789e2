import { describe, expect, test } from 'vitest';
import { look } from '../../lambdas/event-collector.ts';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { CollectorTask } from '../../lib/ports.ts';
import { alarmsHeard } from '../../lib/rules/alarms-heard.ts';
import { alarmsReady } from '../../lib/rules/alarms-ready.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { watchRuns } from '../../lib/run/commands/watch-runs.ts';
import { type Answering, collectorWorld } from '../fakes/collector.ts';
import { signingFor } from '../fakes.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { type Story, toStability, toWindow } from '../story.ts';

const good = `sha256:${'c'.repeat(64)}`;
const bad = `sha256:${'b'.repeat(64)}`;
const targets = targetsSchema.parse({
  components: [
    { component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } },
    { component: 'batch', platform: { kind: 'reported' } },
  ],
  probes: [
    { id: 'orders', url: 'https://shop.test/orders', expect: {}, critical: true },
    { id: 'closed', url: 'https://shop.test/closed', expect: { status: [503] } },
  ],
  alarms: ['shop-errors'],
  metrics: [{ id: 'p95', is: 'p95', namespace: 'AWS/Lambda', metric: 'Duration', statistic: 'p95' }],
  rollback: {
    'stop-requests': { by: { kind: 'person' }, stopped: ['closed'], accepting: ['orders'] },
    'restart-services': { by: { kind: 'platform' }, proof: ['orders'] },
    'restore-database': { by: { kind: 'person' } },
    watchSeconds: 10,
  },
});

type Options = Parameters<typeof collectorWorld>[1];
const healthy: Answering = ({ url }) => ({ status: url.pathname === '/closed' ? 503 : 200 });
const broken: Answering = () => ({ status: 500 });

/** The collector of a story, over the fakes of its deployment; it signs nothing. */
const collectorOf = (
  { deps }: Pick<Story, 'deps'>,
  answering: Answering = healthy,
  options: Options = {},
  stage: object = { shop: { production: targets } },
) => ({
  ...signingFor([], deps),
  stage: { ...deps.stage, targets: stage as never },
  ...collectorWorld(answering, options, { now: () => deps.controls.clock.now(), advance: (ms) => deps.controls.clock.advance(ms) }),
});

const checks = [
  check('probes', 'phase-1', { rule: probesPass.of({ set: 'probes', probes: 'critical' }) as never }),
  check('alarms', 'phase-1', { rule: alarmsReady.of({ maxUnknownSeconds: 3600 }) as never }),
  check('heard', 'phase-1', { rule: alarmsHeard.of({}) as never }),
];
const small = async (): Promise<Story> => {
  const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [...checks, check('unit-tests', 'phase-2')]));
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};
const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(`run/${run}`, { prefix: '' });
const typesIn = (events: readonly Stored[]): string[] => events.map(({ event }) => event.type);
const proofs = async (story: Story) => (await eventsOf(story)).filter(isType('rollback.step-proved')).map(({ event }) => event.data);
const prove = async (story: Story, step: string, more: object = {}, answering = healthy, options: Options = {}) => {
  const task = { kind: 'proof', step, action: 'do', attempt: 1, proof: 1, ...more } as CollectorTask;
  await collect(collectorOf(story, answering, options), story.run, task);
  return (await proofs(story)).at(-1);
};

describe('a look at the probes', () => {
  test('is evidence of the collector, judged for the checks that it serves, in a trail that verifies', async () => {
    const story = await small();
    await collect(collectorOf(story), story.run, { kind: 'probes' });
    const events = await eventsOf(story);
    expect(events.find(isType('evidence.recorded'))?.event).toMatchObject({
      actor: { kind: 'system', id: 'collector' },
      data: { evidence: 'probes', source: 'collector', component: null, commit: null, serves: ['probes'] },
    });
    expect(events.find(isType('check.judged'))?.event.data).toMatchObject({ check: 'probes', verdict: 'pass' });
    expect(verifyScope(events)).toBeUndefined();
    expect(story.deps.controls.reconciler.requests.length).toBeGreaterThan(0);
  });

  test('at some of them says nothing about all', async () => {
    const story = await small();
    await collect(collectorOf(story), story.run, { kind: 'probes', ids: ['closed'] });
    expect((await eventsOf(story)).find(isType('evidence.recorded'))?.event.data.serves).toEqual([]);
  });

  test('that failed is replaced by a later one that passed', async () => {
    const story = await small();
    await collect(collectorOf(story, broken), story.run, { kind: 'probes' });
    await collect(collectorOf(story), story.run, { kind: 'probes' });
    const judged = (await eventsOf(story)).filter(isType('check.judged')).map(({ event }) => event.data);
    expect(judged.map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
    expect(judged[1]?.replaces).toHaveLength(1);
  });

  test('before T0 makes no observation; after it a failed critical probe is one, once a minute', async () => {
    const before = await small();
    await collect(collectorOf(before, broken), before.run, { kind: 'probes' });
    expect(typesIn(await eventsOf(before))).not.toContain('observation.recorded');
    const story = await toWindow();
    story.deps.controls.clock.set('2026-04-01T08:00:05.000Z');
    for (let n = 0; n < 2; n += 1) await collect(collectorOf(story, broken), story.run, { kind: 'probes' });
    const observed = (await eventsOf(story)).filter(isType('observation.recorded')).map(({ event }) => event.data);
    expect(observed).toMatchObject([
      { kind: 'error', bad: true, subject: 'orders', via: 'collector', observation: 'probe-orders-20260401T0800' },
    ]);
    story.deps.controls.clock.advance(60_000);
    await collect(collectorOf(story), story.run, { kind: 'probes' });
    const all = (await eventsOf(story)).filter(isType('observation.recorded')).map(({ event }) => event.data);
    expect(all.filter((one) => one.bad)).toHaveLength(1);
    // Our own look must not make a feed look alive that delivers nothing.
    expect(all.find((one) => !one.bad)?.setAside).toBe('seen by Holdpoint itself');
  });

  test('at the operations of a document that nobody has sent says so', async () => {
    const story = await small();
    const openapi = { base: 'https://shop.test', examples: {}, requests: {}, maxMs: 1000 };
    await collect(collectorOf(story, healthy, {}, { shop: { production: { ...targets, openapi } } }), story.run, { kind: 'probes' });
    const recorded = (await eventsOf(story)).filter(isType('evidence.recorded')).map(({ event }) => event.data);
    const operations = recorded.find(({ source }) => source === 'collector-operations');
    const facts = JSON.parse(
      new TextDecoder().decode(await story.deps.evidence.get(`run/${story.run}`, operations?.facts ?? '')),
    ) as object;
    expect(facts).toMatchObject({
      set: 'operations',
      probes: [{ outcome: 'not-probed', reason: expect.stringContaining('no OpenAPI document') as unknown }],
    });
  });
});

describe('alarms and metrics', () => {
  test('are evidence; the history is compared with what the run was fed', async () => {
    const story = await small();
    const alarm = { name: 'shop-errors', state: 'OK' as const, stateSince: null, actionsEnabled: true, actions: 1 };
    const options: Options = { alarms: [alarm], history: [{ at: '2026-03-02T08:00:00.500Z', to: 'ALARM' }], points: () => [] };
    const collector = collectorOf(story, healthy, options);
    await collect(collector, story.run, { kind: 'alarms', since: '2026-03-02T07:00:00.000Z' });
    await collect(collector, story.run, { kind: 'metrics', series: 'monitoring', from: '2026-03-02T07:00:00.000Z' });
    const events = await eventsOf(story);
    expect(events.filter(isType('check.judged')).map(({ event: { data } }) => [data.check, data.verdict])).toEqual([
      ['alarms', 'pass'],
      ['heard', 'fail'],
    ]);
    expect(events.filter(isType('evidence.recorded')).map(({ event }) => event.data.evidence)).toEqual(['alarm-state', 'metric-series']);
  });

  test('of an account that denies them are results, not faults', async () => {
    const story = await small();
    const collector = collectorOf(story, healthy, { aws: 'monitoring answered 403 AccessDenied' });
    await collect(collector, story.run, { kind: 'alarms' });
    await collect(collector, story.run, { kind: 'metrics', series: 'monitoring', from: '2026-03-02T07:00:00.000Z' });
    expect((await eventsOf(story)).find(isType('check.judged'))?.event.data).toMatchObject({ check: 'alarms', verdict: 'inconclusive' });
  });
});

describe('what the platforms run', () => {
  const running = (digest: string): Options => ({ running: { shop: { digest, reference: '7' } } });

  test('is recorded for each component, and again only when it differs', async () => {
    const story = await toWindow();
    const read = (digest: string) => collect(collectorOf(story, healthy, running(digest)), story.run, { kind: 'read-back', before: false });
    for (const digest of [good, good, bad, good]) await read(digest);
    const all = (await eventsOf(story)).filter(isType('deployment.read-back')).map(({ event: { data } }) => [data.component, data.digest]);
    expect(all).toEqual([
      ['web', good],
      ['batch', null],
      ['web', bad],
      ['web', good],
    ]);
  });
});

describe('the proof of a step', () => {
  test.each([
    ['stop-requests', 'do', healthy, true],
    ['stop-requests', 'do', broken, false],
    ['stop-requests', 'undo', healthy, true],
    ['stop-requests', 'undo', broken, false],
    ['restart-services', 'do', healthy, true],
    ['restart-services', 'undo', healthy, false],
    ['restore-database', 'do', healthy, false],
    ['verify-health', 'do', healthy, true],
    ['verify-health', 'do', broken, false],
    ['monitor-stability', 'do', healthy, true],
    ['monitor-stability', 'do', broken, false],
    ['another-step', 'do', healthy, false],
  ] as const)('%s, %s', async (step, action, answering, proved) => {
    const story = await toWindow();
    expect(await prove(story, step, { action }, answering)).toMatchObject({ step, action, attempt: 1, proof: 1, proved });
    expect(verifyScope(await eventsOf(story))).toBeUndefined();
  });

  test('names its evidence, which serves no check, and is given once', async () => {
    const story = await toWindow();
    const first = await prove(story, 'verify-health');
    const events = await eventsOf(story);
    const evidence = events.filter(isType('evidence.recorded')).find(({ event }) => event.id === first?.evidence[0]);
    expect(evidence?.event.data).toMatchObject({ evidence: 'probes', source: 'collector-proof', serves: [] });
    await prove(story, 'verify-health', {}, broken);
    expect(await proofs(story)).toHaveLength(1);
    expect(await prove(story, 'verify-health', { attempt: 2 }, broken)).toMatchObject({ attempt: 2, proved: false });
  });

  test('that nobody can look at asks for a person', async () => {
    const story = await toWindow();
    const task = { kind: 'proof', step: 'verify-health', action: 'do', attempt: 1, proof: 1 } as const;
    await collect(collectorOf(story, healthy, {}, {}), story.run, task);
    expect(await proofs(story)).toMatchObject([{ proved: false, detail: expect.stringContaining('a person must show it') as unknown }]);
  });

  test('revert-version compares with the last fixed target', async () => {
    const story = await toWindow();
    const running: Options = { running: { shop: { digest: good, reference: '6' } } };
    expect(await prove(story, 'revert-version', {}, healthy, running)).toMatchObject({
      proved: false,
      detail: expect.stringContaining('no rollback target') as unknown,
    });
    const fix = (digest: string, components: readonly string[]) =>
      story.deps.trail.append(
        {
          scope: `run/${story.run}`,
          lane: 'rollback',
          step: `target/${digest}/${components.length}`,
          type: 'rollback.target-fixed',
          actor: { kind: 'system', id: 'reconciler' },
          data: {
            run: null,
            version: '1.2.2',
            level: 'adopted',
            components: components.map((component) => ({ component, digest, reference: null })),
          },
        },
        { parentHash: 'f'.repeat(64) },
      );
    await fix(bad, ['web']);
    expect(await prove(story, 'revert-version', { proof: 2 }, healthy, running)).toMatchObject({
      proved: false,
      detail: expect.stringContaining('not sha256:bbb') as unknown,
    });
    await fix(good, ['web']);
    const proved = await prove(story, 'revert-version', { proof: 3 }, healthy, running);
    expect(proved).toMatchObject({ proved: true });
    expect(proved?.evidence.length).toBeGreaterThan(0);
    await fix(good, ['web', 'batch']);
    expect(await prove(story, 'revert-version', { proof: 4 }, healthy, running)).toMatchObject({
      proved: false,
      detail: expect.stringContaining('batch cannot be read') as unknown,
    });
  });
});

describe('the watch of every minute', () => {
  test('looks at runs from T0 until their monitoring has passed', async () => {
    expect(await watchRuns(collectorOf(await small()))).toEqual({ watched: [] });
    const story = await toWindow();
    expect(await watchRuns(collectorOf(story))).toEqual({ watched: [story.run] });
    expect(await watchRuns(collectorOf(await toStability()))).toEqual({ watched: [] });
  });

  test('records again only what changed, and at once what broke', async () => {
    const story = await toWindow();
    const looks = async () =>
      (await eventsOf(story)).filter(isType('evidence.recorded')).filter(({ event }) => event.data.source === 'collector').length;
    for (let n = 0; n < 3; n += 1) {
      await watchRuns(collectorOf(story));
      story.deps.controls.clock.advance(60_000);
    }
    expect(await looks()).toBe(1);
    await watchRuns(collectorOf(story, broken));
    expect(await looks()).toBe(2);
    story.deps.controls.clock.advance(11 * 60_000);
    await watchRuns(collectorOf(story, broken));
    expect(await looks()).toBe(3);
  });

  test('throws the fault of one run after all others were looked at', async () => {
    const story = await toWindow();
    story.deps.controls.failNext('evidence.put', 'before', new Error('no bucket'));
    await expect(watchRuns(collectorOf(story))).rejects.toThrow('no bucket');
  });
});

describe('the function', () => {
  test.each([
    [undefined],
    [{}],
    [{ run: 'r' }],
    [{ run: 'r', task: { kind: 'probes', ids: ['../x'] } }],
    [{ run: 'r', task: { kind: 'proof' } }],
    [{ watch: 'yes' }],
  ])('declines %j', async (event) => {
    expect(await look(collectorOf(await small()), event)).toMatchObject({ declined: expect.any(String) as unknown });
  });

  test('looks at a run, and declines one that is unknown, has ended, or has no targets', async () => {
    const story = await small();
    expect(await look(collectorOf(story), { run: story.run, task: { kind: 'probes' } })).toMatchObject({
      run: story.run,
      events: [expect.any(String)],
    });
    expect(await look(collectorOf(story), { run: '20260302-080000-nosuchrun0', task: { kind: 'probes' } })).toMatchObject({
      declined: expect.any(String) as unknown,
    });
    expect(await look(collectorOf(story, healthy, {}, {}), { run: story.run, task: { kind: 'probes' } })).toMatchObject({
      declined: expect.stringContaining('no targets') as unknown,
    });
    expect(await look(collectorOf(story), { watch: true })).toEqual({ watched: [] });
  });
});
