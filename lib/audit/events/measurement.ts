import * as z from 'zod';
import { instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

/** Which report it is from: the id of `evidence.recorded`, and whose it is. */
const reported = { evidence: z.string(), source: z.string(), component: z.string().nullable() } as const;

const figure = z.number().min(0);

/** What release checks are compared with, and where it comes from. `none`: nothing is there, and why. */
const originSchema = z.discriminatedUnion('kind', [
  /** The last release that became production-stable, since when, and the event that says so in the environment's lane. */
  z.strictObject({ kind: z.literal('run'), run: z.string(), version: z.string(), stableAt: instantSchema, event: z.string() }),
  /** A baseline that people recorded. `event`: its event in the service's lane; `carried`: the one by which the run carries it. */
  z.strictObject({
    kind: z.literal('recorded'),
    event: z.string(),
    carried: z.string(),
    by: z.string(),
    madeAt: instantSchema,
    givenAt: instantSchema,
  }),
  z.strictObject({ kind: z.literal('none'), why: z.string() }),
]);

/** A stretch of a measurement. */
const windowSchema = z.strictObject({
  from: instantSchema,
  points: z.int().min(1),
  errorRatePct: figure.optional(),
  p95Ms: figure.optional(),
  requestsPerMinute: figure.optional(),
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
    /** Of a metric: its id in the stage file. Several metrics of one kind in one look are series of their own. */
    metric: z.string().optional(),
    /** Whether every check that the report served was judged `pass` when it arrived. */
    passed: z.boolean(),
    from: instantSchema,
    to: instantSchema,
    points: z.int().min(0),
    /** Null: the report does not say. */
    errorRatePct: figure.nullable(),
    p95Ms: figure.nullable(),
    requestsPerMinute: figure.nullable(),
    windows: z.array(windowSchema).max(10),
  }),
  /**
   * The figures of an earlier release, with which rules compare those of this one. The reconciler takes them from where they stand, and again
   * where something else has become the baseline: the last one counts.
   */
  'baseline.taken': defineEvent('reconciler', {
    from: originSchema,
    figures: z
      .array(
        z.strictObject({
          component: z.string().nullable(),
          p95Ms: figure.nullable(),
          errorRatePct: figure.nullable(),
          /** Of a release: the series. Null: people stated the figures. */
          series: z.strictObject({ name: z.string(), from: instantSchema, to: instantSchema, points: z.int().min(1) }).nullable(),
        }),
      )
      .max(50),
  }),
  /** One look at one probe. */
  'probe.measured': defineEvent('any-writer', {
    ...reported,
    probe: z.string(),
    /** Its failure means that a critical feature does not work. */
    critical: z.boolean(),
    at: instantSchema,
    /** passed, failed: so many tries in a row as the stage file says. unsteady: neither. */
    outcome: z.enum(['passed', 'failed', 'unsteady']),
    tries: z.int().min(1),
    failed: z.int().min(0),
  }),
} as const;
