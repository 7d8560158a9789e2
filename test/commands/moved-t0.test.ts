import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import type { Freeze } from '../../lib/checklist/freezes.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';

/** Where T0 is moved to, and when. The world begins on Monday, 2026-03-02 at 08:00 UTC. */

const minute = 60_000;
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const evening: Freeze = {
  name: 'Evening',
  zone: 'Europe/Berlin',
  weekly: { days: ['mon'], from: '18:00', to: '23:00' },
  reason: 'Nobody is there to help.',
};

/** At 4a, all of whose checks are satisfied, with a T0 in so many minutes. */
const atT0 = async (minutes: number): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
      [check('backup', 't-minus-2h'), check('later', 'phase-5', { rule: attested })],
    ),
    { stage: { freezes: { shop: [evening] } } },
  );
  const run = await givenRun(deps, { plannedT0: new Date(deps.clock.now().getTime() + minutes * minute).toISOString() });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  await proved({ deps, run, machine });
  return { deps, run, machine };
};
/** The check of 4a, with a report that is made now: one from before the window before T0 does not count. */
const proved = async ({ deps, run, machine }: Story): Promise<void> => {
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(2)), ci);
  await machine.settle();
};
const inMinutes = ({ deps }: Story, minutes: number): string => new Date(deps.clock.now().getTime() + minutes * minute).toISOString();
const move = (story: Story, plannedT0: string) =>
  rescheduleRun(
    story.deps,
    { run: story.run, plannedT0: plannedT0 as 'when-released', reason: 'The database team is ill.', request: anew() },
    personIn(story.deps, 'operations-lead'),
  );
const passes = async ({ deps, machine }: Story, minutes: number): Promise<string> => {
  deps.controls.clock.advance(minutes * minute);
  await sweep(deps);
  await machine.settle();
  return machine.at();
};
const reasonOf = async ({ deps, run }: Story) => (await readRun(deps, run)).ok?.gates[0]?.reasons.join('\n') ?? '';

describe('T0 is moved while 4a waits for it', () => {
  test('to before now: refused, and what was planned stands', async () => {
    const story = await atT0(120);
    for (const minutes of [-6, -60, -24 * 60])
      expect((await move(story, inMinutes(story, minutes))).refused?.type, `${minutes} minutes`).toBe('planned-t0');
    expect(await passes(story, 119)).toBe('t-minus-2h');
    expect(await passes(story, 2)).toBe('phase-5');
  });

  test('to now, as far as clocks may differ, or to when-released: T0 comes at once', async () => {
    for (const [plannedT0] of [['now'], ['when-released']] as const) {
      const story = await atT0(120);
      expect((await move(story, plannedT0 === 'now' ? inMinutes(story, -1) : plannedT0)).refused).toBeUndefined();
      await story.machine.settle();
      expect(story.machine.at(), plannedT0).toBe('phase-5');
    }
  });

  test('to later and earlier: every schedule follows', async () => {
    const story = await atT0(60);
    expect((await move(story, inMinutes(story, 180))).refused).toBeUndefined();
    await story.machine.settle();
    expect(await passes(story, 61), 'the old T0').toBe('t-minus-2h');
    expect((await move(story, inMinutes(story, 10))).refused).toBeUndefined();
    await story.machine.settle();
    expect(await passes(story, 9)).toBe('t-minus-2h');
    expect(await passes(story, 2)).toBe('phase-5');
  });

  test('twice at once: the one that was recorded last counts, for everybody', async () => {
    const story = await atT0(120);
    const both = await Promise.all([30, 90].map((minutes) => move(story, inMinutes(story, minutes))));
    expect(both.map(({ refused }) => refused)).toEqual([undefined, undefined]);
    await story.machine.settle();
    const own = await story.deps.trail.read(`run/${story.run}`, { lane: 'run' });
    const last = own.filter(isType('run.rescheduled')).at(-1)?.event.data.plannedT0 ?? '';
    expect((await readRun(story.deps, story.run)).ok?.plannedT0).toBe(last);
    const until = (Date.parse(last) - story.deps.clock.now().getTime()) / minute;
    expect(await passes(story, until - 1)).toBe('t-minus-2h');
    expect(await passes(story, 2)).toBe('phase-5');
  });

  test('into a freeze: it holds T0 until its end, and where that is an hour later T0 is missed', async () => {
    const story = await atT0(60);
    // The freeze ends at 22:00 UTC.
    expect((await move(story, '2026-03-02T21:30:00.000Z')).refused).toBeUndefined();
    await story.machine.settle();
    const until = (at: string): number => (Date.parse(at) - story.deps.clock.now().getTime()) / minute;
    await passes(story, until('2026-03-02T21:45:00.000Z'));
    await proved(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    expect(await reasonOf(story)).toContain('deployments are frozen until 2026-03-02T22:00:00.000Z (2026-03-02 23:00 Europe/Berlin)');
    expect(await passes(story, until('2026-03-02T22:00:01.000Z'))).toBe('phase-5');

    const late = await atT0(60);
    await move(late, '2026-03-02T20:30:00.000Z');
    await late.machine.settle();
    const untilLate = (at: string): number => (Date.parse(at) - late.deps.clock.now().getTime()) / minute;
    expect(await passes(late, untilLate('2026-03-02T22:00:01.000Z'))).toBe('t-minus-2h');
    expect(await reasonOf(late)).toContain('was missed by 60 minutes: reschedule the run to another T0');
    expect((await move(late, inMinutes(late, 5))).refused).toBeUndefined();
    await proved(late);
    expect(await passes(late, 6)).toBe('phase-5');
  });

  test.each([
    [59, 'phase-5'],
    [61, 't-minus-2h'],
  ])('and nobody looks for %i minutes after T0', async (minutes, expected) => {
    const story = await atT0(60);
    expect(await passes(story, 60 + minutes)).toBe(expected);
  });
});

test('T0 is moved after it has come: refused', async () => {
  const story = await atT0(10);
  expect(await passes(story, 11)).toBe('phase-5');
  expect((await move(story, inMinutes(story, 30))).refused?.type).toBe('t0-passed');
});
