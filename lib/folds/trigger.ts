import type { Stored } from '../audit/event.ts';
import { foldRollback } from './rollback.ts';

/**
 * Whether a rollback trigger was recorded since the last decision to go on, in the lane `rollback` of a run, or people have decided to roll back
 * without one: after a rejected sign-off, and at the cap of a review.
 */
export const isTriggerOpen = (lane: readonly Stored[]): boolean => {
  const { triggers, decision } = foldRollback(lane);
  return triggers.length > 0 || decision !== undefined;
};
