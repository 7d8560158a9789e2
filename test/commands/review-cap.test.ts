import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { openGate } from '../../lib/run/gates/open-gate.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { anew, ci, personIn } from '../given.ts';
import { attestAll, hour, observation, type Story, sign, toSignOff } from '../story.ts';
import { supersede } from '../superseded.ts';
import { decideAs, declare } from '../way-back.ts';
import { at, capMinutes, dayMinutes, incident, labelled, look, reasonsAt, settlements, unstable } from './review-story.ts';

/** What becomes of a review that incidents have extended for as long as they may: people decide about a rollback. */

const outcomes = async (story: Story, gate?: string): Promise<readonly string[]> =>
  (await settlements(story, gate)).map(({ event }) => event.data.outcome);

const mailsOf = ({ deps }: Story, kind: string) => deps.controls.mailer.mails.filter(({ subject }) => subject === kind);

const waitsOf = async ({ deps, run }: Story) => (await readRun(deps, run)).ok?.rollback?.waits ?? null;

/** The decision that the cap has opened, a minute later. */
const capped = async (from?: Story): Promise<Story> => {
  const story = await unstable(from);
  story.deps.controls.mailer.mails.splice(0);
  expect(await at(story, capMinutes + 1)).toBe('rollback-decision');
  return story;
};

const incidentsUntil = async (story: Story, fromDay: number, toDay: number): Promise<void> => {
  for (let day = fromDay; day < toDay; day += 1) {
    expect(await at(story, day * dayMinutes)).toBe('review-48h');
    await incident(story, `restart-day-${day}`, 'true');
  }
};

describe('at the cap of a review', () => {
  test('people are asked about a rollback, and hear why; silence decides nothing', async () => {
    const story = await unstable();
    expect(await reasonsAt(story, 'review-48h')).not.toContain('stable for long enough by');
    story.deps.controls.mailer.mails.splice(0);
    expect(await at(story, capMinutes)).toBe('rollback-decision');
    const why = /^not stable for long enough by 2026-[^;]*; the last incident, “restart-day-6” \(restart\) of “.*”, was seen at 2026-/;
    expect((await settlements(story)).map(({ event: { data } }) => [data.outcome, data.end, data.reason])).toEqual([
      ['capped', null, expect.stringMatching(why)],
    ]);
    expect(await reasonsAt(story, 'rollback-decision')).toMatch(/after the cap of Post-Deployment Review .*silence decides nothing$/);
    expect(await waitsOf(story)).toMatchObject({
      for: 'decision',
      silentAt: null,
      reason: expect.stringMatching(/^the cap of Post-Deployment Review \(48 hours\) \(not stable for long enough/),
      extension: { seconds: capMinutes * 60 },
    });
    const asked = mailsOf(story, 'rollback-decision').map(({ to, text }) => [
      to.address,
      (JSON.parse(text) as { because: { how: string } }).because.how,
    ]);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.map(([, how]) => how))).toEqual(new Set(['capped']));
    expect(mailsOf(story, 'gate-overdue')).toEqual([]);
    expect(story.deps.controls.pager.pages.at(-1)?.text).toContain('Because of the cap of Post-Deployment Review (48 hours)');
    for (const minutes of [2, 5, 60, dayMinutes]) expect(await at(story, capMinutes + minutes)).toBe('rollback-decision');
    expect(story.deps.controls.pager.pages.map(({ subject }) => subject)).toContainEqual(expect.stringContaining('Nobody has decided'));
  });

  test('are asked once, also when everything was down', async () => {
    const story = await unstable();
    expect(await at(story, capMinutes + 12 * 60)).toBe('rollback-decision');
    for (let looks = 0; looks < 3; looks += 1) await look(story);
    expect(await outcomes(story)).toEqual(['capped']);
  });

  test('to roll back goes the way back', async () => {
    const story = await capped();
    await decideAs(story, 'roll-back');
    expect(story.machine.at()).toBe('stop-requests');
    expect(await outcomes(story, 'rollback-decision')).toEqual(['passed']);
  });

  test('to continue takes a signer who has just signed in and did not start the run', async () => {
    const story = await capped();
    const decide = (caller: ReturnType<typeof personIn>) =>
      decideRollback(signingFor(['people'], story.deps), { run: story.run, decision: 'continue', reason: 'The host is replaced.' }, caller);
    const lead = personIn(story.deps, 'operations-lead');
    expect((await decide({ ...lead, id: ci.person ?? '' })).refused?.type).toBe('starter-excluded');
    expect((await decide({ ...lead, signedInAt: new Date(0) })).refused?.type).toBe('sign-in-stale');
    expect((await decide(lead)).refused).toBeUndefined();
  });

  test('to continue leads back with clock and evidence, is not asked again, and the review passes when it is stable', async () => {
    const story = await capped();
    await decideAs(story, 'continue');
    const opened = (await story.deps.trail.read(`run/${story.run}`, { lane: 'gate/review-48h' })).filter(isType('gate.opened'));
    expect(opened).toHaveLength(2);
    expect(opened[1]?.event.data).toMatchObject({ due: opened[0]?.event.data.due, continues: opened[0]?.event.data.entry });
    expect(story.machine.at()).toBe('review-48h');
    expect(await reasonsAt(story, 'review-48h'), 'everything that was attested counts').toMatch(
      /^All systems performing[^\n]*\nNo unexpected issues[^\n]*\nextended: the window ends at [^\n]*$/,
    );
    for (const minutes of [1.1, 2, 60, 12 * 60]) expect(await at(story, capMinutes + minutes)).toBe('review-48h');
    expect(await at(story, capMinutes + 2 * dayMinutes)).toBe('end production-stable');
    expect(await outcomes(story)).toEqual(['capped', 'passed']);
  });

  test('to continue allows incidents for as long again, then people decide again, and the deadline ends the run', async () => {
    const story = await capped();
    await decideAs(story, 'continue');
    await incidentsUntil(story, 7.5, 14);
    expect(await at(story, 2 * capMinutes + 0.5), 'a cap counts from the decision').toBe('review-48h');
    expect(await at(story, 2 * capMinutes + 1.1)).toBe('rollback-decision');
    expect(await outcomes(story)).toEqual(['capped', 'capped']);
    await decideAs(story, 'continue');
    expect(story.machine.at()).toBe('review-48h');
    await incident(story, 'restart-last', 'true');
    const due = (await readRun(story.deps, story.run)).ok?.gates.find(({ id }) => id === 'review-48h')?.due ?? '';
    story.deps.controls.clock.advance(Date.parse(due) - story.deps.clock.now().getTime());
    await look(story);
    expect(story.machine.at(), 'the deadline lies before the third cap').toBe('end not-stable');
    expect(await outcomes(story)).toEqual(['capped', 'capped', 'expired']);
  });

  test('a decision to continue behind the deadline of the review lets it end as not stable', async () => {
    const story = await capped();
    await decideAs(story, 'continue');
    await incidentsUntil(story, 7.5, 14);
    expect(await at(story, 14.5 * dayMinutes)).toBe('rollback-decision');
    await incident(story, 'restart-late', 'true');
    expect(await at(story, 15.5 * dayMinutes)).toBe('rollback-decision');
    await decideAs(story, 'continue');
    await look(story);
    expect(story.machine.at()).toBe('end not-stable');
  });

  test('a decision that nobody makes for two days leads to the incident gate, and back', async () => {
    const story = await capped();
    await story.machine.breakOff();
    await story.machine.settle();
    expect(story.machine.at()).toBe('incident');
    const lead = personIn(story.deps, 'operations-lead');
    const resumed = await decideIncident(
      signingFor(['people'], story.deps),
      { run: story.run, decision: 'resume', reason: 'Somebody is here.' },
      lead,
    );
    expect(resumed.refused).toBeUndefined();
    await story.machine.settle();
    expect([story.machine.at(), (await waitsOf(story))?.reason]).toEqual([
      'rollback-decision',
      expect.stringContaining('the cap of Post-Deployment'),
    ]);
    await decideAs(story, 'continue');
    await look(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['review-48h', ['capped']]);
  });

  test('a review that has become stable while people decide passes when they continue', async () => {
    const story = await capped();
    for (let day = 1; day <= 6; day += 1) await labelled(story, `restart-day-${day}`, 'false');
    expect(await at(story, capMinutes + 60)).toBe('rollback-decision');
    await decideAs(story, 'continue');
    await look(story);
    expect(story.machine.at()).toBe('end production-stable');
  });

  test('says that it is stable where something else keeps it from passing', async () => {
    const story = await toSignOff(24 * hour);
    await sign(story);
    await incident(story, 'restart-early', 'true');
    expect(await at(story, capMinutes - 1)).toBe('review-48h');
    expect(await at(story, capMinutes)).toBe('rollback-decision');
    const [settled] = await settlements(story);
    expect(settled?.event.data.reason).toMatch(/^not passed by 2026-.*“restart-early”.*; [^;]*missing/);
  });

  test('nobody is asked where the review began when the window of the last incident was over', async () => {
    const story = await toSignOff(24 * hour);
    await incident(story, 'restart-1', 'explained');
    await incident(story, 'restart-2', 'true');
    await labelled(story, 'restart-2', 'explained');
    await observation(story, 'other-1', true);
    await labelled(story, 'other-1', 'true');
    // The sign-off waits for longer than the cap.
    story.deps.controls.clock.advance(6 * 24 * hour + hour);
    await sign(story);
    if (story.machine.at() === 'review-48h') await look(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['review-48h', []]);
    await attestAll(story, 'review-48h');
    await story.machine.settle();
    expect(story.machine.at()).toBe('end production-stable');
  });
});

describe('at the same instant as the cap', () => {
  const atCap = async (): Promise<Story> => {
    const story = await unstable();
    await at(story, capMinutes - 0.1);
    story.deps.controls.clock.advance(6_000);
    return story;
  };

  test('a trigger opens the decision, and a decision to continue answers both', async () => {
    const story = await atCap();
    await declare(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['rollback-decision', ['triggered']]);
    await decideAs(story, 'continue');
    expect(await at(story, capMinutes + 60)).toBe('review-48h');
    expect(await outcomes(story)).toEqual(['triggered']);
  });

  test('a newer run ends this one', async () => {
    const story = await atCap();
    await supersede(story);
    await look(story);
    expect(story.machine.at()).toBe('end superseded');
  });

  test('the deadline ends the run', async () => {
    const story = await unstable();
    await at(story, capMinutes - 0.1);
    const [opened] = (await story.deps.trail.read(`run/${story.run}`, { lane: 'gate/review-48h' })).filter(isType('gate.opened'));
    story.deps.controls.clock.advance(Date.parse(opened?.event.data.due ?? '') - story.deps.clock.now().getTime());
    await incident(story, 'restart-last', 'true');
    await look(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['end not-stable', ['expired']]);
  });
});

describe('a decision to continue', () => {
  test('before the cap does not answer it, also where nobody had looked at its trigger', async () => {
    const story = await unstable();
    const lead = personIn(story.deps, 'operations-lead');
    const people = signingFor(['people'], story.deps);
    const asked = {
      request: anew(),
      run: story.run,
      trigger: 'data-corruption-detected',
      shown: 'orders 4411',
      reason: 'rows are missing',
    };
    expect((await triggerRollback(people, asked, lead)).refused).toBeUndefined();
    const reason = 'The rows are there.';
    expect((await decideRollback(people, { run: story.run, decision: 'continue', reason }, lead)).refused).toBeUndefined();
    await story.machine.settle();
    expect(story.machine.at()).toBe('review-48h');
    expect(await at(story, capMinutes + 1)).toBe('rollback-decision');
    for (let looks = 0; looks < 3; looks += 1) await look(story);
    expect([story.machine.at(), await outcomes(story, 'rollback-decision')]).toEqual(['rollback-decision', []]);
    await decideAs(story, 'continue');
    for (let looks = 0; looks < 3; looks += 1) await look(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['review-48h', ['capped']]);
  });

  test('by a person whose clock is behind that of the reconciler answers the cap', async () => {
    const story = await unstable();
    expect(await at(story, capMinutes)).toBe('rollback-decision');
    story.deps.controls.clock.advance(-3_000);
    await decideAs(story, 'continue');
    story.deps.controls.clock.advance(60_000);
    await look(story);
    expect([story.machine.at(), await outcomes(story)]).toEqual(['review-48h', ['capped']]);
  });

  test('that is repeated, and late requests and openings, ask nobody again', async () => {
    const story = await capped();
    const lead = personIn(story.deps, 'operations-lead');
    const decision = { run: story.run, decision: 'continue', reason: 'We have looked at it together.' } as const;
    await decideAs(story, 'continue');
    expect((await decideRollback(signingFor(['people'], story.deps), decision, lead)).ok).toMatchObject({ alreadyRecorded: true });
    const context = {
      schemaVersion: 1,
      run: story.run,
      execution: `execution/${story.run}`,
      graph: story.deps.definitions.current().graph,
    } as const;
    for (const { event } of (await story.deps.trail.read(`run/${story.run}`, { prefix: 'gate/' })).filter(isType('gate.opened')))
      if (event.data.gate === 'rollback-decision')
        await openGate(story.deps, { ...context, gate: event.data.gate, entry: event.data.entry, token: 'token late' });
    for (let looks = 0; looks < 3; looks += 1) {
      await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run });
      await sweep(story.deps);
    }
    await story.machine.settle();
    expect([story.machine.at(), await outcomes(story), await outcomes(story, 'rollback-decision')]).toEqual([
      'review-48h',
      ['capped'],
      ['continued'],
    ]);
  });
});
