import type { Judgement } from '../verdict.ts';

/** The pull checks the push: what AWS says at review time, beside what the feeds delivered while it happened. */

/** What was pulled for a window: every change of an alarm to ALARM, and how often tasks or functions were started anew. */
export type Pulled = {
  readonly from: string;
  readonly to: string;
  readonly alarms: readonly { readonly alarm: string; readonly at: string }[];
  /** Null where nothing counts restarts. */
  readonly restarts: number | null;
};

/** What was fed, as the folded observations have it; planned restarts and announced tests too. */
export type Fed = readonly { readonly kind: string; readonly bad: boolean; readonly subject: string; readonly observedAt: string }[];

export type FeedDifferences = {
  /** In the alarm history and not fed. */
  readonly unheard: readonly { readonly alarm: string; readonly at: string }[];
  /** Fed and not in the alarm history: a forged or a misattributed notification. */
  readonly unknown: readonly { readonly alarm: string; readonly at: string }[];
  /** Restarts that were counted and not fed. */
  readonly restarts: number;
};

/** Clocks and CloudWatch's own times differ by this much. Milliseconds. */
const sameMs = 60_000;
/** Subjects of observations are cut to this length. */
const subjectLength = 200;

/** Every pulled change is matched with at most one observation, the nearest in time. What is younger than the tolerance may still be under way. */
export const feedDifferences = (pulled: Pulled, fed: Fed): FeedDifferences => {
  const isWithin = (at: string): boolean => at >= pulled.from && Date.parse(at) <= Date.parse(pulled.to) - sameMs;
  const left = fed
    .filter(({ kind, bad }) => kind === 'alarm' && bad)
    .map(({ subject, observedAt }) => ({ alarm: subject, at: observedAt }));
  const unheard = pulled.alarms.filter(({ alarm, at }) => {
    const near = left.filter((one) => one.alarm === alarm.slice(0, subjectLength) && apart(one.at, at) <= sameMs);
    const [nearest] = near.toSorted((a, b) => apart(a.at, at) - apart(b.at, at));
    if (nearest !== undefined) left.splice(left.indexOf(nearest), 1);
    return nearest === undefined && isWithin(at);
  });
  const restarted = fed.filter(({ kind, bad, observedAt }) => kind === 'restart' && bad && observedAt >= pulled.from).length;
  return { unheard, unknown: left.filter(({ at }) => isWithin(at)), restarts: Math.max(0, (pulled.restarts ?? 0) - restarted) };
};

const apart = (a: string, b: string): number => Math.abs(Date.parse(a) - Date.parse(b));

/** A difference is itself a finding: what a review rests on was not complete. */
export const judgeFeed = (pulled: Pulled, fed: Fed): Judgement => {
  const { unheard, unknown, restarts } = feedDifferences(pulled, fed);
  const first = [
    ...unheard.map(({ alarm, at }) => `${alarm} went red at ${at}, and no feed reported it`),
    ...unknown.map(({ alarm, at }) => `a feed reported ${alarm} red at ${at}, and its history does not say so`),
    ...(restarts > 0 ? [`${restarts} restarts were counted that no feed reported`] : []),
  ];
  if (first.length > 0)
    return { verdict: 'fail', reason: `${first.length} differences between what was fed and what AWS says; first: ${first[0]}` };
  const counted = pulled.restarts === null ? '' : `, ${pulled.restarts} restarts`;
  return { verdict: 'pass', reason: `what was fed is what AWS says: ${pulled.alarms.length} times an alarm went red${counted}` };
};
