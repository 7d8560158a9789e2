import { isType, type Stored } from '../audit/event.ts';
import type { Interval } from './review-charts.ts';
import type { SeenView } from './seen-view.ts';

/** What may be drawn of a window: what was seen, and the reports of the series that its checks name. */
type Drawable = { readonly seen: readonly SeenView[]; readonly measurement: readonly Stored[]; readonly series: readonly string[] };

/**
 * What is drawn of a window: to its end or, where bad observations or reports came later, to the last of them that `until` lets count. A window whose
 * end nobody knows is drawn to that instant. Otherwise a window that waits for people for days would be a sliver of its own picture.
 */
export const drawnOf = (until: Interval, ends: number | undefined, { seen, measurement, series }: Drawable): Interval => {
  if (ends === undefined) return padded(until);
  const later = [
    ...seen.filter(({ bad }) => bad).map(({ seenAt }) => Date.parse(seenAt)),
    ...measurement
      .filter(isType('figures.measured'))
      .filter(({ event: { data } }) => series.includes(data.name))
      .map(({ event: { data } }) => Math.min(until.to, Date.parse(data.to))),
  ].filter((at) => at > ends && at <= until.to);
  return padded({ from: until.from, to: Math.max(ends, ...later) });
};

/** Room for marks at the edges. */
const padded = ({ from, to }: Interval): Interval => {
  const room = Math.max(1, Math.round((to - from) / 50));
  return { from: from - room, to: to + room };
};

/** Whether an observation belongs to what is drawn. An alarm belongs to every window in which it was red. */
export const isDrawn = ({ kind, bad, seenAt, clearedAt }: SeenView, { from, to }: Interval, now: Date): boolean => {
  const at = Date.parse(seenAt);
  const last = kind === 'alarm' && bad ? (clearedAt === null ? now.getTime() : Date.parse(clearedAt)) : at;
  return at <= to && last >= from;
};
