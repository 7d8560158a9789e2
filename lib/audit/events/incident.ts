import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

export const decisions = ['resume', 'end'] as const;

export const incidentEvents = {
  'incident.decided': defineEvent('people', {
    entry: z.string(),
    decision: z.enum(decisions),
    gate: z.string(),
    by: z.string(),
    reason: digestSchema,
  }),
} as const;
