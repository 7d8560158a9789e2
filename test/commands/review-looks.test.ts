import { expect, test } from 'vitest';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { Activity, StateChange } from '../../lib/collectors/ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { anew, personIn } from '../given.ts';
import { playedOnce } from '../played-once.ts';
import { attestAll, begin, hour, observation, proveStability, type Story, sign, toStability } from '../story.ts';
import { collectorOf, healthy } from './collecting.ts';

/** A feed that dies between the two reviews: what AWS keeps is read again when the second window is over. */

const looked = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'reported' } }],
  alarms: ['shop-errors'],
  restarts: [{ kind: 'auto-scaling-group', name: 'workers' }],
});
const stage = { shop: { production: looked } };

/** What AWS keeps, while the stories go on. */
type Kept = { readonly changes: StateChange[]; readonly activities: Activity[] };

/** The collector answers whoever asks it. */
const answered = (story: Story, kept: Kept): Story & { readonly asked: readonly string[] } => {
  const { deps, run, machine } = story;
  const stateSince = '2026-01-01T00:00:00.000Z';
  const alarms = [{ name: 'shop-errors', state: 'OK' as const, stateSince, actionsEnabled: true, actions: 1 }];
  const world = collectorOf(story, healthy, { alarms, history: kept.changes, activities: kept.activities }, stage);
  const collector = { ...world, trail: deps.controls.as('event-collector', []).trail };
  const asked: string[] = [];
  const settle = async (): Promise<void> => {
    await machine.settle();
    for (let tasks = deps.controls.collector.tasks.splice(0); tasks.length > 0; tasks = deps.controls.collector.tasks.splice(0)) {
      for (const { task } of tasks) {
        asked.push(task.kind);
        await collect(collector, run, task);
      }
      await machine.settle();
    }
  };
  return { ...story, machine: { ...machine, settle }, asked };
};

const toReview = playedOnce(async (): Promise<Story> => {
  const begun = await begin((deps) => {
    Object.assign(deps.stage, { targets: stage });
    return deps;
  });
  const story = answered(begun, { changes: [], activities: [] });
  await toStability(story);
  await observation(story, 'fine-1', false);
  await attestAll(story, 'stability-24h');
  story.deps.controls.clock.advance(20 * hour);
  await proveStability(story);
  await sweep(story.deps);
  await story.machine.settle();
  await sign(story);
  await attestAll(story, 'review-48h');
  expect(story.machine.at()).toBe('review-48h');
  return begun;
});

const given = async (): Promise<{ readonly story: ReturnType<typeof answered>; readonly kept: Kept }> => {
  const kept: Kept = { changes: [], activities: [] };
  return { story: answered(await toReview(), kept), kept };
};
const later = async ({ deps, machine }: Story, milliseconds: number): Promise<void> => {
  deps.controls.clock.advance(milliseconds);
  await sweep(deps);
  await machine.settle();
};
const verdictOf = async ({ deps, run }: Story, id: string) => {
  const checks = (await readRun(deps, run)).ok?.gates.flatMap((gate) => gate.checks) ?? [];
  const found = checks.find(({ check }) => check === id);
  return [found?.verdict, found?.reason];
};
const alarmIs = (deps: Story['deps'], bad: boolean, since: string) =>
  feedObservation(deps, {
    service: 'shop',
    environment: 'production',
    via: 'alarm',
    observation: `errors-${bad ? 'red' : 'ok'}`,
    kind: 'alarm',
    bad,
    subject: 'shop-errors',
    summary: 'the state of the alarm changed',
    observedAt: bad ? since : new Date(Date.parse(since) + 60_000).toISOString(),
  });
const label = async (story: Story, id: string): Promise<void> => {
  const said = { request: anew(), run: story.run, observation: id, label: 'explained', explanation: 'A test of the alarm path.' } as const;
  await labelObservation(signingFor(['people'], story.deps), said, personIn(story.deps, 'operations-lead'));
};

test('the look of the first review says nothing about the second, and calm is read again when its window is over', async () => {
  const { story } = await given();
  for (const id of ['alarms-heard', 'restarts-heard']) {
    expect((await verdictOf(story, id))[0]).toBe('pass');
    expect(await verdictOf(story, `${id}-48h`)).toEqual([
      'missing',
      expect.stringMatching(/^Holdpoint looks again when the window is over/),
    ]);
  }
  await later(story, 10 * hour);
  expect(story.asked, 'while the window runs nobody looks').toEqual([]);
  await later(story, 20 * hour);
  expect(story.asked.toSorted()).toEqual(['alarms', 'restarts']);
  expect(story.machine.at()).toBe('end production-stable');
});

test('an alarm that went off after the feed had died holds the review, until the feed has delivered it and people labelled it', async () => {
  const { story, kept } = await given();
  const at = new Date(story.deps.clock.now().getTime() + 5 * hour).toISOString();
  kept.changes.push({ at, to: 'ALARM' });
  await later(story, 30 * hour);
  expect(story.machine.at()).toBe('review-48h');
  expect(await verdictOf(story, 'alarms-heard-48h')).toEqual([
    'fail',
    expect.stringContaining(`the run was not fed 1 of them, such as shop-errors at ${at}`),
  ]);
  for (const bad of [true, false]) await alarmIs(story.deps, bad, at);
  await label(story, 'errors-red');
  await later(story, 10 * 60_000);
  expect((await verdictOf(story, 'alarms-heard-48h'))[0]).toBe('pass');
  expect(story.machine.at()).toBe('end production-stable');
});

test('a restart that nobody was told of holds the review', async () => {
  const { story, kept } = await given();
  const endedAt = new Date(story.deps.clock.now().getTime() + 5 * hour).toISOString();
  kept.activities.push({ status: 'Successful', description: 'Terminating EC2 instance: i-0abc', endedAt });
  await later(story, 30 * hour);
  expect(story.machine.at()).toBe('review-48h');
  expect(await verdictOf(story, 'restarts-heard-48h')).toEqual([
    'fail',
    expect.stringContaining('not fed 1 of them, such as workers i-0abc'),
  ]);
});

test('an incident behind the look starts the window anew, and what AWS keeps is read once more at its end', async () => {
  const { story, kept } = await given();
  // The review waits for people when its window is over.
  await observation(story, 'slow', true, 'other');
  await later(story, 50 * hour);
  expect(story.machine.at()).toBe('review-48h');
  const looks = story.asked.filter((kind) => kind === 'alarms').length;
  expect(looks).toBeGreaterThan(0);
  const at = new Date(story.deps.clock.now().getTime() - hour).toISOString();
  for (const bad of [true, false]) await alarmIs(story.deps, bad, at);
  kept.changes.push({ at, to: 'ALARM' });
  await labelled(story, ['slow', 'errors-red']);
  expect(await verdictOf(story, 'alarms-heard-48h')).toEqual(['missing', expect.stringContaining('looks again when the window is over')]);
  kept.changes.push({ at: new Date(story.deps.clock.now().getTime() + hour).toISOString(), to: 'ALARM' });
  await later(story, 49 * hour);
  expect(story.asked.filter((kind) => kind === 'alarms').length).toBeGreaterThan(looks);
  expect(story.machine.at()).toBe('review-48h');
  expect((await verdictOf(story, 'alarms-heard-48h'))[0]).toBe('fail');
});

/** The first was no incident; the others were. */
const labelled = async (story: Story, [explained = '', ...incidents]: readonly string[]): Promise<void> => {
  await label(story, explained);
  for (const observed of incidents) {
    const said = {
      request: anew(),
      run: story.run,
      observation: observed,
      label: 'true',
      explanation: 'Orders failed for a minute.',
    } as const;
    await labelObservation(signingFor(['people'], story.deps), said, personIn(story.deps, 'operations-lead'));
  }
  await story.machine.settle();
};
