import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { foldRollback, mayBeStopped, resultOfStep } from '../../lib/folds/rollback.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import { type Story, toStability } from '../story.ts';
import { answerFunctions, decideAs, declare, deployed, handle, later, measure } from '../way-back.ts';

const laneOf = (story: Story) => story.deps.trail.read(scopes.run(story.run), { lane: lanes.rollback });
const rollbackOf = async (story: Story) => foldRollback(await laneOf(story));
const pagesOf = ({ deps }: Story): string[] => deps.controls.pager.pages.map(({ subject }) => subject.split(':')[0] ?? '');

describe('the way back', () => {
  test('a trigger, the decision of a person, six steps with proofs, and the end', async () => {
    const story = await deployed();
    await declare(story);
    expect(story.machine.at()).toBe('rollback-decision');
    expect(pagesOf(story)).toEqual(['Decide']);
    await decideAs(story, 'roll-back');
    expect(story.machine.at()).toBe('stop-requests');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
    const rollback = await rollbackOf(story);
    expect([...rollback.steps].map(([step]) => [step, resultOfStep(rollback, step)?.outcome])).toEqual([
      ['stop-requests', 'done'],
      ['revert-version', 'done'],
      ['restore-database', 'not-applicable'],
      ['restart-services', 'not-applicable'],
      ['verify-health', 'done'],
      ['monitor-stability', 'done'],
    ]);
    expect(mayBeStopped(rollback)).toBe(false);
    expect(budgetsOf(rollback.lane).every(({ until }) => until !== null)).toBe(true);
  });

  test('requests are accepted again before health is verified, and that is proved', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    const asked: string[] = [];
    await answerFunctions(story, {
      acts: ({ step, action }) => {
        asked.push(`${action} ${step}`);
        return 'done';
      },
      proves: ({ step, action }) => {
        asked.push(`prove ${action} ${step}`);
        return true;
      },
    });
    expect(asked).toEqual([
      'do stop-requests',
      'prove do stop-requests',
      'do revert-version',
      'prove do revert-version',
      'undo stop-requests',
      'prove undo stop-requests',
      'prove do verify-health',
      'prove do monitor-stability',
    ]);
  });

  test('silence rolls back after a measured trigger in the deployment window, 75 seconds before the budget ends', async () => {
    const story = await deployed();
    await measure(story);
    await later(story, 60);
    expect(pagesOf(story)).toEqual(['Decide', 'Still to decide']);
    await later(story, 150);
    expect(story.machine.at()).toBe('rollback-decision');
    await later(story, 16);
    expect(story.machine.at()).toBe('stop-requests');
    expect((await rollbackOf(story)).decision).toMatchObject({ how: 'silence', by: null });
  });

  test('silence decides nothing before people were asked: a decision that opens late leaves them a minute', async () => {
    const story = await deployed();
    await measure(story);
    // The state of the decision breaks off at once, and a person resumes the run there ten minutes later.
    await story.machine.breakOff();
    await later(story, 600);
    expect(story.machine.at()).toBe('incident');
    const resume = { run: story.run, decision: 'resume', reason: 'The functions work again.' } as const;
    await decideIncident(signingFor(['people'], story.deps), resume, personIn(story.deps, 'operations-lead'));
    await story.machine.settle();
    await later(story, 50);
    expect([story.machine.at(), (await rollbackOf(story)).decision]).toEqual(['rollback-decision', undefined]);
    await later(story, 11);
    expect([story.machine.at(), (await rollbackOf(story)).decision?.how]).toEqual(['stop-requests', 'silence']);
  });

  test.each([
    ['a declared trigger', declare, () => deployed()],
    ['a measured trigger during the reviews', measure, () => toStability()],
  ])('silence decides nothing after %s: people are paged again', async (_case, trigger, start) => {
    const story = await start();
    await trigger(story);
    await later(story, 240);
    await later(story, 3600);
    expect(story.machine.at()).toBe('rollback-decision');
    expect(pagesOf(story)).toContain('Nobody has decided');
    expect((await laneOf(story)).filter(isType('rollback.budget-breached')).map(({ event }) => event.data.budget)).toEqual([
      'decision',
      'total',
    ]);
  });

  test('each budget is warned of once, at 80 percent, and breached once, at its end', async () => {
    const story = await deployed();
    await declare(story);
    const said = async (type: 'rollback.budget-warned' | 'rollback.budget-breached') =>
      (await laneOf(story)).filter(isType(type)).map(({ event }) => event.data.budget);
    const pages = () => pagesOf(story).filter((subject) => subject.startsWith('Budget'));
    await later(story, 239);
    expect([await said('rollback.budget-warned'), pages()]).toEqual([[], []]);
    await later(story, 2);
    await later(story, 30);
    expect([await said('rollback.budget-warned'), pages()]).toEqual([['decision'], ['Budget nearly spent (decision, 300 s)']]);
    await later(story, 30);
    await later(story, 30);
    expect([await said('rollback.budget-breached'), pages().slice(1)]).toEqual([['decision'], ['Budget breached (decision, 300 s)']]);
    await decideAs(story, 'roll-back');
    await later(story, 60);
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
    expect([await said('rollback.budget-warned'), await said('rollback.budget-breached')]).toEqual([['decision'], ['decision']]);
  });

  test('a trigger that the profile lets decide itself needs nobody', async () => {
    const story = await deployed({ decideThemselves: ['critical-feature-not-working'] });
    await measure(story);
    expect(story.machine.at()).toBe('stop-requests');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('a decision to continue returns to the interrupted gate with its deadline, and a later trigger opens another round', async () => {
    const story = await deployed();
    const before = await dueOf(story, 'deployment-window');
    await declare(story);
    await decideAs(story, 'continue');
    expect(story.machine.at()).toBe('deployment-window');
    expect(await dueOf(story, 'deployment-window')).toBe(before);
    await declare(story);
    expect(story.machine.at()).toBe('rollback-decision');
    expect((await rollbackOf(story)).round).toBe(2);
    await decideAs(story, 'roll-back');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('a step that fails three times waits for people: a retry goes on', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { acts: ({ step }) => (step === 'revert-version' ? 'failed' : 'done') });
    expect(story.machine.at()).toBe('revert-version');
    expect((await rollbackOf(story)).steps.get('revert-version')?.attempts).toHaveLength(3);
    await handle(story, 'revert-version', 'retry');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('an unproved step is not believed: the run waits, and a person may end it, but not with traffic stopped', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { proves: ({ step }) => step !== 'revert-version' });
    expect(story.machine.at()).toBe('revert-version');
    await handle(story, 'revert-version', 'end');
    expect(story.machine.at()).toBe('revert-version');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rollback-escalated');
    expect(mayBeStopped(await rollbackOf(story))).toBe(false);
  });

  test('health that is never proved ends as not verified, by a person', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { proves: ({ step }) => step !== 'verify-health' });
    expect(story.machine.at()).toBe('verify-health');
    await handle(story, 'verify-health', 'end');
    expect(story.machine.at()).toBe('end rolled-back-unverified');
  });

  test('a lost function is asked again, then another attempt is made', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { acts: () => 'lost' });
    await later(story, 30);
    expect(story.deps.controls.actuator.attempts.splice(0)).toHaveLength(1);
    await later(story, 130);
    expect(story.deps.controls.actuator.attempts).toMatchObject([{ attempt: { step: 'stop-requests', attempt: 2 } }]);
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('data is kept without an answer only where the profile says that the change is backward-compatible', async () => {
    const by = { kind: 'lambda', function: 'shop-restore' } as const;
    const open = await deployed({ 'restore-database': { by, proof: ['health'], backwardCompatible: false } });
    const kept = await deployed({ 'restore-database': { by, proof: ['health'], backwardCompatible: true } });
    for (const story of [open, kept]) {
      await declare(story);
      await decideAs(story, 'roll-back');
      await answerFunctions(story);
      expect(story.machine.at()).toBe('restore-database');
      await later(story, 125);
      await answerFunctions(story);
    }
    expect(open.machine.at()).toBe('restore-database');
    expect(kept.machine.at()).toBe('end rolled-back');
  });

  test('a stop that people did by hand and showed stays shown when requests are accepted again', async () => {
    const story = await deployed();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { acts: ({ step }) => (step === 'stop-requests' ? 'failed' : 'done') });
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story, { proves: ({ step, action }) => step !== 'stop-requests' || action === 'undo' });
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('a stage that says nothing leaves every step to people, and never proves health', async () => {
    const story = await deployed();
    Object.assign(story.deps.stage, { targets: {} });
    await declare(story);
    await decideAs(story, 'roll-back');
    expect(story.machine.at()).toBe('stop-requests');
    expect(story.deps.controls.actuator.attempts).toEqual([]);
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story, { proves: () => false });
    expect(story.machine.at()).toBe('revert-version');
    await handle(story, 'revert-version', 'by-hand', true);
    await answerFunctions(story, { proves: () => false });
    expect(story.machine.at()).toBe('revert-version');
  });
});

const dueOf = async (story: Story, gate: string): Promise<string | undefined> => {
  const lane = await story.deps.trail.read(scopes.run(story.run), { lane: lanes.gate(gate) });
  return lane.filter(isType('gate.opened')).at(-1)?.event.data.due;
};
