import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { clockTimeAt } from '../../lib/checklist/local-time.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { operatingRoles, type Role } from '../../lib/roles.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { anew, junitReport, personIn } from '../given.ts';
import { attestAll, begin, hour, prove, type Story, send, sign, toGoNoGo, toWindow, waiveReview } from '../story.ts';
import { alarmIsOk } from '../story-alarms.ts';

const minute = 60_000;

const inHours = ({ deps }: Story, hours: number): string => new Date(deps.clock.now().getTime() + hours * hour).toISOString();

const reschedule = (story: Story, plannedT0: string, role: Role = 'operations-lead') =>
  rescheduleRun(
    story.deps,
    { run: story.run, plannedT0, reason: 'The database team is ill.', request: anew() },
    personIn(story.deps, role),
  );

const passes = async (story: Story, minutes: number): Promise<void> => {
  story.deps.controls.clock.advance(minutes * minute);
  await sweep(story.deps);
  await story.machine.settle();
};

/** A run whose go has been given, at the gate that waits for T0. */
const toT0 = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story);
  expect(story.machine.at()).toBe('t-minus-2h');
  return story;
};

/** At go / no-go, with a T0 that was planned before anybody was asked. */
const toPlannedGo = async (hours: number): Promise<Story> => {
  const story = await begin();
  await reschedule(story, inHours(story, hours));
  return toGoNoGo(story);
};

const newestRequests = ({ deps }: Story): void => {
  deps.controls.mailer.mails.splice(0, deps.controls.mailer.mails.length - 3);
};

const gateIn = async ({ deps, run }: Story, gate: string) => {
  const view = (await readRun(deps, run)).ok ?? expect.fail('no run');
  return view.gates.find(({ id }) => id === gate) ?? expect.fail(`no gate ${gate}`);
};
const mailsOf = ({ deps }: Story, kind: string): Record<string, unknown>[] =>
  deps.controls.mailer.mails.filter(({ subject }) => subject === kind).map(({ text }) => JSON.parse(text) as Record<string, unknown>);
const settledAt = async ({ deps, run }: Story, gate: string) =>
  (await deps.trail.read(`run/${run}`, { lane: `gate/${gate}` })).filter(isType('gate.settled')).map(({ event }) => event.data);
const openedAt = async ({ deps, run }: Story, gate: string) =>
  (await deps.trail.read(`run/${run}`, { lane: `gate/${gate}` })).filter(isType('gate.opened')).map(({ event }) => event.data);

describe('rescheduling', () => {
  test.each(operatingRoles)('is for the operating role %s', async (role) => {
    const story = await begin();
    const planned = inHours(story, 30);
    expect((await reschedule(story, planned, role)).ok).toMatchObject({ plannedT0: planned });
  });

  test.each(['product-owner', 'developer', 'auditor'] as const)('is not for the role %s', async (role) => {
    const story = await begin();
    expect((await reschedule(story, inHours(story, 30), role)).refused).toMatchObject({
      type: 'role-missing',
      expected: 'operator or operations-lead or technical-lead',
    });
  });

  test('records who, when and the digest of why', async () => {
    const story = await begin();
    const planned = inHours(story, 30);
    expect((await reschedule(story, planned)).ok).toMatchObject({ plannedT0: planned, alreadyRecorded: false });
    const [event] = (await story.deps.trail.read(`run/${story.run}`, { lane: 'run' })).filter(isType('run.rescheduled'));
    expect(event?.event.data).toMatchObject({ plannedT0: planned, by: personIn(story.deps, 'operations-lead').id });
    expect(JSON.stringify(event)).not.toContain('database team');
    expect((await readRun(story.deps, story.run)).ok).toMatchObject({
      plannedT0: planned,
      rescheduled: [{ from: 'when-released', to: planned }],
    });
  });

  test('sent twice is recorded once', async () => {
    const story = await begin();
    const input = { run: story.run, plannedT0: inHours(story, 30), reason: 'The database team is ill.', request: anew() };
    const lead = personIn(story.deps, 'operations-lead');
    const first = await rescheduleRun(story.deps, input, lead);
    expect((await rescheduleRun(story.deps, input, lead)).ok).toEqual({ ...first.ok, alreadyRecorded: true });
  });

  test.each([
    ['in the past', -1, true],
    ['in 29 days', 29 * 24, false],
    ['in 31 days', 31 * 24, true],
  ])('to an instant %s', async (_, hours, refused) => {
    const story = await begin();
    expect((await reschedule(story, inHours(story, hours))).refused?.type).toBe(refused ? 'planned-t0' : undefined);
  });

  test('is bounded by the deadline of the T0 gate once that waits', async () => {
    const story = await toT0();
    story.deps.controls.clock.advance(20 * 24 * hour);
    expect((await reschedule(story, inHours(story, 11 * 24))).refused?.type).toBe('planned-t0');
    expect((await reschedule(story, inHours(story, 9 * 24))).refused).toBeUndefined();
  });

  test('is refused behind T0', async () => {
    const story = await toWindow();
    expect((await reschedule(story, inHours(story, 5))).refused?.type).toBe('t0-passed');
  });

  test('asks again for approvals that are open: the report covers the planned T0', async () => {
    const story = await toGoNoGo();
    story.deps.controls.mailer.mails.splice(0);
    await reschedule(story, inHours(story, 5));
    await story.machine.settle();
    await passes(story, 20);
    expect(mailsOf(story, 'approval-requested').map(({ round }) => round)).toEqual([2, 2, 2]);
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('after the go leads back to go / no-go, whose approvals are asked for again, with why', async () => {
    const story = await toT0();
    const planned = inHours(story, 5);
    await reschedule(story, planned);
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    const why = `the go no longer stands: T0 was moved from when-released to ${planned}`;
    expect(await settledAt(story, 't-minus-2h')).toMatchObject([{ outcome: 'returned', reason: why }]);
    expect(mailsOf(story, 'go-withdrawn').map(({ reasons }) => reasons)).toContainEqual([why]);
    expect(new Set(mailsOf(story, 'approval-requested').map(({ because }) => because))).toEqual(new Set([why]));
    expect(await gateIn(story, 't-minus-2h')).toMatchObject({ state: 'ahead', earlier: [{ outcome: 'returned', reason: why }] });
    expect(await gateIn(story, 'go-no-go')).toMatchObject({ state: 'waiting', earlier: [{ outcome: 'passed' }] });
    await sign(story);
    expect(story.machine.at(), 'approvals given early wait for T0').toBe('t-minus-2h');
    expect(await gateIn(story, 'go-no-go')).toMatchObject({ state: 'passed' });
    expect((await settledAt(story, 't-minus-2h')).length).toBe(1);
  });

  test('there and back before the gate looks again leaves the go as it is', async () => {
    const story = await toT0();
    await reschedule(story, inHours(story, 5));
    await reschedule(story, 'when-released');
    await story.machine.settle();
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('does not carry what was attested for the old window over to the new one', async () => {
    const story = await toPlannedGo(5);
    await sign(story);
    await passes(story, 4 * 60);
    await attestAll(story, 't-minus-2h');
    await prove(story, 't-minus-2h');
    expect((await gateIn(story, 't-minus-2h')).checks.find(({ check }) => check === 'backup-of-production')?.verdict).toBe('pass');
    await reschedule(story, inHours(story, 50));
    await story.machine.settle();
    story.deps.controls.mailer.mails.splice(
      0,
      story.deps.controls.mailer.mails.findIndex(({ subject }) => subject === 'approval-requested'),
    );
    await sign(story);
    await passes(story, 49 * 60);
    expect(story.machine.at()).toBe('t-minus-2h');
    expect((await gateIn(story, 't-minus-2h')).checks.find(({ check }) => check === 'backup-of-production')).toMatchObject({
      verdict: 'missing',
    });
    expect(mailsOf(story, 'deployment-announced').length, 'the new T0 is announced').toBeGreaterThan(0);
    await attestAll(story, 't-minus-2h');
    await prove(story, 't-minus-2h');
    await waiveReview(story);
    await passes(story, 70);
    expect(story.machine.at()).toBe('deployment-window');
  });
});

describe('at T0 the gates before it are judged again', () => {
  test('a check that fails after the go leads back, and its owner is told', async () => {
    const story = await toT0();
    story.deps.controls.clock.advance(minute);
    story.deps.controls.mailer.mails.splice(0);
    await send(story, 'junit', junitReport(3, 1), { source: 'unit' });
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    const [back] = await settledAt(story, 't-minus-2h');
    expect(back?.outcome).toBe('returned');
    expect(back?.reason).toMatch(/: fail, /);
    expect(mailsOf(story, 'go-withdrawn').length).toBeGreaterThan(0);
    expect(mailsOf(story, 'approval-requested'), 'nobody signs while a check fails').toEqual([]);
    expect(await gateIn(story, 'go-no-go')).toMatchObject({ state: 'blocked' });
  });

  test('a waiver that ends while the run waits for T0 leads back at that instant', async () => {
    const story = await toPlannedGo(30);
    const sent = await send(story, 'junit', junitReport(3, 1), { source: 'unit' });
    const until = inHours(story, 10);
    for (const { check } of sent.judged)
      await waive(
        story.deps,
        { request: anew(), run: story.run, check, reason: 'The machine for them is broken.', until },
        personIn(story.deps, 'technical-lead'),
      );
    await passes(story, 20);
    newestRequests(story);
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    await passes(story, 5 * 60);
    expect(story.machine.at()).toBe('t-minus-2h');
    await passes(story, 5 * 60);
    expect(story.machine.at()).toBe('go-no-go');
  });

  test('the same result again is no change', async () => {
    const story = await toT0();
    story.deps.controls.clock.advance(minute);
    await prove(story, 'phase-1');
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('the way back is bounded by the first deadline of the T0 gate', async () => {
    const story = await toT0();
    const [first] = await openedAt(story, 't-minus-2h');
    story.deps.controls.clock.advance(27 * 24 * hour);
    await reschedule(story, inHours(story, 20));
    await story.machine.settle();
    expect((await openedAt(story, 'go-no-go')).at(-1)?.due).toBe(first?.due);
    await passes(story, 20);
    story.deps.controls.mailer.mails.splice(
      0,
      story.deps.controls.mailer.mails.findIndex(({ subject }) => subject === 'approval-requested'),
    );
    await sign(story);
    expect((await openedAt(story, 't-minus-2h')).map(({ due }) => due)).toEqual([first?.due, first?.due]);
    await passes(story, 4 * 24 * 60);
    expect(story.machine.at()).toBe('end expired');
  });
});

/** Everybody reads times by the clock of this zone. */
const readIn = ({ deps: { roster } }: Story, zone: string): void => {
  const { holders } = roster;
  Object.assign(roster, { holders: (role: Role) => holders(role).map((person) => ({ ...person, zone })) });
};

describe('a T0 that is missed by 60 minutes', () => {
  const zone = 'Asia/Tokyo';
  const missed = async (): Promise<Story> => {
    const story = await toPlannedGo(3);
    readIn(story, zone);
    await sign(story);
    await alarmIsOk(story, 't-minus-2h');
    await passes(story, 3 * 60 + 50);
    expect(await gateIn(story, 't-minus-2h'), 'a check is missing, and T0 has come').toMatchObject({ state: 'waiting' });
    await passes(story, 20);
    return story;
  };

  test('is no T0 any more: the gate is blocked, and the operations lead gets a mail with T0 by their clock', async () => {
    const story = await missed();
    const gate = await gateIn(story, 't-minus-2h');
    expect(gate.state).toBe('blocked');
    expect(gate.reasons[0]).toContain('reschedule');
    const mails = mailsOf(story, 't0-missed');
    expect(mails).toHaveLength(story.deps.roster.holders('operations-lead').length);
    const at = (await readRun(story.deps, story.run)).ok?.plannedT0 ?? expect.fail('no run');
    expect(mails.map(({ plannedT0 }) => plannedT0)).toEqual(mails.map(() => ({ at, local: clockTimeAt(new Date(at), zone), zone })));
    await attestAll(story, 't-minus-2h');
    await attest(
      story.deps,
      { request: anew(), run: story.run, check: 'final-code-review', statement: 'I have looked at it today.' },
      personIn(story.deps, 'technical-lead'),
    );
    await passes(story, 5);
    expect(story.machine.at(), 'with every check satisfied').toBe('t-minus-2h');
  });

  test('is mended by another one, which people sign', async () => {
    const story = await missed();
    await reschedule(story, inHours(story, 3));
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
  });

  test('before go / no-go asks nobody to sign for it', async () => {
    const story = await begin();
    await reschedule(story, inHours(story, 1));
    story.deps.controls.clock.advance(2 * hour + minute);
    const late = await toGoNoGo(story);
    expect(mailsOf(late, 'approval-requested')).toEqual([]);
    expect(mailsOf(late, 't0-missed').length).toBeGreaterThan(0);
    expect(await gateIn(late, 'go-no-go')).toMatchObject({ state: 'blocked' });
  });
});
