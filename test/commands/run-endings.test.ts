import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import {
  anew,
  artifact,
  check,
  checklistOf,
  ci,
  dependenciesOf,
  gate,
  givenRun,
  junitReport,
  personIn,
  reportOfRun,
  twoGates,
} from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { hour, type Story, sendProofs, sign, toGoNoGo } from '../story.ts';

const minute = 60_000;
const day = 24 * hour;

/** How runs end, and what arrives at the same time. */

describe('a hard stop', () => {
  test('that the sweep sees before the incident gate has opened does not end the run', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    const token = [...deps.controls.tokens.items.values()].at(-1)?.token ?? '';
    // The sweep was down for a day, so the deadline was missed.
    deps.controls.clock.advance(8 * day + 1000);
    deps.controls.workflow.close(token);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    await machine.breakOff();
    await machine.settle();
    expect(machine.at()).toBe('incident');
    const decided = await decideIncident(
      deps,
      { run, decision: 'resume', reason: 'the network is back' },
      personIn(deps, 'operations-lead'),
    );
    expect(decided.refused).toBeUndefined();
  });

  test('of a gate that notifies its owner at the deadline does not end the run either', async () => {
    const checklist = checklistOf(
      [gate('phase-5', { onDeadline: 'page' }), gate('deployment-success')],
      [check('a', 'phase-5'), check('b', 'deployment-success')],
    );
    const deps = dependenciesOf(checklist);
    const { run, machine } = await atFirstGate(deps);
    deps.controls.clock.advance(7 * day + minute);
    await sweep(deps);
    await machine.settle();
    expect((await readRun(deps, run)).ok?.gates[0]?.state).toBe('blocked');
    deps.controls.clock.advance(day);
    const token = [...deps.controls.tokens.items.values()].at(-1)?.token ?? '';
    deps.controls.workflow.close(token); // States.Timeout; the incident gate's opener starts cold
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    await machine.breakOff();
    await machine.settle();
    expect(machine.at()).toBe('incident');
    const decided = await decideIncident(
      deps,
      { run, decision: 'resume', reason: 'the network is back' },
      personIn(deps, 'operations-lead'),
    );
    expect(decided.refused).toBeUndefined();
  });
});

describe('a command that reads its lane after the run was closed', () => {
  test('leaves the trail sound', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    const lead = personIn(deps, 'technical-lead');
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(2, 1)), ci);
    await machine.settle();
    let done = false;
    deps.controls.onCall(async (call, caller) => {
      if (done || caller !== 'person' || call !== 'people.keep') return;
      done = true;
      await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
      await machine.settle();
    });
    await waive(
      deps.controls.as('person'),
      {
        request: anew(),
        run,
        check: 'unit-tests',
        reason: 'No machine to run them.',
        until: new Date(deps.clock.now().getTime() + hour).toISOString(),
      },
      lead,
    ).catch(() => undefined);
    deps.controls.onCall(undefined);
    expect(machine.at()).toBe('end cancelled');
    for (let n = 0; n < 5; n += 1) {
      deps.controls.clock.advance(90_000);
      await sweep(deps);
      await machine.settle();
    }
    const view = await readRun(deps, run);
    expect(view.ok?.outcome).toBe('cancelled');
    const events = await deps.trail.read(`run/${run}`, { prefix: '' });
    expect(verifyScope(events, undefined, await deps.trail.read(`late/${run}`, { prefix: '' }))).toBeUndefined();
  });
});

describe('a reconciliation that was under way when the run ended', () => {
  test('does not list the run as running again', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    let done = false;
    deps.controls.onCall(async (call, caller, args) => {
      const [range] = args.slice(1) as [{ prefix?: string } | undefined];
      if (done || caller !== 'slow' || call !== 'store.query' || !range?.prefix?.startsWith('check/')) return;
      done = true;
      await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
      await machine.settle();
    });
    await reconcileGate(deps.controls.as('slow'), { run });
    deps.controls.onCall(undefined);
    for (let n = 0; n < 5; n += 1) {
      deps.controls.clock.advance(90_000);
      await sweep(deps);
      await machine.settle();
    }
    expect((await readRun(deps, run)).ok?.closed).toBe(true);
    expect((await deps.index.get(run))?.outcome).toBe('cancelled');
    expect(await deps.index.open('shop', 'production')).toEqual([]);
  });
});

describe('a run that is cancelled while its incident is open', () => {
  test('ends as cancelled, in its trail and in the workflow', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await machine.breakOff();
    await machine.settle();
    await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    await machine.settle();
    expect([machine.at(), (await readRun(deps, run)).ok?.outcome]).toEqual(['end cancelled', 'cancelled']);
  });
});

describe('two people decide one incident', () => {
  test('only the accepted decision counts', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await machine.breakOff();
    await machine.settle();
    const lead = personIn(deps, 'operations-lead');
    expect((await decideIncident(deps, { run, decision: 'resume', reason: 'the network is back' }, lead)).refused).toBeUndefined();
    const second = await decideIncident(deps, { run, decision: 'end', reason: 'not today after all' }, lead);
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(second.refused).toBeDefined();
  });
});

describe('when the opener of the gate after T0 fails every time', () => {
  test('the run resumes at that gate, and a rollback trigger still works', async () => {
    const { deps, run, machine } = await toWindowBroken();
    const lead = personIn(deps, 'operations-lead');
    expect((await decideIncident(deps, { run, decision: 'resume', reason: 'the network is back' }, lead)).ok?.gate).toBe(
      'deployment-window',
    );
    await machine.settle();
    const t = await triggerRollback(
      deps,
      { request: anew(), run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'Rows are missing.' },
      lead,
    );
    expect(t.refused).toBeUndefined();
  });
});

const toWindowBroken = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story);
  const { deps, run, machine } = story;
  await waive(
    deps,
    {
      request: anew(),
      run,
      check: 'final-code-review',
      reason: 'There is no second reviewer.',
      until: new Date(deps.clock.now().getTime() + 48 * hour).toISOString(),
    },
    personIn(deps, 'technical-lead'),
  );
  const { baseChecklist } = await import('../../lib/checklist/checklist.ts');
  for (const one of baseChecklist.items.filter(
    (l) => l.gate === 't-minus-2h' && l.rule?.kind === 'attested/1' && l.id !== 'final-code-review',
  ))
    await attest(
      deps,
      { request: anew(), run, check: one.id, statement: 'I have looked at it today.' },
      personIn(deps, one.owner as 'technical-lead'),
    );
  await sendProofs(story, 't-minus-2h');
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  // The T0 gate passed and was answered; the opener of the next gate fails every time, so the state's Catch leads to the incident gate.
  const spare = deps.controls.workflow.answers.length;
  expect(spare).toBe(5);
  expect(
    (await reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci)).refused,
  ).toBeUndefined();
  deps.controls.reconciler.requests.splice(0);
  for (let n = 0; n < 3; n += 1) deps.controls.failNext('tokens.put', 'before');
  await machine.settle().catch(() => undefined);
  await machine.breakOff();
  await machine.settle();
  expect(machine.at()).toBe('incident');
  return story;
};

describe('a trigger after the second reading of the last gate', () => {
  test('is rejected, or rolls the release back', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('review-48h')],
        [
          check('a', 't-minus-2h'),
          check('b', 'review-48h', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
          check('data-corruption-detected', 'phase-1', { gate: null, kind: 'trigger', rule: null }),
        ],
      ),
    );
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    await machine.begin();
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    await machine.settle();
    expect(machine.at()).toBe('review-48h');
    await attest(deps, { request: anew(), run, check: 'b', statement: 'I have looked at it.' }, personIn(deps, 'technical-lead'));
    let triggered: unknown;
    let done = false;
    deps.controls.onCall(async (call, caller) => {
      if (done || caller !== 'reconciler' || call !== 'workflow.succeed') return;
      done = true;
      triggered = await triggerRollback(
        deps,
        { request: anew(), run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'Rows are missing.' },
        personIn(deps, 'operations-lead'),
      );
    });
    await reconcileGate(deps.controls.as('reconciler'), { run });
    deps.controls.onCall(undefined);
    await machine.settle();
    expect([machine.at(), (triggered as { refused?: unknown }).refused === undefined]).not.toEqual(['end production-stable', true]);
  });
});

describe('an execution that ended between two gates', () => {
  test('ends the run in the trail, too', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    await machine.begin();
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    expect(deps.controls.workflow.answers).toHaveLength(1);
    // The next opener fails every time, and so does the incident gate's: the last Catch ends the execution.
    deps.controls.workflow.end(`execution/${run}`);
    for (let n = 0; n < 60; n += 1) {
      deps.controls.clock.advance(day);
      await sweep(deps);
      for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    }
    expect((await readRun(deps, run)).ok?.outcome).toBe('incident');
  });
});
