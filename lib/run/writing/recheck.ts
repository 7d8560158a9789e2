import { sha256 } from '../../canonical-json.ts';
import type { Dependencies, DueItem } from '../../ports.ts';

/** The sweep takes up a recheck after this time. Longer than any function that writes for callers may run. Milliseconds. */
const overdueAfterMs = 60_000;

/** A stored recheck: the writer hands `item` to the reconciler together with its request. */
export type Recheck = {
  readonly item: DueItem;
  /** Deletes the item: nothing is left to reconcile. */
  done(): Promise<void>;
};

/**
 * Stores a recheck of the run. A writer does this before it appends, so that a crash or a lost request cannot leave the append without a
 * reconciliation: the sweep finds the item. `step` names the append, so that two rechecks of the same millisecond are two items.
 */
export const storeRecheck = async (deps: Pick<Dependencies, 'due' | 'clock'>, run: string, step: string): Promise<Recheck> => {
  const item: DueItem = {
    at: new Date(deps.clock.now().getTime() + overdueAfterMs).toISOString(),
    run,
    kind: 'recheck',
    id: sha256(step).slice(0, 16),
  };
  await deps.due.put(item);
  return { item, done: () => deps.due.done(item) };
};

/** How the ids of first deadlines begin. The first gate that opens replaces such a deadline, also by a later one. */
export const startDeadline = 'start-';

/**
 * Stores the run's first deadline before `run.started`, so that a start which breaks off is completed, and one whose first gate never
 * opens is noticed. The reconciler replaces it by the first gate's deadline. A run that has a deadline keeps it.
 */
export const storeFirstDeadline = async (deps: Pick<Dependencies, 'due' | 'clock'>, run: string): Promise<void> => {
  const at = new Date(deps.clock.now().getTime() + overdueAfterMs).toISOString();
  const item: DueItem = { at, run, kind: 'deadline', id: `${startDeadline}${sha256(at).slice(0, 16)}` };
  await deps.due.put(item);
  if (!(await deps.due.moveDeadline(run, undefined, item))) await deps.due.done(item);
};
