import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { partInputSchema } from '../../lib/fields.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { giveEvidence } from '../../lib/run/commands/give-evidence.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, commit, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { machineOf } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';
import { decideAs, withdrawAs } from '../standing-given.ts';

/** The tests of a release, compared with those that passed in the last one that became production-stable. */

const rule = baseChecklist.items.find(({ id }) => id === 'no-regressions')?.rule ?? expect.fail('no such line');
const twoGates = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('no-regressions', 'phase-1', { rule }),
    check('integration', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

type Outcome = 'passed' | 'failed' | 'skipped';
const junit = (tests: Readonly<Record<string, Outcome>>): Uint8Array => {
  const inside = { passed: '', failed: '<failure/>', skipped: '<skipped/>' };
  const cases = Object.entries(tests).map(([test, outcome]) => {
    // `e in a.test.ts`: the same name can stand in two files.
    const [name, file] = test.split(' in ');
    return `<testcase classname="shop" name="${name}"${file === undefined ? '' : ` file="${file}"`}>${inside[outcome]}</testcase>`;
  });
  return new TextEncoder().encode(`<testsuite name="shop">${cases.join('')}</testsuite>`);
};

let tokens = 0;
let jobs = 0;
const begun = async (deps: FakeDependencies, version = '1.2.3') => {
  deps.controls.clock.advance(60_000);
  const run = await givenRun(deps, { version }, { ...ci, token: String(++tokens).padStart(64, '3') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  const tested = async (tests: Readonly<Record<string, Outcome>>, source = 'unit') => {
    deps.controls.clock.advance(1000);
    const sent = await recordEvidence(
      deps,
      {
        run,
        type: 'junit',
        bytes: junit(tests),
        contentType: 'application/xml',
        source,
        commit,
        madeAt: deps.clock.now().toISOString(),
        producerRun: `job-${++jobs}`,
        producerAttempt: 1,
      },
      ci,
    );
    expect(sent.refused).toBeUndefined();
    await machine.settle();
  };
  const finding = async () =>
    (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find((one) => one.check === 'no-regressions') ?? expect.fail();
  const waived = async (subject?: string) => {
    const until = new Date(deps.clock.now().getTime() + 3_600_000).toISOString();
    const part = subject === undefined ? {} : { subject: partInputSchema.parse(subject) };
    const given = { request: anew(), run, check: 'no-regressions', reason: 'Renamed in pull request 12.', until, ...part };
    const said = await waive(deps, given, personIn(deps, 'technical-lead'));
    expect(said.refused).toBeUndefined();
    await machine.settle();
  };
  return { run, machine, tested, finding, waived };
};

/** The reconciler says it at the end of a run. */
const becameStable = (
  deps: FakeDependencies,
  run: string,
  version = '1.2.3',
  level: 'production-stable' | 'deployed' = 'production-stable',
) =>
  deps.trail.append(
    {
      scope: productionScope,
      lane: 'live',
      step: `${run}/${level}`,
      type: 'environment.live',
      actor: { kind: 'system', id: 'reconciler' },
      data: {
        run,
        version,
        level,
        components: [{ component: 'web', digest: artifact, reference: null }],
        waitScale: 1,
        triggered: false,
        rolledBack: null,
      },
    },
    { parentHash: genesis },
  );

/** A world in which version 1.2.3 was released with these tests. */
const released = async (tests: Readonly<Record<string, Outcome>>) => {
  const deps = dependenciesOf(twoGates);
  const first = await begun(deps);
  await first.tested(tests);
  await first.waived();
  expect(first.machine.at()).toBe('phase-2');
  // What is sent later was never compared at the gate, such as smoke tests of the running service.
  await first.tested({ 'smoke of production': 'passed' }, 'smoke');
  await becameStable(deps, first.run);
  return { deps, first };
};

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
