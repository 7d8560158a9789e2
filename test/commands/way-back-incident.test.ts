import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { holdingIn } from '../../lib/folds/environment.ts';
import { foldFollowUps } from '../../lib/folds/follow-ups.ts';
import { foldRollback, mayBeStopped } from '../../lib/folds/rollback.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { type Answers, answerFunctions, decideAs, declare, handle, later, shopTargets, started } from '../way-back.ts';

/** Requests are stopped and the version cannot be set back; then something else than the rollback ends the run. */
const stuck: Answers = { acts: ({ step }) => (step === 'stop-requests' ? 'done' : 'failed') };
/** From then on nothing takes the stop back by itself. */
const broken: Answers = { acts: () => 'failed' };

const atRevert = async (): Promise<Story> => {
  const story = await started();
  await declare(story);
  await decideAs(story, 'roll-back');
  await answerFunctions(story, stuck);
  expect([story.machine.at(), mayBeStopped(await rollbackOf(story))]).toEqual(['revert-version', true]);
  return story;
};
const rollbackOf = async ({ deps, run }: Story) => foldRollback(await deps.trail.read(scopes.run(run), { lane: lanes.rollback }));
const endOf = async ({ deps, run }: Story) =>
  (await deps.trail.read(scopes.run(run), { lane: lanes.run })).filter(isType('run.ended')).map(({ event }) => event.data.outcome);
const holdingOf = async ({ deps }: Story) =>
  holdingIn(await deps.trail.read(scopes.environment('shop', 'production'), { lane: lanes.claim }));
const waitsOf = async ({ deps, run }: Story) => (await readRun(deps, run)).ok?.rollback?.waits;
const reconcile = async (story: Story, request: object = {}): Promise<void> => {
  await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run, ...request });
  await story.machine.settle();
};

const endsIncident = async (story: Story): Promise<void> => {
  await story.machine.breakOff();
  await story.machine.settle();
  expect(story.machine.at()).toBe('incident');
  const given = { run: story.run, decision: 'end', reason: 'We have had enough of this run.' } as const;
  expect(
    (await decideIncident(signingFor(['people'], story.deps), given, personIn(story.deps, 'operations-lead'))).refused,
  ).toBeUndefined();
  await story.machine.settle();
};

/** The execution is gone, and with it the state that waited. */
const gone = async ({ deps, run, machine }: Story): Promise<void> => {
  const [opened] = (await deps.trail.read(scopes.run(run), { lane: lanes.gate(machine.at()) })).filter(isType('gate.opened'));
  const token = await deps.tokens.get(run, machine.at(), opened?.event.data.entry ?? '');
  deps.controls.workflow.close(token?.token ?? '');
  deps.controls.workflow.end(`execution/${run}`, 'failed');
};

/** Each leads past the six steps to the end of the run. */
const ends: readonly (readonly [string, (story: Story) => Promise<void>])[] = [
  ['a person at the incident gate', endsIncident],
  [
    'the hard stop of the incident gate',
    async (story) => {
      await story.machine.breakOff();
      await story.machine.settle();
      await story.machine.breakOff();
      await later(story, 7 * 86_400);
    },
  ],
  [
    'the hard stop of a step, after which no incident gate has opened',
    async (story) => {
      await gone(story);
      await later(story, 7 * 86_400);
    },
  ],
  [
    'an execution that is gone',
    async (story) => {
      await gone(story);
      await later(story, 60);
      await reconcile(story, { executionEnded: true });
    },
  ],
  [
    'an execution that is gone, of which nobody hears',
    async (story) => {
      await gone(story);
      await later(story, 60);
    },
  ],
];

describe.each(ends)('a rollback that is ended by %s', (_what, ending) => {
  test('takes the stop of requests back first, then ends as escalated and keeps the environment', async () => {
    const story = await atRevert();
    await ending(story);
    expect(await endOf(story), 'not while requests may be stopped').toEqual([]);
    await answerFunctions(story);
    expect(mayBeStopped(await rollbackOf(story))).toBe(false);
    expect(await endOf(story)).toEqual(['rollback-escalated']);
    expect(await holdingOf(story)).toMatchObject({ how: 'kept', run: story.run });
    const asked = foldFollowUps(await story.deps.trail.read(scopes.run(story.run), { lane: lanes.followUp }));
    expect(asked.map(({ followUp }) => followUp)).toContain('cause');
    expect((await readRun(story.deps, story.run)).ok).toMatchObject({ outcome: 'rollback-escalated', closed: false });
  });

  test('waits for people where no function takes the stop back, and pages them until one does it by hand', async () => {
    const story = await atRevert();
    await ending(story);
    await answerFunctions(story, broken);
    expect([await endOf(story), await waitsOf(story)]).toMatchObject([[], { for: 'step', step: 'stop-requests' }]);
    const pages = (): number =>
      story.deps.controls.pager.pages.filter(({ subject }) => subject.startsWith('The rollback waits for people at stop-requests')).length;
    expect(pages()).toBe(1);
    await later(story, 3600);
    expect([pages(), await endOf(story)]).toEqual([2, []]);
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story, broken);
    expect([mayBeStopped(await rollbackOf(story)), await endOf(story)]).toEqual([false, ['rollback-escalated']]);
  });
});

test('an incident before a rollback was decided ends the run as an incident, and the environment is free', async () => {
  const story = await started();
  await endsIncident(story);
  expect([await endOf(story), await holdingOf(story)]).toEqual([['incident'], { how: 'free' }]);
});

/** The decided rollback breaks off before its budgets have ended: its state could not be opened, and the incident gate waits for a person. */
describe('a decided rollback that waits at the incident gate', () => {
  const brokenOff = async (): Promise<Story> => {
    const story = await atRevert();
    await story.machine.breakOff();
    await story.machine.settle();
    expect(story.machine.at()).toBe('incident');
    return story;
  };
  const said = async ({ deps, run }: Story, type: 'rollback.budget-warned' | 'rollback.budget-breached') =>
    (await deps.trail.read(scopes.run(run), { lane: lanes.rollback })).filter(isType(type)).map(({ event }) => event.data.budget);

  test('warns at 80 percent of each budget, and records and signals each breach', async () => {
    const story = await brokenOff();
    const signals: unknown[] = [];
    /** Looks when the sweep finds it due, and not before. */
    const passes = async (minutes: number): Promise<void> => {
      for (let second = 0; second < minutes * 60; second += 10) {
        story.deps.controls.clock.advance(10_000);
        const now = story.deps.clock.now().toISOString();
        const [item] = (await story.deps.due.list(story.deps.clock.now(), 50)).filter((one) => one.run === story.run && one.at <= now);
        if (item === undefined) continue;
        const done = await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run, item });
        signals.push(...(('signals' in done && done.signals) || []));
      }
    };
    await passes(8);
    expect([await said(story, 'rollback.budget-warned'), await said(story, 'rollback.budget-breached')]).toEqual([['execution'], []]);
    await passes(2.5);
    expect(await said(story, 'rollback.budget-breached')).toEqual(['execution']);
    await passes(11);
    expect(await said(story, 'rollback.budget-warned')).toEqual(['execution', 'total']);
    expect(await said(story, 'rollback.budget-breached')).toEqual(['execution', 'total']);
    expect(signals.filter((one) => one === 'RollbackBudgetBreached')).toHaveLength(2);
  });

  test('records what was used up also where the run ends before anybody looks', async () => {
    const story = await started(shopTargets({ 'stop-requests': { notApplicable: 'The service takes no requests.' } }));
    await declare(story);
    await decideAs(story, 'roll-back');
    expect(story.machine.at()).toBe('revert-version');
    await gone(story);
    story.deps.controls.clock.advance(15 * 60_000);
    await reconcile(story, { executionEnded: true });
    expect([await endOf(story), await said(story, 'rollback.budget-breached')]).toEqual([['rollback-escalated'], ['execution']]);
  });
});
