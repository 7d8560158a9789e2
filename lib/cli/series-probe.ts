import type { Point, Series } from '../evidence/series.ts';
import { mostPoints } from '../evidence/series-facts.ts';

/** One answer, or why there was none. */
export type Sample = Pick<Point, 'ok' | 'status' | 'error' | 'requests'>;

/** How many requests a probe has made so far, and how many of them failed. */
export type ProbeCounts = { readonly requests: number; readonly failed: number };

export type Watch = {
  readonly name: string;
  readonly about: string;
  readonly everyMs: number;
  /** Without it the probe runs until it is stopped. The last request begins when this time is over, so the series covers all of it. */
  readonly forMs?: number;
  readonly request: () => Promise<Sample>;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type Probe = {
  readonly counts: () => ProbeCounts;
  /** The series when the time is over, or after `stop`. */
  readonly series: Promise<Series>;
  /** Ends the probe after the request that is under way. */
  readonly stop: () => void;
};

/** Makes a request at a fixed interval and records each result with the time of the clock. Every point of the series is a real request. */
export const startProbe = (watch: Watch): Probe => {
  const points: Point[] = [];
  const stopping = new AbortController();
  return {
    counts: () => ({ requests: points.length, failed: points.filter(({ ok }) => !ok).length }),
    series: measure(watch, points, stopping.signal).then(() => ({
      schema: 'holdpoint.series/1',
      name: watch.name,
      about: watch.about,
      points,
    })),
    stop: () => stopping.abort(),
  };
};

/** How many points a probe can record in this time. */
export const pointsOf = (forMs: number, everyMs: number): number => Math.ceil(forMs / everyMs) + 1;

const measure = async ({ everyMs, forMs, request, now, sleep }: Watch, points: Point[], signal: AbortSignal): Promise<void> => {
  const began = now().getTime();
  const most = forMs === undefined ? mostPoints : Math.min(mostPoints, pointsOf(forMs, everyMs));
  const end = forMs === undefined ? undefined : began + forMs;
  for (let due = began, last = 0; ; ) {
    const at = points.length === 0 ? began : now().getTime();
    const sample = await request().catch((thrown: unknown): Sample => ({ ok: false, error: reasonOf(thrown) }));
    // Two points never have one time, also when the clock is set back; a gap when it is set forward stays visible.
    last = Math.max(at, last + 1);
    points.push({ at: new Date(last).toISOString(), latencyMs: Math.max(0, now().getTime() - at), ...sample });
    if (signal.aborted || points.length >= most || due === end) return;
    due = Math.max(due + everyMs, now().getTime());
    if (end !== undefined) due = Math.min(due, end);
    // A timer may fire a little early, and the last point must not.
    for (let tries = 0; tries < 3 && due > now().getTime() && !signal.aborted; tries += 1) await sleep(due - now().getTime(), signal);
    if (signal.aborted) return;
  }
};

/** The code of a fault where it has one: `fetch` hides it in the causes. */
const reasonOf = (thrown: unknown): string => {
  let last = thrown;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (!(last instanceof Error)) return 'unknown';
  if (last.name === 'TimeoutError') return 'timeout';
  return ((last as NodeJS.ErrnoException).code || last.message || last.name).slice(0, 60);
};
