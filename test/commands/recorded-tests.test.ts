import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { giveEvidence } from '../../lib/run/commands/give-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf, personIn } from '../given.ts';
import { recordMadeAt } from '../samples.ts';
import { decideAs, withdrawAs } from '../standing-given.ts';

import { begun, released, twoGates } from './compared-tests.ts';

/** The tests that people record as a baseline. */

describe('tests that people recorded', () => {
  const recordedTests = async (deps: FakeDependencies, changes: Readonly<Record<string, unknown>> = {}) => {
    const bytes = recordMadeAt('baseline', deps.clock.now(), changes);
    const input = { service: 'shop', environment: 'production', type: 'record', bytes, contentType: 'application/json', source: 'lead' };
    const madeAt = deps.clock.now().toISOString();
    const given = await giveEvidence(deps, { ...input, producerAttempt: 1, madeAt }, personIn(deps, 'technical-lead'));
    const event = given.ok?.event ?? expect.fail(given.refused?.detail);
    await decideAs(deps, event, personIn(deps, 'operations-lead'));
    return event;
  };
  const tests = [
    { class: 'shop', name: 'a' },
    { class: 'shop', name: 'b', file: './test\\b.test.ts' },
  ];

  test('are those of a first release, and a record that is given while the run waits is compared at once', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine, tested, finding } = await begun(deps);
    await tested({ a: 'passed', 'b in test/b.test.ts': 'passed' });
    expect((await finding()).verdict).toBe('inconclusive');
    await recordedTests(deps, { tests: [...tests, { class: 'shop', name: 'c' }] });
    await reconcileGate(deps, { run });
    expect(await finding()).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^“shop › c” passed in the baseline that/) as unknown,
    });
    deps.controls.clock.advance(60_000);
    await recordedTests(deps, { tests });
    await reconcileGate(deps, { run });
    expect(await finding()).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('in the baseline that people recorded at') as unknown,
    });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
  });

  test('take the place of a stable release only where the record says so', async () => {
    const { deps } = await released({ a: 'passed', z: 'passed' });
    deps.controls.clock.advance(60_000);
    await recordedTests(deps, { tests });
    const kept = await begun(deps, '1.2.4');
    await kept.tested({ a: 'passed', 'b in test/b.test.ts': 'passed' });
    expect(await kept.finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('shop › z') as unknown });
    await recordedTests(deps, { tests, replacesLastStable: true });
    const replaced = await begun(deps, '1.2.5');
    await replaced.tested({ a: 'passed', 'b in test/b.test.ts': 'passed' });
    expect((await replaced.finding()).verdict).toBe('pass');
  });

  test('that are withdrawn take the gate back that passed on them', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine, tested, finding } = await begun(deps);
    const event = await recordedTests(deps, { tests });
    await reconcileGate(deps, { run });
    await tested({ a: 'passed', 'b in test/b.test.ts': 'passed' });
    expect(machine.at()).toBe('phase-2');
    deps.controls.clock.advance(60_000);
    await withdrawAs(deps, event, personIn(deps, 'operations-lead'));
    await machine.settle();
    expect(await finding()).toMatchObject({ verdict: 'inconclusive', reason: expect.stringMatching(/^no release has become/) as unknown });
    expect((await deps.trail.read(`run/${run}`, { prefix: 'gate/' })).filter(isType('gate.regressed'))).toHaveLength(1);
    deps.controls.clock.advance(60_000);
    await recordedTests(deps, { tests: tests.slice(0, 1) });
    await machine.settle();
    await reconcileGate(deps, { run });
    expect(await finding(), 'another one, at the gate that judges it again').toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('1 test that passed in the baseline') as unknown,
    });
  });
});
