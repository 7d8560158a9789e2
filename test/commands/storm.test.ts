import { expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { fakeAuthority } from '../fakes/services.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf, givenOpen, givenRun, twoGates } from '../given.ts';
import { metered } from '../metered.ts';
import { toSignOff } from '../story.ts';

const atGate = async () => {
  const deps = dependenciesOf(twoGates);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  return { deps, run };
};
/** After the 24-hour review has passed, which rests on the observations. */
const afterReview = () => toSignOff();

const world = async (setUp: () => Promise<{ readonly deps: FakeDependencies; readonly run: string }>) => {
  const { deps, run } = await setUp();
  return { deps, run };
};

const alarmOf = ({ clock }: FakeDependencies, n: number) =>
  ({
    service: 'shop',
    environment: 'production',
    via: 'alarm',
    observation: `alarm-${n}`,
    kind: 'alarm',
    bad: true,
    subject: `shop-production-${n}`,
    summary: 'OK to ALARM: threshold crossed '.repeat(8),
    observedAt: clock.now().toISOString(),
  }) as const;

test.each([
  ['at an open gate', atGate],
  ['after a gate has passed that rests on them', afterReview],
])('an observation costs what the first one cost, however many the run has: %s', async (_, setUp) => {
  const { deps: given } = await world(setUp);
  const { deps, take } = metered(given);
  const { calls } = deps.controls;
  const costs: number[] = [];
  for (let n = 0; n < 1000; n += 1) {
    const before = calls.length;
    await feedObservation(deps, alarmOf(deps, n));
    costs.push(take() + calls.length - before);
  }
  expect(calls.length).toBeGreaterThan(1000);
  const [first = 0] = costs;
  expect(first).toBeGreaterThan(0);
  expect(Math.max(...costs) / first).toBeLessThanOrEqual(2);
});

test('400 alarms at once are all recorded', async () => {
  const { deps, run } = await world(atGate);
  // Calls that take as long as the table's, at a fifth: without time between them every writer would lose against every other.
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds / 5));
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    await pause(2 + 4 * Math.random());
    const done = await work();
    await pause(2 + 4 * Math.random());
    return done;
  };
  const trail = createTrail({
    store: {
      insert: (stored) => call(() => deps.store.insert(stored)),
      query: (scope, range) => call(() => deps.store.query(scope, range)),
    },
    clock: deps.clock,
    random: { token: deps.random.token, fraction: Math.random },
    authority: fakeAuthority(),
    sleep: pause,
  });
  const done = await Promise.all(Array.from({ length: 400 }, (_, n) => feedObservation({ ...deps, trail }, alarmOf(deps, n))));
  expect(done.flat()).toHaveLength(400);
  const recorded = (await deps.trail.read(`run/${run}`, { prefix: 'observation' })).filter(isType('observation.recorded'));
  expect(new Set(recorded.map(({ event }) => event.data.observation)).size).toBe(400);
}, 60_000);
