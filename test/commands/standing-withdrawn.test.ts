import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { badCarried } from '../../lib/audit/verify-carried.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { readStanding } from '../../lib/query/standing-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import {
  attestedForService,
  begun,
  carriedIn,
  decideAs,
  given,
  guidesOnly,
  serviceScope,
  standingCheck,
  standingChecklist,
  typeOf,
  withdrawAs,
} from '../standing-given.ts';

const lead = (deps: FakeDependencies) => personIn(deps, 'technical-lead');
const checkOf = async (deps: FakeDependencies, run: string, id = 'guides') =>
  (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find(({ check }) => check === id);
const regressionsIn = async (deps: FakeDependencies, run: string) =>
  (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).filter(isType('gate.regressed'));

/** A run that passed its first gate on the evidence. */
const passed = async () => {
  const story = await begun();
  const { event } = await given(story.deps);
  await story.machine.settle();
  expect(story.machine.at()).toBe('phase-2');
  return { ...story, event };
};

describe('evidence that a person withdraws', () => {
  test('takes the gate back that passed on it, and the check is missing', async () => {
    const { deps, run, machine, event } = await passed();
    expect((await withdrawAs(deps, event, lead(deps))).ok).toMatchObject({ evidence: event, alreadyRecorded: false });
    await machine.settle();
    expect(await checkOf(deps, run)).toMatchObject({
      verdict: 'missing',
      reason: expect.stringMatching(/^the evidence was withdrawn at 2026-\S+ by somebody in the role technical-lead$/) as unknown,
    });
    expect(await regressionsIn(deps, run)).toHaveLength(1);
  });

  test('is carried into no later run, and what it replaced does not come back', async () => {
    const deps = dependenciesOf(guidesOnly);
    await given(deps, { producerRun: 'job-1' });
    deps.controls.clock.advance(60_000);
    const { event } = await given(deps, { producerRun: 'job-2' });
    await withdrawAs(deps, event, lead(deps));
    const { run, machine } = await atFirstGate(deps);
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(await carriedIn(deps, run)).toEqual([]);
    expect(await readStanding(deps, 'shop')).toMatchObject({
      evidence: [{ event, state: 'withdrawn', withdrawnBy: lead(deps).id, withdrawnAt: expect.any(String) as unknown }],
      missing: [{ check: 'guides' }],
    });
  });

  test('leaves an open gate closed until something newer is given', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    const { event } = await given(deps, { producerRun: 'job-1' });
    await machine.settle();
    await withdrawAs(deps, event, lead(deps));
    await machine.settle();
    expect(await checkOf(deps, run)).toMatchObject({ verdict: 'missing' });
    deps.controls.clock.advance(60_000);
    await given(deps, { producerRun: 'job-2' });
    await machine.settle();
    expect(await checkOf(deps, run)).toMatchObject({ verdict: 'pass' });
  });

  test('does not make a failing look disappear from a run that carries it', async () => {
    const { deps, run, machine } = await begun();
    const { event } = await given(deps, { failures: 1 });
    await machine.settle();
    await given(deps, { source: 'other' });
    await withdrawAs(deps, event, lead(deps));
    await machine.settle();
    expect(await checkOf(deps, run)).toMatchObject({ verdict: 'missing' });
    expect(machine.at()).toBe('phase-1');
  });

  test('drops out where another source passed', async () => {
    const { deps, run, machine, event } = await passed();
    await given(deps, { source: 'other' });
    await withdrawAs(deps, event, lead(deps));
    await machine.settle();
    expect(await checkOf(deps, run)).toMatchObject({ verdict: 'pass' });
    expect(await regressionsIn(deps, run)).toEqual([]);
  });

  test('may be what another person gave and a second one confirmed', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    const event = await attestedForService(deps);
    expect((await withdrawAs(deps, event, lead(deps))).refused).toMatchObject({
      type: 'evidence-decided',
      fix: expect.stringContaining('--reject') as unknown,
    });
    await decideAs(deps, event, lead(deps));
    await machine.settle();
    expect(await checkOf(deps, run, 'trained')).toMatchObject({ verdict: 'pass' });
    await withdrawAs(deps, event, personIn(deps, 'product-owner'));
    await machine.settle();
    expect(await checkOf(deps, run, 'trained')).toMatchObject({ verdict: 'missing' });
  });

  test('is withdrawn once, by somebody who may and has just signed in', async () => {
    const { deps, event } = await passed();
    expect(typeOf(await withdrawAs(deps, event, personIn(deps, 'developer')))).toBe('role-missing');
    expect(typeOf(await withdrawAs(deps, event, { ...lead(deps), signedInAt: new Date(0) }))).toBe('sign-in-stale');
    expect(typeOf(await withdrawAs(deps, '0'.repeat(32), lead(deps)))).toBe('evidence-unknown');
    const answers = await Promise.all([withdrawAs(deps, event, lead(deps)), withdrawAs(deps, event, personIn(deps, 'product-owner'))]);
    expect(answers.map(typeOf).filter((one) => one !== undefined)).toEqual(['evidence-decided']);
    expect((await withdrawAs(deps, event, lead(deps))).ok?.alreadyRecorded ?? 'refused').toBe(
      answers[0].ok === undefined ? 'refused' : true,
    );
    expect((await deps.trail.read(serviceScope, { lane: 'standing' })).filter(isType('standing.withdrawn'))).toHaveLength(1);
  });

  test('stays withdrawn when the same report is sent again, and the answer says so', async () => {
    const { deps } = await begun();
    const madeAt = deps.clock.now().toISOString();
    const { event } = await given(deps, { madeAt });
    await withdrawAs(deps, event, lead(deps));
    expect(await given(deps, { madeAt })).toMatchObject({ event, state: 'withdrawn', alreadyRecorded: true });
  });

  test('is withdrawn in each open run', async () => {
    const { deps, run, machine, event } = await passed();
    const other = await givenRun(deps, { version: '1.2.4' }, { ...ci, token: sha256('token-2') });
    const second = machineOf(deps, other);
    await second.begin();
    await second.settle();
    await withdrawAs(deps, event, lead(deps));
    await machine.settle();
    await second.settle();
    for (const one of [run, other]) expect(await checkOf(deps, one)).toMatchObject({ verdict: 'missing' });
  });
});

test('after T0 evidence ages no more, but a withdrawal takes its gate back and holds the open one', async () => {
  const gates = [gate('phase-1'), gate('t-minus-2h', { role: 't0' }), gate('review-48h', { deadlineSeconds: 90 * 86_400 })];
  const rule = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
  const [ready, later] = [check('ready', 't-minus-2h', { rule }), check('later', 'review-48h', { rule })];
  const deps = dependenciesOf(checklistOf(gates, [standingCheck('guides'), ready, later]));
  const { event } = await given(deps);
  const { run, machine } = await atFirstGate(deps);
  await attest(deps, { request: anew(), run, check: 'ready', statement: 'Everybody is at their place.' }, lead(deps));
  await machine.settle();
  expect(machine.at()).toBe('review-48h');
  deps.controls.clock.advance(31 * 86_400_000);
  await attest(deps, { request: anew(), run, check: 'ready', statement: 'They still are.' }, lead(deps));
  await machine.settle();
  expect([await checkOf(deps, run), await regressionsIn(deps, run)]).toMatchObject([{ verdict: 'pass' }, []]);
  await withdrawAs(deps, event, lead(deps));
  await machine.settle();
  expect(await checkOf(deps, run)).toMatchObject({ verdict: 'missing' });
  expect((await regressionsIn(deps, run)).map((one) => one.event.data)).toMatchObject([
    { gate: 'phase-1', check: 'guides', verdict: 'missing', candidate: true },
  ]);
  await attest(deps, { request: anew(), run, check: 'later', statement: 'I have looked at it.' }, lead(deps));
  await machine.settle();
  expect(machine.at()).toBe('review-48h');
});

test('an auditor finds the withdrawal in the trail of the service', async () => {
  const { deps, run, machine, event } = await passed();
  await withdrawAs(deps, event, lead(deps));
  await machine.settle();
  const [events, standing] = [await deps.trail.read(`run/${run}`, { prefix: '' }), await deps.trail.read(serviceScope, { prefix: '' })];
  expect(await verifyRun({ events, late: [], standing }, async () => true)).toBeUndefined();
  // Another event in its place, or a withdrawal of something else.
  const changed = (from: string, to: string) => JSON.parse(JSON.stringify(standing).replace(from, to)) as typeof standing;
  const bad = { lane: 'check/phase-1/guides', reason: 'it names a withdrawal that the lane of the service does not hold' };
  expect(badCarried(events, changed('"type":"standing.withdrawn"', '"type":"standing.decided"'))).toMatchObject(bad);
  expect(badCarried(events, changed(`"evidence":"${event}"`, `"evidence":"${'0'.repeat(32)}"`))).toMatchObject(bad);
});
