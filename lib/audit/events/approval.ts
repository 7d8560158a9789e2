import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

export const answers = ['approved', 'rejected', 'changes-requested'] as const;

export const approvalEvents = {
  'approval.requested': defineEvent('reconciler', {
    gate: z.string(),
    entry: z.string(),
    round: z.int().min(1),
    role: z.string(),
    person: z.string(),
    link: digestSchema,
    report: digestSchema,
    expires: instantSchema,
  }),
  'approval.mailed': defineEvent('reconciler', {
    gate: z.string(),
    round: z.int(),
    role: z.string(),
    person: z.string(),
    link: digestSchema,
    message: z.string(),
  }),
  'approval.answered': defineEvent('people', {
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    role: z.string(),
    person: z.string(),
    answer: z.enum(answers),
    report: digestSchema,
    signedInAt: instantSchema,
    note: digestSchema.nullable(),
    /** How many events stood behind the report when it was answered: its checks have changed since when there are more. */
    seen: z.int().optional(),
  }),
  'approval.invalidated': defineEvent('reconciler', {
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    was: digestSchema,
    is: digestSchema,
    checks: z.array(z.string()),
    /** The version to which a rollback would lead, where that changed: null where none is known. */
    target: z.strictObject({ was: z.string().nullable(), is: z.string().nullable() }).optional(),
  }),
  /** The requests of a round that nobody answered count no more: a newer run (`by`) has taken the environment over. */
  'approval.withdrawn': defineEvent('reconciler', { gate: z.string(), entry: z.string(), round: z.int(), by: z.string() }),
} as const;
