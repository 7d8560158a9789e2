import { expect, test } from 'vitest';
import { declare as declareWithAws } from '../../lambdas/rollback-declarer.ts';
import { isType } from '../../lib/audit/event.ts';
import type { RollbackStep } from '../../lib/audit/events/rollback.ts';
import { genesis, lanes, scopes } from '../../lib/audit/lane.ts';
import { type Targets, targetsSchema } from '../../lib/checklist/targets.ts';
import { foldRollback, mayBeStopped, resultOfStep } from '../../lib/folds/rollback.ts';
import { collectProof } from '../../lib/run/commands/collect-proof.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { signingFor } from '../fakes.ts';
import { contextOf, personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { decideAs, declare, deploy, record, shopTargets, started } from '../way-back.ts';
import { collectorOf, healthy } from './collecting.ts';

/** Rollbacks of services of which nothing outside can show everything. */

const laneOf = ({ deps, run }: Story) => deps.trail.read(scopes.run(run), { lane: lanes.rollback });

/** The real collector looks at a service that answers everything with `status`; every function carries out what it is asked. */
const play = async (story: Story, targets: Targets, status = 200): Promise<void> => {
  const { actuator, collector, clock } = story.deps.controls;
  for (let turn = 0; turn < 50; turn += 1) {
    await story.machine.settle();
    const attempts = actuator.attempts.splice(0);
    const tasks = collector.tasks.splice(0).flatMap(({ task }) => (task.kind === 'proof' ? [task] : []));
    clock.advance(1000);
    for (const { attempt } of attempts)
      await record(story, `${attempt.step}/${attempt.attempt}`, 'rollback.step-done', { ...attempt, detail: 'done' });
    const answering = status === 200 ? healthy : () => ({ status });
    for (const task of tasks) await collectProof(collectorOf(story, answering), await contextOf(story.deps, story.run), targets, task);
    if (attempts.length + tasks.length === 0) return;
  }
  throw new Error(`the functions are asked for ever at ${story.machine.at()}`);
};

const byHand = async (story: Story, step: RollbackStep, by: 'p-operations1' | 'p-operations2', isShown = true): Promise<void> => {
  const [first] = await story.deps.trail.read(scopes.run(story.run), { lane: lanes.run });
  const evidence = isShown && first !== undefined ? [first.event.id] : [];
  const input = { run: story.run, step, answer: 'by-hand', reason: 'We have looked at it together.', evidence } as const;
  const done = await handleStep(signingFor(['people'], story.deps), input, { ...personIn(story.deps, 'operations-lead'), id: by });
  expect(done.refused).toBeUndefined();
  await story.machine.settle();
};

const seenOnly = (change: object): Targets => targetsSchema.parse({ ...(JSON.parse(JSON.stringify(shopTargets())) as object), ...change });
const fixTo = async ({ deps, run }: Story, level: 'adopted' | 'withdraw'): Promise<void> => {
  const components = level === 'withdraw' ? [] : [{ component: 'web', digest: `sha256:${'c'.repeat(64)}`, reference: '7' }];
  const target = { run: null, version: level === 'withdraw' ? 'none' : '1.2.2', level, components };
  await deps.trail.append(
    {
      scope: scopes.run(run),
      lane: lanes.rollback,
      step: 'fixed',
      type: 'rollback.target-fixed',
      actor: { kind: 'system', id: 'reconciler' },
      data: target,
    },
    { parentHash: (await contextOf(deps, run)).parentHash ?? genesis },
  );
};

const rolledBackOn = async (targets: Targets, level: 'adopted' | 'withdraw'): Promise<Story> => {
  const story = await started(targets, { deploys: false });
  await fixTo(story, level);
  await deploy(story);
  await declare(story);
  await decideAs(story, 'roll-back');
  return story;
};
const probes = [
  { id: 'health', url: 'https://shop.example.com/health', expect: {} },
  { id: 'stopped', url: 'https://shop.example.com/orders', expect: { status: [503] } },
];
const noStop = { 'stop-requests': { notApplicable: 'Nobody but ourselves sends requests to it.' } };

test('of a platform that is only reported and without a critical probe ends by the evidence of a second person, and says so', async () => {
  const rollback = { ...shopTargets().rollback, ...noStop, 'revert-version': { by: { kind: 'person' } } };
  const targets = seenOnly({ components: [{ component: 'web', platform: { kind: 'reported' } }], probes, rollback });
  const story = await rolledBackOn(targets, 'adopted');
  await play(story, targets);
  for (const step of ['revert-version', 'verify-health', 'monitor-stability'] as const) {
    expect(story.machine.at()).toBe(step);
    await byHand(story, step, 'p-operations1');
    await play(story, targets);
    await byHand(story, step, 'p-operations1');
    await play(story, targets);
    expect(story.machine.at(), 'one person, twice').toBe(step);
    await byHand(story, step, 'p-operations2', false);
    await play(story, targets);
    expect(story.machine.at(), 'a second one without evidence').toBe(step);
    await byHand(story, step, 'p-operations2');
    await play(story, targets);
  }
  expect(story.machine.at()).toBe('end rolled-back');
  const reason = resultOfStep(foldRollback(await laneOf(story)), 'revert-version')?.reason;
  expect(reason).toContain('the second person to show it: the platform of web is only reported and cannot be read');
});

test('of AWS credentials is no second person, because they may be those of the first one', async () => {
  const rollback = { ...shopTargets().rollback, ...noStop, 'revert-version': { by: { kind: 'person' } } };
  const targets = seenOnly({ components: [{ component: 'web', platform: { kind: 'reported' } }], probes, rollback });
  const story = await rolledBackOn(targets, 'adopted');
  await play(story, targets);
  const said = {
    run: story.run,
    step: 'revert-version',
    choose: 'by-hand',
    reason: 'We have set it back.',
    shown: 'the console of the host',
  };
  const withAws = () => declareWithAws(signingFor(['reconciler'], { ...story.deps, stage: { ...story.deps.stage } }), said);
  expect(await withAws()).toMatchObject({ alreadyRecorded: false });
  await play(story, targets);
  await byHand(story, 'revert-version', 'p-operations1');
  await play(story, targets);
  expect(story.machine.at(), 'credentials, then one person').toBe('revert-version');
  expect(await withAws()).toMatchObject({
    refused: { type: 'role-missing', detail: expect.stringContaining('Two people must show') as unknown },
  });
  await byHand(story, 'revert-version', 'p-operations2');
  await play(story, targets);
  expect(story.machine.at(), 'two people').toBe('verify-health');
});

test('of a service that probes see is believed by nobody but them', async () => {
  const targets = shopTargets(noStop as never);
  const story = await rolledBackOn(targets, 'adopted');
  await play(story, targets, 500);
  const at = story.machine.at() as RollbackStep;
  for (const by of ['p-operations1', 'p-operations2'] as const) {
    await byHand(story, at, by);
    await play(story, targets, 500);
  }
  expect(story.machine.at()).toBe(at);
});

test('of a first release takes the service away: the probes of the stop show it, and nothing is left to verify', async () => {
  const targets = shopTargets();
  const story = await rolledBackOn(targets, 'withdraw');
  await play(story, targets, 503);
  expect(story.machine.at(), 'no platform takes a service away').toBe('revert-version');
  await byHand(story, 'revert-version', 'p-operations1', false);
  await play(story, targets, 503);
  const rollback = foldRollback(await laneOf(story));
  expect([story.machine.at(), mayBeStopped(rollback)]).toEqual(['end rolled-back', false]);
  expect(resultOfStep(rollback, 'verify-health')?.outcome).toBe('not-applicable');
  expect(rollback.steps.get('stop-requests')?.attempts.map(({ action }) => action)).toEqual(['do']);
  const live = await story.deps.trail.read(scopes.environment('shop', 'production'), { lane: lanes.live });
  expect(live.filter(isType('environment.live')).at(-1)?.event.data).toMatchObject({ level: 'withdraw', rolledBack: story.run });
});
