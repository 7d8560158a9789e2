import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { anew, check, checklistOf, dependenciesOf, gate, personIn } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { hour } from '../story.ts';

describe('a waiver of an earlier gate that ends while go / no-go waits', () => {
  test('wakes it to the second, blocks it, and shows in the run list', async () => {
    const checklist = checklistOf(
      [gate('phase-1'), gate('go-no-go', { role: 'approval', asks: ['technical-lead'], reports: ['phase-1'], rejudges: true })],
      [check('unit-tests', 'phase-1'), check('go', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } })],
    );
    const deps = dependenciesOf(checklist);
    const { run, machine } = await atFirstGate(deps);
    const until = new Date(deps.clock.now().getTime() + 2 * hour).toISOString();
    const asked = { request: anew(), run, check: 'unit-tests', reason: 'No machine to run them on.', until };
    expect((await waive(deps, asked, personIn(deps, 'technical-lead'))).refused).toBeUndefined();
    await machine.settle();
    expect(machine.at()).toBe('go-no-go');
    expect(
      [...deps.controls.schedules.planned.values()].map(({ when }) => Math.ceil(Date.parse(until) / 1000) * 1000 - when.getTime()),
    ).toEqual([0]);
    expect((await deps.index.get(run))?.blocked).toBe(false);
    deps.controls.clock.set(new Date(Date.parse(until) + 1000).toISOString());
    await reconcileGate(deps, { run });
    expect(await deps.index.get(run)).toMatchObject({ gate: 'go-no-go', blocked: true });
    expect((await readRun(deps, run)).ok?.gates[1]?.reasons[0]).toContain('Title of unit-tests');
  });
});
