import { describe, expect, test } from 'vitest';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { anew, artifact, ci, personIn } from '../given.ts';
import { attestAll, begin, hour, observation, prove, type Story, sign, toGoNoGo, toSignOff, toWindow } from '../story.ts';

/** What operations hear of a run: the words that the reconciler logs, and the figure that the sweep logs. */

const minute = 60_000;

/** Reconciles what was requested and what is due, as often as something is, and gives back what was raised. */
const raisedIn = async ({ deps, machine }: Story): Promise<readonly string[]> => {
  const raised: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0))
      raised.push(...((await reconcileGate(signingFor(['reconciler'], deps), request)).signals ?? []));
  }
  await machine.settle();
  return raised;
};

const wait = async (story: Story, milliseconds: number): Promise<readonly string[]> => {
  story.deps.controls.clock.advance(milliseconds);
  return raisedIn(story);
};

const toReview = async (): Promise<Story> => {
  const story = await toSignOff(24 * hour);
  await sign(story);
  await attestAll(story, 'review-48h');
  expect(story.machine.at()).toBe('review-48h');
  return story;
};

const label = ({ deps, run }: Story, name: string, as: 'true' | 'explained') =>
  labelObservation(
    deps,
    { request: anew(), run, observation: name, label: as, explanation: 'The host had to be replaced.' },
    personIn(deps, 'operations-lead'),
  );

/** These stories jump over hours, in which a review would have been looked at. */
const ofReview = (raised: readonly string[]): readonly string[] => raised.filter((one) => one !== 'ReviewLate');

describe('a review that fails', () => {
  test('raises one signal when an earlier gate is no longer satisfied, and none while only its window is missing', async () => {
    const story = await toReview();
    expect(await wait(story, minute)).toEqual([]);
    await observation(story, 'restart-9', true, 'restart');
    expect(await raisedIn(story)).toEqual(['ReviewFailed']);
    expect(await wait(story, 5 * minute), 'the same failure').toEqual([]);
    await label(story, 'restart-9', 'explained');
    expect(await raisedIn(story)).toEqual([]);
    expect(ofReview(await wait(story, 48 * hour))).toEqual([]);
    expect(story.machine.at()).toBe('end production-stable');
  });

  test('raises one when it is not stable for so long that people must decide', async () => {
    const story = await toReview();
    for (let day = 2; day <= 6; day += 1) {
      story.deps.controls.clock.advance(24 * hour);
      await observation(story, `restart-day-${day}`, true, 'restart');
      await label(story, `restart-day-${day}`, 'true');
      await story.machine.settle();
    }
    expect(ofReview(await wait(story, 24 * hour))).toEqual(['ReviewFailed']);
    expect(ofReview(await wait(story, 2 * hour))).toEqual([]);
  });
});

describe('a planned T0 that is missed', () => {
  test('raises one signal after 60 minutes, and another one when the next T0 is missed, too', async () => {
    const story = await begin();
    const plan = () =>
      rescheduleRun(
        story.deps,
        {
          run: story.run,
          plannedT0: new Date(story.deps.clock.now().getTime() + 24 * hour).toISOString(),
          reason: 'The database team is ill.',
          request: anew(),
        },
        personIn(story.deps, 'operations-lead'),
      );
    await plan();
    await toGoNoGo(story);
    expect(await wait(story, 24 * hour + 59 * minute)).toEqual([]);
    expect(await wait(story, 2 * minute)).toEqual(['T0Missed']);
    expect(await wait(story, 10 * minute)).toEqual([]);
    expect((await plan()).refused).toBeUndefined();
    expect(await raisedIn(story)).toEqual([]);
    expect(await wait(story, 26 * hour)).toEqual(['T0Missed']);
  });

  test('is named in the fault when a mail fails in the same reconciliation, because it is not raised again', async () => {
    const story = await begin();
    const plannedT0 = new Date(story.deps.clock.now().getTime() + 24 * hour).toISOString();
    await rescheduleRun(
      story.deps,
      { run: story.run, plannedT0, reason: 'The database team is ill.', request: anew() },
      personIn(story.deps, 'operations-lead'),
    );
    await toGoNoGo(story);
    story.deps.controls.clock.advance(25 * hour + minute);
    const broken = new Error('the mail system is down');
    story.deps.controls.failNext('mailer.send', 'before', broken);
    const fault = await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run }).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ message: expect.stringContaining('T0Missed'), cause: broken });
  });
});

describe('the oldest open wait', () => {
  /** The first sweep after a jump finds what the sweeps of the minutes before would have found. */
  const longest = async ({ deps, machine }: Story, minutes: number) => {
    deps.controls.clock.advance(minutes * minute);
    await sweep(deps);
    await machine.settle();
    return (await sweep(deps)).oldestWaitSeconds / 60;
  };

  test('grows from the deadline on for as long as the run waits, and is over with the wait', async () => {
    const story = await toWindow();
    const deploy = (state: 'started' | 'finished') =>
      reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    await deploy('started');
    await story.machine.settle();
    expect(await longest(story, 59)).toBe(0);
    expect(await longest(story, 11)).toBeCloseTo(10, 0);
    expect(await longest(story, 600)).toBeCloseTo(610, 0);
    const kinds = () => [...story.deps.controls.due.items.values()].map(({ kind }) => kind).sort();
    expect(kinds(), 'one item beside the hard stop, however often it was looked at').toEqual(['deadline', 'overdue']);
    await deploy('finished');
    story.deps.controls.clock.advance(2 * minute);
    await prove(story, 'deployment-window');
    expect(story.machine.at()).toBe('monitoring-4h');
    expect(await longest(story, 10)).toBe(0);
    expect(kinds()).not.toContain('overdue');
  });

  test('is a run that Holdpoint itself has not taken up', async () => {
    const story = await toWindow();
    await story.deps.due.put({ at: story.deps.clock.now().toISOString(), run: story.run, kind: 'recheck', id: 'lost' });
    story.deps.controls.clock.advance(20 * minute);
    expect(await sweep(story.deps)).toMatchObject({ oldestWaitSeconds: 20 * 60, oldestWait: story.run });
    await story.machine.settle();
    expect(await sweep(story.deps)).toEqual({ requested: 0, oldestWaitSeconds: 0 });
  });
});
