import { expect, test } from 'vitest';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { production, productionScope } from '../environment.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { metered } from '../metered.ts';

/** How far the lane of unaccounted changes is read for one more. */

const hourMs = 3_600_000;
const given = async (changes: number) => {
  const deps = dependenciesOf(twoGates, { tickMs: 0 });
  const record = (n: number, seenAt: Date) =>
    recordUnaccounted(deps, { ...production, event: `e-${n}`, what: 'alias moved', seenAt: seenAt.toISOString() });
  for (let n = 1; n <= changes; n += 1) {
    await record(n, deps.clock.now());
    deps.controls.clock.advance(hourMs);
  }
  const lane = async () => (await deps.trail.read(productionScope, { lane: 'unaccounted' })).length;
  return { deps, lane };
};

test('a change costs the same after many others', async () => {
  const readFor = async (changes: number): Promise<number> => {
    const { deps } = await given(changes);
    const meter = metered(deps);
    const seen = { ...production, event: 'new', what: 'alias moved', seenAt: deps.clock.now().toISOString() };
    expect(await recordUnaccounted(meter.deps, seen)).toMatchObject({ alreadyRecorded: false });
    return meter.takeEvents();
  };
  expect(await readFor(120)).toBe(await readFor(60));
});

test.each([1, 15, 59, 60])('change %i of 60 is delivered again two days later, and recorded once', async (n) => {
  const { deps, lane } = await given(60);
  const seenAt = new Date(deps.clock.now().getTime() - (60 - n + 1) * hourMs).toISOString();
  deps.controls.clock.advance(48 * hourMs);
  const again = await recordUnaccounted(deps, { ...production, event: `e-${n}`, what: 'alias moved', seenAt });
  expect([again?.alreadyRecorded, await lane()]).toEqual([true, 60]);
});

test('also where the clock of its source is ahead by some minutes', async () => {
  const { deps, lane } = await given(60);
  const ahead = {
    ...production,
    event: 'ahead',
    what: 'alias moved',
    seenAt: new Date(deps.clock.now().getTime() + 600_000).toISOString(),
  };
  await recordUnaccounted(deps, ahead);
  for (let n = 0; n < 50; n += 1)
    await recordUnaccounted(deps, { ...production, event: `later-${n}`, what: 'alias moved', seenAt: deps.clock.now().toISOString() });
  expect([(await recordUnaccounted(deps, ahead))?.alreadyRecorded, await lane()]).toEqual([true, 111]);
});
