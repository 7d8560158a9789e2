import { sha256 } from '../../canonical-json.ts';
import { Conflict } from '../../outcome.ts';
import type { Dependencies, DueItem } from '../../ports.ts';
import { counted } from '../../wording.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { startDeadline } from '../writing/recheck.ts';
import { overdueInstants } from './gate-timing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** How often a reconciliation tries to move a deadline that other reconciliations move at the same time. */
const attempts = 5;

/**
 * Makes sure that the sweep calls the reconciler for the run at `at` or earlier. A deadline that had passed when this reconciliation
 * began to read is done by it and may move to a later instant, as may that of the start; any other deadline moves only to an earlier one.
 *
 * The new item is stored first, then made the deadline, then the old item is deleted. A crash in between leaves one item too many, which
 * costs one call of the reconciler. The item for which the reconciler was called is deleted at the end of the reconciliation.
 */
export const storeDeadline = async (
  { due, began, item }: Pick<Reconciliation, 'due' | 'began' | 'item'>,
  run: string,
  at: Date,
): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const was = await due.deadline(run);
    const next = after(was, run, at);
    const isStart = was?.id.startsWith(startDeadline);
    if (was !== undefined && !isStart && was.at > began.toISOString() && was.at <= next.at) return;
    await due.put(next);
    // A retry inside the SDK reports a move that it made itself as lost.
    if ((await due.moveDeadline(run, was, next)) || (await due.deadline(run))?.id === next.id) {
      if (was !== undefined && was.id !== item?.id) await due.done(was);
      return;
    }
    await due.done(next);
  }
  throw new Conflict(`store deadline: lost the deadline of run ${run} ${counted(attempts, 'time')}`);
};

/** Each id contains the one before it, so no id ever comes again, and deleting an old item cannot delete a new one. */
const after = (was: DueItem | undefined, run: string, instant: Date): DueItem => {
  const at = instant.toISOString();
  return { at, run, kind: 'deadline', id: sha256(`${was?.id ?? ''} ${at}`).slice(0, 16) };
};

/** Says for as long as it is stored that the run waits too long at this gate. */
export const overdueItem = (run: string, gate: string, since: Date | null): DueItem | null =>
  since === null ? null : { at: since.toISOString(), run, kind: 'overdue', id: gate };

/**
 * Deletes what says that the run waits too long at this gate, when that is over: the item of each instant that may have been named, but for that
 * of `stands`. One that another reconciler stores at the same moment is found by the sweep, which has the run looked at again.
 */
export const endOverdue = async (
  { due }: Pick<Dependencies, 'due'>,
  inputs: GateInputs,
  entry: Entry,
  stands: Date | null = null,
): Promise<void> => {
  for (const since of overdueInstants(inputs, entry)) {
    const item = since.getTime() === stands?.getTime() ? null : overdueItem(inputs.context.run, entry.gate, since);
    if (item !== null) await due.done(item);
  }
};

/** The run has ended: time changes nothing any more. */
export const clearDeadline = async ({ due }: Pick<Dependencies, 'due'>, run: string): Promise<void> => {
  const was = await due.deadline(run);
  if (was === undefined) return;
  await due.done(was);
  await due.moveDeadline(run, was, undefined);
};
