import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf } from '../given.ts';

import { becameStable, begun, type Outcome, released, twoGates } from './compared-tests.ts';

/** The tests of a release, compared with those that passed in the last one that became production-stable. */

describe('no regressions', () => {
  test('a first release has nothing to compare with: inconclusive, until the owner decides about an exception', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine, tested, finding, waived } = await begun(deps);
    await tested({ a: 'passed' });
    expect(await finding()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/^no release has become production-stable .* owner of the check decides/) as unknown,
    });
    expect(machine.at()).toBe('phase-1');
    // Another report would change nothing.
    const supply = (await readRun(deps, run)).ok?.supplies.find(({ check }) => check === 'no-regressions');
    expect(supply).toMatchObject({ way: 'comparison', roles: ['technical-lead'], page: `/runs/${run}/checks/no-regressions#waive` });
    expect(supply?.commands.map((command) => command.replace(run, 'RUN'))).toEqual([
      'holdpoint waive RUN no-regressions --until INSTANT --reason TEXT',
      'holdpoint baseline FILE --reason TEXT --valid-days 30',
      'holdpoint evidence --service shop --environment production baseline.record.json --type record',
    ]);
    await waived();
    expect([machine.at(), (await finding()).verdict]).toEqual(['phase-2', 'waived']);
    // A release that was only deployed is no baseline.
    await becameStable(deps, run, '1.2.3', 'deployed');
    const next = await begun(deps, '1.2.4');
    await next.tested({ a: 'passed' });
    expect((await next.finding()).verdict).toBe('inconclusive');
  });

  test('every test that passed in the last release passes, in whichever report: pass, and new tests change nothing', async () => {
    const { deps } = await released({ a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'passed', f: 'skipped' });
    const { machine, tested, finding } = await begun(deps, '1.2.4');
    await tested({ a: 'passed', b: 'passed', new: 'passed' });
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('3 of 5 such tests') as unknown });
    await tested({ c: 'passed', d: 'passed', e: 'passed' }, 'integration');
    expect(await finding()).toMatchObject({
      verdict: 'pass',
      reason: expect.not.stringContaining('attempt') as unknown,
    });
    expect(machine.at()).toBe('phase-2');
  });

  test.each<[string, Readonly<Record<string, Outcome>>, string]>([
    ['is in no report', { a: 'passed', b: 'passed', c: 'passed', d: 'passed' }, 'and is in no report now'],
    ['is skipped', { a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'skipped' }, 'and was skipped now'],
    ['fails', { a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'failed' }, ''],
  ])('a test that %s is a regression and is named', async (_, tests, how) => {
    const { deps, first } = await released({ a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'passed' });
    const { machine, tested, finding } = await begun(deps, '1.2.4');
    await tested(tests);
    const found = await finding();
    expect(found.verdict).toBe('fail');
    expect(found.reason).toContain('shop › e');
    if (how !== '') expect(found.reason).toContain(`passed in version 1.2.3 (run ${first.run}) ${how}`);
    expect(machine.at()).toBe('phase-1');
  });

  test('one file with one unit test does not pass', async () => {
    const { deps } = await released({ a: 'passed', b: 'passed' });
    const { tested, finding } = await begun(deps, '1.2.4');
    await tested({ only: 'passed' });
    expect((await finding()).verdict).toBe('fail');
  });

  test('a renamed test is excepted by its name, and the others must still pass', async () => {
    const { deps } = await released({ a: 'passed', b: 'passed' });
    const { machine, tested, finding, waived } = await begun(deps, '1.2.4');
    await tested({ renamed: 'passed' });
    await waived('test:shop › b');
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('shop › a') as unknown });
    await tested({ a: 'passed' }, 'more');
    expect(machine.at()).toBe('phase-2');
    expect(await finding()).toMatchObject({ verdict: 'waived', reason: expect.stringContaining('1 of 2 pass, 1 waived') as unknown });
  });

  test('a test that fails later takes the gate back', async () => {
    const { deps } = await released({ a: 'passed' });
    const { run, machine, tested, finding } = await begun(deps, '1.2.4');
    await tested({ a: 'passed' });
    expect(machine.at()).toBe('phase-2');
    await tested({ a: 'failed' });
    expect((await finding()).verdict).toBe('fail');
    expect((await deps.trail.read(`run/${run}`, { prefix: 'gate/' })).filter(isType('gate.regressed'))).toHaveLength(1);
  });

  test('test results that are no longer kept are no baseline', async () => {
    const { deps: kept, first } = await released({ a: 'passed' });
    const get: FakeDependencies['evidence']['get'] = async (scope, digest) =>
      scope === `run/${first.run}` ? undefined : kept.evidence.get(scope, digest);
    const deps = { ...kept, evidence: { ...kept.evidence, get } };
    const { tested, finding } = await begun(deps, '1.2.4');
    await tested({ a: 'passed' });
    expect(await finding()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining(`the test results of the last release are no longer kept (run ${first.run}`) as unknown,
    });
  });

  test('a job that ran only its failing tests again takes no test away: neither from the baseline nor from the release', async () => {
    const deps = dependenciesOf(twoGates);
    const first = await begun(deps);
    await first.tested({ a: 'passed', b: 'passed', c: 'failed' });
    await first.tested({ c: 'passed' });
    await first.waived();
    expect(first.machine.at()).toBe('phase-2');
    await becameStable(deps, first.run);
    const smaller = await begun(deps, '1.2.4');
    await smaller.tested({ c: 'passed' });
    expect(await smaller.finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('2 of 3 such tests') as unknown });
    const again = await begun(deps, '1.2.5');
    await again.tested({ a: 'passed', b: 'passed', c: 'failed' });
    expect((await again.finding()).verdict).toBe('fail');
    await again.tested({ c: 'passed' });
    expect(await again.finding()).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('3 tests that passed') as unknown });
  });

  test('of one source the latest report of a test counts, and of two sources the better one', async () => {
    const { deps } = await released({ a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'passed' });
    const { tested, finding } = await begun(deps, '1.2.4');
    await tested({ a: 'passed', b: 'passed', c: 'passed', d: 'passed' });
    await tested({ b: 'skipped', c: 'passed', d: 'passed', e: 'passed', f: 'passed' });
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('b” passed in') as unknown });
    await tested({ b: 'passed' }, 'on-windows');
    expect((await finding()).verdict).toBe('pass');
  });

  test('tests of one name in two files are told apart, and an exception for one is none for the other', async () => {
    const { deps } = await released({ 'e in cart.test.ts': 'passed', 'e in order.test.ts': 'passed', other: 'passed' });
    const { machine, tested, finding, waived } = await begun(deps, '1.2.4');
    await tested({ other: 'passed' });
    await waived('test:shop › e (cart.test.ts)');
    expect(await finding()).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('shop › e (order.test.ts)') as unknown });
    expect(machine.at()).toBe('phase-1');
    await waived('test:shop › e (order.test.ts)');
    expect(machine.at()).toBe('phase-2');
  });
});
