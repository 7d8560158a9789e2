import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { StartRun } from '../../lib/run/commands/inputs.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { givenEnded, givenHolder } from '../environment.ts';
import { dependenciesOf, givenRun } from '../given.ts';
import { shopTargets } from '../way-back.ts';

/** An environment without users, where CI deploys on every commit: its deployments are nobody's business unless releases go there. */
const place = { service: 'shop', environment: 'staging' } as const;
const scope = 'environment/shop/staging';
const back = `sha256:${'e'.repeat(64)}`;
const drill: Partial<StartRun> = {
  environment: 'staging',
  drill: { version: '1.3.2', components: [{ component: 'web', digest: back, reference: '7' }] },
};
const release: Partial<StartRun> = { environment: 'staging' };

const worldOf = (staging = true) =>
  dependenciesOf(baseChecklist, { tickMs: 1, stage: { targets: { shop: { staging: { ...shopTargets(), staging } } } } });
type World = ReturnType<typeof worldOf>;

/** A run that claimed the environment, and whether it is over. */
const claimed = async (deps: World, changes: Partial<StartRun>, isOver = true): Promise<string> => {
  const context = await givenHolder(deps, await givenRun(deps, changes));
  if (isOver) await givenEnded(deps, context, changes.drill === undefined ? 'not-stable' : 'rolled-back');
  return context.run;
};

/** A deployment there, hours after all runs. */
const unaccounted = async (deps: World): Promise<number> => {
  deps.controls.clock.advance(5 * 3_600_000);
  const seenAt = deps.clock.now().toISOString();
  await recordUnaccounted(deps, { ...place, event: 'e-1', what: 'ECS deployment of shop-staging', seenAt });
  return (await deps.trail.read(scope, { lane: 'unaccounted' })).length;
};

describe('a deployment without a run, in an environment that the stage file marks as staging', () => {
  test.each<[string, (deps: World) => Promise<unknown>]>([
    ['nobody has ever claimed it', async () => {}],
    ['a drill has claimed it', (deps) => claimed(deps, drill)],
    ['a drill that is not over holds it', (deps) => claimed(deps, drill, false)],
  ])('is none of an unaccounted change where %s', async (_how, given) => {
    const deps = worldOf();
    await given(deps);
    expect(await unaccounted(deps)).toBe(0);
  });

  test.each<[string, (deps: World) => Promise<unknown>]>([
    ['a release', (deps) => claimed(deps, release)],
    [
      'a release before a drill',
      async (deps) => {
        await claimed(deps, release);
        await claimed(deps, drill);
      },
    ],
  ])('is an unaccounted change once %s has claimed it', async (_how, given) => {
    const deps = worldOf();
    await given(deps);
    expect(await unaccounted(deps)).toBe(1);
  });
});

test('a deployment without a run is an unaccounted change where the stage file does not say that nobody uses the environment', async () => {
  expect(await unaccounted(worldOf(false))).toBe(1);
  expect(await unaccounted(dependenciesOf(baseChecklist, { tickMs: 1 }))).toBe(1);
});
