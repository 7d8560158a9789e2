import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/chain.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { tick } from '../../lib/run/gates/sweep.ts';
import { settleGate } from '../../lib/run/gates/reconcile-gate.ts';
import { cancelRun, decideIncident, triggerRollback } from '../../lib/run/commands/stop.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew, artifact, checklistOf, ci, gate, givenRun, junitReport, line, personIn, reportOfRun, twoGates, worldOf } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { hour, type Story, sign, toGoNoGo } from '../story.ts';

const minute = 60_000;
const day = 24 * hour;

/** Ends, and what arrives around them. */

describe('a hard stop', () => {
  test('seen by the pulse before the incident gate has opened does not end the run', async () => {
    const world = worldOf(twoGates);
    const { run, machine } = await atFirstGate(world);
    // A page gate: make deadline page
    const token = [...world.controls.tokens.items.values()].at(-1)?.token ?? '';
    // nobody looked at the deadline (the pulse was down a day)
    world.controls.clock.advance(8 * day + 1000);
    world.controls.workflow.close(token);
    await tick(world);
    for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
    await machine.breakOff();
    await machine.settle();
    expect(machine.at()).toBe('incident');
    const decided = await decideIncident(
      world,
      { run, decision: 'resume', reason: 'the network is back' },
      personIn(world, 'operations-lead'),
    );
    expect(decided.refused).toBeUndefined();
  });

  test('page gate: the ordinary way to a hard stop', async () => {
    const checklist = checklistOf(
      [gate('phase-5', { onDeadline: 'page' }), gate('deployment-success')],
      [line('a', 'phase-5'), line('b', 'deployment-success')],
    );
    const world = worldOf(checklist);
    const { run, machine } = await atFirstGate(world);
    world.controls.clock.advance(7 * day + minute);
    await tick(world);
    await machine.settle();
    expect((await readRun(world, run)).ok?.gates[0]?.state).toBe('held');
    world.controls.clock.advance(day);
    const token = [...world.controls.tokens.items.values()].at(-1)?.token ?? '';
    world.controls.workflow.close(token); // States.Timeout; the incident gate's opener starts cold
    await tick(world);
    for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
    await machine.breakOff();
    await machine.settle();
    expect(machine.at()).toBe('incident');
    const decided = await decideIncident(
      world,
      { run, decision: 'resume', reason: 'the network is back' },
      personIn(world, 'operations-lead'),
    );
    expect(decided.refused).toBeUndefined();
  });
});

describe('a command that reads its lane after the run was closed', () => {
  test('leaves the trail sound', async () => {
    const world = worldOf(twoGates);
    const { run, machine } = await atFirstGate(world);
    const lead = personIn(world, 'technical-lead');
    await recordEvidence(world, reportOfRun(run, world, junitReport(2, 1)), ci);
    await machine.settle();
    let done = false;
    world.controls.onCall(async (call, caller) => {
      if (done || caller !== 'person' || call !== 'people.keep') return;
      done = true;
      await cancelRun(world, { run, reason: 'The customer asked to wait.' }, personIn(world, 'operations-lead'));
      await machine.settle();
    });
    await waive(
      world.controls.as('person'),
      {
        request: anew(),
        run,
        line: 'unit-tests',
        reason: 'No machine to run them.',
        until: new Date(world.clock.now().getTime() + hour).toISOString(),
      },
      lead,
    ).catch(() => undefined);
    world.controls.onCall(undefined);
    expect(machine.at()).toBe('end cancelled');
    for (let n = 0; n < 5; n += 1) {
      world.controls.clock.advance(90_000);
      await tick(world);
      await machine.settle();
    }
    const view = await readRun(world, run);
    expect(view.ok?.outcome).toBe('cancelled');
    const events = await world.trail.read(`run/${run}`, { prefix: '' });
    expect(verifyScope(events, undefined, await world.trail.read(`late/${run}`, { prefix: '' }))).toBeUndefined();
  });
});

describe('a look that was under way when the run ended', () => {
  test('does not list it as running again', async () => {
    const world = worldOf(twoGates);
    const { run, machine } = await atFirstGate(world);
    let done = false;
    world.controls.onCall(async (call, caller, args) => {
      const [range] = args.slice(1) as [{ prefix?: string } | undefined];
      if (done || caller !== 'slow' || call !== 'store.query' || !range?.prefix?.startsWith('check/')) return;
      done = true;
      await cancelRun(world, { run, reason: 'The customer asked to wait.' }, personIn(world, 'operations-lead'));
      await machine.settle();
    });
    await settleGate(world.controls.as('slow'), { run, gate: 'phase-1' });
    world.controls.onCall(undefined);
    for (let n = 0; n < 5; n += 1) {
      world.controls.clock.advance(90_000);
      await tick(world);
      await machine.settle();
    }
    expect((await readRun(world, run)).ok?.closed).toBe(true);
    expect((await world.index.get(run))?.outcome).toBe('cancelled');
    expect(await world.index.open('shop', 'production')).toEqual([]);
  });
});

describe('two people decide one incident', () => {
  test('who is told yes may rely on it', async () => {
    const world = worldOf(twoGates);
    const { run, machine } = await atFirstGate(world);
    await machine.breakOff();
    await machine.settle();
    const lead = personIn(world, 'operations-lead');
    expect((await decideIncident(world, { run, decision: 'resume', reason: 'the network is back' }, lead)).refused).toBeUndefined();
    const second = await decideIncident(world, { run, decision: 'end', reason: 'not today after all' }, lead);
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(second.refused).toBeDefined();
  });
});

describe('the opener of the gate after T0 fails for good', () => {
  test('the run resumes at that gate, and a trigger still takes the release back', async () => {
    const { world, run, machine } = await toWindowBroken();
    const lead = personIn(world, 'operations-lead');
    expect((await decideIncident(world, { run, decision: 'resume', reason: 'the network is back' }, lead)).ok?.gate).toBe(
      'deployment-window',
    );
    await machine.settle();
    const t = await triggerRollback(
      world,
      { request: anew(), run, trigger: 'data-corruption-detected', reason: 'Rows are missing.' },
      lead,
    );
    expect(t.refused).toBeUndefined();
  });
});

const toWindowBroken = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story);
  const { world, run, machine } = story;
  await waive(
    world,
    {
      request: anew(),
      run,
      line: 'final-code-review',
      reason: 'There is no second reviewer.',
      until: new Date(world.clock.now().getTime() + 48 * hour).toISOString(),
    },
    personIn(world, 'technical-lead'),
  );
  const { baseChecklist } = await import('../../lib/checklist/checklist.ts');
  for (const one of baseChecklist.lines.filter(
    (l) => l.gate === 'pre-deployment' && l.rule?.kind === 'attested/1' && l.id !== 'final-code-review',
  ))
    await attest(
      world,
      { request: anew(), run, line: one.id, statement: 'I have looked at it today.' },
      personIn(world, one.owner as 'technical-lead'),
    );
  for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
  // 4a is released and answered; the machine enters the window, whose opener fails for good: its Catch.
  const spare = world.controls.workflow.answers.length;
  expect(spare).toBe(5);
  expect(
    (await reportDeployment(world, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci)).refused,
  ).toBeUndefined();
  world.controls.settler.nudges.splice(0);
  for (let n = 0; n < 3; n += 1) world.controls.failNext('tokens.put', 'before');
  await machine.settle().catch(() => undefined);
  await machine.breakOff();
  await machine.settle();
  expect(machine.at()).toBe('incident');
  return story;
};

describe('a trigger behind the last second reading', () => {
  test('is refused, or takes the release back', async () => {
    const world = worldOf(
      checklistOf(
        [gate('pre-deployment', { leadSeconds: 7200 }), gate('review-48h')],
        [
          line('a', 'pre-deployment'),
          line('b', 'review-48h', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
          line('data-corruption-detected', 'phase-1', { gate: null, kind: 'trigger', rule: null }),
        ],
      ),
    );
    const run = await givenRun(world);
    const machine = machineOf(world, run);
    await machine.begin();
    await recordEvidence(world, reportOfRun(run, world, junitReport(1)), ci);
    await machine.settle();
    expect(machine.at()).toBe('review-48h');
    await attest(world, { request: anew(), run, line: 'b', statement: 'I have looked at it.' }, personIn(world, 'technical-lead'));
    let told: unknown;
    let done = false;
    world.controls.onCall(async (call, caller) => {
      if (done || caller !== 'settler' || call !== 'workflow.succeed') return;
      done = true;
      told = await triggerRollback(
        world,
        { request: anew(), run, trigger: 'data-corruption-detected', reason: 'Rows are missing.' },
        personIn(world, 'operations-lead'),
      );
    });
    await settleGate(world.controls.as('settler'), { run, gate: 'review-48h' });
    world.controls.onCall(undefined);
    await machine.settle();
    expect([machine.at(), (told as { refused?: unknown }).refused === undefined]).not.toEqual(['end production-stable', true]);
  });
});

describe('a machine that ended between two gates', () => {
  test('ends the run in the trail, too', async () => {
    const world = worldOf(twoGates);
    const run = await givenRun(world);
    const machine = machineOf(world, run);
    await machine.begin();
    await recordEvidence(world, reportOfRun(run, world, junitReport(1)), ci);
    for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
    expect(world.controls.workflow.answers).toHaveLength(1);
    // The next opener fails for good, and so does the incident gate's: the machine's last Catch ends it.
    world.controls.workflow.end(`execution/${run}`);
    for (let n = 0; n < 60; n += 1) {
      world.controls.clock.advance(day);
      await tick(world);
      for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
    }
    expect((await readRun(world, run)).ok?.outcome).toBe('incident');
  });
});
