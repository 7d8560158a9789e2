import { expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { newestDrill } from '../../lib/folds/environment.ts';
import { stepPolicy } from '../../lib/folds/rollback-progress.ts';
import { drillJudgement } from '../../lib/rules/drill-recent.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { givenEnded, givenHolder } from '../environment.ts';
import { signingFor } from '../fakes.ts';
import { artifact, ci, dependenciesOf, givenRun, startInput } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import { answerFunctions, handle, readBack, shopTargets } from '../way-back.ts';
import { collectorOf, healthy, type Options } from './collecting.ts';

/** What is deployed in the environment while a drill rehearses there. */
const back = `sha256:${'e'.repeat(64)}`;
const foreign = `sha256:${'d'.repeat(64)}`;

/** A drill whose step `revert-version` is being carried out, in an environment to which releases go, or not. */
const atRevert = async (isReleasedTo: boolean): Promise<Story> => {
  const deps = dependenciesOf(baseChecklist, { stage: { targets: { shop: { staging: { ...shopTargets(), staging: true } } } } });
  if (isReleasedTo) await givenEnded(deps, await givenHolder(deps, await givenRun(deps, { environment: 'staging' })), 'not-stable');
  const drill = { version: '1.3.2', components: [{ component: 'web', digest: back, reference: '7' }] };
  const answer = await startRun(signingFor([], deps), { ...startInput, environment: 'staging', drill }, { ...ci, token: 'f'.repeat(64) });
  if (answer.refused) throw new Error(answer.refused.detail);
  const { run } = answer.ok;
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  const story: Story = { deps, run, machine };
  await readBack(story, artifact);
  await answerFunctions(story, { until: 'revert-version' });
  await machine.settle();
  expect(machine.at()).toBe('revert-version');
  return story;
};

const seen = async ({ deps, run }: Story, digest: string) => {
  const seenAt = deps.clock.now().toISOString();
  const place = { service: 'shop', environment: 'staging', component: 'web' } as const;
  await recordUnaccounted(deps, { ...place, event: `lambda-${digest}`, what: 'UpdateAlias of live', seenAt, digest, live: true });
  const changes = await deps.trail.read(scopes.environment('shop', 'staging'), { lane: lanes.unaccounted });
  const own = await deps.trail.read(scopes.run(run), { lane: lanes.deployment });
  return {
    unaccounted: changes.filter(isType('change.unaccounted')).map(({ event }) => event.data.digest),
    own: own.filter(isType('deployment.seen')).map(({ event: { data } }) => [data.digest, data.during]),
  };
};

test.each([true, false])(
  'the version to which the drill goes back is its own change, whether releases go there or not: %s',
  async (isReleasedTo) => {
    const story = await atRevert(isReleasedTo);
    expect(await seen(story, back)).toEqual({ unaccounted: [], own: [[back, 'rollback']] });
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  },
);

test('another version is an unaccounted change where releases go, and the drill is not proved while it runs', async () => {
  const story = await atRevert(true);
  expect(await seen(story, foreign)).toEqual({ unaccounted: [foreign], own: [] });
  await answerFunctions(story, { proves: ({ step }) => step !== 'revert-version' });
  expect(story.machine.at()).toBe('revert-version');
  const drills = await story.deps.trail.read(scopes.environment('shop', 'staging'), { lane: lanes.drill });
  expect(drills, 'nothing is rehearsed').toEqual([]);
});

test('another version is none where CI deploys on every commit, and the drill is not proved while it runs', async () => {
  const story = await atRevert(false);
  expect(await seen(story, foreign)).toEqual({ unaccounted: [], own: [] });
  await answerFunctions(story, { proves: ({ step }) => step !== 'revert-version' });
  expect(story.machine.at()).toBe('revert-version');
});

test('what CI deploys after the revert was proved keeps the drill from vouching for the way back', async () => {
  const story = await atRevert(false);
  await answerFunctions(story, { until: 'monitor-stability' });
  expect(story.machine.at()).toBe('monitor-stability');
  const runs: Options = { running: { shop: { digest: foreign, reference: '9' } } };
  const { shop } = story.deps.stage.targets;
  for (let look = 0; look < 10; look += 1) {
    await story.machine.settle();
    for (const { run, task } of story.deps.controls.collector.tasks.splice(0))
      await collect(collectorOf(story, healthy, runs, { shop }), run, task);
  }
  const proofs = (await story.deps.trail.read(scopes.run(story.run), { lane: lanes.rollback }))
    .filter(isType('rollback.step-proved'))
    .filter(({ event }) => event.data.step === 'monitor-stability');
  expect(proofs.map(({ event }) => event.data.proved)).toEqual(Array.from({ length: stepPolicy.proofs }, () => false));
  expect(proofs.at(-1)?.event.data.detail).toBe(`web runs ${foreign}, not ${back}: something else was deployed after the revert`);
  // People see why, and end it.
  await handle(story, 'monitor-stability', 'end');
  await answerFunctions(story);
  expect(story.machine.at()).toBe('end rolled-back-unverified');
  const drill = newestDrill(await story.deps.trail.read(scopes.environment('shop', 'staging'), { lane: lanes.drill }));
  if (drill === undefined) throw new Error('the drill is not recorded');
  const judged = drillJudgement({ maxAgeSeconds: 86_400, now: story.deps.clock.now(), service: 'shop', drill });
  expect(judged).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('ended as rolled-back-unverified') as unknown });
});
