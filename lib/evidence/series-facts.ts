import * as z from 'zod';
import type { Words } from './account.ts';
import { gapsSchema, windowsSchema } from './series-windows.ts';

/** A day. No response takes longer, and the facts need an upper limit. */
export const longestMs = 86_400_000;
export const mostPoints = 50_000;
export const seriesName = /^[a-z][a-z0-9-]{0,40}$/;

/** What every series states, of any tool: the facts of `series`, and of the types that are judged as `series`. */
export const seriesMembers = {
  /** Which series it is: `soak`, `health`, `monitoring`. */
  name: z.string().describe('series'),
  /** What was measured, for people. */
  about: z.string().describe('what was measured'),
  /** Requests: those of a probe, or those that a metric counts. */
  points: z.int().min(0).describe('points'),
  failed: z.int().min(0).describe('failed points'),
  from: z.string().describe('from'),
  to: z.string().describe('until'),
  durationSeconds: z.number().min(0).describe('length'),
  longestGapSeconds: z.number().min(0).describe('longest gap'),
  p95Ms: z.number().min(0).describe('95th percentile of the response times'),
  /** Requests that the service answered, per minute; absent where a point does not say how many. */
  requestsPerMinute: z.number().min(0).optional().describe('requests per minute'),
  /** Absent in facts of versions that did not compute them. */
  windows: windowsSchema.optional().describe('windows'),
  gaps: gapsSchema.optional().describe('gaps'),
};

const facts = z.strictObject(seriesMembers);
/** Facts of a series without their type. */
export type SeriesFigures = z.infer<typeof facts>;

export const seriesWords = ({ name, points, failed, durationSeconds, longestGapSeconds, p95Ms }: SeriesFigures): Words => ({
  name,
  points,
  failed,
  durationSeconds,
  longestGapSeconds,
  errorRate: points === 0 ? null : failed / points,
  latencyMs: { p50: null, p95: p95Ms, p99: null },
});
