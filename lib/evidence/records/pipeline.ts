import * as z from 'zod';
import { list, recordKind, text } from './kind.ts';

/** `success` is what counts; a producer that cannot map its system's word says `unknown`. */
const conclusions = ['success', 'failure', 'cancelled', 'timed-out', 'skipped', 'running', 'unknown'] as const;

export const pipeline = recordKind({
  id: 'pipeline',
  description: 'The jobs of a pipeline and how they ended',
  schema: z.strictObject({
    pipeline: text,
    url: text.optional(),
    jobs: list(
      z.strictObject({
        name: text,
        /** Whether the pipeline ends well without it. */
        required: z.boolean(),
        conclusion: z.enum(conclusions),
      }),
    ),
  }),
  limits: { minJobs: { of: 'succeeded', name: 'jobs that succeeded', is: 'least', bound: { least: 1 } } },
  content: ({ jobs }) => ({
    items: jobs.length,
    figures: {
      jobs: jobs.length,
      succeeded: jobs.filter(({ conclusion }) => conclusion === 'success').length,
      skipped: jobs.filter(({ conclusion }) => conclusion === 'skipped').length,
    },
    faults: jobs.flatMap(({ name, required, conclusion }) =>
      conclusion === 'success' || (!required && conclusion === 'skipped') ? [] : [`the job ${name}: ${conclusion}`],
    ),
  }),
});
