import * as z from 'zod';

/** What a series looks like over time: its windows and its gaps, small enough to be kept with the facts. */

type Point = {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly status?: number | undefined;
  readonly error?: string | undefined;
  readonly requests?: number | undefined;
};
/** A point with its time, in milliseconds since 1970. */
export type Timed = Point & { readonly time: number };

const mostWindows = 10;
/** Fewer points make no window: with fewer, one slow answer would be its 95th percentile and nothing beside it. */
const pointsPerWindow = 5;
const mostGaps = 20;

/** Equal stretches of time, oldest first. A stretch without points is left out. */
export const windowsSchema = z
  .array(
    z.strictObject({
      from: z.string(),
      points: z.int().min(1),
      failed: z.int().min(0),
      p95Ms: z.number().min(0),
      requestsPerMinute: z.number().min(0).optional(),
    }),
  )
  .max(mostWindows);
export type SeriesWindow = z.infer<typeof windowsSchema>[number];

/**
 * Every gap that is longer than all gaps behind it, oldest and longest first: the last gap longer than a limit is always among them. Of
 * more than twenty the shortest ones, which are the last ones, are one: at the end of the last, as long as the longest.
 */
export const gapsSchema = z.array(z.strictObject({ until: z.string(), seconds: z.number().min(0) })).max(mostGaps);
export type SeriesGap = z.infer<typeof gapsSchema>[number];

export const hasFailed = ({ ok, status, error }: Point): boolean => !ok || error !== undefined || (status !== undefined && status >= 400);

const percentile95 = (points: readonly Point[]): number => {
  const sorted = points.map((point) => point.latencyMs).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
};

/** A failure is often quick, and must not make the answers look faster. */
export const p95Of = (points: readonly Point[]): number =>
  Math.max(percentile95(points), percentile95(points.filter((point) => !hasFailed(point))));

const rounded = (figure: number): number => Math.round(figure * 100) / 100;

/** The first point's requests were answered before it, in a time that nobody knows. Undefined where a later point says no number. */
export const perMinute = (points: readonly Timed[]): number | undefined => rate(points.slice(1), points[0]?.time, points.at(-1)?.time);

const rate = (counted: readonly Timed[], from: number | undefined, to: number | undefined): number | undefined => {
  if (counted.length === 0 || from === undefined || to === undefined || to <= from) return undefined;
  const sum = counted.reduce<number | undefined>(
    (all, { requests }) => (all === undefined || requests === undefined ? undefined : all + requests),
    0,
  );
  return sum === undefined ? undefined : rounded((sum * 60_000) / (to - from));
};

/** Equal stretches of time between the first and the last of some points, each with those that lie in it. */
export const spansOf = <P extends { readonly time: number }>(points: readonly P[]) => {
  const [first, last] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 0];
  const count = Math.max(1, Math.min(mostWindows, Math.floor(points.length / pointsPerWindow)));
  const length = (last - first) / count;
  const within: P[][] = Array.from({ length: count }, () => []);
  for (const point of points) within[length === 0 ? 0 : Math.min(count - 1, Math.floor((point.time - first) / length))]?.push(point);
  return within.map((own, place) => ({ from: first + place * length, until: first + (place + 1) * length, within: own }));
};

export const windowsOf = (points: readonly Timed[]): SeriesWindow[] =>
  spansOf(points).flatMap(({ from, until, within }, place) => {
    if (within.length === 0) return [];
    // The very first point counts what came before the series.
    const requests = rate(place === 0 ? within.slice(1) : within, from, until);
    return {
      from: new Date(from).toISOString(),
      points: within.length,
      failed: within.filter(hasFailed).length,
      p95Ms: p95Of(within),
      ...(requests === undefined ? {} : { requestsPerMinute: requests }),
    };
  });

/** From the times of the points, in milliseconds since 1970. */
export const gapsOf = (times: readonly number[]): SeriesGap[] => {
  const found: { at: number; ms: number }[] = [];
  for (let place = times.length - 1; place > 0; place -= 1) {
    const at = times[place] ?? 0;
    const ms = at - (times[place - 1] ?? 0);
    if (ms > (found.at(-1)?.ms ?? 0)) found.push({ at, ms });
  }
  // From the last and shortest to the first and longest.
  const short = found.slice(0, Math.max(1, found.length - mostGaps + 1));
  const one = { at: short[0]?.at ?? 0, ms: short.at(-1)?.ms ?? 0 };
  const kept = found.length <= mostGaps ? found : [one, ...found.slice(short.length)];
  return kept.reverse().map(({ at, ms }) => ({ until: new Date(at).toISOString(), seconds: ms / 1000 }));
};
