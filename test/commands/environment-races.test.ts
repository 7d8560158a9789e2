import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { holdingIn } from '../../lib/folds/environment.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { claimFor } from '../../lib/run/gates/claim.ts';
import { releaseEnvironment } from '../../lib/run/gates/keep-environment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { forbiddenClaims, givenEnded, givenHolder, production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, ci, contextOf, dependenciesOf, givenOpen, givenRun, personIn } from '../given.ts';
import { passMinutes, placeOf, releaseChecklist, runAtT0, toReview } from './environment-runs.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

const checklist = {
  ...releaseChecklist(),
  items: [...releaseChecklist().items, { ...check('data-corruption', 't-minus-2h'), kind: 'trigger' as const, gate: null, rule: null }],
};
const world = () => dependenciesOf(checklist, { tickMs: 0 });
const claimLane = (deps: FakeDependencies): Promise<readonly Stored[]> => deps.trail.read(productionScope, { lane: 'claim' });

const expectSound = (lane: readonly Stored[]): void => {
  expect(verifyScope(lane)).toBeUndefined();
  expect(forbiddenClaims(lane)).toEqual([]);
};

/** A run whose T0 has been opened and not been looked at yet. */
const openedAtT0 = async (deps: FakeDependencies): Promise<string> => {
  const run = await givenRun(deps, {}, { ...ci, token: sha256(anew()) });
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, 't-minus-2h');
  return run;
};

describe('every order of', () => {
  test('two runs at T0: one deploys, the other waits for it', async () => {
    const setUp = async (): Promise<Scenario> => {
      const deps = world();
      const [first, second] = [await openedAtT0(deps), await openedAtT0(deps)];
      return {
        deps,
        lanes: ['claim'],
        processes: { first: (own) => reconcileGate(own, { run: first }), second: (own) => reconcileGate(own, { run: second }) },
        check: async () => {
          const lane = await claimLane(deps);
          expectSound(lane);
          expect(lane.map(({ event }) => event.type)).toEqual(['environment.claimed']);
          const holding = holdingIn(lane);
          const [holder, other] = holding.how !== 'free' && holding.run === first ? [first, second] : [second, first];
          expect(await placeOf(deps, holder)).toBe('between gates');
          expect(await placeOf(deps, other)).toBe('t-minus-2h');
        },
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(2);
  }, 60_000);

  test('two reconcilers of the same run at T0: one claim', async () => {
    const setUp = async (): Promise<Scenario> => {
      const deps = world();
      const run = await openedAtT0(deps);
      const look = (own: FakeDependencies) => reconcileGate(own, { run });
      return {
        deps,
        lanes: ['claim'],
        processes: { first: look, second: look },
        check: async () => {
          await passMinutes(deps, 2);
          expect((await claimLane(deps)).map(({ event }) => event.type)).toEqual(['environment.claimed']);
          expect(deps.controls.workflow.answers).toHaveLength(1);
        },
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(2);
  }, 60_000);

  test('a claim and the end of the run that holds: the environment is never held by two, and never forgotten', async () => {
    const setUp = async (): Promise<Scenario> => {
      const deps = world();
      const holder = await runAtT0(deps);
      const next = await runAtT0(deps, '1.2.4');
      const context = await contextOf(deps, holder);
      return {
        deps,
        lanes: ['claim'],
        processes: {
          end: (own) => releaseEnvironment(own, context, 'cancelled'),
          claim: (own) => reconcileGate(own, { run: next }),
        },
        check: async () => {
          await passMinutes(deps, 1);
          const lane = await claimLane(deps);
          expectSound(lane);
          expect(holdingIn(lane)).toMatchObject({ how: 'exclusive', run: next });
        },
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(2);
  }, 60_000);

  test('a person who frees and a run that claims', async () => {
    const setUp = async (): Promise<Scenario> => {
      const deps = world();
      const dead = await contextOf(deps, await runAtT0(deps));
      await givenEnded(deps, dead, 'rollback-escalated');
      const next = await runAtT0(deps, '1.2.4');
      const free = (own: FakeDependencies) =>
        freeEnvironment(own, { ...production, reason: 'The old version runs, seen by hand.' }, personIn(own, 'operations-lead'));
      return {
        deps,
        lanes: ['claim'],
        processes: { free, again: free, claim: (own) => reconcileGate(own, { run: next }) },
        check: async () => {
          await passMinutes(deps, 1);
          const lane = await claimLane(deps);
          expectSound(lane);
          expect(holdingIn(lane)).toMatchObject({ how: 'exclusive', run: next });
          expect(lane.filter(isType('environment.freed'))).toHaveLength(1);
        },
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(2);
  }, 60_000);

  /** An older run in its review and a newer one whose T0 has been opened, with what the older one's person and its rollback came to. */
  const older = async () => {
    const deps = world();
    const run = await runAtT0(deps);
    await toReview(deps, run);
    const told: { accepted?: boolean; held?: boolean } = {};
    const input = { request: 'declared', run, trigger: 'data-corruption', reason: 'Rows are missing.' };
    const declares = async (own: FakeDependencies): Promise<void> => {
      told.accepted = (await triggerRollback(own, input, personIn(own, 'operations-lead'))).refused === undefined;
    };
    const check = async (newer: string): Promise<void> => {
      const lane = await claimLane(deps);
      expectSound(lane);
      const holding = holdingIn(lane);
      const holder = holding.how === 'free' ? undefined : holding.run;
      const superseded = (await contextOf(deps, run)).superseded !== undefined;
      // Both may give way: then nobody is superseded, and the decision about the trigger is open all the same.
      if (told.accepted) expect([holder, superseded], 'an acknowledged trigger keeps the environment').toEqual([run, false]);
      expect(superseded).toBe(holder === newer);
      // A rollback that found the environment taken and given back meanwhile asks again.
      if (told.held) expect([holder, holding.how]).toEqual([run, 'exclusive']);
      expect(await placeOf(deps, newer)).toBe(holder === newer ? 'between gates' : 't-minus-2h');
    };
    return { deps, run, newer: await openedAtT0(deps), told, declares, check };
  };

  test("a newer run's T0 and the rollback of the older one: one of them has the environment", async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run, newer, told, declares, check } = await older();
      const context = await contextOf(deps, run);
      return {
        deps,
        lanes: ['claim'],
        processes: {
          newer: (own) => reconcileGate(own, { run: newer }),
          older: async (own) => {
            await declares(own);
            told.held = (await claimFor(own, context, 'rollback')).held;
          },
        },
        check: () => check(newer),
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(2);
  }, 60_000);

  test.each([
    ['before it claims', 'environment.claimed', true],
    ['when it has claimed', 'run.superseded', false],
  ])("a trigger of the older run that stands after the newer one's reading and %s", async (_when, type, accepted) => {
    const { deps, newer, told, declares, check } = await older();
    deps.controls.onCall(async (call, caller, [written]) => {
      if (caller !== 'newer' || call !== 'store.insert' || (written as Stored).event.type !== type) return;
      deps.controls.onCall(undefined);
      await declares(deps);
    });
    await reconcileGate(deps.controls.as('newer'), { run: newer });
    expect(told.accepted).toBe(accepted);
    await check(newer);
    const claims = (await claimLane(deps)).map(({ event }) => event.type);
    expect(claims.at(-1)).toBe(accepted ? 'environment.freed' : 'environment.claimed');
  });

  test('a person who looks at a run that holds it cannot take it away while it works', async () => {
    const deps = world();
    const run = await openedAtT0(deps);
    await givenHolder(deps, run);
    const said = await freeEnvironment(deps, { ...production, reason: 'I want to deploy.' }, personIn(deps, 'operations-lead'));
    expect(said.refused?.type).toBe('environment-in-use');
  });
});
