import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { isHoldpointRecord } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { longestMs, mostPoints, seriesMembers, seriesName, seriesWords } from './series-facts.ts';
import { gapsOf, hasFailed, p95Of, perMinute, type Timed, windowsOf } from './series-windows.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('series'), ...seriesMembers });
export type SeriesFacts = z.infer<typeof facts>;

export const series = evidenceType({
  id: 'series',
  description: 'Points of a probe over time (holdpoint.series/1) as JSON',
  fileNames: ['*series*.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isHoldpointRecord(json, 'series'),
  fieldWords: seriesWords,
  parse: (bytes) => parse(bytes),
  sample: 'series.json',
});

const expected =
  '{ "schema": "holdpoint.series/1", "name", "about", "points": [{ "at", "ok", "latencyMs", "status"?, "error"? }] } with strictly increasing times';

const pointSchema = z.strictObject({
  at: z.iso.datetime({ offset: true }).meta({ description: 'When the request began: ISO 8601, each later than the one before.' }),
  ok: z.boolean().meta({ description: 'Whether the answer was good. No answer in time and a refused connection are failures.' }),
  latencyMs: z
    .number()
    .min(0)
    .max(longestMs)
    .meta({ description: 'Milliseconds until the answer was complete, or until the probe gave up.' }),
  status: z.int().min(100).max(599).optional().meta({
    description: 'HTTP status of the answer. A point with 400 or more counts as failed; a probe that expects such an answer leaves it out.',
  }),
  requests: z.int().min(0).max(1_000_000_000).optional().meta({
    description:
      'How many requests the service answered since the point before, where the probe can see it. All points say it, or it does not count.',
  }),
  error: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'Why there was no answer, such as ECONNREFUSED or timeout. Such a point counts as failed.' }),
});

/** The published format, also as JSON Schema (`published-schemas.ts`). */
export const seriesSchema = z
  .strictObject({
    schema: z.literal('holdpoint.series/1'),
    name: z
      .string()
      .regex(seriesName)
      .meta({ description: 'Which series it is. The checklist says which ones it needs, such as soak, health and monitoring.' }),
    about: z.string().max(200).default('').meta({ description: 'What was probed, for people.' }),
    points: z.array(pointSchema).min(1).max(mostPoints),
  })
  .meta({ title: 'Holdpoint series (holdpoint.series/1)', description: 'Points of a probe over time, oldest first.' });
export type Series = z.infer<typeof seriesSchema>;
export type Point = Series['points'][number];

/** Computes duration, gaps, windows, failures and the 95th percentile (nearest rank) from the points. */
const parse = (bytes: Uint8Array): Parsed<SeriesFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = seriesSchema.safeParse(json.ok);
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
  const timed: readonly Timed[] = points.map((point, place) => ({ ...point, time: times[place] ?? 0 }));
  const gaps = gapsOf(times);
  const rate = perMinute(timed);
  return {
    reportTime: timeOfParts([{ from: last, to: last }]),
    ok: {
      type: 'series',
      name,
      about: excerpt(about, 200),
      points: points.length,
      failed: points.filter(hasFailed).length,
      from: new Date(first).toISOString(),
      to: new Date(last).toISOString(),
      durationSeconds: (last - first) / 1000,
      longestGapSeconds: gaps[0]?.seconds ?? 0,
      p95Ms: p95Of(points),
      ...(rate === undefined ? {} : { requestsPerMinute: rate }),
      windows: windowsOf(timed),
      gaps,
    },
  };
};
