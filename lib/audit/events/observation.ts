import * as z from 'zod';
import { digestSchema, instantSchema, observationKinds } from '../../fields.ts';
import { defineEvent } from '../define-event.ts';

/** How an observation arrived: our own bus, an alarm's event, an alarm's SNS notification, or the API. */
export const channels = ['bus', 'alarm', 'sns', 'api'] as const;
export type Channel = (typeof channels)[number];

export const labels = ['true', 'false', 'explained'] as const;

export const observationEvents = {
  'observation.recorded': defineEvent('any-writer', {
    observation: z.string(),
    via: z.enum(channels),
    kind: z.enum(observationKinds),
    bad: z.boolean(),
    subject: z.string(),
    /** What a machine reported; of a person's words only the digest is recorded. */
    summary: z.string(),
    words: digestSchema.nullable(),
    observedAt: instantSchema,
  }),
  'observation.labelled': defineEvent('people', {
    observation: z.string(),
    label: z.enum(labels),
    by: z.string(),
    explanation: digestSchema,
  }),
} as const;
