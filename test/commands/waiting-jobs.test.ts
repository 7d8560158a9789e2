import { describe, expect, test } from 'vitest';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { recordWaitingJob } from '../../lib/run/commands/record-waiting-job.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { ofType } from '../../lib/run/state/run-context.ts';
import { signingFor } from '../fakes.ts';
import { anew, ci, commit, dependenciesOf, givenRun, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import { attested, report } from './two-gates-story.ts';

/** Jobs of production wait for the first of two gates. The code host has one pipeline of the run's commit and one of another. */
const dependencies = (rule: object = {}) => {
  const deps = dependenciesOf(twoGates, {
    stage: { protectionRules: { shop: [{ id: 'deploy', environment: 'production', gate: 'phase-1', ...rule }] } },
  });
  deps.controls.protectionRules.pipelines.set('4711', { commit });
  deps.controls.protectionRules.pipelines.set('4712', { commit: 'd'.repeat(40) });
  return deps;
};
/** Each start has a token of its own. */
const begin = async (deps = dependencies()): Promise<Story> => {
  const run = await givenRun(deps, {}, { ...ci, token: sha256(anew()) });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { deps, run, machine };
};

const told = {
  service: 'shop',
  environment: 'production',
  commit,
  rule: 'deploy',
  repository: 'acme/shop',
  pipeline: '4711',
  deployment: '1',
};
const waits = async ({ deps, machine }: Pick<Story, 'deps' | 'machine'>, job: object = {}) => {
  const recorded = await recordWaitingJob(signingFor([], deps), { ...told, ...job });
  await machine.settle().catch(() => undefined);
  return recorded;
};
const cancelled = async ({ deps, run, machine }: Story): Promise<void> => {
  const input = { run, reason: 'The wrong commit.' };
  expect((await cancelRun(signingFor(['people'], deps), input, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
  await machine.settle();
};
const later = async ({ deps, machine }: Story, minutes: number): Promise<void> => {
  deps.controls.clock.advance(minutes * 60_000);
  await sweep(deps).catch(() => undefined);
  await machine.settle().catch(() => undefined);
};
const answers = ({ deps }: Pick<Story, 'deps'>) => deps.controls.protectionRules.answers;
const states = (story: Pick<Story, 'deps'>) => answers(story).map(({ state }) => state);

describe('a job that waits at a protected environment', () => {
  test('hears what is missing, and is approved once when the gate passes', async () => {
    const story = await begin();
    await waits(story);
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    const { run } = story;
    expect(answers(story)).toEqual([
      {
        rule: 'deploy',
        pipeline: '4711',
        state: null,
        comment: `Holdpoint run ${run} waits at the gate phase-1; this job goes on when the gate phase-1 has passed and nothing blocks the run. 1 check is not satisfied there: unit-tests. https://holdpoint.example.com/runs/${run}`,
      },
    ]);
    await report(story, 1);
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    expect(answers(story).slice(1)).toEqual([
      {
        rule: 'deploy',
        pipeline: '4711',
        state: 'approved',
        comment: `Holdpoint run ${run} has passed the gate phase-1. https://holdpoint.example.com/runs/${run}`,
      },
    ]);
    await attested(story);
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    expect(states(story)).toEqual([null, 'approved']);
    const sent = ofType(await story.deps.trail.read(`run/${run}`, { lane: lanes.notice }), 'notice.sent');
    expect(sent.filter(({ event }) => event.data.people.includes('rule/deploy')).map(({ event }) => event.data.notice)).toEqual([
      'rule/deploy/4711/1/waits',
      'rule/deploy/4711/1/approved',
    ]);
  });

  test('is approved at once when the gate has passed before', async () => {
    const story = await begin();
    await report(story, 1);
    await waits(story);
    expect(states(story)).toEqual(['approved']);
  });

  test('waits on while the pass of the gate no longer holds, and hears which check it is', async () => {
    const story = await begin();
    await report(story, 1);
    await report(story, 2, 1);
    await waits(story);
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    expect(answers(story).map(({ state, comment }) => [state, /is blocked at the gate phase-2.*: unit-tests/.test(comment)])).toEqual([
      [null, true],
    ]);
    await report(story, 3);
    await later(story, 5);
    expect(states(story)).toEqual([null, 'approved']);
  });

  test('is not approved where the pass is taken back between the decision and the answer', async () => {
    const story = await begin();
    await report(story, 1);
    const { deps } = story;
    let once = true;
    deps.controls.onCall(async (call, _caller, [written]) => {
      const isClaim = call === 'store.insert' && JSON.stringify(written).includes('"purpose":"rule/deploy/4711/1/approved"');
      if (!isClaim || !once) return;
      once = false;
      const given = reportOfRun(story.run, deps, junitReport(3, 1), { attempt: 2 });
      await recordEvidence(signingFor([], deps), given, ci);
    });
    await waits(story);
    expect(once).toBe(false);
    expect(states(story)).not.toContain('approved');
  });

  test('told twice is one event and one answer', async () => {
    const story = await begin();
    await report(story, 1);
    const [first, again] = [await waits(story), await waits(story)];
    expect([first.ok?.alreadyRecorded, again.ok?.alreadyRecorded]).toEqual([false, true]);
    expect(first.ok?.event).toBe(again.ok?.event);
    expect(states(story)).toEqual(['approved']);
    await waits(story, { deployment: '2' });
    expect(states(story)).toEqual(['approved', 'approved']);
  });

  test('that comes before its run is found by it', async () => {
    const deps = dependencies();
    expect((await recordWaitingJob(deps, told)).ok?.alreadyRecorded).toBe(false);
    const story = await begin(deps);
    expect(states(story)).toEqual([null]);
    await report(story, 1);
    expect(states(story)).toEqual([null, 'approved']);
  });

  test.each<[string, object]>([
    ['another commit', { commit: 'e'.repeat(40) }],
    ['another environment', { environment: 'staging' }],
    ['a rule that the stage no longer has', { rule: 'gone' }],
  ])('of %s hears nothing of this run', async (_, job) => {
    const story = await begin();
    await report(story, 1);
    await waits(story, job);
    expect(answers(story)).toEqual([]);
  });

  test('whose pipeline is of another commit than the webhook said is not approved, and is answered once', async () => {
    const story = await begin();
    await report(story, 1);
    await waits(story, { pipeline: '4712' });
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    expect(answers(story)).toEqual([
      { rule: 'deploy', pipeline: '4712', state: null, comment: `pipeline of the commit ${'d'.repeat(40)}` },
    ]);
  });

  test('of a pipeline that has ended is left alone', async () => {
    const story = await begin();
    story.deps.controls.protectionRules.pipelines.set('4711', { commit, ended: true });
    await waits(story);
    await report(story, 1);
    expect([answers(story), story.deps.controls.protectionRules.refused]).toEqual([[], []]);
  });

  test('is rejected when the run ends before the gate has passed', async () => {
    const story = await begin();
    await waits(story);
    await cancelled(story);
    await later(story, 5);
    expect(states(story)).toEqual([null, 'rejected']);
    expect(answers(story).at(-1)?.comment).toContain('has ended (cancelled), so nothing is approved for production any more');
  });

  test('that comes after the end of its run is told to wait for another one, which approves it', async () => {
    const story = await begin();
    await cancelled(story);
    await waits(story);
    await later(story, 5);
    expect(states(story)).toEqual([null]);
    expect(answers(story)[0]?.comment).toContain('Start another run of this commit. This job goes on when its gate phase-1 has passed.');
    const next = await begin(story.deps);
    await report(next, 1);
    expect(states(story)).toEqual([null, null, 'approved']);
  });

  test('is approved by neither of two open runs of its commit, until one is cancelled', async () => {
    const deps = dependencies();
    const [one, two] = [await begin(deps), await begin(deps)];
    await report(one, 1);
    await waits(one);
    await two.machine.settle();
    expect(states(one)).not.toContain('approved');
    expect(answers(one)[0]?.comment).toContain(`is not the only open run of this commit (also ${two.run})`);
    await cancelled(two);
    expect(states(one).filter((state) => state !== null)).toEqual(['approved']);
  });

  test('holds nothing when the code host takes no answer, and is answered later', async () => {
    const story = await begin();
    const { refusing, refused } = story.deps.controls.protectionRules;
    refusing.add('deploy');
    await waits(story);
    await report(story, 1);
    for (let n = 0; n < 4; n += 1) await later(story, 5);
    expect(story.machine.at()).toBe('phase-2');
    expect([answers(story), refused.length > 1]).toEqual([[], true]);
    refusing.clear();
    for (let n = 0; n < 4; n += 1) await later(story, 30);
    expect(states(story)).toEqual(['approved']);
  });

  const steps = ['before', 'after'].flatMap((when) => [1, 2, 3].map((place) => [place, when as 'before' | 'after'] as const));
  test.each(steps)('is approved when step %i of the answer fails %s it persisted, and twice at most', async (place, when) => {
    const story = await begin();
    await report(story, 1);
    const { controls } = story.deps;
    let writes = 0;
    controls.onCall((call, _caller, [written]) => {
      const isOfAnswer =
        call === 'protectionRules.answer' || (call === 'store.insert' && /rule\/deploy\/4711/.test(JSON.stringify(written)));
      if (!isOfAnswer) return;
      writes += 1;
      if (writes === place) controls.failNext(call, when);
    });
    await waits(story).catch(() => undefined);
    for (let n = 0; n < 6; n += 1) await later(story, 5);
    expect(writes).toBeGreaterThanOrEqual(place);
    expect(new Set(states(story))).toEqual(new Set(['approved']));
    expect(states(story).length).toBeLessThanOrEqual(2);
  });

  test('hears five comments of one run at most', async () => {
    const story = await begin();
    // Each further open run of the commit is another reason.
    await waits(story);
    for (let n = 0; n < 8; n += 1) {
      await begin(story.deps);
      await waits(story);
    }
    const noticed = ofType(await story.deps.trail.read(`run/${story.run}`, { lane: lanes.notice }), 'notice.sent');
    expect(noticed.filter(({ event }) => event.data.people.includes('rule/deploy'))).toHaveLength(5);
    expect(states(story)).not.toContain('approved');
  });

  test('is refused when a hundred have waited for the commit, and those are known still', async () => {
    const deps = dependencies();
    for (let n = 1; n <= 100; n += 1) await recordWaitingJob(deps, { ...told, deployment: String(n) });
    expect((await recordWaitingJob(deps, { ...told, deployment: '101' })).refused?.type).toBe('limit-reached');
    expect((await recordWaitingJob(deps, { ...told, deployment: '7' })).ok?.alreadyRecorded).toBe(true);
    expect(await deps.trail.read(scopes.environment('shop', 'production'), { lane: lanes.jobs(commit) })).toHaveLength(100);
  });
});
