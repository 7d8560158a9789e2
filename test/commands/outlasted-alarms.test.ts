import { beforeEach, describe, expect, test } from 'vitest';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { foldObservations } from '../../lib/folds/observations.ts';
import { outlastedName } from '../../lib/folds/outlasted.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { alarmsCascade } from '../../lib/rules/triggers/alarms-cascade.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { observationSchema } from '../../lib/run/commands/inputs.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordUnknownAlarm } from '../../lib/run/commands/record-unknown-alarm.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { production } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, personIn } from '../given.ts';
import { report } from '../lane-events.ts';
import { atFirstGate, type Machine } from '../machine.ts';
import { withTargets } from '../rollback-given.ts';

const minute = 60_000;
const targets = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'reported' } }],
  alarms: ['shop-errors', 'shop-latency', 'shop-saturation'],
});

let deps: FakeDependencies;
let run: string;
const at = (minutes: number): string => new Date(deps.clock.now().getTime() + minutes * minute).toISOString();
const wait = (minutes: number): void => void deps.controls.clock.advance(minutes * minute);
const reason = 'The alarm is driven once, to see that it arrives.';
const announce = (more: { readonly subject?: string; readonly until?: string } = {}) =>
  announceWork(
    deps,
    { ...production, kind: 'alarm-test', subject: 'shop-errors', until: at(30), reason, request: anew(), ...more },
    personIn(deps, 'operator'),
  );
const fed = async (more: Partial<Parameters<typeof feedObservation>[1]> = {}) => {
  const seen = { kind: 'alarm', bad: true, subject: 'shop-errors', summary: 'OK to ALARM', observedAt: at(0), via: 'bus' } as const;
  await feedObservation(deps, { ...production, ...seen, observation: `o-${anew()}`, ...more });
};

describe('an alarm that is not OK again after its announced time', () => {
  const watching = checklistOf(
    [gate('phase-1'), gate('phase-2')],
    [
      check('no-alarm', 'phase-1', { rule: { kind: 'no-alarm-red/1' } }),
      check('unit-tests', 'phase-1'),
      check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
    ],
  );
  let machine: Machine;
  /** The sweep alone brings the run back. */
  const later = async (minutes: number): Promise<void> => {
    wait(minutes);
    await sweep(deps);
    await machine.settle();
  };
  const counting = async () =>
    foldObservations(await deps.trail.read(`run/${run}`, { prefix: 'observation' }))
      .filter(({ bad, setAside }) => bad && setAside === undefined)
      .map((one) => ({ ...one, minutes: (Date.parse(one.observedAt) - began) / minute }));
  let began: number;

  beforeEach(async () => {
    deps = withTargets(dependenciesOf(watching, { tickMs: 1 }), targets);
    ({ run, machine } = await atFirstGate(deps));
    began = deps.clock.now().getTime();
    await announce();
    wait(5);
    await fed();
    await machine.settle();
  });

  test('counts from the end of that time, by the due item that its red has armed, and blocks', async () => {
    await later(24);
    expect(await counting(), 'within the announced time').toEqual([]);
    await later(2);
    expect(await counting(), 'an OK may still arrive').toEqual([]);
    await later(5);
    expect(await counting()).toMatchObject([
      { kind: 'alarm', subject: 'shop-errors', clearedAt: undefined, minutes: expect.closeTo(30, 1) },
    ]);
    const { reasons = [] } = (await readRun(deps, run)).ok?.gates[0] ?? {};
    expect(reasons.join('\n')).toMatch(/1 alarm is red before anything was deployed/);
    for (let again = 0; again < 3; again += 1) await later(30);
    expect(await counting(), 'once').toHaveLength(1);
    await fed({ bad: false, summary: 'ALARM to OK' });
    expect((await counting())[0]?.clearedAt).toBeDefined();
  });

  test('counts also when Holdpoint looked only after it was OK again', async () => {
    wait(40);
    await fed({ bad: false, summary: 'ALARM to OK' });
    await machine.settle();
    expect(await counting()).toMatchObject([{ minutes: expect.closeTo(30, 1), clearedAt: expect.any(String) }]);
  });

  test('counts for nothing when it was OK within that time', async () => {
    wait(20);
    await fed({ bad: false, summary: 'ALARM to OK' });
    await later(60);
    expect(await counting()).toEqual([]);
  });

  test.each([
    ['within the minutes in which it may arrive', 2],
    ['after it was recorded', 20],
  ])('counts for nothing when an OK from before the end arrives %s', async (_when, minutes) => {
    const okAt = at(24);
    await later(25 + minutes);
    await fed({ bad: false, summary: 'ALARM to OK', observedAt: okAt });
    await later(30);
    expect(await counting()).toEqual([]);
    expect((await readRun(deps, run)).ok?.gates[0]?.reasons.join('\n') ?? '').not.toMatch(/red before anything/);
  });

  test.each([
    ['before its end', 24, []],
    ['only after it', 32, [30]],
  ])('counts by what CloudWatch knew at the end, where it loses the state of the alarm %s', async (_when, minutes, expected) => {
    wait(minutes - 5);
    const seen = { via: 'bus', subject: 'shop-errors', summary: 'ALARM to INSUFFICIENT_DATA', observedAt: at(0) };
    await recordUnknownAlarm(deps, { ...production, ...seen, observation: `o-${anew()}` });
    await later(60);
    expect((await counting()).map((one) => Math.round(one.minutes))).toEqual(expected);
    await fed({ summary: 'INSUFFICIENT_DATA to ALARM' });
    expect(await counting(), 'in ALARM again').toHaveLength(expected.length + 1);
  });

  test('counts although CI has said before that it is OK, or has taken its name', async () => {
    const until = foldObservations(await deps.trail.read(`run/${run}`, { prefix: 'observation' }))[0]?.announced?.until ?? '';
    const observation = outlastedName({ subject: 'shop-errors' }, until);
    const said = { run, kind: 'alarm', bad: false, subject: 'shop-errors', summary: 'fine', observedAt: at(0) } as const;
    // As a run of an older version took it, whose edge did not know the reserved names.
    expect((await observe(deps, { ...said, observation }, ci)).refused).toBeUndefined();
    await later(40);
    expect((await counting()).map((one) => one.subject)).toEqual(['shop-errors']);
    for (let again = 0; again < 2; again += 1) await later(30);
    expect(await counting(), 'once').toHaveLength(1);
  });

  test('has a name that callers may not use', () => {
    const said = { kind: 'alarm', bad: false, subject: 'shop-errors', summary: 'fine', observedAt: at(1) };
    const parsed = observationSchema.safeParse({ ...said, observation: outlastedName({ subject: 'shop-errors' }, at(30)) });
    expect(parsed.error?.issues[0]?.message).toMatch(/not beginning with outlasted-/);
    expect(observationSchema.safeParse({ ...said, observation: 'o-outlasted-1' }).success).toBe(true);
  });

  test('is covered by an announcement that somebody has added meanwhile, and counts from the end of that one', async () => {
    wait(20);
    await announce({ until: at(30) });
    await later(10);
    expect(await counting()).toEqual([]);
    await later(19);
    expect(await counting()).toEqual([]);
    await later(8);
    expect(await counting()).toMatchObject([{ minutes: expect.closeTo(55, 1) }]);
  });

  test('triggers a rollback as every other alarm does', async () => {
    for (const subject of ['shop-latency', 'shop-saturation']) {
      await announce({ subject, until: at(25) });
      wait(1 / 60);
      await fed({ subject });
    }
    await machine.settle();
    await later(40);
    const observation = await deps.trail.read(`run/${run}`, { prefix: 'observation' });
    const inputs = { deployment: [report('deployment.started', -300)], observation, measurement: [] } as const;
    const [found] = alarmsCascade.measure(alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 }), inputs);
    expect(found?.detail).toContain('3 alarms red within 300 s');
  });
});
