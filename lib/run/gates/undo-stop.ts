import { lanes } from '../../audit/lane.ts';
import { foldRollback, mayBeStopped } from '../../folds/rollback.ts';
import { nextOfUndo } from '../../folds/rollback-progress.ts';
import type { RunContext } from '../state/run-context.ts';
import { askAgain, carryOn, type OnTheWay, pageAsked, recordBudgets, turns } from './prepare-rollback.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Takes the stop of requests back where no gate carries the rollback on any more: a person ended the run at the incident gate, a hard stop
 * fired, or the execution is gone. What budgets were used up until then is recorded. Gives why the run cannot end yet; undefined once requests are accepted again.
 */
export const undoStop = async (deps: Reconciliation, context: RunContext): Promise<string | undefined> => {
  const rollback = await deps.trail.read(context.scope, { lane: lanes.rollback });
  let inputs: OnTheWay = await recordBudgets(deps, { context, rollback, now: deps.clock.now() });
  if (!mayBeStopped(foldRollback(inputs.rollback))) return undefined;
  for (let turn = 0; turn < turns; turn += 1) {
    const folded = foldRollback(inputs.rollback);
    const next = nextOfUndo(folded, inputs.now);
    if (next.is === 'complete') return undefined;
    if (next.is === 'wait') await askAgain(deps, inputs, folded, next);
    if (next.is === 'ask') await pageAsked(deps, inputs, 'stop-requests', next.reason);
    const carried = await carryOn(deps, inputs, 'stop-requests', next);
    if (carried === undefined) return stoppedReason('reason' in next ? next.reason : next.is);
    inputs = carried;
  }
  return stoppedReason('the functions have been asked');
};

const stoppedReason = (how: string): string => `the run is over, and requests must be accepted again before it ends: ${how}`;
