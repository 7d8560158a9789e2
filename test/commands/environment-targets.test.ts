import { describe, expect, test } from 'vitest';
import { holdingIn, liveIn } from '../../lib/folds/environment.ts';
import { readEnvironment } from '../../lib/query/environment-view.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { explainChange } from '../../lib/run/commands/explain-change.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { givenDrill, givenEnded, givenTarget, nameTarget, production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, ci, contextOf, dependenciesOf, personIn } from '../given.ts';
import { withoutRole } from '../roster-given.ts';
import { deploy, placeOf, releaseChecklist, requested, runAtT0, toReview } from './environment-runs.ts';

const world = (...rules: Parameters<typeof releaseChecklist>) => dependenciesOf(releaseChecklist(...rules), { tickMs: 1 });
const claims = (deps: FakeDependencies) => deps.trail.read(productionScope, { lane: 'claim' });
const holding = async (deps: FakeDependencies) => holdingIn(await claims(deps));
const lives = async (deps: FakeDependencies) => liveIn(await deps.trail.read(productionScope, { lane: 'live' }));
const reasonsAtT0 = async (deps: FakeDependencies, run: string) =>
  (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 't-minus-2h');

describe('the rollback target', () => {
  test('is needed at T0, named by two people, fixed in the run, and shown', async () => {
    const deps = world([{ kind: 'rollback-target/1' }, { kind: 'drill-recent/1', maxAgeDays: 90 }]);
    const run = await runAtT0(deps);
    expect((await reasonsAtT0(deps, run))?.reasons.join()).toContain('holdpoint target adopt shop');
    expect((await nameTarget(deps, 'operations-lead')).ok).toMatchObject({ state: 'proposed', needs: 'technical-lead' });
    expect((await nameTarget(deps, 'operations-lead')).ok).toMatchObject({ state: 'proposed', alreadyRecorded: true });
    expect((await nameTarget(deps, 'technical-lead')).ok).toMatchObject({ state: 'adopted', needs: null });
    await requested(deps);
    expect((await readRun(deps, run)).ok?.rollbackTarget).toMatchObject({ run: null, version: '1.2.2', level: 'adopted' });
    expect((await reasonsAtT0(deps, run))?.reasons.join()).toContain('holdpoint drill shop');
    await givenDrill(deps);
    await reconcileGate(deps, { run });
    expect(await placeOf(deps, run)).toBe('between gates');
    const view = await readEnvironment(deps, production, true);
    expect(view).toMatchObject({
      holder: { run, how: 'exclusive' },
      live: { version: '1.2.2', readBack: false },
      target: { version: '1.2.2' },
      proposed: [],
      drill: { environment: 'staging', outcome: 'rolled-back' },
    });
  });

  test('another proposal of the second person adopts nothing', async () => {
    const deps = world();
    await nameTarget(deps, 'operations-lead');
    const other = { target: 'adopt', version: '9', components: [{ component: 'web', digest: artifact }] } as const;
    const said = await adoptTarget(deps, { ...production, ...other, request: anew() }, personIn(deps, 'technical-lead'));
    expect(said.ok?.state).toBe('proposed');
    expect(await lives(deps)).toEqual([]);
  });

  test('is adopted once, by whomever it is sent again, and anew when something else became live since', async () => {
    const deps = world();
    await givenTarget(deps);
    for (const role of ['technical-lead', 'operations-lead'] as const)
      expect((await nameTarget(deps, role)).ok).toMatchObject({ state: 'adopted', needs: null, alreadyRecorded: true });
    expect(await lives(deps)).toHaveLength(1);
    const other = { target: 'adopt', version: '9', components: [{ component: 'web', digest: artifact }] } as const;
    for (const role of ['technical-lead', 'operations-lead'] as const)
      await adoptTarget(deps, { ...production, ...other, request: anew() }, personIn(deps, role));
    expect((await nameTarget(deps, 'technical-lead')).ok).toMatchObject({ state: 'proposed', alreadyRecorded: false });
    expect((await nameTarget(deps, 'operations-lead')).ok).toMatchObject({ state: 'adopted', alreadyRecorded: false });
    expect((await lives(deps)).map(({ version }) => version)).toEqual(['1.2.2', '9', '1.2.2']);
  });

  test('is not adopted on the word of somebody who no longer holds the role', async () => {
    const deps = world();
    await nameTarget(deps, 'operations-lead');
    const without = { ...deps, roster: withoutRole(deps.roster, personIn(deps, 'operations-lead').id) };
    expect((await nameTarget(without, 'technical-lead')).ok).toMatchObject({ state: 'proposed', needs: 'operations-lead' });
    expect(await lives(deps)).toEqual([]);
  });

  test('adopted while a run has its own fixed changes nothing of that run', async () => {
    const deps = world([{ kind: 'rollback-target/1' }]);
    await givenTarget(deps);
    const run = await runAtT0(deps);
    await deploy(deps, run);
    const other = { target: 'adopt', version: '9', components: [{ component: 'web', digest: artifact.replaceAll('b', 'd') }] } as const;
    for (const role of ['technical-lead', 'operations-lead'] as const)
      await adoptTarget(deps, { ...production, ...other, request: anew() }, personIn(deps, role));
    const withdrawn = { ...production, target: 'withdraw', components: [], reason: 'It is taken away.', request: anew() } as const;
    expect((await adoptTarget(deps, withdrawn, personIn(deps, 'operations-lead'))).refused?.type).toBe('target-known');
    await requested(deps);
    expect((await readRun(deps, run)).ok?.rollbackTarget).toMatchObject({ version: '1.2.2' });
  });

  test('two people of the same role are not enough, nor is any other role', async () => {
    const deps = world();
    await nameTarget(deps, 'operations-lead');
    const second = { ...personIn(deps, 'operations-lead'), id: 'p-operations2', roles: ['operations-lead' as const] };
    const given = { ...production, target: 'adopt', version: '1.2.2', commit: 'e'.repeat(40), request: anew() } as const;
    const components = [{ component: 'web', digest: artifact.replaceAll('b', 'c'), reference: '7' }];
    expect((await adoptTarget(deps, { ...given, components }, second)).refused?.type).toBe('role-missing');
    expect((await adoptTarget(deps, { ...given, components }, personIn(deps, 'developer'))).refused?.type).toBe('role-missing');
    const late = { ...second, signedInAt: new Date(0) };
    expect((await adoptTarget(deps, { ...given, components }, late)).refused?.type).toBe('sign-in-stale');
  });

  test('a first release may be taken away, no later one', async () => {
    const deps = world();
    const withdraw = (role: 'operations-lead' | 'technical-lead') =>
      adoptTarget(
        deps,
        { ...production, target: 'withdraw', components: [], reason: 'Nobody uses it yet.', request: anew() },
        personIn(deps, role),
      );
    await withdraw('technical-lead');
    expect((await withdraw('operations-lead')).ok?.state).toBe('adopted');
    const run = await runAtT0(deps);
    expect((await readRun(deps, run)).ok?.rollbackTarget).toMatchObject({ level: 'withdraw', components: [] });
    await toReview(deps, run);
    expect((await withdraw('technical-lead')).refused?.type).toBe('target-known');
  });

  test('is fixed again when the version that is live has come further while T0 waited', async () => {
    const deps = world();
    await givenTarget(deps);
    const older = await runAtT0(deps);
    const newer = await runAtT0(deps, '1.2.4');
    expect((await readRun(deps, newer)).ok?.rollbackTarget?.version).toBe('1.2.2');
    await toReview(deps, older);
    await requested(deps);
    expect(await holding(deps)).toMatchObject({ run: newer });
    expect((await readRun(deps, newer)).ok?.rollbackTarget).toMatchObject({ run: older, level: 'deployment-success' });
  });
});

describe('a change that no run accounts for', () => {
  const seen = (deps: FakeDependencies, more: { event?: string; digest?: string; seenAt?: string; component?: string } = {}) =>
    recordUnaccounted(deps, { ...production, event: 'e-1', what: 'alias moved', seenAt: deps.clock.now().toISOString(), ...more });

  test('is recorded once, blocks T0, and needs the words of a person', async () => {
    const deps = world([{ kind: 'changes-explained/1' }]);
    expect(await seen(deps)).toMatchObject({ alreadyRecorded: false });
    expect(await seen(deps)).toMatchObject({ alreadyRecorded: true });
    const run = await runAtT0(deps);
    expect(await placeOf(deps, run)).toBe('t-minus-2h');
    const [change] = (await readEnvironment(deps, production, true)).unaccounted;
    expect(change?.explanation).toBeNull();
    const explain = (id: string, role: 'operator' | 'developer') =>
      explainChange(
        deps,
        { ...production, change: id, explanation: 'A hotfix by hand, ticket 12.', request: anew() },
        personIn(deps, role),
      );
    expect((await explain('f'.repeat(32), 'operator')).refused?.type).toBe('change-unknown');
    expect((await explain(change?.change ?? '', 'developer')).refused?.type).toBe('role-missing');
    expect((await explain(change?.change ?? '', 'operator')).refused).toBeUndefined();
    await requested(deps);
    expect(await placeOf(deps, run)).toBe('between gates');
    const shown = (await readEnvironment(deps, production, true)).unaccounted[0]?.explanation;
    expect(shown?.text).toBe('A hotfix by hand, ticket 12.');
    expect((await readEnvironment(deps, production, false)).unaccounted[0]?.explanation?.text).toBeNull();
  });

  test('is explained by nobody who started a run that is open there, and twice by who may', async () => {
    const deps = world([{ kind: 'changes-explained/1' }]);
    await seen(deps);
    const run = await runAtT0(deps);
    const [change] = (await readEnvironment(deps, production, true)).unaccounted;
    const explain = (caller: PersonCaller, explanation: string) =>
      explainChange(deps, { ...production, change: change?.change ?? '', explanation, request: anew() }, caller);
    const operator = personIn(deps, 'operator');
    const starter = { ...operator, id: ci.person ?? '' };
    expect((await explain(starter, 'It is only mine, ticket 12.')).refused).toMatchObject({
      type: 'starter-excluded',
      detail: 'Who started a run may not explain a change in its environment while the run is open.',
      got: expect.stringContaining(run),
    });
    expect((await readEnvironment(deps, production, true)).unaccounted[0]?.explanation).toBeNull();
    for (const text of ['A hotfix by hand, ticket 12.', 'A hotfix by hand, ticket 13.'])
      expect((await explain(operator, text)).ok).toMatchObject({ alreadyRecorded: false });
    expect((await readEnvironment(deps, production, true)).unaccounted[0]?.explanation?.text, 'the last one').toContain('13');
    await givenEnded(deps, await contextOf(deps, run), 'not-stable');
    expect((await explain(starter, 'Later it is nobody who is judged by it.')).refused).toBeUndefined();
  });

  test('is none while a run deploys, unless it names another digest', async () => {
    const deps = world();
    await givenTarget(deps);
    const run = await runAtT0(deps);
    expect(await seen(deps, { event: 'before the admission' }), 'the run has not begun to deploy').toBeDefined();
    await deploy(deps, run);
    expect(await seen(deps, { event: 'e-2' })).toBeUndefined();
    expect(await seen(deps, { event: 'e-3', digest: artifact })).toBeUndefined();
    expect(await seen(deps, { event: 'e-4', digest: artifact.replaceAll('b', 'c') }), 'the rollback target').toBeUndefined();
    expect(await seen(deps, { event: 'e-5', digest: artifact.replaceAll('b', 'd') })).toBeDefined();
    expect(await seen(deps, { event: 'e-8', component: 'web', digest: artifact })).toBeUndefined();
    expect(await seen(deps, { event: 'e-9', component: 'api', digest: artifact }), 'the digest of another component').toBeDefined();
    expect(await seen(deps, { event: 'e-10', component: 'api' }), 'a component that the run does not release').toBeDefined();
    const during = deps.clock.now().toISOString();
    await givenEnded(deps, await contextOf(deps, run), 'not-stable');
    deps.controls.clock.advance(600_000);
    expect(await seen(deps, { event: 'e-6', seenAt: during }), 'told late').toBeUndefined();
    expect(await seen(deps, { event: 'e-7' })).toBeDefined();
  });
});
