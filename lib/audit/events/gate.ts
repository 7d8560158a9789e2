import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';
import { laneHeadSchema } from '../lane.ts';
import { endSchema } from './run.ts';

/**
 * What becomes of a gate. `returned`: back to an earlier gate, which judges and asks again. `capped`: incidents have extended a review for as long as
 * they may, and people decide about a rollback.
 */
export const settledOutcomes = [
  'passed',
  'rejected',
  'cancelled',
  'expired',
  'triggered',
  'continued',
  'superseded',
  'returned',
  'capped',
] as const;
const settledSchema = z.enum(settledOutcomes);
export type Settled = z.infer<typeof settledSchema>;

/** `entry`: when the machine entered the gate, which names this visit. `settlement`: which decision of the visit, from 1. */
export const gateEvents = {
  'gate.opened': defineEvent('any-writer', {
    gate: z.string(),
    entry: z.string(),
    graph: digestSchema,
    due: instantSchema,
    interrupted: z.string().nullable(),
    /** The entry of the same gate that a rollback decision interrupted: its rounds of approvals and its deadline go on. */
    continues: z.string().optional(),
  }),
  'gate.settled': defineEvent('reconciler', {
    gate: z.string(),
    entry: z.string(),
    settlement: z.int().min(1),
    outcome: settledSchema,
    end: endSchema.nullable(),
    resume: z.string().nullable(),
    /** `scope`: of an environment; absent for a lane of the run. */
    judgedOn: z.array(laneHeadSchema.extend({ scope: z.string().optional() })),
    soundUntil: instantSchema.nullable(),
    reason: z.string(),
  }),
  /** Any writer may take a passed gate back: a false regression blocks, it never lets a release through. */
  'gate.regressed': defineEvent('any-writer', {
    gate: z.string(),
    entry: z.string(),
    settlement: z.int(),
    check: z.string(),
    verdict: z.string(),
    candidate: z.boolean(),
  }),
  'gate.delivered': defineEvent('reconciler', {
    gate: z.string(),
    entry: z.string(),
    settlement: z.int(),
    how: z.enum(['sent', 'closed-already', 'execution-over']),
    /** Hash of the settlement that was the answer: who has verified this event need not ask about that one. Absent in older events. */
    settled: digestSchema.optional(),
    /** How the execution ended, where that is another end than the settlement's. */
    end: endSchema.optional(),
  }),
  /** Mails about this visit of the gate. Every reconciliation and every writer reads the gates' lanes, so it is small. */
  'gate.notified': defineEvent('reconciler', { entry: z.string(), notice: z.string(), people: z.array(z.string()) }),
  'gate.overdue': defineEvent('reconciler', { gate: z.string(), entry: z.string(), mailed: z.array(z.string()) }),
} as const;
