import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { ends } from '../../lib/audit/events/run.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { holdingIn, liveIn } from '../../lib/folds/environment.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { claimFor } from '../../lib/run/gates/claim.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { givenEnded, givenHolder, givenTarget, production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, ci, contextOf, dependenciesOf, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { deploy, enter, passMinutes, placeOf, releaseChecklist, requested, runAtT0, toReview } from './environment-runs.ts';

const world = (...rules: Parameters<typeof releaseChecklist>) => dependenciesOf(releaseChecklist(...rules), { tickMs: 1 });
const claims = (deps: FakeDependencies) => deps.trail.read(productionScope, { lane: 'claim' });
const holding = async (deps: FakeDependencies) => holdingIn(await claims(deps));
const lives = async (deps: FakeDependencies) => liveIn(await deps.trail.read(productionScope, { lane: 'live' }));
const reasonsAtT0 = async (deps: FakeDependencies, run: string) =>
  (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 't-minus-2h');

describe('T0', () => {
  test('claims the environment, and gives it free for newer runs after Deployment Success', async () => {
    const deps = world();
    const run = await runAtT0(deps);
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run });
    await toReview(deps, run);
    expect(await holding(deps)).toMatchObject({ how: 'shared', run });
    expect((await lives(deps)).map(({ level }) => level)).toEqual(['deployed', 'deployment-success']);
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(2), { attempt: 2 }), ci);
    await reconcileGate(deps, { run });
    expect(await placeOf(deps, run)).toBe('production-stable');
    expect(await holding(deps)).toEqual({ how: 'free' });
    expect((await lives(deps)).at(-1)).toMatchObject({ run, level: 'production-stable', triggered: false });
    expect(verifyScope(await deps.trail.read(productionScope, { prefix: '' }))).toBeUndefined();
  });

  test('waits while another run holds it alone, names that run, and goes on as soon as it is free', async () => {
    const deps = world();
    const first = await runAtT0(deps);
    const second = await runAtT0(deps);
    expect(await placeOf(deps, second)).toBe('t-minus-2h');
    const gate = await reasonsAtT0(deps, second);
    expect(gate?.state).toBe('blocked');
    expect(gate?.reasons.join()).toContain(`/runs/${first}`);
    await enter(deps, first, 'deployment-window');
    await cancelRun(deps, { run: first, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    await reconcileGate(deps, { run: first });
    // Without the sweep: the end of the first run asks the second to look again.
    expect(await requested(deps)).toContain(second);
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: second });
    expect(await placeOf(deps, second)).toBe('between gates');
  });

  test('goes on by itself when that request is lost', async () => {
    const deps = world();
    const first = await runAtT0(deps);
    const second = await runAtT0(deps);
    await enter(deps, first, 'deployment-window');
    await cancelRun(deps, { run: first, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
    await reconcileGate(deps, { run: first });
    deps.controls.reconciler.requests.splice(0);
    await passMinutes(deps, 4);
    expect(await holding(deps)).toMatchObject({ run: second });
  });

  test('supersedes the run that shares the environment: neither stable nor failed', async () => {
    const deps = world();
    const older = await runAtT0(deps);
    await toReview(deps, older);
    const newer = await runAtT0(deps, '1.2.4');
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: newer, supersedes: older });
    expect(await requested(deps)).toContain(older);
    expect(await placeOf(deps, older)).toBe('superseded');
    expect(deps.controls.workflow.answers.at(-1)?.sent).toMatchObject({ output: { outcome: 'superseded' } });
    const view = (await readRun(deps, older)).ok;
    expect(view).toMatchObject({ outcome: 'superseded', supersededBy: newer, unreached: ['stable'] });
    // Its end takes nothing away from the newer run.
    await passMinutes(deps, 5);
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: newer });
  });

  test('does not supersede a run whose rollback trigger is open', async () => {
    const deps = dependenciesOf(withTrigger(), { tickMs: 1 });
    const older = await runAtT0(deps);
    await toReview(deps, older);
    await trigger(deps, older);
    const newer = await runAtT0(deps, '1.2.4');
    const gate = await reasonsAtT0(deps, newer);
    expect(gate?.reasons.join()).toContain('has an open rollback trigger, or is being rolled back');
    expect(await claimFor(deps, await contextOf(deps, older), 'rollback')).toEqual({ held: true, anew: true });
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: older });
  });

  test('a rollback is lost to a newer run that has claimed', async () => {
    const deps = world();
    const older = await runAtT0(deps);
    await toReview(deps, older);
    const context = await contextOf(deps, older);
    const newer = await runAtT0(deps, '1.2.4');
    expect(await claimFor(deps, context, 'rollback')).toMatchObject({ held: false, by: newer });
  });

  test('a crash between the claim and what follows is completed by the next look', async () => {
    const deps = world();
    const older = await runAtT0(deps);
    await toReview(deps, older);
    deps.controls.onCall((call, _caller, [stored]) => {
      if (call === 'store.insert' && (stored as { event: { type: string } }).event.type === 'run.superseded')
        deps.controls.failNext(call, 'before');
    });
    const newer = await runAtT0(deps, '1.2.4').catch(() => undefined);
    deps.controls.onCall(undefined);
    expect(newer).toBeUndefined();
    await passMinutes(deps, 5);
    expect(await placeOf(deps, older)).toBe('superseded');
    expect((await claims(deps)).filter(isType('environment.claimed'))).toHaveLength(2);
  });
});

const withTrigger = () => {
  const checklist = releaseChecklist();
  return {
    ...checklist,
    items: [...checklist.items, { ...check('data-corruption', 't-minus-2h'), kind: 'trigger' as const, gate: null, rule: null }],
  };
};
const trigger = (deps: FakeDependencies, run: string) =>
  triggerRollback(
    deps,
    { request: anew(), run, trigger: 'data-corruption', reason: 'Rows are missing.' },
    personIn(deps, 'operations-lead'),
  );

describe('the end of a run', () => {
  test.each(ends)('%s frees its environment, or keeps it for a reason, held alone and shared', async (end) => {
    for (const how of ['exclusive', 'shared'] as const) {
      const deps = world();
      const run = await runAtT0(deps);
      if (how === 'shared') await toReview(deps, run);
      expect(await holding(deps)).toMatchObject({ how, run });
      await givenEnded(deps, await contextOf(deps, run), end);
      const expected = end === 'rollback-escalated' ? { how: 'kept', run } : { how: 'free' };
      expect(await holding(deps), how).toMatchObject(expected);
      // Said again, by a sweep that finds the run a second time.
      await givenEnded(deps, await contextOf(deps, run), end);
      expect(await holding(deps), how).toMatchObject(expected);
    }
  });

  test('that rolled back says what runs then: its target', async () => {
    const deps = dependenciesOf(withTrigger(), { tickMs: 1 });
    await givenTarget(deps);
    const run = await runAtT0(deps);
    await deploy(deps, run);
    await trigger(deps, run);
    await givenEnded(deps, await contextOf(deps, run), 'rolled-back');
    expect((await lives(deps)).at(-1)).toMatchObject({ run: null, version: '1.2.2', level: 'adopted' });
    expect(await holding(deps)).toEqual({ how: 'free' });
    const next = await runAtT0(deps, '1.2.4');
    expect((await readRun(deps, next)).ok?.rollbackTarget?.version).toBe('1.2.2');
  });

  test('that could not roll back keeps the environment until somebody says what runs', async () => {
    const deps = world();
    const run = await runAtT0(deps);
    await givenEnded(deps, await contextOf(deps, run), 'rollback-escalated');
    expect(await holding(deps)).toMatchObject({ how: 'kept', run });
    const next = await runAtT0(deps, '1.2.4');
    expect((await reasonsAtT0(deps, next))?.reasons.join()).toContain('until what runs is read back');
    await givenTarget(deps);
    const [adopted] = (await lives(deps)).slice(-1);
    await passMinutes(deps, 3);
    expect(await holding(deps), 'two people alone do not know what runs').toMatchObject({ how: 'kept' });
    await deps.trail.append(
      {
        scope: productionScope,
        lane: 'live',
        step: 'read-back/1',
        type: 'target.read-back',
        actor: { kind: 'system', id: 'collector' },
        data: { adopted: adopted?.event ?? '', component: 'web', digest: adopted?.components[0]?.digest ?? '', reference: '7', detail: '' },
      },
      { parentHash: '0'.repeat(64) },
    );
    await passMinutes(deps, 3);
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: next });
  });

  test('is completed by the item that the closing left behind', async () => {
    const deps = world();
    const run = await runAtT0(deps);
    const context = await contextOf(deps, run);
    deps.controls.onCall((call, _caller, [stored]) => {
      if (call === 'store.insert' && (stored as { event: { type: string } }).event.type === 'environment.freed')
        deps.controls.failNext(call, 'before');
    });
    await expect(givenEnded(deps, context, 'not-deployed')).rejects.toThrow();
    deps.controls.onCall(undefined);
    expect(await holding(deps)).toMatchObject({ run });
    await passMinutes(deps, 5);
    expect(await holding(deps)).toEqual({ how: 'free' });
  });
});

describe('a person frees an environment', () => {
  const free = (deps: FakeDependencies, role: 'operations-lead' | 'developer' = 'operations-lead') =>
    freeEnvironment(deps, { ...production, reason: 'Nobody sees the execution.' }, personIn(deps, role));

  test('when its run has ended, or has said nothing for three hours', async () => {
    const deps = world();
    expect((await free(deps)).refused?.type).toBe('environment-free');
    const run = await runAtT0(deps);
    expect((await free(deps)).refused).toMatchObject({ type: 'environment-in-use' });
    expect((await free(deps, 'developer')).refused?.type).toBe('role-missing');
    deps.controls.clock.advance(3 * 3_600_000 + 60_000);
    expect((await free(deps)).ok).toMatchObject({ run, alreadyRecorded: false });
    expect(await holding(deps)).toEqual({ how: 'free', freed: run });
    expect((await free(deps)).refused?.type, 'once').toBe('environment-free');
    const refusals = await deps.trail.read(productionScope, { lane: 'refusal' });
    expect(refusals).toHaveLength(4);
  });

  test('from a run that lives: the next run supersedes it, so that the older one never says that it is live', async () => {
    const deps = world();
    const older = await runAtT0(deps);
    await toReview(deps, older);
    deps.controls.clock.advance(3 * 3_600_000 + 60_000);
    expect((await free(deps)).ok).toMatchObject({ run: older });
    const newer = await runAtT0(deps, '1.2.4');
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: newer, supersedes: older });
    await deploy(deps, newer);
    await recordEvidence(deps, reportOfRun(older, deps, junitReport(2)), ci);
    await requested(deps);
    expect(await placeOf(deps, older)).toBe('superseded');
    expect((await lives(deps)).map(({ run, level }) => [run, level])).not.toContainEqual([older, 'production-stable']);
    expect((await lives(deps)).at(-1)?.run).toBe(newer);
  });

  test('from a run that deploys: it passes Deployment Success, is not live by that, and is superseded afterwards', async () => {
    const deps = world();
    const older = await runAtT0(deps);
    await deploy(deps, older);
    deps.controls.clock.advance(3 * 3_600_000 + 60_000);
    await free(deps);
    const newer = await runAtT0(deps, '1.2.4');
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: newer, supersedes: older });
    await enter(deps, older, 'deployment-success');
    await recordEvidence(deps, reportOfRun(older, deps, junitReport(1)), ci);
    await reconcileGate(deps, { run: older });
    expect((await lives(deps)).map(({ run, level }) => [run, level])).not.toContainEqual([older, 'deployment-success']);
    await enter(deps, older, 'stability-24h');
    expect(await placeOf(deps, older)).toBe('superseded');
    expect(await holding(deps)).toMatchObject({ how: 'exclusive', run: newer });
  });

  test('of which there is one', async () => {
    const deps = world();
    const unknown = await freeEnvironment(
      deps,
      { service: 'shop', environment: 'nowhere', reason: 'Nobody sees it.' },
      personIn(deps, 'operations-lead'),
    );
    expect(unknown.refused?.type).toBe('environment-unknown');
  });
});

test('a run without T0 claims nothing', async () => {
  const { gates, ...rest } = releaseChecklist();
  const deps = dependenciesOf({ ...rest, gates: gates.slice(1), items: rest.items.filter((item) => item.gate !== 't-minus-2h') });
  expect(await claimFor(deps, await contextOf(deps, await givenRun(deps)), 't0')).toEqual({ held: true, anew: false });
  expect(await claims(deps)).toEqual([]);
});

test('another run cannot claim what a run holds', async () => {
  const deps = world();
  const first = await runAtT0(deps);
  const second = await runAtT0(deps);
  await expect(givenHolder(deps, second)).rejects.toThrow(first);
  await enter(deps, first, 'deployment-window');
  expect(await holding(deps)).toMatchObject({ run: first });
});
