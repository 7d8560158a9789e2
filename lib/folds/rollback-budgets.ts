import { isType, type Stored } from '../audit/event.ts';
import { type Budget, rollbackStepIds } from '../audit/events/rollback.ts';
import { endedBy, foldRollback, type Rollback, resultOfStep } from './rollback.ts';

/** One of the document's time targets, measured in real time by the instants of recorded events. `until` is null while it runs. */
export type MeasuredBudget = { readonly budget: Budget; readonly since: string; readonly until: string | null };

/**
 * The budgets that have begun. decision: from the first trigger, or after a rejection from the first page, whichever came first, to the
 * decision; execution: from the decision to the proof of step 4; verification: from there to the end of the first window of step 6; total:
 * from the trigger or page to that end. A step that needed no time ends with the one before it. A budget that had not ended when a person ended the
 * rollback never does: a proof that comes later is about nothing that was still to be done in time.
 */
export const budgetsOf = (lane: readonly Stored[]): readonly MeasuredBudget[] => {
  const rollback = foldRollback(lane);
  // After a rejected sign-off, and after the cap of a review, nothing was triggered: the round begins when people are paged about it.
  const paged = lane.filter(isType('rollback.paged')).find(({ event }) => event.data.round === rollback.round)?.event.at;
  // A trigger that is added to it later does not start the clocks again.
  const [began = rollback.decision?.at] = [rollback.triggers[0]?.event.at, paged].filter((at) => at !== undefined).toSorted();
  if (began === undefined) return [];
  const decided = rollback.decision?.decision === 'roll-back' ? rollback.decision.at : null;
  const executed = decided === null ? null : endOf(rollback, rollbackStepIds.slice(0, 4), decided);
  const verified = executed === null ? null : endOf(rollback, rollbackStepIds, executed);
  return [
    { budget: 'decision', since: began, until: rollback.decision?.at ?? null },
    ...(decided === null ? [] : [{ budget: 'execution' as const, since: decided, until: executed }]),
    ...(executed === null ? [] : [{ budget: 'verification' as const, since: executed, until: verified }]),
    { budget: 'total', since: began, until: rollback.decision?.decision === 'continue' ? rollback.decision.at : verified },
  ];
};

/** How long a budget has taken against its limit. Judged before it is rounded, and a breach is rounded up: 300.04 seconds are more than 300. */
export const tookOf = (
  { since, until }: Pick<MeasuredBudget, 'since' | 'until'>,
  limitSeconds: number,
  now: Date,
): { readonly seconds: number; readonly met: boolean } => {
  const tookMs = Date.parse(until ?? now.toISOString()) - Date.parse(since);
  const met = tookMs <= limitSeconds * 1000;
  return { seconds: (met ? Math.round : Math.ceil)(tookMs / 100) / 10, met };
};

/** When the last of these steps had its result; null while one has none, and for good where a person ended the rollback before. */
const endOf = (rollback: Rollback, steps: readonly string[], begin: string): string | null => {
  const results = steps.map((step) => resultOfStep(rollback, step));
  if (results.some((result) => result === undefined)) return null;
  const last = results.flatMap((result) => result?.at ?? []).reduce((so, at) => (at > so ? at : so), begin);
  const ended = endedBy(rollback)?.at;
  return ended !== undefined && last > ended ? null : last;
};
