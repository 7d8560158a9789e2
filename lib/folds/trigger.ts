import { isType, type Stored } from '../audit/event.ts';

/** Whether a rollback trigger was recorded since the last decision to go on, in the lane `rollback` of a run. */
export const isTriggerOpen = (lane: readonly Stored[]): boolean =>
  lane.findLastIndex(isType('rollback.triggered')) >
  lane.findLastIndex((stored) => isType('rollback.decided')(stored) && stored.event.data.decision === 'continue');
