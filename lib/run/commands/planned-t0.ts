import type { PlannedT0 } from '../../audit/events/run.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import { earliestPossible } from '../state/clock-skew.ts';

type Refused = { readonly refused: Refusal };

/** Refuses a T0 that is further ahead than the gate that waits for it can wait. `latest`: UTC instant. */
export const tooFar = (plannedT0: PlannedT0, latest: string): Refused | undefined =>
  plannedT0 === 'when-released' || plannedT0 <= latest
    ? undefined
    : refuse('planned-t0', 'The planned T0 is too far ahead: the gate that waits for it ends before.', {
        got: plannedT0,
        expected: `not after ${latest}`,
        fix: 'Name an earlier T0, or start the run nearer to it; or leave plannedT0 at `when-released`.',
      });

/** A T0 that lies in the past was never planned: approvers would read it as a plan. */
export const inThePast = (plannedT0: PlannedT0, now: Date): Refused | undefined => {
  const earliest = earliestPossible(now);
  return plannedT0 === 'when-released' || plannedT0 >= earliest
    ? undefined
    : refuse('planned-t0', 'The planned T0 lies in the past.', {
        got: plannedT0,
        expected: `not before ${earliest}`,
        fix: 'Name a T0 that is still to come, or leave plannedT0 at `when-released`.',
      });
};
