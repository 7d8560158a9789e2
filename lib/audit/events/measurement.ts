import * as z from 'zod';
import { instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

/** Which report it is from: the id of `evidence.recorded`, and whose it is. */
const reported = { evidence: z.string(), source: z.string(), component: z.string().nullable() } as const;

/** A stretch of a measurement. */
const windowSchema = z.strictObject({
  from: instantSchema,
  points: z.int().min(1),
  failed: z.int().min(0),
  p95Ms: z.number().min(0),
  requestsPerMinute: z.number().min(0).optional(),
});

/**
 * What reports measured, in the run's lane `measurement`. Rules that compare the release with its own baseline, and the measured triggers,
 * read figures here, because a judgement holds only the facts' digest.
 */
export const measurementEvents = {
  'figures.measured': defineEvent('any-writer', {
    ...reported,
    /** Name of the series: `baseline`, `health`, `monitoring`. */
    name: z.string(),
    /** Whether every check that the report served was judged `pass` when it arrived. */
    passed: z.boolean(),
    from: instantSchema,
    to: instantSchema,
    points: z.int().min(0),
    failed: z.int().min(0),
    p95Ms: z.number().min(0),
    longestGapSeconds: z.number().min(0),
    requestsPerMinute: z.number().min(0).nullable(),
    windows: z.array(windowSchema).max(10),
  }),
  /** The requests of one probe, in one report. */
  'probe.measured': defineEvent('any-writer', {
    ...reported,
    probe: z.string(),
    /** Its failure means that a critical feature does not work. */
    critical: z.boolean(),
    at: instantSchema,
    requests: z.int().min(1),
    /** How many of the last requests in a row were not answered as expected. */
    failedInARow: z.int().min(0),
  }),
} as const;
