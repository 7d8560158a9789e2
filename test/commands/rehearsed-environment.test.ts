import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { StartRun } from '../../lib/run/commands/inputs.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { givenEnded, givenHolder } from '../environment.ts';
import { ci, dependenciesOf, givenRun } from '../given.ts';
import { metered } from '../metered.ts';
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

let started = 0;
/** A run of its own that claimed the environment, and whether it is over. */
const claimed = async (deps: World, changes: Partial<StartRun>, isOver = true): Promise<string> => {
  started += 1;
  const context = await givenHolder(deps, await givenRun(deps, changes, { ...ci, token: sha256(String(started)) }));
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

describe('in an environment with hundreds of claims', () => {
  const actor = { kind: 'system', id: 'reconciler' } as const;
  /** Claims as this version writes them, or an older one, each of a run that has ended. `released`: whether the first one was a release. */
  const longLane = async (count: number, released: boolean | undefined): Promise<World> => {
    const deps = worldOf();
    for (let n = 0; n < count; n += 1) {
      const run = `20260101-000000-${String(n).padStart(10, 'b')}`;
      const data = { run, why: 'rollback', supersedes: null, ...(released === undefined ? {} : { released }) } as const;
      const place = { scope, lane: 'claim', actor } as const;
      await deps.trail.append({ ...place, step: `claimed/${n}`, type: 'environment.claimed', data }, { parentHash: genesis });
      const freed = { run, end: 'rolled-back', by: null, reason: null } as const;
      await deps.trail.append({ ...place, step: `freed/${n}`, type: 'environment.freed', data: freed }, { parentHash: genesis });
    }
    return deps;
  };
  const readFor = async (world: World) => {
    const { deps, takeEvents } = metered(world);
    const seenAt = world.clock.now().toISOString();
    const found = await recordUnaccounted(deps, { ...place, event: 'e-1', what: 'ECS deployment of shop-staging', seenAt });
    return { found, events: takeEvents() };
  };

  test.each([true, false])('a foreign deployment reads its end only, whether a release was among them (%s)', async (released) => {
    const [short, long] = [await readFor(await longLane(30, released)), await readFor(await longLane(300, released))];
    expect(long.found === undefined).toBe(!released);
    expect(long.events).toBe(short.events);
    expect(long.events).toBeLessThan(60);
  });

  test('of an older version all are asked once more, until the next claim says it', async () => {
    const old = await longLane(30, undefined);
    expect((await readFor(old)).events).toBeGreaterThan(60);
    await claimed(old, drill);
    const last = (await old.trail.read(scope, { lane: 'claim' })).findLast(({ event }) => event.type === 'environment.claimed');
    // Runs that nobody knows are no drills.
    expect(last?.event.data).toMatchObject({ released: true });
    expect((await readFor(old)).events).toBeLessThan(80);
  });
});

test.each<[string, readonly Partial<StartRun>[], readonly boolean[]]>([
  ['drills alone', [drill, drill], [false, false]],
  ['a release and every drill after it', [drill, release, drill], [false, true, true]],
])('the claim says whether releases go there: %s', async (_which, runs, expected) => {
  const deps = worldOf();
  for (const one of runs) await claimed(deps, one);
  const claims = (await deps.trail.read(scope, { lane: 'claim' })).filter(isType('environment.claimed'));
  expect(claims.map(({ event }) => event.data.released)).toEqual(expected);
});
