import { expect, test } from 'vitest';
import { shown, simulate } from './simulate.ts';

/** How many seeds nobody has seen before each run of the suite plays, at 0.6 s of one processor for each. */
const fresh = 100;
const from = Math.floor(Math.random() * 2 ** 31);

// The name is printed on every run, and with it the seeds.
test(`every invariant holds under the seeds ${from} to ${from + fresh - 1}, which nobody has seen`, async () => {
  for (let seed = from; seed < from + fresh; seed += 1) expect(shown(await simulate(seed))).toBe('');
}, 1_800_000);
