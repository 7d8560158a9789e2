import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { type AuthorityKind, addressed, defineEvent } from '../event-definition.ts';
import { liveLevels } from './environment.ts';
import { runningSchema } from './run.ts';

/** The document's steps, in its order. */
export const rollbackStepIds = [
  'stop-requests',
  'revert-version',
  'restore-database',
  'restart-services',
  'verify-health',
  'monitor-stability',
] as const;
export const rollbackStepSchema = z.enum(rollbackStepIds);
export type RollbackStep = z.infer<typeof rollbackStepSchema>;

/** `do` carries a step out; `undo` takes the stop of requests back. */
export const stepActions = ['do', 'undo'] as const;
export const rollbackDecisions = ['roll-back', 'continue'] as const;
export const stepChoices = ['retry', 'by-hand', 'end'] as const;
export const dataChoices = ['restore', 'keep'] as const;
export const budgets = ['decision', 'execution', 'verification', 'total'] as const;
export type Budget = (typeof budgets)[number];

/**
 * In the place of a person's id: somebody who could not sign in and had credentials of the AWS account. Lambda does not tell its function who
 * invoked it; CloudTrail knows it. Nobody in a roster has such an id.
 */
export const awsCredentials = 'AWS credentials';
/** What no person signs for is vouched for by the reconciler's key: Holdpoint's own, and what was said with AWS credentials. */
const whoSaid = ({ by }: { readonly by: string | null }): readonly AuthorityKind[] =>
  by === null || by === awsCredentials ? ['reconciler'] : ['people'];

/** Which attempt of which step. A late answer of an earlier attempt changes nothing. */
const attempt = { step: z.string(), action: z.enum(stepActions), attempt: z.int().min(1) } as const;

/** How the attempt was carried out. `words`: digest of what a person wrote; absent where no person answered. */
const answer = defineEvent('any-writer', { ...attempt, detail: z.string(), words: digestSchema.optional(), ...addressed });

/** The way back of a run. All of it stands in the run's lane `rollback`. */
export const rollbackEvents = {
  /** Where a rollback leads, fixed before T0. Of several the last one counts: what is live may change while T0 waits. */
  'rollback.target-fixed': defineEvent('reconciler', {
    run: z.string().nullable(),
    version: z.string(),
    level: z.enum([...liveLevels, 'drill']),
    components: z.array(runningSchema),
    /** Of a version that people adopted: whether the platforms have confirmed it. Absent for any other. */
    readBack: z.boolean().optional(),
  }),
  /** The first trigger since the last decision to continue counts; later ones are added to it. A person declares one, or the reconciler has measured it. */
  'rollback.triggered': defineEvent(whoSaid, {
    trigger: z.string(),
    /** The person who declares it; null when it was measured. */
    by: z.string().nullable(),
    /** Digest of the person's words. */
    reason: digestSchema.nullable(),
    /** What was measured, in one line. */
    detail: z.string().nullable(),
    /** Ids of the events that prove it: observations, evidence. */
    evidence: z.array(z.string()),
    /** Digest of what the person names that shows it outside of the run. */
    shown: digestSchema.optional(),
    /** Whether the person decided for the rollback in the same act. */
    decides: z.boolean(),
    ...addressed,
  }),
  /** `round`: the trigger that it decides is the first one of this round, from 1. `by` is null where nobody had to decide. */
  'rollback.decided': defineEvent(whoSaid, {
    round: z.int().min(1),
    decision: z.enum(rollbackDecisions),
    how: z.enum(['person', 'with-trigger', 'silence', 'by-itself']),
    by: z.string().nullable(),
    /** Of a deputy: the operations lead in whose stead they decided. */
    for: z.string().optional(),
    reason: digestSchema.nullable(),
    ...addressed,
  }),
  'rollback.step-requested': defineEvent('reconciler', { ...attempt, actuator: z.string() }),
  /** The profile says that the service does not need the step. */
  'rollback.step-skipped': defineEvent('reconciler', { step: z.string(), reason: z.string() }),
  'rollback.step-done': answer,
  'rollback.step-failed': answer,
  'rollback.proof-requested': defineEvent('reconciler', { ...attempt, proof: z.int().min(1) }),
  /** What was seen from outside. `evidence` is the event of the collector's report. */
  'rollback.step-proved': defineEvent('any-writer', {
    ...attempt,
    proof: z.int().min(1),
    proved: z.boolean(),
    detail: z.string(),
    evidence: z.array(z.string()),
    /** Nothing outside can show the step, whatever runs: then the evidence of a second person counts. */
    cannotShow: z.literal(true).exactOptional(),
  }),
  /** A person's choice about a step that waits for people: try again, done by hand (with what shows it), or end the rollback. */
  'rollback.step-handled': defineEvent(whoSaid, {
    step: z.string(),
    choice: z.enum(stepChoices),
    by: z.string(),
    reason: digestSchema,
    evidence: z.array(z.string()),
    /** Digest of what shows it outside of the run, from somebody who could not send evidence. */
    shown: digestSchema.optional(),
    ...addressed,
  }),
  /** Whether data is restored. `by` is null where nobody answered and the profile says that the change is backward-compatible. */
  'rollback.data-decided': defineEvent(whoSaid, {
    choice: z.enum(dataChoices),
    by: z.string().nullable(),
    reason: digestSchema.nullable(),
    backupAt: instantSchema.nullable(),
    ...addressed,
  }),
  /** What was written to the data between two instants, as a metric counts it. Null where nobody knows; `detail` says why, or by what. */
  'rollback.writes-read': defineEvent('any-writer', {
    since: instantSchema.nullable(),
    until: instantSchema.nullable(),
    writes: z.number().min(0).nullable(),
    detail: z.string(),
  }),
  /** People on duty were paged about the decision, or because the rollback cannot begin: another release has the environment. */
  'rollback.paged': defineEvent('reconciler', { round: z.int(), why: z.enum(['opened', 'reminder', 'escalated', 'cannot-begin']) }),
  'rollback.budget-warned': defineEvent('reconciler', {
    budget: z.enum(budgets),
    round: z.int(),
    limitSeconds: z.number(),
    since: instantSchema,
  }),
  'rollback.budget-breached': defineEvent('reconciler', {
    budget: z.enum(budgets),
    round: z.int(),
    limitSeconds: z.number(),
    since: instantSchema,
  }),
} as const;
