import type { ReportTime } from '../../evidence/report-time.ts';
import { latestPossible } from '../state/clock-skew.ts';

/**
 * When a report counts as made, as a UTC instant: the earliest of what its sender claims, what it says itself, and its receipt. A sender can
 * make a report older, never newer, and a clock ahead of ours hides nothing that comes later.
 */
export const madeAtOf = (claimed: string, reportTime: ReportTime | undefined, now: Date): string =>
  [claimed, reportTime?.madeBy ?? claimed, now.toISOString()].reduce((first, next) => (next < first ? next : first));

/** Why a report that says that it is from the future proves nothing; undefined for any other. */
export const aheadOfReceipt = (reportTime: ReportTime | undefined, now: Date): string | undefined =>
  reportTime === undefined || reportTime.notBefore <= latestPossible(now)
    ? undefined
    : `it says that it was made at ${reportTime.notBefore}, and it arrived at ${now.toISOString()}`;
