import type { Stored } from '../audit/event.ts';
import { foldRollback } from './rollback.ts';

/** Whether a rollback trigger was recorded since the last decision to go on, in the lane `rollback` of a run. */
export const isTriggerOpen = (lane: readonly Stored[]): boolean => foldRollback(lane).triggers.length > 0;
