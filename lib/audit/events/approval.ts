import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';

export const answers = ['approved', 'rejected', 'changes-requested'] as const;

export const approvalEvents = {
  'approval.requested': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    round: z.int().min(1),
    role: z.string(),
    person: z.string(),
    link: digestSchema,
    report: digestSchema,
    expires: instantSchema,
  }),
  'approval.mailed': z.strictObject({
    gate: z.string(),
    round: z.int(),
    role: z.string(),
    person: z.string(),
    link: digestSchema,
    message: z.string(),
  }),
  'approval.answered': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    role: z.string(),
    person: z.string(),
    answer: z.enum(answers),
    report: digestSchema,
    signedInAt: instantSchema,
    note: digestSchema.nullable(),
  }),
  'approval.invalidated': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    was: digestSchema,
    is: digestSchema,
    checks: z.array(z.string()),
  }),
} as const;
