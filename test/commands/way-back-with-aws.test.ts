import { describe, expect, test } from 'vitest';
import { declare as say } from '../../lambdas/rollback-declarer.ts';
import { unauthorised } from '../../lib/audit/authority.ts';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import type { RollbackSettings } from '../../lib/checklist/targets.ts';
import { foldRollback, resultOfStep } from '../../lib/folds/rollback.ts';
import { fakeAuthority } from '../fakes/services.ts';
import { signingFor } from '../fakes.ts';
import { followUpsOf } from '../follow-up-given.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, measure, shopTargets, started } from '../way-back.ts';

/** A rollback while nobody can sign in: everything that leads back can be said with AWS credentials alone, and nothing else. */
const reason = 'The sign-in is down, and nobody can check out.';
const withAws = async (story: Story, said: object) => {
  const answer = await say(signingFor(['reconciler'], story.deps), { run: story.run, reason, ...said });
  await story.machine.settle();
  return answer;
};
const ask = ({ deps, run }: Story) => say(signingFor(['reconciler'], deps), { run });
const laneOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(scopes.run(run), { lane: lanes.rollback });
const rollbackOf = async (story: Story) => foldRollback(await laneOf(story));

const byLambda = { kind: 'lambda', function: 'restore-orders' } as const;
/** A rollback that a machine has found necessary, of a service with data. */
const triggered = async (
  rollback: Partial<RollbackSettings> = { 'restore-database': { by: byLambda, backwardCompatible: false } },
): Promise<Story> => {
  const story = await started(shopTargets(rollback));
  await measure(story);
  expect(story.machine.at()).toBe('rollback-decision');
  return story;
};

test('leads back all the way: the decision, and what becomes of the data', async () => {
  const story = await triggered();
  expect(await ask(story)).toMatchObject({ gate: 'rollback-decision', decision: 'asked', step: null });
  expect(await withAws(story, { decide: 'roll-back' })).toMatchObject({ alreadyRecorded: false });
  expect(await withAws(story, { decide: 'roll-back' })).toMatchObject({ alreadyRecorded: true });
  await answerFunctions(story);
  expect(await ask(story)).toMatchObject({
    ...{ gate: 'restore-database', decision: 'not-asked', step: 'restore-database' },
    reason: 'it must be decided whether the data is restored or kept',
  });
  expect(await withAws(story, { data: 'keep' })).toMatchObject({ alreadyRecorded: false });
  expect(await withAws(story, { data: 'restore' })).toMatchObject({ refused: { type: 'rollback-decided' } });
  await answerFunctions(story);
  expect(story.machine.at()).toBe('end rolled-back');
  expect(resultOfStep(await rollbackOf(story), 'restore-database')?.reason).toBe('data is kept, decided by AWS credentials');

  const said = (await laneOf(story)).filter(({ event }) => event.actor.id === 'declarer');
  expect(said.map(({ event: { type, actor, data } }) => [type, actor.kind, 'by' in data && data.by])).toEqual([
    ['rollback.decided', 'system', 'AWS credentials'],
    ['rollback.data-decided', 'system', 'AWS credentials'],
  ]);
  expect(
    said.some(({ bytes }) => bytes.includes(reason)),
    'the words are kept apart',
  ).toBe(false);
  expect(await unauthorised(await laneOf(story), fakeAuthority().verify)).toBeUndefined();
  expect((await followUpsOf(story)).map(({ kind, subject, usedBy }) => [kind, subject, usedBy])).toEqual([
    ['rollback-cause', null, []],
    ['aws-credentials', 'roll-back', []],
    // Who started the run may not decide about its data, and may have had the credentials.
    ['aws-credentials', 'data: keep', ['p-starter0']],
  ]);
});

test('restores the data from the backup that is named', async () => {
  const story = await triggered();
  await withAws(story, { decide: 'roll-back' });
  await answerFunctions(story);
  expect(await withAws(story, { data: 'restore', backupAt: '2026-03-02T07:00:00Z' })).toMatchObject({ alreadyRecorded: false });
  const decided = (await laneOf(story)).find(isType('rollback.data-decided'));
  expect(decided?.event.data).toMatchObject({ choice: 'restore', backupAt: '2026-03-02T07:00:00.000Z' });
});

describe('a step that waits for people', () => {
  const failing = async (): Promise<Story> => {
    const story = await triggered({});
    await withAws(story, { decide: 'roll-back' });
    await answerFunctions(story, { acts: () => 'failed' });
    expect(await ask(story)).toMatchObject({ step: 'stop-requests', reason: expect.stringContaining('failed 3 times') as unknown });
    return story;
  };
  const step = 'stop-requests';

  test('is tried again', async () => {
    const story = await failing();
    expect(await withAws(story, { step, choose: 'retry' })).toMatchObject({ alreadyRecorded: false });
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('is recorded as done by hand, with what shows it', async () => {
    const story = await failing();
    expect(await withAws(story, { step, choose: 'by-hand' })).toMatchObject({ declined: expect.stringContaining('shown: ') as unknown });
    const shown = 'the gateway answers 503: curl -i https://shop.example.com/orders';
    expect(await withAws(story, { step, choose: 'by-hand', shown })).toMatchObject({ alreadyRecorded: false });
    await answerFunctions(story, { proves: ({ step: proved, action }) => proved !== step || action === 'undo' });
    expect(story.machine.at()).toBe('end rolled-back');
    expect(resultOfStep(await rollbackOf(story), step)?.reason).toBe('done by hand by AWS credentials');
    const handled = (await laneOf(story)).find(isType('rollback.step-handled'));
    expect(handled?.event.data).toMatchObject({ evidence: [], shown: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(handled?.bytes).not.toContain(shown);
    expect((await followUpsOf(story)).map(({ kind, subject }) => [kind, subject])).toContainEqual([
      'aws-credentials',
      'stop-requests: by-hand',
    ]);
  });

  test('ends the rollback as escalated', async () => {
    const story = await failing();
    expect(await withAws(story, { step, choose: 'end' })).toMatchObject({ alreadyRecorded: false });
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rollback-escalated');
  });
});

describe('does not lead on', () => {
  test('with a decision to continue, which takes somebody who has just signed in', async () => {
    const story = await triggered();
    expect(await withAws(story, { decide: 'continue' })).toMatchObject({ declined: expect.stringContaining('decide: ') as unknown });
    expect(story.machine.at()).toBe('rollback-decision');
  });

  test('where people have decided, or nothing waits', async () => {
    const story = await triggered();
    expect(await withAws(story, { data: 'keep' })).toMatchObject({ refused: { type: 'rollback-not-open' } });
    expect(await withAws(story, { step: 'revert-version', choose: 'retry' })).toMatchObject({ refused: { type: 'step-not-waiting' } });
    await decideAs(story, 'roll-back');
    expect(await withAws(story, { decide: 'roll-back' })).toMatchObject({ refused: { type: 'rollback-decided' } });
    await answerFunctions(story, { until: 'restore-database' });
    expect(await withAws(story, { step: 'stop-requests', choose: 'retry' })).toMatchObject({ refused: { type: 'step-not-waiting' } });
  });

  test('on a run that nobody knows, or that has ended', async () => {
    const story = await triggered({});
    expect(await say(signingFor(['reconciler'], story.deps), { run: 'r1' })).toMatchObject({ refused: { type: 'run-unknown' } });
    await withAws(story, { decide: 'roll-back' });
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
    for (const said of [{ decide: 'roll-back' }, { data: 'keep' }, { step: 'monitor-stability', choose: 'end' }])
      expect(await withAws(story, said)).toMatchObject({ refused: { type: 'run-ended' } });
    expect(await ask(story)).toMatchObject({ gate: null });
  });
});
