import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../lib/ports.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { requestRebuild } from '../../lib/run/gates/rebuild.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';

/** Derived views are written anew from the trail: the run list, the open runs, the deadline's due item. */

const begin = async () => {
  const deps = dependenciesOf(twoGates);
  const { run, machine } = await atFirstGate(deps);
  const right = (await deps.index.get(run)) as RunSummary;
  return { deps, run, machine, right };
};

/** Requests it as an operator does, then the sweep hands it out, once. */
const rebuild = async (deps: FakeDependencies): Promise<void> => {
  const runs = [...deps.controls.store.tables.keys()].flatMap((scope) => (scope.startsWith('run/') ? [scope.slice(4)] : []));
  const started = { page: async () => ({ runs, next: undefined }) };
  expect(await requestRebuild({ ...deps, started }, undefined)).toEqual({ found: runs.length, next: null });
  await sweep(deps);
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
};

const content = ({ gate, outcome, blocked, startedAt, environment }: RunSummary) => ({ gate, outcome, blocked, startedAt, environment });

describe('a rebuild', () => {
  test.each<[string, (right: RunSummary) => RunSummary]>([
    ['a summary of a gate that the run has not reached', (right) => ({ ...right, gate: 'phase-2', seen: 99 })],
    ['a summary of the future', (right) => ({ ...right, gate: 'phase-2', seen: 99, asOf: '2999-01-01T00:00:00.000Z' })],
    ['an end that the trail does not know', (right) => ({ ...right, outcome: 'incident' })],
    ['another environment', (right) => ({ ...right, environment: 'staging' })],
  ])('mends %s', async (_what, wrong) => {
    const { deps, run, right } = await begin();
    await deps.index.put(wrong(right));
    expect(content((await deps.index.get(run)) as RunSummary)).not.toEqual(content(right));
    await rebuild(deps);
    expect(content((await deps.index.get(run)) as RunSummary)).toEqual(content(right));
    expect(await deps.index.open('shop', 'production')).toHaveLength(1);
  });

  test('writes a lost entry, and says that the gate is blocked', async () => {
    const { deps, run } = await begin();
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(2, 1)), ci);
    const fresh = dependenciesOf(twoGates);
    const lost: FakeDependencies = { ...deps, index: fresh.index };
    await rebuild(lost);
    expect(await lost.index.get(run)).toMatchObject({ gate: 'phase-1', outcome: null, blocked: true });
    expect((await lost.index.list({ limit: 5 })).runs).toHaveLength(1);
  });

  test('writes the end of a run that is listed as running, and takes its deadline away', async () => {
    const { deps, run, machine, right } = await begin();
    await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    await machine.settle();
    await deps.index.restore(right);
    await deps.due.moveDeadline(run, undefined, { at: right.asOf, run, kind: 'deadline', id: 'left-over' });
    await rebuild(deps);
    expect(await deps.index.get(run)).toMatchObject({ outcome: 'cancelled' });
    expect(await deps.index.open('shop', 'production')).toEqual([]);
    expect(await deps.due.deadline(run)).toBeUndefined();
  });

  test.each<[string, (deps: FakeDependencies, run: string) => Promise<unknown>]>([
    ['the item only', async ({ controls }) => controls.due.items.clear()],
    ['the item and that it is the deadline', async ({ controls }) => [controls.due.items.clear(), controls.due.deadlines.clear()]],
  ])('stores a lost deadline again: %s', async (_what, lose) => {
    const { deps, run } = await begin();
    const was = await deps.due.deadline(run);
    await lose(deps, run);
    await rebuild(deps);
    const items = [...deps.controls.due.items.values()];
    expect(items).toMatchObject([{ kind: 'deadline', run, at: was?.at }]);
    expect(await deps.due.deadline(run)).toEqual(items[0]);
  });

  test('that fails is repeated by the sweep', async () => {
    const { deps, run, right } = await begin();
    await deps.index.put({ ...right, gate: 'phase-2', seen: 99 });
    deps.controls.failNext('index.restore', 'before');
    await expect(rebuild(deps)).rejects.toThrow('index.restore');
    deps.controls.clock.advance(60_000);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
    expect((await deps.index.get(run))?.gate).toBe('phase-1');
  });

  test('goes on where the call before ended', async () => {
    const deps = dependenciesOf(twoGates);
    const asked: (string | undefined)[] = [];
    const started = {
      page: async (after: string | undefined) => {
        asked.push(after);
        return { runs: [`run-${asked.length}`], next: asked.length === 60 ? undefined : `place-${asked.length}` };
      },
    };
    expect(await requestRebuild({ ...deps, started }, undefined)).toEqual({ found: 50, next: 'place-50' });
    expect(await requestRebuild({ ...deps, started }, 'place-50')).toEqual({ found: 10, next: null });
    expect(asked[50]).toBe('place-50');
    expect(deps.controls.due.items.size).toBe(60);
  });
});
