import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { laneHeadSchema } from '../lane.ts';
import { endSchema } from './run.ts';

/** What becomes of a gate. */
export const settledOutcomes = ['passed', 'rejected', 'cancelled', 'expired', 'triggered'] as const;
const settledSchema = z.enum(settledOutcomes);
export type Settled = z.infer<typeof settledSchema>;

/** `entry`: when the machine entered the gate, which names this visit. `settlement`: which decision of the visit, from 1. */
export const gateEvents = {
  'gate.opened': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    graph: digestSchema,
    due: instantSchema,
    wake: instantSchema.nullable(),
    interrupted: z.string().nullable(),
  }),
  'gate.settled': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    settlement: z.int().min(1),
    outcome: settledSchema,
    end: endSchema.nullable(),
    resume: z.string().nullable(),
    judgedOn: z.array(laneHeadSchema),
    soundUntil: instantSchema.nullable(),
    reason: z.string(),
  }),
  'gate.regressed': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    settlement: z.int(),
    check: z.string(),
    verdict: z.string(),
    candidate: z.boolean(),
  }),
  'gate.delivered': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    settlement: z.int(),
    how: z.enum(['sent', 'closed-already', 'execution-over']),
  }),
  'gate.overdue': z.strictObject({ gate: z.string(), entry: z.string(), mailed: z.array(z.string()) }),
} as const;
