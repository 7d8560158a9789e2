import { describe, expect, test } from 'vitest';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import type { RollbackSettings } from '../../lib/checklist/targets.ts';
import { foldRollback, mayBeStopped } from '../../lib/folds/rollback.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { type Answers, answerFunctions, decideAs, declare, handle, later, shopTargets, started, takenByAnother } from '../way-back.ts';

/** What people must hear, and what their word does, where the way back does not go on by itself. */

const rollbackOf = async ({ deps, run }: Story) => foldRollback(await deps.trail.read(scopes.run(run), { lane: lanes.rollback }));
const pagesOf = ({ deps }: Story, about: string): number =>
  deps.controls.pager.pages.filter(({ subject }) => subject.startsWith(about)).length;
const reasonsOf = async ({ deps, run, machine }: Story): Promise<string> =>
  ((await readRun(deps, run)).ok?.gates.find(({ id }) => id === machine.at())?.reasons ?? []).join('\n');
const choose = ({ deps, run }: Story, step: 'stop-requests' | 'revert-version', answer: 'retry' | 'end') =>
  handleStep(
    signingFor(['people'], deps),
    { run, step, answer, reason: 'We have looked at it together.' },
    personIn(deps, 'operations-lead'),
  );

test('a rollback that cannot begin says so, pages, and is ended by people; nothing else is chosen', async () => {
  const story = await started();
  const { deps, run } = story;
  await declare(story);
  await takenByAnother(story);
  await decideAs(story, 'roll-back');
  await answerFunctions(story);
  expect([story.machine.at(), pagesOf(story, 'The rollback cannot begin')]).toEqual(['stop-requests', 1]);
  expect(await reasonsOf(story)).toContain('another release has the environment');
  expect((await readRun(deps, run)).ok?.rollback?.waits).toMatchObject({
    for: 'step',
    step: 'stop-requests',
    choices: ['end'],
    roles: ['operations-lead'],
  });
  expect((await choose(story, 'stop-requests', 'retry')).refused?.type).toBe('step-not-waiting');
  expect((await choose(story, 'revert-version', 'end')).refused?.type, 'a step that is not open').toBe('step-not-waiting');
  await handle(story, 'stop-requests', 'end');
  expect(story.machine.at()).toBe('end rollback-escalated');
});

describe('a rollback that a person ended while requests are stopped', () => {
  const endedAt = async (step: 'stop-requests' | 'revert-version'): Promise<Story> => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    const broken: Answers = {
      acts: (attempt) => (attempt.action === 'undo' || attempt.step === 'revert-version' ? 'failed' : 'done'),
      proves: (task) => step !== 'stop-requests' || task.step !== 'stop-requests',
    };
    await answerFunctions(story, broken);
    expect([story.machine.at(), pagesOf(story, `The rollback waits for people at ${step}`)]).toEqual([step, 1]);
    await handle(story, step, 'end');
    await answerFunctions(story, broken);
    expect([story.machine.at(), mayBeStopped(await rollbackOf(story))]).toEqual([step, true]);
    expect(await reasonsOf(story)).toMatch(
      /was ended at .* requests must be accepted again first: the step “stop requests” failed 3 times/,
    );
    expect(pagesOf(story, `The rollback waits for people at ${step}`), 'people hear of it').toBe(2);
    return story;
  };

  test.each(['stop-requests', 'revert-version'] as const)('at %s stays ended when they try again to take the stop back', async (step) => {
    const story = await endedAt(step);
    if (step === 'revert-version') expect((await choose(story, step, 'retry')).refused?.detail).toBe('The rollback was ended.');
    await handle(story, 'stop-requests', 'retry');
    await answerFunctions(story);
    expect([story.machine.at(), mayBeStopped(await rollbackOf(story))]).toEqual(['end rollback-escalated', false]);
  });

  test('stays ended when they do it by hand', async () => {
    const story = await endedAt('stop-requests');
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rollback-escalated');
  });
});

test('the word about the data is asked for on the pager again and again, until it is given', async () => {
  const restore: Partial<RollbackSettings> = {
    'restore-database': { by: { kind: 'lambda', function: 'restore-orders' }, backwardCompatible: false },
  };
  const story = await started(shopTargets(restore));
  await declare(story);
  await decideAs(story, 'roll-back');
  await answerFunctions(story);
  const asks = () => pagesOf(story, 'The rollback waits for people at restore-database');
  expect([story.machine.at(), asks()]).toEqual(['restore-database', 1]);
  expect(await reasonsOf(story)).toContain('a person decides whether data is restored or kept');
  await later(story, 30);
  expect(asks(), 'not at every look').toBe(1);
  await later(story, 60);
  await later(story, 150);
  expect(asks()).toBe(3);
});
