import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { openGate } from '../../lib/run/gates/open-gate.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, givenRun, junitReport, reportOfRun, startInput, twoGates } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';

/** Starts that break off, and gates that never open: no run says `running` for ever. */

const minute = 60_000;
const writes = /^(store\.insert|people\.keep|definitions\.publish|index\.(claim|put)|due\.(put|moveDeadline)|workflow\.start)$/;

/** So many sweeps, a minute apart, and what they request. */
const sweeps = async (deps: FakeDependencies, minutes: number): Promise<void> => {
  for (let n = 0; n < minutes; n += 1) {
    deps.controls.clock.advance(minute);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  }
};

const runsIn = ({ controls }: FakeDependencies): string[] =>
  [...controls.store.tables.keys()].flatMap((scope) => (scope.startsWith('run/') ? [scope.slice('run/'.length)] : []));

describe('a start that breaks off at any of its writes and is not repeated', () => {
  test('is completed by the sweep once run.started stands', async () => {
    const clean = dependenciesOf(twoGates);
    await givenRun(clean);
    const total = clean.controls.calls.filter((call) => writes.test(call)).length;
    expect(total).toBeGreaterThan(6);
    let started = 0;
    for (const when of ['before', 'after'] as const) {
      for (let place = 1; place <= total; place += 1) {
        const deps = dependenciesOf(twoGates);
        let seen = 0;
        deps.controls.onCall((call) => {
          if (!writes.test(call)) return;
          seen += 1;
          if (seen === place) deps.controls.failNext(call, when);
        });
        await startRun(deps, startInput, ci).catch(() => undefined);
        deps.controls.onCall(undefined);
        await sweeps(deps, 2);
        const failure = `write ${place} of ${total} failing ${when} it persisted`;
        const [run] = runsIn(deps);
        expect(deps.controls.workflow.executions.size, failure).toBe(run === undefined ? 0 : 1);
        if (run === undefined) continue;
        started += 1;
        expect((await deps.index.list({ limit: 5 })).runs, failure).toMatchObject([{ run, gate: 'phase-1', outcome: null }]);
        expect(await deps.index.open('shop', 'production'), failure).toHaveLength(1);
        const machine = machineOf(deps, run);
        await machine.begin();
        await machine.settle();
        expect((await readRun(deps, run)).ok?.gates[0]?.state, failure).toBe('waiting');
      }
    }
    expect(started).toBeGreaterThan(6);
  });

  test('leaves nothing due when run.started was never recorded', async () => {
    const deps = dependenciesOf(twoGates);
    deps.controls.failNext('people.keep', 'before');
    await expect(startRun(deps, startInput, ci)).rejects.toThrow('people.keep');
    await sweeps(deps, 2);
    expect([...deps.controls.due.items]).toEqual([]);
  });
});

describe('a run whose first gate and incident gate could not open', () => {
  test.each([
    ['reported by Step Functions', true],
    ['found by the sweep', undefined],
  ] as const)('ends as an incident in the trail: %s', async (_how, executionEnded) => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    deps.controls.workflow.end(`execution/${run}`, 'incident');
    if (executionEnded) expect(await reconcileGate(deps, { run, executionEnded })).toMatchObject({ did: 'closed' });
    else await sweeps(deps, 2);
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'incident', closed: true });
    expect((await deps.index.get(run))?.outcome).toBe('incident');
    expect(await deps.due.deadline(run)).toBeUndefined();
    expect(verifyScope(await deps.trail.read(`run/${run}`, { prefix: '' }))).toBeUndefined();
  });

  test('is not started again by its token', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    deps.controls.workflow.end(`execution/${run}`, 'incident');
    await sweeps(deps, 2);
    const again = await startRun(deps, startInput, ci);
    expect(again.ok?.run).toBe(run);
    expect((await deps.index.get(run))?.outcome).toBe('incident');
    expect(deps.controls.count('workflow.start')).toBe(2);
  });
});

const unopenedMails = ({ controls }: FakeDependencies) => controls.mailer.mails.filter(({ subject }) => subject === 'gate-overdue');

describe('an opener that never runs', () => {
  test('at the first gate: operations is told once, then the run ends; an opener that comes later opens nothing', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    await sweeps(deps, 8);
    expect(unopenedMails(deps)).toEqual([]);
    await sweeps(deps, 60);
    expect(unopenedMails(deps)).toHaveLength(1);
    expect(unopenedMails(deps)[0]?.text).toContain('has opened no gate since');
    await sweeps(deps, 130);
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'incident', closed: true });
    const late = { schemaVersion: 1, run, gate: 'phase-1', entry: deps.clock.now().toISOString(), token: 't', execution: 'e' } as const;
    await expect(openGate(deps, { ...late, graph: deps.definitions.current().graph })).rejects.toThrow('has ended as incident');
  });

  test('that runs at last leaves nothing of it behind', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    await sweeps(deps, 12);
    const machine = machineOf(deps, run);
    await machine.begin();
    await machine.settle();
    expect((await readRun(deps, run)).ok?.gates[0]?.state).toBe('waiting');
    deps.controls.clock.advance(minute);
    await sweep(deps);
    await machine.settle();
    expect([...deps.controls.due.items.values()].map(({ kind }) => kind)).toEqual(['deadline']);
    expect(await deps.due.deadline(run)).toMatchObject({ at: expect.stringMatching(/^2026-03-09/) as string });
  });

  test('at a later gate: operations is told once, then the run ends', async () => {
    const deps = dependenciesOf(twoGates);
    const { run } = await atFirstGate(deps);
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(2)), ci);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    expect((await readRun(deps, run)).ok?.gates[0]?.state).toBe('passed');
    await sweeps(deps, 30);
    expect(unopenedMails(deps)).toHaveLength(1);
    await sweeps(deps, 180);
    expect((await readRun(deps, run)).ok).toMatchObject({ outcome: 'incident', closed: true });
  });
});
