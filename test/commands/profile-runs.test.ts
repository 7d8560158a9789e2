import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { definitionFor } from '../../lib/run/commands/start-profile.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import {
  check,
  checklistOf,
  ci,
  contextOf,
  dependenciesOf,
  gate,
  givenRun,
  junitReport,
  reportOfRun,
  startInput,
  twoGates,
} from '../given.ts';
import { type Machine, machineOf } from '../machine.ts';
import { afterDeployment, answer, givenInForce, must, profileFile, propose } from '../profile-given.ts';

const start = (deps: FakeDependencies, profile?: string, token = 'token-1') =>
  startRun(signingFor([], deps), { ...startInput, ...(profile === undefined ? {} : { profile }) }, { ...ci, token: sha256(token) });

/** A run that waits at its first gate, whose check is proved. */
const proved = async (deps: FakeDependencies, profile: string): Promise<{ readonly run: string; readonly machine: Machine }> => {
  const { run } = must(await start(deps, profile));
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await machine.settle();
  return { run, machine };
};
const firstGate = async (deps: FakeDependencies, run: string) => must(await readRun(deps, run)).gates[0];

describe('a start', () => {
  test('without a profile takes the bare checklist, then the profile in force', async () => {
    const deps = dependenciesOf(twoGates);
    const bare = await contextOf(deps, await givenRun(deps));
    expect(bare.started.event.data).not.toHaveProperty('profile');
    expect(must(await readRun(deps, bare.run)).profile).toBeNull();
    const profile = await givenInForce(deps);
    const { run, definition } = must(await start(deps, undefined, 'token-2'));
    const { started, checklist } = await contextOf(deps, run);
    expect(started.event.data).toMatchObject({
      definition,
      profile: { digest: profile, base: deps.definitions.current().digest, state: 'in-force' },
    });
    expect(checklist.profile).toMatchObject({ digest: profile, features: [{ id: 'cart' }] });
    const view = must(await readRun(deps, run));
    expect(view).toMatchObject({ profile: { digest: profile, startedAs: 'in-force' }, definition: { digest: definition } });
    // Its definition was published as every other one, and its first event carries the hash of that.
    const installation = await deps.trail.read('installation', { lane: 'definition' });
    expect(installation.filter(isType('definition.published')).map(({ event }) => event.data.digest)).toContain(definition);
    expect(installation.some(({ hash }) => hash === started.event.prev)).toBe(true);
  });

  test('names the profile in force or the one that is proposed, and no other', async () => {
    const deps = dependenciesOf(twoGates);
    const unknown = await start(deps, 'f'.repeat(64));
    expect(unknown.refused).toMatchObject({ type: 'profile-unknown', expected: 'no profile is in force' });
    const old = await givenInForce(deps);
    const now = await givenInForce(deps, profileFile(['cart', 'orders']));
    expect((await start(deps, old)).refused).toMatchObject({
      type: 'profile-unknown',
      detail: expect.stringContaining('was replaced by another profile'),
      expected: `${now} is in force`,
    });
    const { profile } = must(await propose(deps, profileFile(['cart', 'orders', 'search'])));
    must(await answer(deps, profile, 'technical-lead', 'rejected'));
    expect((await start(deps, profile)).refused).toMatchObject({ detail: expect.stringContaining('was rejected') });
    expect(must(await start(deps, now)).run).toBeDefined();
  });

  test('with a token that has started a run is that run, whatever was approved since', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const first = must(await start(deps, profile));
    must(await answer(deps, profile, 'technical-lead', 'rejected'));
    expect(must(await start(deps, profile))).toMatchObject({ run: first.run, definition: first.definition });
    expect((await start(deps, 'f'.repeat(64))).refused?.type).toBe('token-spent');
  });

  test('of a drill takes no profile that waits', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const drill = { version: '1', components: [{ component: 'web', digest: `sha256:${'c'.repeat(64)}`, reference: null }] };
    const { refused } = await definitionFor(deps, { ...startInput, drill, profile });
    expect(refused).toMatchObject({ type: 'profile-unknown', expected: `no profile is in force, ${profile} is proposed` });
    expect(must(await definitionFor(deps, { ...startInput, drill })).profile).toBeUndefined();
  });
});

describe('a run that names a proposed profile', () => {
  test('is held at its first gate until both have approved, and goes on by itself', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const { run, machine } = await proved(deps, profile);
    expect(machine.at()).toBe('phase-1');
    expect(await firstGate(deps, run)).toMatchObject({
      state: 'blocked',
      reasons: [
        `the profile ${profile.slice(0, 12)} of this run waits for its approval by the technical-lead and the operations-lead; it was proposed by p-developer1`,
      ],
    });
    must(await answer(deps, profile, 'operations-lead'));
    await machine.settle();
    expect((await firstGate(deps, run))?.reasons[0]).toContain('waits for its approval by the technical-lead;');
    must(await answer(deps, profile, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    const [settled] = (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).filter(isType('gate.settled'));
    expect(settled?.event.data.judgedOn).toContainEqual(expect.objectContaining({ scope: 'service/shop', lane: 'profile', seq: 3 }));
    // Later gates ask nothing about it.
    must(await propose(deps, profileFile(['cart', 'other'])));
    expect(must(await readRun(deps, run))).toMatchObject({
      profile: { startedAs: 'proposed' },
      gates: [{ state: 'passed' }, { state: 'waiting' }],
    });
  });

  test.each([
    [
      'rejected',
      (deps: FakeDependencies, profile: string) => answer(deps, profile, 'technical-lead', 'rejected'),
      'was rejected by p-technical1',
    ],
    ['replaced', (deps: FakeDependencies) => propose(deps, profileFile(['other'])), 'was replaced by another proposal'],
  ] as const)('says that it was %s, and stays where it is', async (_, happens, words) => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const { run, machine } = await proved(deps, profile);
    await happens(deps, profile);
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(await firstGate(deps, run)).toMatchObject({ state: 'blocked', reasons: [expect.stringContaining(words)] });
  });

  test('goes on when the same profile is proposed again and approved, also for a changed checklist', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const { run, machine } = await proved(deps, profile);
    const later = afterDeployment(deps, { ...twoGates, version: '2' });
    await givenInForce(later);
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    expect((await contextOf(deps, run)).checklist.version).toBe('1');
  });

  test('looks once more by itself: who approved it may not have seen the run in the list', async () => {
    const deps = dependenciesOf(twoGates);
    const { profile } = must(await propose(deps));
    const { machine } = await proved(deps, profile);
    const blind = { ...deps, index: { ...deps.index, open: async () => [] } };
    for (const role of ['technical-lead', 'operations-lead'] as const) must(await answer(blind, profile, role));
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    deps.controls.clock.advance(121_000);
    await sweep(deps);
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
  });
});

describe('a checklist that has changed since the approval', () => {
  test('gets the approved profile applied at the start, and the run says to which one', async () => {
    const deps = dependenciesOf(twoGates);
    const profile = await givenInForce(deps);
    const before = must(await start(deps));
    const later = afterDeployment(deps, { ...twoGates, version: '2' });
    const { run, definition } = must(await start(later, undefined, 'token-2'));
    expect(definition).not.toBe(before.definition);
    const { checklist, started } = await contextOf(later, run);
    expect([checklist.version, checklist.profile?.digest]).toEqual(['2', profile]);
    expect(started.event.data.profile).toMatchObject({ base: later.definitions.current().digest, state: 'in-force' });
    expect(must(await readRun(later, run)).profile?.base).toBe(later.definitions.current().digest);
  });

  test('to which the profile does not fit starts nothing, and says what does not', async () => {
    const deps = dependenciesOf(twoGates);
    const other = checklistOf([gate('phase-1')], [check('cart-tests', 'phase-1')]);
    const own = profileFile(
      ['cart'],
      'checks: [{ id: cart-tests, gate: phase-1, title: Cart, owner: developer, proof: A report., rule: { kind: junit-passes/1, evidence: junit, minTests: 1 } }]\n',
    );
    await givenInForce(deps, own);
    const refused = (await start(afterDeployment(deps, other))).refused;
    expect(refused).toMatchObject({
      type: 'profile-invalid',
      detail: expect.stringContaining('no longer fits'),
      mistakes: [{ line: 0, column: 0, member: 'checks.0.id', message: expect.stringContaining('cart-tests') }],
    });
  });
});
