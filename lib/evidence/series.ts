import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { evidenceType, megabyte } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('series'),
  /** Which series it is: `soak`, `health`, `monitoring`. */
  name: z.string(),
  /** What was probed, for people. */
  about: z.string(),
  points: z.int().min(0),
  failed: z.int().min(0),
  from: z.string(),
  to: z.string(),
  durationSeconds: z.number().min(0),
  longestGapSeconds: z.number().min(0),
  p95Ms: z.number().min(0),
});
export type SeriesFacts = z.infer<typeof facts>;

export const series = evidenceType({
  id: 'series',
  description: 'Points of a probe over time (holdpoint.series/1) as JSON',
  fileNames: ['*series*.json'],
  mediaTypes: ['application/json'],
  maxBytes: 4 * megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'series.json',
});

const expected =
  '{ "schema": "holdpoint.series/1", "name", "about", "points": [{ "at", "ok", "latencyMs" }] } with strictly increasing times';
/** A day. No response takes longer, and the facts need an upper limit. */
const longestMs = 86_400_000;
const schema = z.strictObject({
  schema: z.literal('holdpoint.series/1'),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  about: z.string().max(200).default(''),
  points: z
    .array(z.strictObject({ at: z.iso.datetime({ offset: true }), ok: z.boolean(), latencyMs: z.number().min(0).max(longestMs) }))
    .min(1)
    .max(50_000),
});

/** Computes duration, gaps, failures and the 95th percentile (nearest rank) from the points. */
const parse = (bytes: Uint8Array): Parsed<SeriesFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = schema.safeParse(json.ok);
  if (!read.success)
    return unreadable('The JSON is not a series.', {
      got: firstIssue(read.error),
      expected,
      fix: 'Write the points of the probe in this form.',
    });
  const { name, about, points } = read.data;
  const times = points.map((point) => Date.parse(point.at));
  const back = times.findIndex((time, place) => place > 0 && time <= (times[place - 1] ?? 0));
  if (back >= 0)
    return unreadable('The times of the series do not increase.', {
      got: `point ${back + 1} at ${points[back]?.at}`,
      expected,
      fix: 'Sort the points by time and remove duplicates.',
    });
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const gaps = times.slice(1).map((time, place) => time - (times[place] ?? 0));
  return {
    reportTime: timeOfParts([{ from: last, to: last }]),
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
      // A failure is often quick, and must not make the answers look faster.
      p95Ms: Math.max(p95(points), p95(points.filter((point) => point.ok))),
    },
  };
};

const p95 = (points: readonly { readonly latencyMs: number }[]): number => {
  const sorted = points.map((point) => point.latencyMs).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
};
