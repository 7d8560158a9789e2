import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { checksSatisfied } from '../../lib/rules/checks-satisfied.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { check, checklistOf, ci, dependenciesOf, gate, junitReport, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';

/** The fake clock begins at 08:00. */
const until = '2026-03-02T10:00:00.000Z';
const later = '2026-03-02T10:00:01.000Z';

/** A run whose first gate has a check that passes and these, of which each fails; go / no-go judges the gate again. */
const failingBeside = async (...observed: readonly Item[]) => {
  const checklist = checklistOf(
    [gate('phase-1'), gate('go-no-go', { role: 'approval', asks: ['technical-lead'], reports: ['phase-1'], rejudges: true })],
    [
      check('unit-tests', 'phase-1', { rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } }),
      ...observed,
      check('go', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } }),
    ],
  );
  const deps = dependenciesOf(checklist);
  const { run, machine } = await atFirstGate(deps);
  const sent = await recordEvidence(deps, reportOfRun(run, deps, junitReport(3)), ci);
  expect(sent.refused).toBeUndefined();
  await machine.settle();
  return { deps, run, machine, view: async () => (await readRun(deps, run)).ok };
};
const many = (id: string, changes: Partial<Item>): Item =>
  check(id, 'phase-1', { rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 100 }, ...changes });

describe('a check that is observed', () => {
  test('holds nothing until its date, is shown as what it is, and is not counted among those that are satisfied', async () => {
    const { deps, run, machine, view } = await failingBeside(many('more-tests', { mode: 'observe', observeUntil: until }));
    expect(machine.at()).toBe('go-no-go');
    const shown = (await view())?.gates[0];
    expect(shown?.checks.find((one) => one.check === 'more-tests')).toMatchObject({
      mode: 'observe',
      observeUntil: until,
      verdict: 'inconclusive',
    });
    const settled = (await deps.trail.read(`run/${run}`, { prefix: 'gate/' })).find(isType('gate.settled'));
    expect(settled?.event.data.reason).toBe('1 of 1 check is satisfied, 1 only observed');
  });

  test('is required from its date on: a gate that judges again is blocked by it, and wakes for it', async () => {
    const { deps, run, view } = await failingBeside(many('more-tests', { mode: 'observe', observeUntil: until }));
    expect([...deps.controls.schedules.planned.values()].map(({ when }) => when.toISOString())).toContain(until);
    deps.controls.clock.set(later);
    await reconcileGate(deps, { run });
    expect(await deps.index.get(run)).toMatchObject({ gate: 'go-no-go', blocked: true });
    expect((await view())?.gates[1]?.reasons[0]).toContain('Title of more-tests');
  });

  test('holds its own gate when the date is over before it passes', async () => {
    const { machine } = await failingBeside(many('more-tests', { mode: 'observe', observeUntil: '2026-03-02T07:00:00.000Z' }));
    expect(machine.at()).toBe('phase-1');
  });

  test('without a date it never holds', async () => {
    const { deps, run, machine } = await failingBeside(many('more-tests', { mode: 'observe' }));
    deps.controls.clock.set('2026-03-05T08:00:00.000Z');
    await reconcileGate(deps, { run });
    expect(machine.at()).toBe('go-no-go');
    expect(await deps.index.get(run)).toMatchObject({ blocked: false });
  });
});

describe('a line that is computed from other checks', () => {
  const finding = (found: Readonly<Record<string, readonly ['required' | 'observe', 'pass' | 'fail' | 'missing']>>) =>
    checksSatisfied.judge(checksSatisfied.of({ checks: Object.keys(found) }), {
      finding: (id: string) => ({ mode: found[id]?.[0] ?? 'required', verdict: found[id]?.[1] ?? 'missing', reason: '' }),
    } as never);

  test('counts no observed check, for better or worse', () => {
    expect(finding({ a: ['required', 'pass'], b: ['observe', 'fail'], c: ['observe', 'pass'] })).toEqual({
      verdict: 'pass',
      reason: '1 of 1 check is satisfied, 2 only observed: a',
    });
    expect(finding({ a: ['required', 'missing'], b: ['observe', 'pass'] })).toBeUndefined();
    expect(finding({ a: ['required', 'fail'], b: ['observe', 'pass'] })?.verdict).toBe('fail');
  });

  test('is inconclusive where all are observed', () => {
    expect(finding({ a: ['observe', 'pass'] })?.verdict).toBe('inconclusive');
  });
});
