import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { gateOf } from '../../lib/checklist/definition.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import { reportOf } from '../../lib/run/state/gate-report.ts';
import {
  artifact,
  check,
  checklistOf,
  ci,
  commit,
  contextOf,
  dependenciesOf,
  gate,
  givenRun,
  junitReport,
  personIn,
  reportOfRun,
} from '../given.ts';
import { machineOf } from '../machine.ts';
import { hour } from '../story.ts';
import { begun, covered, day, declareIn, findingOf, lead, revokeIn, tested, waiveIn, world } from './covered-features.ts';

describe('a waiver of one part', () => {
  test('releases it, and every other part must pass', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await covered(deps, run, { cart: 90, checkout: 10, orders: 80 });
    expect((await findingOf(deps, run)).verdict).toBe('fail');
    const waived = await waiveIn(deps, run, 'feature:checkout');
    const { basis, goodUntil } = await findingOf(deps, run);
    expect(basis).toBe('waived');
    expect(waived.ok).toMatchObject({
      verdict: 'waived',
      reason: `2 of 3 pass, 1 waived: checkout (by ${lead(deps).id}, until ${goodUntil})`,
    });
    // Another feature falls under its floor: the waiver does not cover it.
    await covered(deps, run, { cart: 60, checkout: 10, orders: 80 });
    expect(await findingOf(deps, run)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^feature:cart: 60.0 %.*1 of 3 pass, 1 waived/) as unknown,
    });
    // The waived one vanished: the waiver counts for nothing.
    await covered(deps, run, { cart: 90, checkout: 80, orders: 80 });
    expect(await findingOf(deps, run)).toMatchObject({ verdict: 'pass', basis: 'measured' });
  });

  test('never covers what is judged besides the parts, nor an exit code that no failing part explains', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await covered(deps, run, { cart: 90, checkout: 10, orders: 80, other: 90 } as never);
    expect((await waiveIn(deps, run, 'feature:checkout')).ok).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('belongs to no feature') as unknown,
    });
    const next = await begun(deps);
    await covered(deps, next.run, { cart: 90, orders: 80 }, 3);
    await waiveIn(deps, next.run, 'feature:checkout');
    expect(await findingOf(deps, next.run)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('exit code 3; 2 of 3 pass, 1 waived') as unknown,
    });
    await covered(deps, next.run, { cart: 90, checkout: 10, orders: 80 }, 3);
    expect((await findingOf(deps, next.run)).verdict).toBe('waived');
    const other = await begun(deps);
    await covered(deps, other.run, { cart: 90, checkout: 10, orders: 80 });
    await waiveIn(deps, other.run, 'feature:checkout');
    const bad = {
      ...reportOfRun(other.run, deps, new TextEncoder().encode('nothing')),
      type: 'lcov',
      contentType: 'text/plain',
      producerRun: 'bad',
    } as const;
    await recordEvidence(deps, bad, ci);
    expect((await findingOf(deps, other.run)).verdict).not.toBe('waived');
  });

  test('is refused for a part that the check does not have, and names those that it has', async () => {
    const deps = world();
    const { run } = await begun(deps);
    expect((await waiveIn(deps, run, 'feature:checkout')).refused).toMatchObject({
      type: 'part-unknown',
      expected: expect.stringContaining('no part') as unknown,
    });
    await covered(deps, run, { cart: 90, checkout: 10, orders: 80 });
    expect((await waiveIn(deps, run, 'feature:search')).refused).toMatchObject({
      type: 'part-unknown',
      got: 'feature:search',
      expected: 'feature:checkout, feature:cart, feature:orders',
    });
    expect((await waiveIn(deps, run, 'component:checkout')).refused?.type).toBe('part-unknown');
    expect((await waiveIn(deps, run, 'feature:checkout', { caller: personIn(deps, 'operations-lead') })).refused?.type).toBe(
      'role-missing',
    );
    expect((await waiveIn(deps, run, 'feature:checkout', { id: 'strict' })).refused?.type).toBe('waiver-not-allowed');
    expect((await waiveIn(deps, run, 'feature:checkout', { ms: 91 * day })).refused?.type).toBe('waiver-not-allowed');
  });

  test('ends at its own instant, fails again at once, and wakes the gate that rests on it', async () => {
    const deps = world();
    const { run, machine } = await begun(deps);
    await covered(deps, run, { cart: 90, checkout: 10, orders: 50 });
    await tested(deps, run, { cart: '', checkout: '', orders: '' });
    await waiveIn(deps, run, 'feature:checkout', { ms: 2 * hour });
    await waiveIn(deps, run, 'feature:orders', { ms: 3 * hour });
    await machine.settle();
    expect(machine.at()).toBe('go-no-go');
    expect((await readRun(deps, run)).ok?.gates[0]?.state).toBe('passed');
    const settled = (await deps.trail.read(`run/${run}`, { prefix: 'gate/' })).find(isType('gate.settled'));
    expect(settled?.event.data.soundUntil).toBe((await findingOf(deps, run)).goodUntil);
    deps.controls.clock.advance(2 * hour);
    await reconcileGate(deps, { run });
    const view = (await readRun(deps, run)).ok;
    expect(view).toMatchObject({ outcome: 'blocked', gate: 'go-no-go' });
    expect(view?.gates[1]?.reasons[0]).toMatch(
      /feature:checkout: 10.0 %.*1 waived: orders .*; for feature:checkout the waiver of .* ended at/,
    );
  });

  test('changes the report that people sign', async () => {
    const deps = world();
    const { run, machine } = await begun(deps);
    await covered(deps, run, { cart: 90, checkout: 10, orders: 80 });
    await tested(deps, run, { cart: '', checkout: '', orders: '' });
    const digest = async () => {
      const context = await contextOf(deps, run);
      const inputs = await readGateInputs(deps, context, await readGates(deps, context), 'go-no-go');
      return reportOf(inputs, gateOf(context.checklist, 'go-no-go') ?? expect.fail()).digest;
    };
    await waiveIn(deps, run, 'feature:checkout');
    await machine.settle();
    const first = await digest();
    expect(await digest()).toBe(first);
    await waiveIn(deps, run, 'feature:checkout', { ms: 2 * day });
    expect(await digest()).not.toBe(first);
    await covered(deps, run, { cart: 50, checkout: 10, orders: 80 });
    const failing = await digest();
    await waiveIn(deps, run, 'feature:checkout', { ms: 3 * day });
    expect(await digest(), 'also while the check fails all the same').not.toBe(failing);
  });

  test('in the third run in a row is flagged, whatever parts or the whole check the earlier ones were about', async () => {
    const deps = world();
    for (const [at, subject] of [undefined, 'feature:checkout', 'feature:orders'].entries()) {
      const { run } = await begun(deps);
      await covered(deps, run, { cart: 90, checkout: 10, orders: 50 });
      await waiveIn(deps, run, subject);
      const { parts, reason } = await findingOf(deps, run);
      const [part] = parts?.listed.filter((one) => one.subject === subject) ?? [];
      expect((part?.reason ?? reason).includes('waived in 3 runs in a row')).toBe(at === 2);
    }
  });

  test.each([
    ['one that stands beside a revoked one does', ['feature:checkout', 'feature:orders'], true],
    ['a revoked one does not', ['feature:checkout'], false],
  ])('counts for the third one in a row where it stands: %s', async (_why, first, isFlagged) => {
    const deps = world();
    const next = async (...subjects: readonly string[]) => {
      const { run } = await begun(deps);
      await covered(deps, run, { cart: 90, checkout: 10, orders: 50 });
      for (const one of subjects) await waiveIn(deps, run, one);
      return run;
    };
    await revokeIn(deps, await next(...first), 'feature:checkout');
    await next('feature:orders');
    const { parts } = await findingOf(deps, await next('feature:checkout'));
    const [checkout] = parts?.listed.filter((one) => one.subject === 'feature:checkout') ?? [];
    expect(checkout?.reason.includes('waived in 3 runs in a row')).toBe(isFlagged);
  });
});

describe('a revocation', () => {
  test('takes back the exception for one part, or all of them', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await covered(deps, run, { cart: 90, checkout: 10, orders: 50 });
    await waiveIn(deps, run, 'feature:checkout');
    await waiveIn(deps, run, 'feature:orders');
    expect((await findingOf(deps, run)).verdict).toBe('waived');
    expect((await revokeIn(deps, run, 'feature:cart')).refused).toMatchObject({
      type: 'nothing-to-revoke',
      expected: 'feature:checkout, feature:orders',
    });
    expect((await revokeIn(deps, run, 'feature:checkout')).ok?.verdict).toBe('fail');
    expect((await revokeIn(deps, run, 'feature:checkout')).refused?.type).toBe('nothing-to-revoke');
    await waiveIn(deps, run);
    expect((await findingOf(deps, run)).reason).toContain('without it: fail');
    await waiveIn(deps, run, 'feature:checkout');
    expect((await findingOf(deps, run)).reason).toContain('1 of 3 pass, 2 waived');
    expect((await revokeIn(deps, run)).ok?.verdict).toBe('fail');
    expect((await revokeIn(deps, run)).refused?.type).toBe('nothing-to-revoke');
  });
});

describe('"not applicable" of one part', () => {
  test('counts where nothing was measured of it, and evidence that is bad outweighs it', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await tested(deps, run, { cart: '', checkout: '<failure/>' });
    expect((await declareIn(deps, run, 'feature:checkout')).refused?.type).toBe('not-applicable-not-allowed');
    await tested(deps, run, { cart: '', checkout: '' });
    expect((await declareIn(deps, run, 'feature:orders')).ok).toMatchObject({
      verdict: 'not-applicable',
      reason: `2 of 3 pass, 1 not applicable: orders (by ${lead(deps).id})`,
    });
    await tested(deps, run, { cart: '', checkout: '', orders: '<failure/>' });
    expect(await findingOf(deps, run, 'tested')).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('does not count') as unknown,
    });
    await covered(deps, run, { cart: 90, orders: 80 });
    expect((await declareIn(deps, run, 'feature:checkout', 'coverage')).refused?.type).toBe('not-applicable-not-allowed');
  });
});

test('a report about one of several components is a part of its check', async () => {
  const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('unit-tests', 'phase-1', { scope: 'artifact' })]));
  const run = await givenRun(deps, {
    artifacts: [
      { component: 'web', digest: artifact },
      { component: 'api', digest: artifact },
    ],
  });
  await machineOf(deps, run).begin();
  for (const [component, failures] of [
    ['web', 1],
    ['api', 0],
  ] as const)
    await recordEvidence(deps, { ...reportOfRun(run, deps, junitReport(3, failures), { component }), commit }, ci);
  expect((await waiveIn(deps, run, 'component:web', { id: 'unit-tests' })).ok).toMatchObject({
    verdict: 'waived',
    reason: expect.stringMatching(/^1 of 2 pass, 1 waived: web/) as unknown,
  });
});
