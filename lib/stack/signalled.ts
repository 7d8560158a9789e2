import type { Signal } from '../notification.ts';

/** What each signal of the reconciler means, and what to do. */
export const signalled: Readonly<Record<Signal, string>> = {
  RollbackBudgetBreached:
    'A rollback takes longer than one of its time targets. Nothing is ended by that. Open the run that the page or the log of the function event-reconciler names, and look at the step that waits.',
  RollbackUndecided:
    'A rollback waits for a decision, and silence decides nothing. Open the run that the page names, and decide: roll back or continue.',
  ReviewFailed:
    'A stability review failed: a check of it failed, an earlier gate is no longer satisfied, or it was not stable for so long that people must decide. Search the log of the function event-reconciler for "ReviewFailed": the entry names the run and the reasons. Open the page of its reviews, and mend the cause or decide about a rollback.',
  ReviewLate:
    'A stability review was judged more than an hour after its time, because Holdpoint did not run then or failed. Look for the outage in the alarms of that time.',
  T0Missed:
    'A planned T0 was missed by 60 minutes, so its run waits for another one. Search the log of the function event-reconciler for "T0Missed": the entry names the run. Move its T0 (`holdpoint reschedule`), or cancel it.',
  WaitTooLong:
    'A run has waited at a gate beyond its deadline. Each gate of each run raises this once, also while another run waits longer. Search the log of the function event-reconciler for "WaitTooLong": the entry names the run, the gate and what it waits for. Its page shows who must act.',
  FollowUpOverdue:
    'The trail of a run that was rolled back is still open, because its cause is not stated or the use of an emergency power is not reviewed. Search the log of the function event-reconciler for "FollowUpOverdue": the entry names the run. Open its page of the rollback.',
};
