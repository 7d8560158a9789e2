import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, ci, personIn } from '../given.ts';
import { decidedBySilence, measured, prove, request, rollbackLane, sinceT0, targets, withTargets } from '../rollback-given.ts';
import { type Story, toDeployment } from '../story.ts';

const reason = 'Half of the orders fail.';
const given = async (): Promise<Story> => {
  const story = await toDeployment();
  return { ...story, deps: withTargets(story.deps) };
};
/** As the people function has them. */
const people = (deps: FakeDependencies): FakeDependencies => ({ ...signingFor(['people'], deps), stage: deps.stage });
const lead = ({ deps }: Story): PersonCaller => personIn(deps, 'operations-lead');
const owner = ({ deps }: Story): PersonCaller => personIn(deps, 'product-owner');
const starter = ({ deps }: Story): PersonCaller => ({
  ...personIn(deps, 'operations-lead'),
  id: ci.person ?? '',
  signedInAt: deps.clock.now(),
});
const trigger = (story: Story, changes: { evidence?: string[]; decide?: boolean } = {}) =>
  triggerRollback(
    people(story.deps),
    { request: anew(), run: story.run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason, ...changes },
    lead(story),
  );
const decide = (story: Story, decision: 'roll-back' | 'continue', caller: PersonCaller) =>
  decideRollback(people(story.deps), { run: story.run, decision, reason }, caller);
const laneOf = ({ deps, run }: Story) => sinceT0(deps, run);

describe('a trigger', () => {
  test('holds the events that show it and whether its declarer decides', async () => {
    const story = await given();
    const [started] = await story.deps.trail.read(`run/${story.run}`, { lane: 'deployment' });
    const id = started?.event.id ?? '';
    expect((await trigger(story, { evidence: [id], decide: true })).refused).toBeUndefined();
    const [event] = (await laneOf(story)).filter(isType('rollback.triggered'));
    expect(event?.event.data).toMatchObject({ evidence: [id], decides: true, by: lead(story).id });
  });

  test('is refused with events that the run does not have', async () => {
    const story = await given();
    expect((await trigger(story, { evidence: ['0'.repeat(32)] })).refused).toMatchObject({ type: 'event-unknown', got: '0'.repeat(32) });
    expect(await laneOf(story)).toEqual([]);
  });
});

describe('the decision', () => {
  test('needs an open trigger', async () => {
    const story = await given();
    expect((await decide(story, 'roll-back', lead(story))).refused?.type).toBe('rollback-not-open');
  });

  test('to roll back is free for every operating role, also the starter and after a day without signing in', async () => {
    const story = await given();
    await measured(story.deps, story.run);
    expect((await decide(story, 'roll-back', owner(story))).refused?.type).toBe('role-missing');
    const tired = { ...starter(story), signedInAt: new Date(0) };
    expect((await decide(story, 'roll-back', tired)).ok).toMatchObject({ decision: 'roll-back', alreadyRecorded: false });
    expect((await decide(story, 'roll-back', tired)).ok).toMatchObject({ alreadyRecorded: true });
    expect(await rollbackLane(story.deps, story.run)).toEqual(['rollback.triggered', 'rollback.decided']);
  });

  test('to continue takes a signer who has just signed in and did not start the run, and opens the next round', async () => {
    const story = await given();
    await measured(story.deps, story.run);
    expect((await decide(story, 'continue', personIn(story.deps, 'developer'))).refused?.type).toBe('role-missing');
    expect((await decide(story, 'continue', starter(story))).refused?.type).toBe('starter-excluded');
    const early = new Date(story.deps.clock.now().getTime() - 16 * 60_000);
    expect((await decide(story, 'continue', { ...owner(story), signedInAt: early })).refused?.type).toBe('sign-in-stale');
    expect((await decide(story, 'continue', owner(story))).ok).toMatchObject({ decision: 'continue' });
    // A repetition finds its own decision, and another person learns who decided and when.
    expect((await decide(story, 'continue', owner(story))).ok).toMatchObject({ alreadyRecorded: true });
    expect((await decide(story, 'roll-back', lead(story))).refused).toMatchObject({
      type: 'rollback-decided',
      expected: expect.stringMatching(new RegExp(`^continue by ${owner(story).id} at 2026-`)),
    });
    await measured(story.deps, story.run);
    expect((await decide(story, 'roll-back', lead(story))).ok).toMatchObject({ alreadyRecorded: false });
    const rounds = (await laneOf(story)).filter(isType('rollback.decided')).map(({ event }) => event.data.round);
    expect(rounds).toEqual([1, 2]);
  });

  test('is the first one: of a trigger that decides, of silence, of a person', async () => {
    const declared = await given();
    await trigger(declared, { decide: true });
    expect((await decide(declared, 'continue', owner(declared))).refused).toMatchObject({ type: 'rollback-decided' });
    const silent = await given();
    await measured(silent.deps, silent.run);
    await decidedBySilence(silent.deps, silent.run);
    expect((await decide(silent, 'continue', owner(silent))).refused?.expected).toMatch(/^roll-back by Holdpoint at /);
  });

  test('to continue does not count when a trigger that decides came in between', async () => {
    const story = await given();
    await measured(story.deps, story.run);
    let done = false;
    story.deps.controls.onCall(async (call) => {
      if (done || call !== 'people.keep') return;
      done = true;
      await trigger(story, { decide: true });
    });
    const decided = await decide(story, 'continue', owner(story));
    story.deps.controls.onCall(undefined);
    const types = await rollbackLane(story.deps, story.run);
    expect(types).toEqual(['rollback.triggered', 'rollback.triggered', 'rollback.decided']);
    expect(decided.refused?.type).toBe('rollback-decided');
  });
});

describe('a step', () => {
  const stop = { step: 'stop-requests', action: 'do', attempt: 1 } as const;
  const answer = (
    story: Story,
    given: Partial<{ answer: 'done' | 'failed'; attempt: number; action: 'do' | 'undo'; detail: string }>,
    caller: PersonCaller | typeof ci = ci,
  ) => handleStep(people(story.deps), { run: story.run, answer: 'done', detail: '', ...stop, ...given } as never, caller);
  const choose = (
    story: Story,
    choice: 'retry' | 'by-hand' | 'end',
    caller: PersonCaller | typeof ci,
    step: string = stop.step,
    evidence: string[] = [],
  ) => handleStep(people(story.deps), { run: story.run, step, answer: choice, reason, evidence } as never, caller);

  test('takes the answer of its current attempt once, from a CI identity of the service or a person', async () => {
    const story = await given();
    expect((await answer(story, {})).refused?.type).toBe('step-not-waiting');
    await request(story.deps, story.run, stop, 'event');
    expect((await answer(story, {}, { ...ci, services: ['mail'] })).refused?.type).toBe('role-missing');
    expect((await answer(story, {}, { ...ci, environments: ['staging'] })).refused?.type).toBe('role-missing');
    expect((await answer(story, {}, owner(story))).refused?.type).toBe('role-missing');
    expect((await answer(story, { detail: 'the gateway\nanswers 503' })).ok).toMatchObject({ answer: 'done', alreadyRecorded: false });
    expect((await answer(story, {})).ok).toMatchObject({ alreadyRecorded: true });
    expect((await answer(story, { answer: 'failed', detail: 'It did not work.' })).refused).toMatchObject({
      type: 'step-answered',
      expected: expect.stringMatching(/^done by ci-main at /),
    });
    const [, done] = await laneOf(story);
    expect(done?.event.data).toEqual({ ...stop, detail: 'the gateway answers 503' });
  });

  test('refuses the late answer of an old attempt and says which is current', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'event');
    await request(story.deps, story.run, { ...stop, attempt: 2 }, 'event');
    expect((await answer(story, {})).refused).toMatchObject({ type: 'step-attempt', got: 'do, attempt 1', expected: 'do, attempt 2' });
    expect((await answer(story, { attempt: 2, action: 'undo' })).refused?.type).toBe('step-attempt');
    expect(await rollbackLane(story.deps, story.run)).toHaveLength(2);
  });

  test('keeps the words of a person out of the trail', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'person');
    await answer(story, { answer: 'failed', detail: 'Jane could not reach the console.' }, lead(story));
    const [, failed] = await laneOf(story);
    expect(failed?.bytes).not.toContain('Jane');
    const digest = failed !== undefined && isType('rollback.step-failed')(failed) ? (failed.event.data.words ?? '') : '';
    expect((await story.deps.people.read([digest])).get(digest)?.text).toBe('Jane could not reach the console.');
  });

  test('that a platform carries out is answered by nobody else', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'platform');
    expect((await answer(story, {})).refused).toMatchObject({ type: 'step-not-waiting', detail: expect.stringContaining('platform') });
  });

  test('is retried or done by hand by operators, and ended by the operations lead only', async () => {
    const story = await given();
    expect((await choose(story, 'retry', lead(story))).refused?.type).toBe('step-not-waiting');
    await request(story.deps, story.run, stop, 'platform');
    expect((await choose(story, 'retry', ci)).refused?.type).toBe('role-missing');
    expect((await choose(story, 'retry', owner(story))).refused?.type).toBe('role-missing');
    expect((await choose(story, 'end', personIn(story.deps, 'technical-lead'))).refused?.type).toBe('role-missing');
    expect((await choose(story, 'by-hand', lead(story), stop.step, ['1'.repeat(32)])).refused?.type).toBe('event-unknown');
    expect((await choose(story, 'retry', lead(story))).ok).toMatchObject({ answer: 'retry', alreadyRecorded: false });
    expect((await choose(story, 'retry', lead(story))).ok).toMatchObject({ alreadyRecorded: true });
    await request(story.deps, story.run, { ...stop, attempt: 2 }, 'platform');
    expect((await choose(story, 'end', lead(story))).ok).toMatchObject({ answer: 'end' });
    const choices = (await laneOf(story)).filter(isType('rollback.step-handled')).map(({ event }) => event.data.choice);
    expect(choices).toEqual(['retry', 'end']);
  });

  test('that is proved cannot be ended, and one whose proof failed can', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'platform');
    await prove(story.deps, story.run, stop, true);
    expect((await choose(story, 'end', lead(story))).refused).toMatchObject({
      type: 'step-not-waiting',
      detail: 'The step stop-requests is proved.',
    });
    const other = await given();
    await request(other.deps, other.run, stop, 'platform');
    await prove(other.deps, other.run, stop, false);
    expect((await choose(other, 'end', lead(other))).refused).toBeUndefined();
  });

  test('that a person did by hand takes no answer any more', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'event');
    await choose(story, 'by-hand', lead(story));
    expect((await answer(story, {})).refused?.type).toBe('step-not-waiting');
  });

  test('of two people who choose at the same moment, the first one counts', async () => {
    const story = await given();
    await request(story.deps, story.run, stop, 'platform');
    const technical = personIn(story.deps, 'technical-lead');
    const [first, second] = await Promise.all([choose(story, 'retry', lead(story)), choose(story, 'by-hand', technical)]);
    const refusals = [first, second].flatMap(({ refused }) => refused?.type ?? []);
    expect(refusals).toEqual(['step-answered']);
    expect(await rollbackLane(story.deps, story.run)).toHaveLength(2);
  });
});

describe('the data', () => {
  const data = (story: Story, choice: 'restore' | 'keep', caller: PersonCaller, backupAt?: string) =>
    decideData(people(story.deps), { run: story.run, choice, reason, ...(backupAt === undefined ? {} : { backupAt }) } as never, caller);

  test('is decided once a rollback is, by a lead who did not start the run', async () => {
    const story = await given();
    expect((await data(story, 'keep', lead(story))).refused?.type).toBe('rollback-not-open');
    await decidedBySilence(story.deps, story.run);
    expect((await data(story, 'keep', owner(story))).refused?.type).toBe('role-missing');
    expect((await data(story, 'keep', starter(story))).refused?.type).toBe('starter-excluded');
    const backupAt = '2026-03-02T03:00:00.000Z';
    expect((await data(story, 'restore', lead(story), backupAt)).ok).toMatchObject({ choice: 'restore', alreadyRecorded: false });
    expect((await data(story, 'restore', lead(story), backupAt)).ok).toMatchObject({ alreadyRecorded: true });
    expect((await data(story, 'keep', personIn(story.deps, 'technical-lead'))).refused).toMatchObject({
      type: 'rollback-decided',
      expected: expect.stringMatching(/^restore by p-operations1 at /),
    });
    expect((await laneOf(story)).at(-1)?.event.data).toMatchObject({ choice: 'restore', backupAt, by: lead(story).id });
  });

  test('of a service without data is not decided', async () => {
    const story = await toDeployment();
    const without = { ...targets, rollback: { ...targets.rollback, 'restore-database': { notApplicable: 'The service keeps no data.' } } };
    const deps = withTargets(story.deps, without as typeof targets);
    await decidedBySilence(deps, story.run);
    expect((await data({ ...story, deps }, 'keep', lead(story))).refused?.type).toBe('step-not-waiting');
  });
});

describe('a deputy of the operations lead', () => {
  const away = (story: Story, person: string, days = 1) => {
    const roster = story.deps.roster;
    const now = story.deps.clock.now().getTime();
    const entry = { person, from: new Date(now - 1000).toISOString(), to: new Date(now + days * 86_400_000).toISOString() };
    const holders: typeof roster.holders = (role) =>
      roster.holders(role).map((one) => (role === 'operations-lead' ? { ...one, deputies: [entry] } : one));
    return { ...people(story.deps), roster: { ...roster, holders, person: (id: string) => roster.person(id) } };
  };
  const deputy = (story: Story): PersonCaller => ({ ...personIn(story.deps, 'developer'), signedInAt: story.deps.clock.now() });
  const asDeputy = (story: Story, decision: 'roll-back' | 'continue', from = away(story, deputy(story).id)) =>
    decideRollback(from, { run: story.run, decision, reason }, deputy(story));
  const open = async (): Promise<Story> => {
    const story = await given();
    await trigger(story);
    return story;
  };

  test.each(['roll-back', 'continue'] as const)('decides %s in their stead, and both names are kept', async (decision) => {
    const story = await open();
    const other = { ...deputy(story), id: 'p-deputy0001' };
    const roster = away(story, other.id);
    const known = {
      ...roster,
      roster: {
        ...roster.roster,
        person: (id: string) => (id === other.id ? { ...other, name: 'Dea', address: 'dea@example.com' } : roster.roster.person(id)),
      },
    };
    expect((await decideRollback(known, { run: story.run, decision, reason }, other)).refused).toBeUndefined();
    const [decided] = (await laneOf(story)).filter(isType('rollback.decided'));
    expect(decided?.event.data).toMatchObject({ decision, by: other.id, for: lead(story).id });
    const late = await decideRollback(known, { run: story.run, decision: 'roll-back', reason }, lead(story));
    if (decision === 'roll-back') expect(late.refused?.expected).toContain(`roll-back by ${other.id} for ${lead(story).id}`);
  });

  test('who started the run decides nothing, nor one whose time is over, nor anybody without an entry', async () => {
    const story = await open();
    const own = { ...deputy(story), id: ci.person ?? '' };
    const named = decideRollback(away(story, own.id), { run: story.run, decision: 'roll-back', reason }, own);
    expect((await named).refused?.type, 'the starter').toBe('role-missing');
    expect((await decide(story, 'roll-back', { ...deputy(story), id: 'p-deputy0001' })).refused?.type).toBe('role-missing');
    expect((await asDeputy(story, 'continue', away(story, deputy(story).id, -1))).refused?.type, 'over').toBe('role-missing');
    expect((await laneOf(story)).filter(isType('rollback.decided'))).toEqual([]);
  });
});
