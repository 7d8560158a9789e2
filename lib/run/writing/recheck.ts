import { sha256 } from '../../canonical.ts';
import type { DueItem, World } from '../../ports.ts';

/** What a writer did not hand on by then is taken up by the pulse. Longer than any function that writes for others may run. Milliseconds. */
const takenUpMs = 60_000;

/** A look that is promised: it goes to the settler with the ask. */
export type Look = {
  readonly item: DueItem;
  /** Nothing is left to look at. */
  strike(): Promise<void>;
};

/**
 * The promise that somebody will look at the run's gate: written before the append that needs it, handed to the settler with the
 * ask, and struck off by the settler when it has looked. `step` tells it from another that is promised in the same millisecond. Whoever breaks off in between, and any ask that gets lost, is taken up by
 * the pulse.
 */
export const promiseLook = async (world: Pick<World, 'due' | 'clock'>, run: string, step: string): Promise<Look> => {
  const item: DueItem = {
    at: new Date(world.clock.now().getTime() + takenUpMs).toISOString(),
    run,
    kind: 'promise',
    gate: sha256(step).slice(0, 16),
  };
  await world.due.put(item);
  return { item, strike: () => world.due.done(item) };
};

/** The gate is looked at again at an instant, whoever is there then. In milliseconds since 1970. */
export const lookAgain = (world: Pick<World, 'due'>, run: string, gate: string, at: number): Promise<void> =>
  world.due.put({ at: new Date(at).toISOString(), run, kind: 'settle', gate });
