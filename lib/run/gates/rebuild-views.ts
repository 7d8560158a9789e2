import { readGates } from '../state/gate-inputs.ts';
import type { RunContext } from '../state/run-context.ts';
import { readingOf, summaryOf } from '../state/run-summary.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Writes what is derived from the run's trail anew, whatever stands there: its entries in the run list, and the due item of its deadline. The
 * reconciliation that goes on after this stores a deadline where none is known, and says whether the open gate is blocked.
 */
export const rebuildViews = async (deps: Pick<Reconciliation, 'trail' | 'clock' | 'index' | 'due'>, context: RunContext): Promise<void> => {
  const asOf = deps.clock.now();
  const gates = await readGates(deps, context);
  const { outcome = null, gate = gates.open?.gate ?? gates.entries.at(-1)?.gate ?? context.checklist.gates[0]?.id ?? '' } =
    context.ended?.event.data ?? {};
  await deps.index.restore(summaryOf(context, { gate, outcome, endedAt: context.ended?.event.at }, readingOf(gates, asOf)));
  const deadline = await deps.due.deadline(context.run);
  if (deadline !== undefined && context.ended === undefined) await deps.due.put(deadline);
};
