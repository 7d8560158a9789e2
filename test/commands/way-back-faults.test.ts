import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { foldRollback, mayBeStopped, resultOfStep } from '../../lib/folds/rollback.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, declare, deploy, handle, later, measure, record, shopTargets, started } from '../way-back.ts';

const day = 86_400;
const laneOf = ({ deps, run }: Story) => deps.trail.read(scopes.run(run), { lane: lanes.rollback });
const rollbackOf = async (story: Story) => foldRollback(await laneOf(story));
const openedOf = async ({ deps, run }: Story, gate: string) =>
  (await deps.trail.read(scopes.run(run), { lane: lanes.gate(gate) })).filter(isType('gate.opened')).map(({ event }) => event.data);

describe('a decision', () => {
  test('about an earlier round decides nothing in the next one', async () => {
    const story = await started();
    await measure(story);
    await decideAs(story, 'continue');
    await record(story, 'decided/1/silence', 'rollback.decided', {
      round: 1,
      decision: 'roll-back',
      how: 'silence',
      by: null,
      reason: null,
    });
    await declare(story);
    expect(story.machine.at()).toBe('rollback-decision');
    expect(await rollbackOf(story)).toMatchObject({ round: 2, decision: undefined });
  });

  test('that comes second in its round changes nothing', async () => {
    const story = await started();
    await measure(story);
    await record(story, 'decided/1/silence', 'rollback.decided', {
      round: 1,
      decision: 'roll-back',
      how: 'silence',
      by: null,
      reason: null,
    });
    await record(story, 'decided/1/p-1', 'rollback.decided', { round: 1, decision: 'continue', how: 'person', by: 'p-1', reason: null });
    await story.machine.settle();
    expect(story.machine.at()).toBe('stop-requests');
    expect(await rollbackOf(story)).toMatchObject({ round: 1, decision: { how: 'silence' } });
  });

  test('to continue after two days leads back to a gate whose state waits anew, with the deadline that it had', async () => {
    const story = await started();
    const [before] = await openedOf(story, 'deployment-window');
    await declare(story);
    await later(story, 1.9 * day);
    await decideAs(story, 'continue');
    await later(story, 0.5 * day);
    expect(story.machine.at()).toBe('deployment-window');
    expect((await openedOf(story, 'deployment-window'))[1]?.due).toBe(before?.due);
  });

  test('that nobody makes leads to an incident, which resumes there and goes round in no circle', async () => {
    const story = await started();
    await declare(story);
    await story.machine.breakOff();
    await story.machine.settle();
    expect(story.machine.at()).toBe('incident');
    expect((await openedOf(story, 'incident'))[0]?.interrupted).toBe('rollback-decision');
    const resume = { run: story.run, decision: 'resume', reason: 'We decide about it now.' } as const;
    await decideIncident(signingFor(['people'], story.deps), resume, personIn(story.deps, 'operations-lead'));
    await story.machine.settle();
    expect(story.machine.at()).toBe('rollback-decision');
    await decideAs(story, 'continue');
    expect(story.machine.at()).toBe('deployment-window');
  });
});

describe('a trigger', () => {
  test('that was measured before the deployment started waits for it, and a cancellation still counts', async () => {
    const story = await started(shopTargets(), { deploys: false });
    await measure(story);
    expect(story.machine.at()).toBe('deployment-window');
    await deploy(story);
    expect(story.machine.at()).toBe('rollback-decision');
    const other = await started(shopTargets(), { deploys: false });
    await measure(other);
    const asked = { run: other.run, reason: 'The customer asked to wait.' };
    await cancelRun(signingFor(['people'], other.deps), asked, personIn(other.deps, 'operations-lead'));
    await other.machine.settle();
    expect(other.machine.at()).toBe('end cancelled');
  });
});

describe('a step', () => {
  test('is not proved by what was seen of an earlier attempt', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { proves: () => 'lost' });
    await handle(story, 'stop-requests', 'retry');
    await later(story, 1600);
    await answerFunctions(story, { acts: () => 'lost', proves: () => 'lost' });
    const seen = { step: 'stop-requests', action: 'do' as const, attempt: 1, proof: 1, proved: true, detail: 'late', evidence: [] };
    const last = (await rollbackOf(story)).steps.get('stop-requests')?.attempts.at(-1)?.attempt ?? 0;
    await record(story, 'stop-requests/late', 'rollback.step-proved', seen);
    await story.machine.settle();
    expect([last > 1, resultOfStep(await rollbackOf(story), 'stop-requests')]).toEqual([true, undefined]);
  });

  test('is tried again once after a retry, however wrong the clock of the person was', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { acts: () => 'failed' });
    expect((await rollbackOf(story)).steps.get('stop-requests')?.attempts).toHaveLength(3);
    const { clock } = story.deps.controls;
    clock.advance(5_000);
    const { id } = personIn(story.deps, 'operations-lead');
    const data = { step: 'stop-requests', choice: 'retry' as const, by: id, reason: 'b'.repeat(64), evidence: [] };
    await record(story, 'handled/stop-requests/retry', 'rollback.step-handled', data);
    clock.advance(-5_000);
    await story.machine.settle();
    await later(story, 1);
    expect((await rollbackOf(story)).steps.get('stop-requests')?.attempts).toHaveLength(4);
  });

  test('goes on while the pager is down', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    for (let n = 0; n < 500; n += 1) story.deps.controls.failNext('pager.page', 'before');
    const before = story.deps.controls.pager.pages.length;
    for (let minute = 0; minute < 20 && !story.machine.at().startsWith('end '); minute += 1) {
      await answerFunctions(story, {}, 200).catch(() => undefined);
      story.deps.controls.clock.advance(61_000);
      await sweep(story.deps);
    }
    expect(story.deps.controls.pager.pages).toHaveLength(before);
    expect(story.machine.at()).toBe('end rolled-back');
    expect((await laneOf(story)).filter(isType('rollback.budget-breached')).map(({ event }) => event.data.budget)).toContain('execution');
  });

  test('that nothing outside shows is ended by people, not with requests stopped', async () => {
    const story = await started(targetsSchema.parse({ components: [{ component: 'web', platform: { kind: 'reported' } }] }));
    await declare(story);
    await decideAs(story, 'roll-back');
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story, { proves: () => false });
    expect(story.machine.at()).toBe('revert-version');
    await handle(story, 'revert-version', 'end');
    expect([story.machine.at(), mayBeStopped(await rollbackOf(story))]).toEqual(['revert-version', true]);
    await handle(story, 'stop-requests', 'by-hand', true);
    await answerFunctions(story, { proves: () => false });
    expect([story.machine.at(), mayBeStopped(await rollbackOf(story))]).toEqual(['end rollback-escalated', false]);
  });

  test('that nobody began may be ended at once: nobody has stopped anything', async () => {
    const story = await started(targetsSchema.parse({ components: [{ component: 'web', platform: { kind: 'reported' } }] }));
    await declare(story);
    await decideAs(story, 'roll-back');
    await handle(story, 'stop-requests', 'end');
    expect(story.machine.at()).toBe('end rollback-escalated');
  });
});
