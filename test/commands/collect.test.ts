import { describe, expect, test } from 'vitest';
import { look } from '../../lambdas/event-collector.ts';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { ProbesFacts } from '../../lib/evidence/probes.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { signingFor } from '../fakes.ts';
import { artifact, ci, personIn } from '../given.ts';
import { withTargets } from '../rollback-given.ts';
import { observation, toWindow } from '../story.ts';
import { bad, broken, collectorOf, eventsOf, good, healthy, type Options, small, targets, typesIn } from './collecting.ts';

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

  test('leaves out what shows a stop of requests, which fails while all is well', async () => {
    const story = await small();
    const collector = collectorOf(story);
    await collect(collector, story.run, { kind: 'probes' });
    const facts = (await eventsOf(story)).find(isType('evidence.recorded'))?.event.data.facts ?? '';
    const found = JSON.parse(new TextDecoder().decode(await story.deps.evidence.get(`run/${story.run}`, facts))) as ProbesFacts;
    expect([targets.probes.map(({ id }) => id), found.probes.map(({ id }) => id)]).toEqual([['orders', 'closed'], ['orders']]);
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
    const seen = async () =>
      (await eventsOf(story))
        .filter(isType('observation.recorded'))
        .map(({ event }) => event.data)
        .filter(({ via }) => via === 'collector');
    expect(await seen()).toMatchObject([
      { kind: 'error', bad: true, subject: 'orders', via: 'collector', observation: 'probe-orders-20260401T0800' },
    ]);
    story.deps.controls.clock.advance(60_000);
    await collect(collectorOf(story), story.run, { kind: 'probes' });
    const all = await seen();
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

test('a look that was made is not asked for again, also where no probe is critical', async () => {
  const story = await toWindow();
  const { tasks } = story.deps.controls.collector;
  const plain = targetsSchema.parse({
    components: targets.components,
    probes: [{ id: 'orders', url: 'https://shop.test/orders', expect: {} }],
  });
  const asked = async (): Promise<number> => {
    tasks.splice(0);
    await reconcileGate(signingFor(['reconciler'], withTargets(story.deps, plain)), { run: story.run });
    return tasks.filter(({ task }) => task.kind === 'probes').length;
  };
  await observation(story, 'restart-1', true, 'restart');
  expect(await asked()).toBe(1);
  await collect(collectorOf(story, healthy, {}, { shop: { production: plain } }), story.run, { kind: 'probes' });
  expect(await asked()).toBe(0);
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

  test('that went off twice within a minute and were fed once were heard once', async () => {
    const story = await toWindow();
    const observedAt = story.deps.clock.now().toISOString();
    const fed = { run: story.run, observation: 'red-1', kind: 'alarm', bad: true, subject: 'web', summary: 'red', observedAt } as const;
    await observe(story.deps, fed, ci);
    const alarm = { name: 'web', state: 'OK' as const, stateSince: null, actionsEnabled: true, actions: 1 };
    const later = (seconds: number) => ({ at: new Date(Date.parse(observedAt) + seconds * 1000).toISOString(), to: 'ALARM' as const });
    const stage = { shop: { production: { ...targets, alarms: ['web'] } } };
    await collect(collectorOf(story, healthy, { alarms: [alarm], history: [later(0), later(30)] }, stage), story.run, {
      kind: 'alarms',
      since: '2026-01-01T00:00:00.000Z',
    });
    const all = (await eventsOf(story)).filter(isType('evidence.recorded')).map(({ event }) => event.data);
    const recorded = all.find(({ evidence }) => evidence === 'alarm-state')?.facts ?? '';
    const facts = JSON.parse(new TextDecoder().decode(await story.deps.evidence.get(`run/${story.run}`, recorded))) as object;
    expect(facts).toMatchObject({ history: { wentOff: 2, unheardCount: 1, unheard: [{ at: later(30).at }] } });
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

  test('is recorded anew after the same was deployed again', async () => {
    const story = await toWindow();
    const read = () => collect(collectorOf(story, healthy, running(good)), story.run, { kind: 'read-back', before: false });
    const seen = async () =>
      (await eventsOf(story)).filter(isType('deployment.read-back')).filter(({ event }) => event.data.component === 'web');
    await read();
    for (const state of ['started', 'finished'] as const)
      await reportDeployment(
        signingFor([], story.deps),
        { run: story.run, state, environment: 'production', component: 'web', digest: artifact },
        ci,
      );
    await read();
    expect(await seen()).toHaveLength(2);
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
    await cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead'));
    await story.machine.settle();
    expect(await look(collectorOf(story), { run: story.run, task: { kind: 'probes' } })).toEqual({
      run: story.run,
      declined: 'the run has ended',
    });
  });
});
