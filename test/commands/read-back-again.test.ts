import { expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { liveIn } from '../../lib/folds/environment.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { nextReadBack } from '../../lib/run/gates/next-read-back.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { productionScope } from '../environment.ts';
import { signingFor } from '../fakes.ts';
import { artifact, check, checklistOf, ci, dependenciesOf, gate, startInput } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import { shopTargets, started } from '../way-back.ts';
import { collectorOf, eventsOf, healthy, type Options } from './collecting.ts';

/** A platform that cannot be read yet, or runs something else, is asked again by time alone: nobody sends anything. */

const minuteMs = 60_000;
const throttled: Options = { aws: 'lambda answered 429 TooManyRequestsException' };
const running = (digest: string): Options => ({ running: { shop: { digest, reference: '8' } } });

/** Lets minutes pass with the sweep in each; the collector answers what it is asked. In which of the minutes the platform was read. */
const pass = async ({ deps, run, machine }: Story, minutes: number, answers: Options, targets: object): Promise<readonly number[]> => {
  const read: number[] = [];
  const settle = async (minute: number): Promise<void> => {
    await machine.settle();
    for (const { task } of deps.controls.collector.tasks.splice(0)) {
      if (task.kind !== 'read-back') continue;
      read.push(minute);
      await collect(collectorOf({ deps }, healthy, answers, targets), run, task);
    }
    await machine.settle();
  };
  await settle(0);
  for (let minute = 1; minute <= minutes; minute += 1) {
    deps.controls.clock.advance(minuteMs);
    await sweep({ ...deps, due: deps.controls.due });
    await settle(minute);
  }
  return read;
};

const production = { shop: { production: shopTargets() } };
/** A run on a stage whose platform can be read, and whose deployment has finished. */
const deployed = async (): Promise<Story> => {
  const checklist = checklistOf(
    [gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment', deadlineSeconds: 86_400 })],
    [
      check('ready', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
      check('code-deployed', 'deployment-window', { rule: { kind: 'deployed/2' } }),
      check('smoke-tests', 'deployment-window'),
    ],
  );
  const story = await started(shopTargets(), { checklist });
  const finished = { run: story.run, state: 'finished', environment: 'production', component: 'web', digest: artifact } as const;
  expect((await reportDeployment(signingFor([], story.deps), finished, ci)).refused).toBeUndefined();
  await story.machine.settle();
  return story;
};

const readingsOf = async (story: Story) =>
  (await eventsOf(story)).filter(isType('deployment.read-back')).flatMap(({ event: { data } }) => (data.before ? [] : [data]));
const checkOf = async ({ deps, run }: Story) =>
  (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find(({ check }) => check === 'code-deployed');
const levels = async ({ deps }: Story) =>
  liveIn(await deps.trail.read(productionScope, { lane: 'live' })).map(({ level, components }) => [level, components]);

test('a reading that failed or came too early is repeated until the platform runs the release, and then no more', async () => {
  const story = await deployed();
  const failed = await pass(story, 20, throttled, production);
  // The sweep comes once a minute, a moment before what was recorded is a whole minute old.
  expect([...new Set(failed)]).toEqual([0, 1, 3, 7, 12, 17]);
  expect(await readingsOf(story), 'the same word again is nothing new').toMatchObject([{ digest: null }]);
  expect(await checkOf(story)).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('429') as unknown });
  expect(await levels(story), 'nobody knows yet that it is live').toEqual([]);

  const other = await pass(story, 10, running(artifact.replaceAll('b', 'd')), production);
  expect(other.length).toBeGreaterThan(1);
  expect((await checkOf(story))?.verdict).toBe('fail');
  expect(await levels(story)).toEqual([]);

  expect(await pass(story, 6, running(artifact), production)).toHaveLength(1);
  expect(await readingsOf(story)).toHaveLength(3);
  expect((await checkOf(story))?.verdict).toBe('pass');
  expect(await levels(story)).toEqual([['deployed', [{ component: 'web', digest: artifact, reference: '8' }]]]);
  expect(await pass(story, 60, running(artifact), production)).toEqual([]);
});

test('a request that was lost is sent again', async () => {
  const story = await deployed();
  expect(story.deps.controls.collector.tasks.splice(0).map(({ task }) => task.kind)).toContain('read-back');
  expect(await pass(story, 5, running(artifact), production)).toHaveLength(1);
  expect((await checkOf(story))?.verdict).toBe('pass');
});

test('a drill waits for a platform that cannot be read, says so, and begins when it can', async () => {
  const drill = { version: '1.3.2', components: [{ component: 'web', digest: `sha256:${'e'.repeat(64)}`, reference: '7' }] };
  const staging = { shop: { staging: { ...shopTargets(), staging: true } } };
  const deps = dependenciesOf(baseChecklist, { stage: { targets: staging } });
  const answer = await startRun(signingFor([], deps), { ...startInput, environment: 'staging', drill }, ci);
  const run = answer.ok?.run ?? '';
  const machine = machineOf(deps, run);
  await machine.begin();
  const story: Story = { deps, run, machine };
  const failed = await pass(story, 15, throttled, staging);
  expect(failed.length).toBeGreaterThan(3);
  expect(failed.length, 'the pauses grow').toBeLessThan(8);
  expect(deps.controls.actuator.attempts).toEqual([]);
  const waits = async () => (await readRun(deps, run)).ok?.rollback?.waits;
  expect(await waits()).toMatchObject({
    for: 'function',
    reason: expect.stringContaining('what web runs cannot be read, and is read again: “lambda answered 429') as unknown,
    choices: ['end'],
  });
  await pass(story, 5, running(artifact), staging);
  expect(deps.controls.actuator.attempts.map(({ attempt }) => attempt.step)).toContain('stop-requests');
});

test('the pause doubles with each word that differs, and is five minutes at most', () => {
  const wakes = [1, 2, 3, 4, 20].map((words) => {
    const times = Array.from({ length: words }, (_, n) => n);
    return nextReadBack({ times, since: 0 }, words).wakeAt - (words - 1);
  });
  expect(wakes).toEqual([1, 2, 4, 5, 5].map((minutes) => minutes * minuteMs));
  expect(nextReadBack({ times: [0], since: 0 }, 3 * minuteMs)).toEqual({ isDue: true, wakeAt: 6 * minuteMs });
  expect(nextReadBack({ times: [0], since: 0 }, 60 * minuteMs)).toEqual({ isDue: true, wakeAt: 65 * minuteMs });
});
