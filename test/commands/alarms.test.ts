import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { anew, artifact, ci, personIn } from '../given.ts';
import { stageOf } from '../handlers/requests.ts';
import { attestAll, hour, observation, proveStability, type Story, toStability, toWindow } from '../story.ts';

/** What an alarm means for a run: when it counts, until when it is bad, and which alarms count for nothing. */

let story: Story;
const now = (): Date => story.deps.clock.now();
const change = (alarmName: string, value: 'ALARM' | 'OK', more: { state?: object; alarmRule?: string; at?: Date } = {}) =>
  feed(
    { deps: story.deps, stage: stageOf() },
    {
      id: anew(),
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      detail: {
        alarmName,
        state: { value, reason: 'because', timestamp: (more.at ?? now()).toISOString(), ...more.state },
        ...(more.alarmRule === undefined ? {} : { configuration: { alarmRule: more.alarmRule } }),
      },
    },
  );
/** Without the alarm that the story tests. */
const shown = async () =>
  ((await readRun(story.deps, story.run)).ok?.observations ?? []).filter(({ subject }) => subject !== 'shop-errors');
const label = async (subject: string, says: 'true' | 'false' | 'explained') => {
  const one = (await shown()).find((seen) => seen.subject === subject && seen.bad && seen.label === null);
  const said = await labelObservation(
    story.deps,
    { request: anew(), run: story.run, observation: one?.observation ?? '', label: says, explanation: 'It was looked at.' },
    personIn(story.deps, 'operations-lead'),
  );
  expect(said.refused).toBeUndefined();
};
const pass = async (hours: number) => {
  story.deps.controls.clock.advance(hours * hour);
  await proveStability(story);
  await sweep(story.deps);
  await story.machine.settle();
  return story.machine.at();
};

describe('at the 24-hour review', () => {
  beforeEach(async () => {
    story = await toStability();
    await observation(story, 'heartbeat', false);
    await attestAll(story, 'stability-24h');
  });

  test('an alarm that is labelled true and stays red holds it until it is OK', async () => {
    await change('shop-production-5xx', 'ALARM');
    await label('shop-production-5xx', 'true');
    expect(await pass(30)).toBe('stability-24h');
    await change('shop-production-5xx', 'OK');
    expect(await pass(1)).toBe('sign-off');
  });

  test('a red alarm that is explained holds nothing, and a false one holds it by the rule on false alarms', async () => {
    await change('shop-production-5xx', 'ALARM');
    await label('shop-production-5xx', 'false');
    expect(await pass(30)).toBe('stability-24h');
    const checks = (await readRun(story.deps, story.run)).ok?.gates.flatMap((gate) => gate.checks) ?? [];
    expect(checks.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('labelled false'));
    const [one] = (await shown()).filter(({ bad }) => bad);
    await labelObservation(
      story.deps,
      {
        request: anew(),
        run: story.run,
        observation: one?.observation ?? '',
        label: 'explained',
        explanation: 'It was an announced test.',
      },
      personIn(story.deps, 'operations-lead'),
    );
    expect(await pass(1)).toBe('sign-off');
  });

  test('an OK of another alarm, of before, or from a clock that is ahead clears nothing', async () => {
    await change('shop-production-5xx', 'OK', { at: new Date(now().getTime() + 4 * 60_000) });
    story.deps.controls.clock.advance(60_000);
    await change('shop-production-5xx', 'ALARM');
    await change('shop-production-cpu', 'OK');
    await label('shop-production-5xx', 'true');
    expect(await pass(30)).toBe('stability-24h');
  });

  test('an alarm whose actions a suppressor holds back is shown and holds nothing', async () => {
    const state = { actionsSuppressedBy: 'Alarm', actionsSuppressedReason: 'Actions suppressed by shop-maintenance' };
    await change('shop-production-composite', 'ALARM', { state });
    expect(await shown()).toContainEqual(
      expect.objectContaining({ bad: true, setAside: 'its actions are suppressed: Actions suppressed by shop-maintenance' }),
    );
    expect(await pass(30)).toBe('sign-off');
  });

  test('an alarm that only waits for its suppressor counts, and so does the same change without suppression', async () => {
    await change('shop-production-composite', 'ALARM', { state: { actionsSuppressedBy: 'WaitPeriod' } });
    expect(await pass(30)).toBe('stability-24h');
    const at = now();
    await change('shop-production-other', 'ALARM', { at, state: { actionsSuppressedBy: 'Alarm' } });
    await change('shop-production-other', 'ALARM', { at });
    expect((await shown()).filter(({ subject, setAside }) => subject === 'shop-production-other' && setAside === null)).toHaveLength(1);
  });

  test.each(['child first', 'composite first'])('the children of a composite alarm are counted with it: %s', async (order) => {
    const changes = [
      () => change('shop-production-cpu', 'ALARM'),
      () => change('shop-production-all', 'ALARM', { alarmRule: 'ALARM("shop-production-cpu") OR ALARM("shop-production-5xx")' }),
    ];
    for (const one of order === 'child first' ? changes : changes.reverse()) await one();
    expect(
      (await shown())
        .filter(({ bad }) => bad)
        .map(({ subject, setAside }) => [subject, setAside])
        .sort(),
    ).toEqual([
      ['shop-production-all', null],
      ['shop-production-cpu', 'the composite alarm shop-production-all stands for it'],
    ]);
    expect(await pass(30)).toBe('stability-24h');
    await label('shop-production-all', 'explained');
    expect(await pass(1)).toBe('sign-off');
  });

  test('composite alarms that refer to each other hide nothing', async () => {
    await change('shop-production-a', 'ALARM', { alarmRule: 'ALARM("shop-production-b")' });
    await change('shop-production-b', 'ALARM', { alarmRule: 'ALARM("shop-production-a")' });
    expect((await shown()).filter(({ bad, setAside }) => bad && setAside === null)).toHaveLength(2);
  });
});

describe('the window of 48 stable hours', () => {
  test('does not end while a confirmed alarm is red, and counts from its OK', async () => {
    story = await toStability();
    await observation(story, 'heartbeat', false);
    await change('shop-production-5xx', 'ALARM');
    await label('shop-production-5xx', 'true');
    story.deps.controls.clock.advance(10 * hour);
    await change('shop-production-5xx', 'OK');
    const { stableSince } = await import('../../lib/folds/observations.ts');
    const events = await story.deps.trail.read(`run/${story.run}`, { prefix: 'observation' });
    const finish = new Date(now().getTime() - 20 * hour).toISOString();
    const ok = (await shown()).find(({ subject, bad }) => subject === 'shop-production-5xx' && !bad);
    expect(stableSince(finish, events)).toBe(ok?.observedAt);
    await change('shop-production-5xx', 'ALARM');
    expect(stableSince(finish, await story.deps.trail.read(`run/${story.run}`, { prefix: 'observation' }))).toBeUndefined();
  });
});

describe('an alarm from before the deployment had finished', () => {
  const deploy = (state: 'started' | 'finished') =>
    reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, ci);

  test.each(['before the start, and red', 'during the rollout'])('counts: %s', async (when) => {
    story = await toWindow();
    if (when !== 'during the rollout') await change('shop-production-5xx', 'ALARM');
    story.deps.controls.clock.advance(60_000);
    await deploy('started');
    if (when === 'during the rollout') await change('shop-production-5xx', 'ALARM');
    story.deps.controls.clock.advance(60_000);
    await deploy('finished');
    const { alarmsLabelled } = await import('../../lib/rules/alarms-labelled.ts');
    const lanes = {
      observation: await story.deps.trail.read(`run/${story.run}`, { prefix: 'observation' }),
      deployment: await story.deps.trail.read(`run/${story.run}`, { lane: 'deployment' }),
      measurement: [],
      notice: [],
      approval: [],
      rollback: [],
      environment: [],
    };
    const release = { artifacts: [{ component: 'web', digest: artifact }] } as never;
    const judged = () =>
      alarmsLabelled.judge(alarmsLabelled.of({ maxFalse: 1 }), {
        now: now(),
        release,
        lanes,
        windowEndsAt: 0,
        entry: undefined,
        finding: () => undefined,
      });
    expect(judged()?.verdict).toBe('fail');
  });
});

describe('the sender of an observation learns what does not count', () => {
  const said = async (bad: boolean, minutes: number) => {
    const answer = await observe(
      story.deps,
      {
        run: story.run,
        observation: anew(),
        kind: 'restart',
        bad,
        subject: 'web',
        summary: 'seen',
        observedAt: new Date(now().getTime() + minutes * 60_000).toISOString(),
      },
      personIn(story.deps, 'operations-lead'),
    );
    return answer.ok?.notCounted;
  };

  test('a good one from before the finish counts for no check, a bad one always does', async () => {
    story = await toStability();
    expect(await said(false, 0)).toEqual([]);
    expect(await said(false, -3 * 24 * 60)).toContainEqual({
      check: expect.any(String) as unknown,
      why: expect.stringContaining('before the deployment of every component had finished') as unknown,
    });
    expect(await said(true, -3 * 24 * 60)).toEqual([]);
  });

  test('before the deployment nothing but a red alarm counts', async () => {
    story = await toWindow();
    expect((await said(true, 0))?.[0]?.why).toContain('before the deployment had started');
  });
});
