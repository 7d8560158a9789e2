import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { standingOf } from '../../lib/evaluation/standing.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import type { FakeDependencies } from '../fakes.ts';
import {
  artifact,
  check,
  checklistOf,
  ci,
  dependenciesOf,
  gate,
  givenOpen,
  givenRun,
  junitReport,
  personIn,
  reportOfRun,
  twoGates,
} from '../given.ts';
import { playedOnce } from '../played-once.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

type Part = (deps: FakeDependencies, run: string) => Promise<unknown>;

const decider: Part = (deps, run) => reconcileGate(deps, { run });
const sends =
  (failures: number, attempt: number): Part =>
  (deps, run) =>
    recordEvidence(deps, reportOfRun(run, deps, junitReport(3, failures), { attempt }), ci);

/** A run whose first gate is open and would release: one passing report is in. */
const scenario = (parts: Readonly<Record<string, Part>>, check: (deps: FakeDependencies, run: string) => Promise<void>, before?: Part) => {
  const released = playedOnce(async () => {
    const deps = dependenciesOf(twoGates, { tickMs: 0 });
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(3), { attempt: 1 }), ci);
    await before?.(deps, run);
    return { deps, run };
  });
  return async (): Promise<Scenario> => {
    const { deps, run } = await released();
    return {
      deps,
      lanes: ['gate/', 'check/phase-1'],
      processes: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, (own: FakeDependencies) => part(own, run)])),
      check: () => check(deps, run),
    };
  };
};

const gateLane = async (deps: FakeDependencies, run: string) => deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' });
const checkLane = async (deps: FakeDependencies, run: string) => deps.trail.read(`run/${run}`, { prefix: 'check/phase-1/' });

/** Whether a judgement failed and no later report of its source is recorded as covering it. */
const isFailing = (lane: readonly Stored[]): boolean => standingOf(lane).some(({ event }) => event.data.verdict === 'fail');

/** What every order must keep, whichever processes took part. */
const promises = async (deps: FakeDependencies, run: string): Promise<void> => {
  const gate = await gateLane(deps, run);
  const lane = await checkLane(deps, run);
  const answers = deps.controls.workflow.answers;
  expect(answers.length, 'a token is answered once at most').toBeLessThanOrEqual(1);
  const settled = gate.filter(isType('gate.settled'));
  for (const one of settled) {
    const basis = one.event.data.judgedOn.find(({ lane }) => lane.startsWith('check/phase-1/'));
    const seenUpTo = basis?.seq ?? 0;
    const seen = lane.filter(({ event }) => event.seq <= seenUpTo);
    expect([seen.some(isType('check.judged')), isFailing(seen)], 'a settle event rests on a passing check').toEqual([true, false]);
  }
  const failing = isFailing(lane);
  const regressed = gate.some(isType('gate.regressed'));
  if (failing && answers.length > 0)
    expect(regressed, 'a failure behind a sent answer is recorded, so that the next gate is held').toBe(true);
  if (failing && answers.length === 0) expect(foldGates(gate).open, 'a failure before the answer keeps the gate open').toBeDefined();
};

/** Asks of the reconciler that were made meanwhile are lost; the sweep comes by a few times. */
const sweepUp = async (deps: FakeDependencies): Promise<void> => {
  deps.controls.reconciler.requests.splice(0);
  for (let minute = 0; minute < 3; minute += 1) {
    deps.controls.clock.advance(90_000);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  }
};

/** No order leaves a gate that everybody has passed by: when its check passes in the end, the answer goes out. */
const comesToRest = async (deps: FakeDependencies, run: string): Promise<void> => {
  await promises(deps, run);
  await sweepUp(deps);
  await promises(deps, run);
  if (!isFailing(await checkLane(deps, run)))
    expect(deps.controls.workflow.answers, 'a gate whose check passes is released').toHaveLength(1);
};

describe('every order of writers and deciders', () => {
  test('one decider, one failing report', async () => {
    const { orders } = await explore(scenario({ decider, writer: sends(1, 2) }, comesToRest));
    expect(orders).toBeGreaterThan(10);
  }, 60_000);

  test('two deciders, one failing report', async () => {
    const { orders } = await explore(scenario({ first: decider, second: decider, writer: sends(1, 2) }, promises));
    expect(orders).toBeGreaterThan(50);
  }, 120_000);

  test('two deciders and no report release the gate once', async () => {
    await explore(
      scenario({ first: decider, second: decider }, async (deps, run) => {
        await promises(deps, run);
        expect(deps.controls.workflow.answers).toHaveLength(1);
        expect((await gateLane(deps, run)).filter(isType('gate.settled'))).toHaveLength(1);
      }),
    );
  }, 60_000);

  test('a failing report races the passing one that covers it', async () => {
    const { orders } = await explore(scenario({ bad: sends(1, 2), good: sends(0, 3) }, comesToRest));
    expect(orders).toBeGreaterThan(20);
  }, 60_000);

  // All three at once are some 50 seconds of orders: each report is a writer that reads again after it wrote.
  test.each([
    ['the passing report behind a failing one', sends(1, 2), sends(0, 3)],
    ['the failing report that a passing one covers already', sends(0, 3), sends(1, 2)],
  ])(
    '%s races a decider',
    async (_what, before, writer) => {
      const { orders } = await explore(scenario({ decider, writer }, comesToRest, before));
      expect(orders).toBeGreaterThan(10);
    },
    60_000,
  );

  test('a failing report blocks the gate, and the passing one after it lets the gate pass', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await sends(0, 1)(deps, run);
    await sends(1, 2)(deps, run);
    const result = await reconcileGate(deps, { run });
    expect([result.did, deps.controls.workflow.answers.length]).toEqual(['blocked', 0]);
    await sends(0, 3)(deps, run);
    expect((await reconcileGate(deps, { run })).did).toBe('delivered');
    expect(deps.controls.workflow.answers).toHaveLength(1);
    await promises(deps, run);
  });

  test('a bad observation races a decider', async () => {
    const checklist = checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [check('no-restarts', 'phase-1', { rule: { kind: 'no-open-observations/1', kinds: ['restart'] } }), check('later', 'phase-2')],
    );
    const seen = (deps: FakeDependencies, run: string, bad: boolean) =>
      observe(
        deps,
        {
          run,
          observation: bad ? 'restart-1' : 'heartbeat-1',
          kind: 'restart',
          bad,
          subject: 'web',
          summary: 'seen',
          observedAt: '2026-03-02T09:00:00.000Z',
        },
        personIn(deps, 'operations-lead'),
      );
    const deployed = playedOnce(async () => {
      const deps = dependenciesOf(checklist, { tickMs: 0 });
      const run = await givenRun(deps);
      const finished = { component: 'web', digest: artifact, producer: 'ci-main' };
      await deps.trail.append(
        {
          scope: `run/${run}`,
          lane: 'deployment',
          step: 'web/finished/1',
          type: 'deployment.finished',
          actor: { kind: 'ci', id: 'ci-main' },
          data: finished,
        },
        { parentHash: '0'.repeat(64) },
      );
      deps.controls.clock.advance(3_600_000);
      await seen(deps, run, false);
      await givenOpen(deps, run, 'phase-1');
      return { deps, run };
    });
    const setUp = async (): Promise<Scenario> => {
      const { deps, run } = await deployed();
      return {
        deps,
        lanes: ['gate/', 'check/phase-1', 'observation'],
        processes: { decider: (own) => decider(own, run), writer: (own) => seen(own, run, true) },
        check: async () => {
          const events = await gateLane(deps, run);
          const sent = deps.controls.workflow.answers.length > 0;
          const regressed = events.some(isType('gate.regressed'));
          const order = [...(deps.controls.store.tables.get(`run/${run}`)?.keys() ?? [])];
          const settledFirst =
            order.findIndex((key) =>
              events.some(
                (stored) => stored.event.type === 'gate.settled' && key === `gate/phase-1#${String(stored.event.seq).padStart(8, '0')}`,
              ),
            ) < order.indexOf(`${lanes.observation('restart-1')}#00000001`);
          if (sent && !settledFirst) expect.fail('the gate was released over an observation that was there before the settle event');
          if (sent) expect(regressed, 'an observation behind a sent answer holds the next gate').toBe(true);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);
});
