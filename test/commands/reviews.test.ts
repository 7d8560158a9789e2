import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { signingFor } from '../fakes.ts';
import { anew, ci, personIn } from '../given.ts';
import { attestAll, hour, observation, proveStability, type Story, sign, toSignOff, toStability } from '../story.ts';
import { at, capMinutes, incident, labelled, look, reasonsAt, settlements, toReview, unstable } from './review-story.ts';

/** What a review says of itself: stable, extended until when and why, re-opened, late, or without an end in sight. */

const settledReasons = async (story: Story): Promise<readonly string[]> => (await settlements(story)).map(({ event }) => event.data.reason);

describe('the 48 hours', () => {
  test('are extended by an incident: until when, and by which', async () => {
    const story = await toReview();
    expect(await reasonsAt(story, 'review-48h')).toMatch(/^the window ends at/m);
    await incident(story, 'restart-9', 'true');
    const ends = new Date(story.deps.clock.now().getTime() + 48 * hour).toISOString().slice(0, 16);
    expect(await reasonsAt(story, 'review-48h')).toMatch(new RegExp(`^extended: the window ends at ${ends}.*restart-9`, 'm'));
  });

  test('are not extended by what people explained', async () => {
    const story = await toReview();
    await incident(story, 'restart-9', 'explained');
    expect(await reasonsAt(story, 'review-48h')).toMatch(/^the window ends at/m);
  });

  test.each([
    ['a minute before the cap', -1, 'end production-stable'],
    ['exactly at the cap', 0, 'end production-stable'],
    ['a minute behind the cap', 1, 'rollback-decision'],
  ])('that end %s', async (_when, minutes, expected) => {
    const story = await toReview();
    for (const [name, after] of [
      ['first', 47 * 60],
      ['second', 94 * 60],
      ['third', capMinutes - 48 * 60 + minutes],
    ] as const) {
      expect(await at(story, after)).toBe('review-48h');
      await incident(story, name, 'true');
    }
    // The incident itself was recorded some milliseconds later.
    expect(await at(story, capMinutes + 0.1)).toBe(expected);
  });

  test('pass at once and say how late where everything was down from before the cap until the window was over', async () => {
    const story = await unstable();
    expect(await at(story, capMinutes + 4 * 24 * 60)).toBe('end production-stable');
    expect((await settledReasons(story))[0]).toMatch(/the window ended at .*, 7\d h before this decision$/);
  });

  test('are extended by an incident in their last minute, and no longer once it is labelled false', async () => {
    const story = await toReview();
    expect(await at(story, 48 * 60 - 1)).toBe('review-48h');
    await incident(story, 'restart-last', 'true');
    expect(await at(story, 48 * 60 + 1)).toBe('review-48h');
    expect(await reasonsAt(story, 'review-48h')).toContain('restart-last');
    await labelled(story, 'restart-last', 'false');
    expect(story.machine.at()).toBe('end production-stable');
  });

  test('take an incident at the very instant of their end, where it is recorded before anybody looks', async () => {
    const story = await toReview();
    await at(story, 47 * 60);
    story.deps.controls.clock.advance(60 * 60_000);
    await incident(story, 'restart-end', 'true');
    expect(await at(story, 48 * 60 + 30)).toBe('review-48h');
    expect(await at(story, 96 * 60 + 31)).toBe('end production-stable');
  });

  test('do not end over an alarm that nobody has labelled, however late it is', async () => {
    const story = await toReview();
    await at(story, 48 * 60 - 1);
    await observation(story, 'alarm-open', true, 'alarm');
    expect(await at(story, 48 * 60 + 1)).toBe('review-48h');
    expect(await at(story, 120 * 60)).toBe('review-48h');
    expect(await reasonsAt(story, 'review-48h')).toContain('is not labelled true or false yet');
  });

  test.each([
    ['in time', 20, /^stable: \d+ of \d+ checks are satisfied$/],
    ['hours later, because everything was down', 26, /; the window ended at .*, [56] h before this decision$/],
  ])('settle %s', async (_when, hours, reason) => {
    const story = await toReview();
    story.deps.controls.clock.advance(hours * hour - 60_000);
    await look(story);
    expect(story.machine.at()).toBe('end production-stable');
    expect(await settledReasons(story)).toEqual([expect.stringMatching(reason)]);
  });

  test.each([
    ['a minute later, without a word', 60_000, []],
    ['two hours later, because nobody looked, and signal it', 2 * hour, ['ReviewLate']],
  ])('are judged at each of their times %s', async (_when, delay, expected) => {
    const { deps, run, machine } = await toReview();
    const signals = new Set<string>();
    for (let looks = 0; looks < 100 && machine.at() === 'review-48h'; looks += 1) {
      const item = (await deps.due.list(new Date(deps.clock.now().getTime() + 48 * hour), 100)).find(({ kind }) => kind === 'deadline');
      if (item === undefined) break;
      deps.controls.clock.advance(Math.max(0, Date.parse(item.at) - deps.clock.now().getTime()) + delay);
      for (const signal of (await reconcileGate(signingFor(['reconciler'], deps), { run, item })).signals ?? []) signals.add(signal);
      await machine.settle();
    }
    expect([machine.at(), [...signals]]).toEqual(['end production-stable', expected]);
  });

  test('are re-opened by what an earlier gate rested on', async () => {
    const story = await toReview();
    await observation(story, 'restart-9', true, 'restart');
    await story.machine.settle();
    expect(await reasonsAt(story, 'review-48h')).toMatch(/^re-opened: No unplanned restarts: fail, /);
  });
});

describe('the 24 hours', () => {
  test('harmed data open the decision about a rollback at once', async () => {
    const story = await toStability();
    const observedAt = story.deps.clock.now().toISOString();
    await observe(
      story.deps,
      { run: story.run, observation: 'checksums', kind: 'data', bad: true, subject: 'orders', summary: 'three rows differ', observedAt },
      ci,
    );
    await story.machine.settle();
    expect(await reasonsAt(story, 'stability-24h')).toBe('rollback trigger “Data corruption detected”');
    expect(story.machine.at()).toBe('rollback-decision');
  });

  test('need the report of a checksum job and the series, also when they are over', async () => {
    const story = await toStability();
    await observation(story, 'fine-1', false);
    await attestAll(story, 'stability-24h');
    story.deps.controls.clock.advance(24 * hour);
    await look(story);
    expect(await reasonsAt(story, 'stability-24h')).toMatch(/0 reports of a checksum job[\s\S]*Watched for 24 hours: missing/);
    await proveStability(story);
    expect(story.machine.at()).toBe('sign-off');
  });
});

test('an attestation of a review counts when the review has begun, and not before', async () => {
  const story = await toStability();
  const said = (check: string, role: 'operations-lead' | 'technical-lead') =>
    attest(
      signingFor(['people'], story.deps),
      { run: story.run, request: anew(), check, statement: 'Nothing has happened since the deployment.' },
      personIn(story.deps, role),
    );
  const early = await said('ready-to-declare', 'operations-lead');
  expect(early.refused).toMatchObject({ type: 'evidence-time', expected: 'the opened gate review-48h' });
  expect((await said('team-confident', 'technical-lead')).ok?.verdict).toBe('pass');
  const later = await toSignOff(24 * hour, story);
  await sign(later);
  expect(later.machine.at()).toBe('review-48h');
  expect((await said('ready-to-declare', 'operations-lead')).ok?.verdict).toBe('pass');
});

test('a cap is longer than its window', () => {
  for (const gate of baseChecklist.gates)
    if (gate.role === 'review') expect(gate.capSeconds ?? Number.POSITIVE_INFINITY).toBeGreaterThan(gate.window.seconds);
});
