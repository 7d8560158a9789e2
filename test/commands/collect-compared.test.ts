import { expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { liveIn } from '../../lib/folds/environment.ts';
import type { CollectorTask } from '../../lib/ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { metricAgrees } from '../../lib/rules/metric-agrees.ts';
import { restartsHeard } from '../../lib/rules/restarts-heard.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { nameTarget, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { withTargets } from '../rollback-given.ts';
import { attestAll, begin, hour, observation, proveStability, type Story, toStability, toWindow } from '../story.ts';
import { collectorOf, eventsOf, healthy, type Options } from './collecting.ts';
import { releaseChecklist, runAtT0 } from './environment-runs.ts';

/** What Holdpoint reads itself is compared with what the run was fed. */

const since = '2026-03-02T00:00:00.000Z';
const rule = metricAgrees.of({
  series: 'read-24h',
  fed: 'stability',
  maxApartPct: 50,
  floorMs: 100,
  floorPct: 0.5,
  floorPerMinute: 10,
  minPoints: 3,
  maxMissingPct: 100,
});
const named = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'ecs-service', cluster: 'shop', service: 'web' } }],
  metrics: [
    { id: 'slow', is: 'p95', namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', statistic: 'p95' },
    { id: 'starts', is: 'restarts', namespace: 'ECS/ContainerInsights', metric: 'RestartCount', statistic: 'Sum' },
  ],
  restarts: [
    { kind: 'ecs-service', cluster: 'shop', service: 'web' },
    { kind: 'rds-instance', name: 'shop-db' },
  ],
});

const given = async (): Promise<Story> => {
  const checks = [
    check('restarts', 'phase-1', { rule: restartsHeard.of({}) as never }),
    check('figures', 'phase-1', { rule: rule as never }),
    check('later', 'phase-2'),
  ];
  const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], checks));
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};
const look = (story: Story, task: CollectorTask, options: Options = {}) =>
  collect(collectorOf(story, healthy, options, { shop: { production: named } }), story.run, task);
const judgedOf = async (story: Story, id: string) =>
  (await eventsOf(story)).filter(isType('check.judged')).flatMap(({ event: { data } }) => (data.check === id ? [data] : []));
const fed = (story: Story, subject: string, observedAt = story.deps.clock.now().toISOString()) =>
  observe(
    story.deps,
    {
      run: story.run,
      observation: `o-${subject.replaceAll(' ', '-')}`,
      kind: 'restart',
      bad: true,
      subject,
      summary: 'stopped',
      observedAt,
    },
    ci,
  );

test('a restart that AWS keeps and nobody fed fails, until the feed has delivered it', async () => {
  const story = await given();
  const at = story.deps.clock.now().toISOString();
  const options: Options = {
    service: { events: [], running: [], stopped: [{ task: 'a1', at }] },
    databaseEvents: [{ at, categories: ['failover'], message: 'Multi-AZ failover completed' }],
  };
  await look(story, { kind: 'restarts', since }, options);
  expect((await judgedOf(story, 'restarts')).at(-1)).toMatchObject({
    verdict: 'fail',
    reason: expect.stringContaining('not fed 2 of them, such as web task a1') as unknown,
  });
  await fed(story, 'web task a1');
  // Another time is another restart.
  await fed(story, 'shop-db', new Date(Date.parse(at) - 600_000).toISOString());
  await look(story, { kind: 'restarts', since }, options);
  expect((await judgedOf(story, 'restarts')).at(-1)).toMatchObject({
    verdict: 'fail',
    reason: expect.stringContaining('shop-db') as unknown,
  });
  story.deps.controls.clock.advance(1000);
  await fed(story, 'shop-db', at);
  await look(story, { kind: 'restarts', since }, options);
  expect((await judgedOf(story, 'restarts')).at(-1)).toMatchObject({ verdict: 'pass', replaces: expect.anything() as unknown });
});

test('what cannot be read is inconclusive, and never a pass', async () => {
  const story = await given();
  await look(story, { kind: 'restarts', since }, { aws: 'ecs answered 400 AccessDeniedException' });
  await look(story, { kind: 'metrics', series: 'read-24h', from: since, fed: 'stability' }, { aws: 'monitoring answered 400' });
  for (const id of ['restarts', 'figures']) expect((await judgedOf(story, id)).map(({ verdict }) => verdict)).not.toContain('pass');
  expect((await judgedOf(story, 'figures')).map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
});

test('metrics are judged beside the series that was fed, restarts beside the observations', async () => {
  const story = await given();
  const measured = (source: string, p95Ms: number) =>
    story.deps.trail.append(
      {
        scope: `run/${story.run}`,
        lane: 'measurement',
        step: source,
        type: 'figures.measured',
        actor: { kind: 'system', id: 'evaluator' },
        data: {
          evidence: source,
          source,
          component: null,
          name: 'stability',
          passed: true,
          from: since,
          to: story.deps.clock.now().toISOString(),
          points: 100,
          errorRatePct: 0,
          p95Ms,
          requestsPerMinute: null,
          windows: [],
        },
      },
      { parentHash: genesis },
    );
  await measured('probe', 200);
  // What Holdpoint has read itself is no other source.
  await measured('collector', 900);
  await fed(story, 'web task a1');
  const series = (slow: number, starts: number): Options => ({
    points: ({ metric, from }) =>
      Array.from({ length: 400 }, (_, n) => [from + n * 60_000, metric === 'RestartCount' ? (n === 0 ? starts : 0) : slow] as const),
  });
  const task = { kind: 'metrics', series: 'read-24h', from: since, fed: 'stability' } as const;
  await look(story, task, series(250, 1));
  expect((await judgedOf(story, 'figures')).map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['pass', expect.stringContaining('mean 250; fed 200 (stability of probe)')],
    ['pass', expect.stringContaining('sum 1; fed 1 (observations of the feeds)')],
  ]);
  await look(story, task, series(800, 2));
  expect((await judgedOf(story, 'figures')).slice(-2).map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['fail', expect.stringContaining('mean 800; fed 200')],
    ['fail', expect.stringContaining('CloudWatch counts 2 restarts, and the run was fed 1')],
  ]);
});

test('what was written since the backup is counted, or unknown with the reason', async () => {
  const by = { kind: 'person' } as const;
  const writes = { namespace: 'AWS/DynamoDB', metric: 'ConsumedWriteCapacityUnits', dimensions: { TableName: 'orders' } };
  const counting = targetsSchema.parse({ ...named, rollback: { 'restore-database': { by, writes } } });
  const story = await toWindow();
  const count = async (options: Options, stage = counting) => {
    story.deps.controls.clock.advance(120_000);
    await collect(collectorOf(story, healthy, options, { shop: { production: stage } }), story.run, { kind: 'writes' });
    return (await eventsOf(story))
      .filter(isType('rollback.writes-read'))
      .map(({ event }) => event.data)
      .at(-1);
  };
  expect(await count({}, named), 'a stage that names no metric').toBeUndefined();
  expect(await count({})).toMatchObject({ writes: null, detail: expect.stringContaining('has no point') as unknown });
  expect(await count({ aws: 'monitoring answered 400' })).toMatchObject({ writes: null, until: null, detail: 'monitoring answered 400' });
  expect(await count({ points: ({ from }) => [[from, 40]] })).toMatchObject({
    writes: 40,
    since: expect.stringMatching(/^20/) as unknown,
    detail: 'AWS/DynamoDB ConsumedWriteCapacityUnits',
  });
  const early = await given();
  await collect(collectorOf(early, healthy, {}, { shop: { production: counting } }), early.run, { kind: 'writes' });
  expect((await eventsOf(early)).find(isType('rollback.writes-read'))?.event.data).toMatchObject({
    writes: null,
    since: null,
    detail: 'the run knows of no backup',
  });
});

const readable = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } }],
});
const atT0 = async () => {
  const deps = withTargets(dependenciesOf(releaseChecklist([{ kind: 'rollback-target/1' }]), { tickMs: 1 }), readable);
  const run = await runAtT0(deps);
  for (const role of ['operations-lead', 'technical-lead'] as const) await nameTarget(deps, role);
  await reconcileGate(deps, { run });
  return { deps, run };
};
const reasonsOf = async (deps: FakeDependencies, run: string) =>
  (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 't-minus-2h')?.reasons.join() ?? '';
const old = `sha256:${'c'.repeat(64)}`;
const read = async ({ deps, run }: Awaited<ReturnType<typeof atT0>>, running: { digest: string; reference: string } | undefined) => {
  deps.controls.clock.advance(120_000);
  const options: Options = running === undefined ? { aws: 'lambda answered AccessDeniedException' } : { running: { shop: running } };
  await collect(collectorOf({ deps }, healthy, options, deps.stage.targets), run, { kind: 'read-back', before: true });
  await reconcileGate(deps, { run });
  return liveIn(await deps.trail.read(productionScope, { lane: 'live' })).at(-1);
};

test('an adopted version is no target before its platform has confirmed it', async () => {
  const world = await atT0();
  expect(await reasonsOf(world.deps, world.run)).toContain('nobody has read it back yet');
  expect((await readRun(world.deps, world.run)).ok?.rollbackTarget).toBeNull();
  expect(await read(world, undefined)).toMatchObject({ readBack: false });
  expect(await reasonsOf(world.deps, world.run)).toContain('cannot be read back: lambda answered AccessDeniedException');
  expect(await read(world, { digest: `sha256:${'9'.repeat(64)}`, reference: '8' })).toMatchObject({ readBack: false });
  expect(await reasonsOf(world.deps, world.run)).toContain(`its platform runs sha256:${'9'.repeat(64)}`);
  expect(await read(world, { digest: old, reference: '8' })).toMatchObject({ readBack: false });
  expect(await reasonsOf(world.deps, world.run)).toContain(`as 8`);
  expect(await read(world, { digest: old, reference: '7' })).toMatchObject({ readBack: true });
  expect((await readRun(world.deps, world.run)).ok?.rollbackTarget).toMatchObject({ version: '1.2.2', readBack: true });
  const lane = await world.deps.trail.read(productionScope, { lane: 'live' });
  expect(lane.filter(isType('target.read-back'))).toHaveLength(4);
  // The same word again is nothing new.
  await read(world, { digest: old, reference: '7' });
  expect(await world.deps.trail.read(productionScope, { lane: 'live' })).toHaveLength(lane.length);
});

test('an adopted version whose platform is only reported is a target, of which nobody has read anything back', async () => {
  const deps = dependenciesOf(releaseChecklist([{ kind: 'rollback-target/1' }]), { tickMs: 1 });
  for (const role of ['operations-lead', 'technical-lead'] as const) await nameTarget(deps, role);
  const run = await runAtT0(deps);
  expect((await readRun(deps, run)).ok?.rollbackTarget).toMatchObject({ version: '1.2.2', readBack: false });
  expect(
    (await eventsOf({ deps, run } as Story))
      .filter(isType('check.judged'))
      .map(({ event }) => event.data.reason)
      .join(),
  ).toContain('which nobody has read back');
});

test('at the reviews a stage that names metrics and resources is asked for them when the window is over, and the gate waits for that', async () => {
  const looked = targetsSchema.parse({
    components: [{ component: 'web', platform: { kind: 'reported' } }],
    metrics: [{ id: 'slow', is: 'p95', namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', statistic: 'p95' }],
    restarts: [{ kind: 'auto-scaling-group', name: 'workers' }],
  });
  const story = await toStability(await begin((deps) => withTargets(deps, looked)));
  const { tasks } = story.deps.controls.collector;
  expect(tasks.map(({ task }) => task.kind)).not.toContain('metrics');
  await observation(story, 'fine-1', false);
  await attestAll(story, 'stability-24h');
  story.deps.controls.clock.advance(30 * hour);
  await proveStability(story);
  await sweep(story.deps);
  await story.machine.settle();
  expect(story.machine.at()).toBe('stability-24h');
  const asked = tasks.splice(0).map(({ task }) => task);
  const finished = (await eventsOf(story)).find(isType('deployment.finished'))?.event.at ?? '';
  expect(asked).toContainEqual({ kind: 'restarts', since: finished });
  expect(asked).toContainEqual({ kind: 'metrics', series: 'read-24h', from: finished, fed: 'stability' });
  const points: NonNullable<Options>['points'] = ({ from, until, period }) =>
    Array.from({ length: Math.floor((until - from) / (period * 1000)) }, (_, n) => [from + n * period * 1000, 50] as const);
  for (const task of asked.filter(({ kind }) => kind === 'restarts' || kind === 'metrics').slice(0, 2))
    await collect(collectorOf(story, healthy, { points }, { shop: { production: looked } }), story.run, task);
  await story.machine.settle();
  const open = (await readRun(story.deps, story.run)).ok?.gates.flatMap(({ checks }) => checks) ?? [];
  const found = (id: string) => open.find(({ check: one }) => one === id);
  expect([found('restarts-heard')?.verdict, found('figures-agree-24h')?.verdict]).toEqual(['pass', 'pass']);
  expect(story.machine.at()).toBe('sign-off');
});
