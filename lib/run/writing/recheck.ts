import { sha256 } from '../../canonical.ts';
import type { Dependencies, DueItem } from '../../ports.ts';

/** What a writer did not hand on by then is taken up by the sweep. Longer than any function that writes for others may run. Milliseconds. */
const overdueAfterMs = 60_000;

/** A look that is promised: it goes to the reconciler with the ask. */
export type Recheck = {
  readonly item: DueItem;
  /** Nothing is left to look at. */
  done(): Promise<void>;
};

/**
 * The promise that somebody will look at the run's gate: written before the append that needs it, handed to the reconciler with the
 * ask, and struck off by the reconciler when it has looked. `step` tells it from another that is promised in the same millisecond. Whoever breaks off in between, and any ask that gets lost, is taken up by
 * the sweep.
 */
export const storeRecheck = async (deps: Pick<Dependencies, 'due' | 'clock'>, run: string, step: string): Promise<Recheck> => {
  const item: DueItem = {
    at: new Date(deps.clock.now().getTime() + overdueAfterMs).toISOString(),
    run,
    kind: 'promise',
    gate: sha256(step).slice(0, 16),
  };
  await deps.due.put(item);
  return { item, done: () => deps.due.done(item) };
};

/** The gate is looked at again at an instant, whoever is there then. In milliseconds since 1970. */
export const scheduleRecheck = (deps: Pick<Dependencies, 'due'>, run: string, gate: string, at: number): Promise<void> =>
  deps.due.put({ at: new Date(at).toISOString(), run, kind: 'settle', gate });
