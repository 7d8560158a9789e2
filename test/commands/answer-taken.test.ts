import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate, type Machine } from '../machine.ts';

/** What the trail says a token was answered with is what the state machine took, wherever the reconciler died. */

const oneGate = checklistOf([gate('phase-1')], [check('unit-tests', 'phase-1')]);
const report = (deps: FakeDependencies, run: string, failures: number, attempt: number) =>
  recordEvidence(deps, reportOfRun(run, deps, junitReport(3, failures), { attempt }), ci);
const cancel = (deps: FakeDependencies, run: string) =>
  cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));

/** The gate passes, the workflow takes the answer, and the reconciler dies before it records that. */
const diesBehindSending = async (deps: FakeDependencies, run: string): Promise<void> => {
  await report(deps, run, 0, 1);
  deps.controls.reconciler.requests.splice(0);
  deps.controls.failNext('workflow.succeed', 'after');
  await expect(reconcileGate(deps, { run })).rejects.toThrow('workflow.succeed');
};

/** Requests are reconciled before the machine moves, and the sweep comes by. */
const goOn = async (deps: FakeDependencies, machine: Machine): Promise<void> => {
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  for (let minute = 0; minute < 6; minute += 1) {
    await machine.settle();
    deps.controls.clock.advance(90_000);
    await sweep(deps);
  }
  await machine.settle();
};

const deliveredIn = async (deps: FakeDependencies, run: string) =>
  (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).filter(isType('gate.delivered')).map(({ event }) => event.data);

describe('an answer that was taken before its reconciler died', () => {
  test('ends the run as the machine did, although its settlement regressed and another one was decided', async () => {
    const deps = dependenciesOf(oneGate);
    const { run, machine } = await atFirstGate(deps);
    await diesBehindSending(deps, run);
    await report(deps, run, 1, 2);
    await cancel(deps, run);
    await goOn(deps, machine);
    expect(machine.at()).toBe('end production-stable');
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'production-stable', closed: true });
    expect(await deliveredIn(deps, run)).toMatchObject([{ settlement: 1, how: 'closed-already' }]);
    expect((await deps.index.get(run))?.outcome).toBe('production-stable');
    expect(verifyScope(await deps.trail.read(`run/${run}`, { prefix: '' }))).toBeUndefined();
  });

  test('leads to the next gate as the machine did, although the gate was decided otherwise meanwhile', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await diesBehindSending(deps, run);
    await report(deps, run, 1, 2);
    await cancel(deps, run);
    // The machine is slow: the cancellation is decided and refused by the token before the next gate opens.
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    expect(await deliveredIn(deps, run)).toEqual([]);
    await goOn(deps, machine);
    expect(await deliveredIn(deps, run)).toMatchObject([{ settlement: 1 }]);
    expect(machine.at()).toBe('end cancelled');
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'cancelled', closed: true });
  });

  test('is the end that the execution reached, where no settlement says so', async () => {
    const deps = dependenciesOf(oneGate);
    const { run, machine } = await atFirstGate(deps);
    await report(deps, run, 0, 1);
    deps.controls.workflow.close([...deps.controls.tokens.items.values()].at(-1)?.token ?? '');
    deps.controls.workflow.end(`execution/${run}`, 'incident');
    await goOn(deps, machine);
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'incident', closed: true });
    expect(await deliveredIn(deps, run)).toMatchObject([{ how: 'execution-over', end: 'incident' }]);
  });
});

describe('an execution that was stopped from outside', () => {
  test.each([
    ['its last gate had passed', (deps: FakeDependencies, run: string) => report(deps, run, 0, 1)],
    ['its run was cancelled', cancel],
  ])('ends its run as an incident, although %s before the token was closed', async (_what, decide) => {
    const deps = dependenciesOf(oneGate);
    const { run, machine } = await atFirstGate(deps);
    await decide(deps, run);
    deps.controls.workflow.close([...deps.controls.tokens.items.values()].at(-1)?.token ?? '');
    deps.controls.workflow.end(`execution/${run}`);
    await goOn(deps, machine);
    expect(deps.controls.workflow.answers, 'nobody took an answer').toEqual([]);
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'incident', closed: true });
    expect(await deliveredIn(deps, run)).toMatchObject([{ how: 'execution-over', end: 'incident' }]);
  });
});

describe('a cancellation', () => {
  /** The cancellation comes in at this call of the reconciler that decides the last gate. */
  const during = async (wanted: (call: string, args: readonly unknown[]) => boolean) => {
    const deps = dependenciesOf(oneGate);
    const { run, machine } = await atFirstGate(deps);
    await report(deps, run, 0, 1);
    deps.controls.reconciler.requests.splice(0);
    let said: Awaited<ReturnType<typeof cancel>> | undefined;
    deps.controls.onCall(async (call, caller, args) => {
      if (said !== undefined || caller !== 'decider' || !wanted(call, args)) return;
      said = await cancel(deps, run);
    });
    await reconcileGate(deps.controls.as('decider'), { run });
    deps.controls.onCall(undefined);
    await goOn(deps, machine);
    return { outcome: (await readRun(deps, run)).ok?.outcome, refused: said?.refused?.type, at: machine.at() };
  };
  const inserts = (type: string) => (call: string, args: readonly unknown[]) =>
    call === 'store.insert' && (args[0] as { event: { type: string } }).event.type === type;

  test.each([
    ['before the settle event stands', inserts('gate.settled'), { outcome: 'cancelled', refused: undefined, at: 'end cancelled' }],
    [
      'when the answer is on its way',
      (call: string) => call === 'workflow.succeed',
      { outcome: 'production-stable', refused: 'run-ended', at: 'end production-stable' },
    ],
    [
      'when the answer was sent',
      inserts('gate.delivered'),
      { outcome: 'production-stable', refused: 'run-ended', at: 'end production-stable' },
    ],
  ] as const)('%s counts, or is told that it came too late', async (_when, wanted, expected) => {
    expect(await during(wanted)).toEqual(expected);
  });

  test('after the last gate has passed and before the next look is refused, as a trigger is', async () => {
    const deps = dependenciesOf(oneGate);
    const { run, machine } = await atFirstGate(deps);
    await diesBehindSending(deps, run);
    expect((await cancel(deps, run)).refused?.type).toBe('run-ended');
    await goOn(deps, machine);
    expect((await readRun(deps, run)).ok?.outcome).toBe('production-stable');
  });

  test('of a run that waits is acknowledged', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await report(deps, run, 0, 1);
    await machine.settle();
    expect((await cancel(deps, run)).ok).toMatchObject({ gate: 'phase-2' });
    const late = await attest(
      deps,
      { request: anew(), run, check: 'integration', statement: 'It works.' },
      personIn(deps, 'technical-lead'),
    );
    expect(late.refused).toBeUndefined();
    await machine.settle();
    expect(machine.at()).toBe('end cancelled');
  });
});
