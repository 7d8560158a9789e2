import * as z from 'zod';
import { excerpt } from '../canonical.ts';
import type { Outcome } from '../outcome.ts';
import type { SeriesFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected =
  '{ "schema": "holdpoint.series/1", "name", "about", "points": [{ "at", "ok", "latencyMs" }] } with strictly increasing times';
/** A day: no answer takes longer, and the figure stays one that facts can hold. */
const longestMs = 86_400_000;
const schema = z.strictObject({
  schema: z.literal('holdpoint.series/1'),
  /** Which series it is: soak, health, monitoring. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  /** What was probed, for people. */
  about: z.string().max(200).default(''),
  points: z
    .array(z.strictObject({ at: z.iso.datetime({ offset: true }), ok: z.boolean(), latencyMs: z.number().min(0).max(longestMs) }))
    .min(1)
    .max(50_000),
});

/** A probe's points over time. Duration, gaps, failures and the 95th percentile (nearest rank) are computed here, from the points. */
export const parseSeries = (bytes: Uint8Array): Outcome<SeriesFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const series = schema.safeParse(json.ok);
  if (!series.success) {
    const [issue] = series.error.issues;
    return unreadable('The JSON is not a series.', {
      got: `${issue?.path.join('.')}: ${issue?.message}`,
      expected,
      fix: 'Write the points of the probe in this form.',
    });
  }
  const { name, about, points } = series.data;
  const times = points.map((point) => Date.parse(point.at));
  const back = times.findIndex((time, place) => place > 0 && time <= (times[place - 1] ?? 0));
  if (back >= 0)
    return unreadable('The times of the series do not increase.', {
      got: `point ${back + 1} at ${points[back]?.at}`,
      expected,
      fix: 'Sort the points and drop doubles.',
    });
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const gaps = times.slice(1).map((time, place) => time - (times[place] ?? 0));
  const latencies = points.map((point) => point.latencyMs).sort((a, b) => a - b);
  return {
    ok: {
      type: 'series',
      name,
      about: excerpt(about, 200),
      points: points.length,
      failed: points.filter((point) => !point.ok).length,
      from: new Date(first).toISOString(),
      to: new Date(last).toISOString(),
      durationSeconds: (last - first) / 1000,
      longestGapSeconds: gaps.reduce((a, b) => Math.max(a, b), 0) / 1000,
      p95Ms: latencies[Math.ceil(latencies.length * 0.95) - 1] ?? 0,
    },
  };
};
