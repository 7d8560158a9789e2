import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

export const answers = ['approved', 'rejected', 'changes-requested'] as const;
/** When people are reminded: the share of the time until the request expires, in percent. */
export const reminderShares = [50, 90] as const;

/** Whether a person had a hand in what is released: `unknown` where the roster does not say under which accounts they write commits. */
export const authorships = ['yes', 'no', 'unknown'] as const;
export type Authorship = (typeof authorships)[number];

/** What the approvals of a round must come to besides one for each role: so many different people, and so many who are no author. */
const signersSchema = z.strictObject({ roles: z.int().min(1), distinctPeople: z.int().min(1), nonAuthors: z.int().min(0) });
export type Signers = z.infer<typeof signersSchema>;

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
    /** Of a deputy: the person for whom they may answer. */
    for: z.string().optional(),
    /** Of a reminder, which has a link of its own: the share of the time that had passed. */
    reminder: z.literal([...reminderShares]).optional(),
    /** Absent in events of older versions: each role another person, and it does not matter who wrote the release. */
    signers: signersSchema.optional(),
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
    /** Of a deputy: the person for whom they answered. */
    for: z.string().optional(),
    /** Whether the person, or the one for whom they answered, had a hand in what is released. Absent where the round does not ask. */
    author: z.enum(authorships).optional(),
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
  /** Who asked takes the requests of a round back. Answers behind it count no more, and nobody is asked until they are `reopened`. */
  'approval.recalled': defineEvent('people', {
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    by: z.string(),
    reason: digestSchema,
  }),
  /** The same, because a newer run (`by`) of the service and environment has come to this gate and asks the same people. */
  'approval.overtaken': defineEvent('reconciler', { gate: z.string(), entry: z.string(), round: z.int(), by: z.string() }),
  /** After a recall, or when a newer run has overtaken: the approvals are requested again, in the next round. */
  'approval.reopened': defineEvent('people', {
    gate: z.string(),
    entry: z.string(),
    round: z.int(),
    by: z.string(),
    reason: digestSchema,
  }),
  /** The requests of a round that nobody answered count no more: a newer run (`by`) has taken the environment over. */
  'approval.withdrawn': defineEvent('reconciler', { gate: z.string(), entry: z.string(), round: z.int(), by: z.string() }),
} as const;
