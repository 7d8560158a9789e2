import { describe, expect, test } from 'vitest';
import { actuate } from '../../lambdas/event-actuator.ts';
import { rollbackStepIds } from '../../lib/audit/events/rollback.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { type CarryOutDependencies, carryOut } from '../../lib/run/commands/carry-out.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { planOf } from '../../lib/run/gates/rollback-plan.ts';
import { type FakePlatforms, fakePlatforms } from '../fakes/platforms.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import { fixTarget, request, rollbackLane, stableDigest, targets, withTargets } from '../rollback-given.ts';
import { type Story, toDeployment } from '../story.ts';

const revert = { step: 'revert-version', action: 'do', attempt: 1 } as const;
type Given = Story & { readonly platforms: FakePlatforms; readonly own: CarryOutDependencies };

/** As the actuator has them: it signs for nobody. */
const given = async (change: (deps: FakeDependencies) => FakeDependencies = (deps) => withTargets(deps)): Promise<Given> => {
  const story = await toDeployment();
  const deps = change(story.deps);
  const platforms = fakePlatforms();
  platforms.aliasesOf.set('shop:live', { version: '8', split: false, revision: 1 });
  platforms.code.set('shop:7', stableDigest);
  const own = { ...signingFor([], deps), stage: deps.stage, platforms, sleep: async () => {} };
  await fixTarget(deps, story.run);
  return { ...story, deps, platforms, own };
};

describe('the actuator', () => {
  test('carries out the current attempt, records it and asks for a look', async () => {
    const { deps, run, own, platforms } = await given();
    await request(deps, run, revert, 'platform');
    deps.controls.reconciler.requests.splice(0);
    expect(await actuate(own, { run, attempt: revert })).toEqual({
      run,
      step: 'revert-version',
      outcome: 'done',
      detail: 'web: the alias live names version 7, and named version 8 before',
      alreadyRecorded: false,
    });
    expect(platforms.calls).toEqual(['shop:live -> 7']);
    expect(await rollbackLane(deps, run)).toEqual(['rollback.target-fixed', 'rollback.step-requested', 'rollback.step-done']);
    expect(deps.controls.reconciler.requests).toHaveLength(1);
    expect(await carryOut(own, run, revert)).toEqual({ outcome: 'ignored', detail: 'the attempt is answered' });
  });

  test('that died between act and append acts on nothing the second time, and records', async () => {
    const { deps, run, own, platforms } = await given();
    await request(deps, run, revert, 'platform');
    deps.controls.failNext('store.insert', 'before');
    await expect(carryOut(own, run, revert)).rejects.toThrow();
    expect(await rollbackLane(deps, run)).not.toContain('rollback.step-done');
    expect(await carryOut(own, run, revert)).toMatchObject({ outcome: 'done', detail: 'web: the alias live names version 7 already' });
    expect(platforms.calls).toEqual(['shop:live -> 7']);
  });

  test('leaves everything alone for an old attempt, one that was never requested, one that is only proved, and one done by hand', async () => {
    const { deps, run, own, platforms } = await given();
    expect(await carryOut(own, run, revert)).toMatchObject({ outcome: 'ignored' });
    await request(deps, run, revert, 'platform');
    await request(deps, run, { ...revert, attempt: 2 }, 'platform');
    expect(await carryOut(own, run, revert)).toEqual({ outcome: 'ignored', detail: 'the current attempt of revert-version is do 2' });
    await request(deps, run, { ...revert, attempt: 3 }, 'none');
    expect(await carryOut(own, run, { ...revert, attempt: 3 })).toMatchObject({ outcome: 'ignored' });
    await request(deps, run, { ...revert, attempt: 4 }, 'platform');
    const choice = { run, step: 'revert-version', answer: 'by-hand', reason: 'Set it in the console.' } as const;
    await handleStep(deps, { ...choice, evidence: [] }, personIn(deps, 'operations-lead'));
    expect(await carryOut(own, run, { ...revert, attempt: 4 })).toMatchObject({ outcome: 'ignored' });
    expect(platforms.calls).toEqual([]);
  });

  test('records a failure with its reason', async () => {
    const { deps, run, own, platforms } = await given();
    platforms.code.set('shop:7', `sha256:${'0'.repeat(64)}`);
    await request(deps, run, revert, 'platform');
    expect(await carryOut(own, run, revert)).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('has the code') });
    expect((await rollbackLane(deps, run)).at(-1)).toBe('rollback.step-failed');
  });

  test('asks others and records nothing for them', async () => {
    const { deps, run, own, platforms } = await given();
    const stop = { step: 'stop-requests', action: 'do', attempt: 1 } as const;
    await request(deps, run, stop, 'event');
    expect(await carryOut(own, run, stop)).toEqual({ outcome: 'asked', detail: 'a listener of the bus' });
    expect(platforms.events[0]?.data).toMatchObject({ components: [{ component: 'web' }], target: { version: '1.2.2' } });
    expect((await rollbackLane(deps, run)).at(-1)).toBe('rollback.step-requested');
  });

  test('leaves a step without a setting, and a service without targets, to a person', async () => {
    const others = targetsSchema.parse({ components: targets.components, rollback: { 'restart-services': { by: { kind: 'platform' } } } });
    for (const change of [(plain: FakeDependencies) => plain, (plain: FakeDependencies) => withTargets(plain, others)]) {
      const { deps, run, own } = await given(change);
      await request(deps, run, revert, 'person');
      expect(await carryOut(own, run, revert)).toEqual({ outcome: 'asked', detail: 'a person' });
    }
    // What the reconciler requests is what the actuator does.
    expect(rollbackStepIds.map((step) => [step, planOf(others, step, []).actuator])).toEqual([
      ['stop-requests', 'person'],
      ['revert-version', 'person'],
      ['restore-database', 'person'],
      ['restart-services', 'platform'],
      ['verify-health', 'none'],
      ['monitor-stability', 'none'],
    ]);
  });

  test('fails a step that nobody carries out', async () => {
    const { deps, run, own } = await given();
    for (const step of ['restart-services', 'verify-health']) {
      await request(deps, run, { ...revert, step }, 'platform');
      expect(await carryOut(own, run, { ...revert, step })).toMatchObject({ outcome: 'failed' });
    }
  });

  test('declines what is no request, and ignores runs that do not exist', async () => {
    const { own, run } = await given();
    for (const event of [
      undefined,
      {},
      { run },
      { run, attempt: { ...revert, step: 'delete-everything' } },
      { run, attempt: { ...revert, attempt: 0 } },
    ])
      expect(await actuate(own, event)).toHaveProperty('declined');
    expect(await actuate(own, { run: 'r1', attempt: revert })).toMatchObject({ outcome: 'ignored' });
  });
});
