import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';

const minute = 60_000;

describe('the run list of a run that has ended', () => {
  test.each(['before', 'after'] as const)('is made good on the retry after a fault of its write (%s it persisted)', async (when) => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    deps.controls.onCall((call) => {
      if (call !== 'index.put') return;
      deps.controls.onCall(undefined);
      deps.controls.failNext('index.put', when);
    });
    await machine.settle();
    expect(await deps.index.get(run)).toMatchObject({ outcome: 'cancelled' });
    expect(await deps.index.open('shop', 'production')).toEqual([]);
  });

  test('is made good by the sweep where the retries fail, too', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    deps.controls.onCall((call) => {
      if (call === 'index.put') deps.controls.failNext('index.put', 'before');
    });
    await expect(machine.settle()).rejects.toThrow('index.put');
    deps.controls.onCall(undefined);
    expect((await readRun(deps, run)).ok?.closed).toBe(true);
    expect((await deps.index.get(run))?.outcome).toBeNull();
    deps.controls.clock.advance(4 * minute);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    expect((await deps.index.get(run))?.outcome).toBe('cancelled');
  });

  test('says what the trail says when a slow reconciler finds the execution over', async () => {
    const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('unit-tests', 'phase-1')]));
    const { run, machine } = await atFirstGate(deps);
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(2)), ci);
    let done = false;
    deps.controls.onCall(async (call, caller) => {
      if (done || caller !== 'slow' || call !== 'workflow.succeed') return;
      done = true;
      deps.controls.clock.advance(40_000);
      await machine.settle();
    });
    await reconcileGate(deps.controls.as('slow'), { run });
    deps.controls.onCall(undefined);
    await machine.settle();
    expect((await readRun(deps, run)).ok?.outcome).toBe('production-stable');
    expect((await deps.index.get(run))?.outcome).toBe('production-stable');
  });

  test('is made good by the feed, which finds an open run that has ended', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    const listed = await deps.index.get(run);
    await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    await machine.settle();
    if (listed !== undefined) await deps.index.restore(listed);
    const seen = {
      observation: 'a',
      kind: 'alarm',
      bad: true,
      subject: 'web',
      summary: 's',
      observedAt: deps.clock.now().toISOString(),
    } as const;
    await feedObservation(deps, { ...seen, service: 'shop', environment: 'production', via: 'alarm' });
    await machine.settle();
    expect((await deps.index.get(run))?.outcome).toBe('cancelled');
  });
});
