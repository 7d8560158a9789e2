import { describe, expect, test } from 'vitest';
import { reviewSabotages } from './review-sabotages.ts';
import { rollbackSabotages } from './rollback-sabotages.ts';
import { sabotages } from './sabotages.ts';
import { shown, simulate } from './simulate.ts';

/** Seeds under which something was once wrong, or that take a rare way. */
const kept = [11, 114, 1124, 50064, 50117];

describe('the real commands, under faults, in virtual time', () => {
  test.each(kept)(
    'hold every invariant under seed %i',
    async (seed) => {
      expect(shown(await simulate(seed))).toBe('');
    },
    60_000,
  );

  test('do the same under the same seed', async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    // A whole run, and not its first steps.
    expect(first.trace.length).toBeGreaterThan(100);
    expect(second.digest).toBe(first.digest);
    expect((await simulate(8)).digest).not.toBe(first.digest);
  }, 60_000);
});

/** The rarest fault shows in one of some 300 seeds, so that 1,500 miss it in one of 150 changes to the simulator. */
const mostSeeds = 1_500;

describe('the simulator notices', () => {
  test.each([...sabotages, ...rollbackSabotages, ...reviewSabotages])(
    '$name',
    async ({ seed: shown, ...sabotaged }) => {
      const { breaks } = sabotaged;
      const broken = new Set<string>();
      for (let seed = 0; seed <= mostSeeds && !breaks.some((invariant) => broken.has(invariant)); seed += 1)
        for (const { invariant } of (await simulate(seed === 0 ? shown : seed, sabotaged)).violations) broken.add(invariant);
      expect(
        [...broken].some((invariant) => breaks.some((one) => one === invariant)),
        [...broken].join(),
      ).toBe(true);
    },
    240_000,
  );
});
