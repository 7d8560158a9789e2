import * as z from 'zod';
import { artifactSchema, digestSchema, instantSchema, levels, looks } from '../../fields.ts';
import { roleSchema } from '../../roles.ts';
import { defineEvent } from '../event-definition.ts';
import { laneHeadSchema } from '../lane.ts';
import { closedFollowUpSchema } from './follow-up.ts';
import { pinnedProfileSchema } from './profile.ts';

/** What runs: the digest, and how the platform names it (a version of a function, a task definition). */
export const runningSchema = z.strictObject({ component: z.string(), digest: z.string(), reference: z.string().nullable() });
export type Running = z.infer<typeof runningSchema>;

/** How a run ends. */
export const ends = [
  'production-stable',
  'rejected',
  'cancelled',
  'expired',
  'incident',
  'rolled-back',
  /** The version is back, and its health was not proved. */
  'rolled-back-unverified',
  /** The rollback could not be carried out; people have taken over. */
  'rollback-escalated',
  /** A newer run took over the environment during the reviews. */
  'superseded',
  'not-deployed',
  'not-stable',
] as const;
export const endSchema = z.enum(ends);
export type End = z.infer<typeof endSchema>;

/** T0 comes at this instant at the earliest, or as soon as every gate before it has passed. */
export const plannedT0Schema = z.union([z.literal('when-released'), instantSchema]);
export type PlannedT0 = z.infer<typeof plannedT0Schema>;

/** What a migration tool calls a version, such as `42` or `20261127_add_vouchers`. */
export const schemaVersionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}$/, 'a version without spaces, 100 characters at most');

/**
 * The release that a run is about. A field that is added here is asked for by the start command, recorded and shown; the command
 * may ask for a narrower form of it than the trail can hold.
 */
export const releaseFields = {
  service: z.string(),
  environment: z.string(),
  version: z.string(),
  artifacts: z.array(artifactSchema).min(1),
  commit: z.string(),
  risk: z.enum(levels),
  impact: z.enum(levels),
  plannedT0: plannedT0Schema,
  /** Paths of the migration scripts in the release, as CI names them. With any, nobody can declare the migration of data not applicable. */
  migrations: z
    .array(
      z
        .string()
        .min(1)
        .max(300)
        .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'a path without control characters'),
    )
    .max(200)
    .optional(),
  /** The version of the database's schema that the release works with, as CI names it. Absent: nobody named one. */
  schemaVersion: schemaVersionSchema.optional(),
} as const;

/** What the start fixes beside the release, as far as the run's view shows it. */
export const startFields = {
  ...releaseFields,
  graph: digestSchema,
  /** The person behind the start; never a signer. */
  starter: z.string(),
  /** 1: real time. A scaled run is never a rollback target on an unscaled stage. */
  waitScale: z.number().min(1),
  stage: z.string(),
  /** A local stage: attestations are simulated. */
  local: z.boolean(),
} as const;

/** Both parse the data of `run.started`, and anything else that has the fields and more, into the fields alone. */
export const releaseSchema = z.object(releaseFields);
export const startSchema = z.object(startFields);

export const runEvents = {
  'run.started': defineEvent('any-writer', {
    ...startFields,
    reasonDigest: digestSchema,
    /** Digest of the named changes, one on each line; null where none was named. */
    changesDigest: digestSchema.nullable(),
    /** Digest of who asked for the release, as the CI job names them. */
    requestedBy: digestSchema.nullable(),
    /** A rehearsal of the way back: the version to which it is set back. The run begins with the first step of the rollback. */
    drill: z
      .strictObject({ version: z.string(), components: z.array(runningSchema).min(1), schemaVersion: schemaVersionSchema.optional() })
      .optional(),
    profile: pinnedProfileSchema.optional(),
    /** At what Holdpoint can look itself, as the stage said when the run started. */
    looks: z.array(z.enum(looks)).optional(),
    /** Names of the alarms of the service, as the stage said: each is asked for after the deployment. Absent where it names none. */
    alarms: z.array(z.string()).optional(),
    /** The components whose platform Holdpoint can read: what they run is read back and compared. */
    readable: z.array(z.string()).optional(),
    definition: digestSchema,
    roster: digestSchema,
    /** After which others each component starts, as the stage's targets had it; absent where the stage names no targets. */
    startOrder: z.array(z.strictObject({ component: z.string(), after: z.array(z.string()) })).optional(),
    /** sha256 of issuer and `jti` of the token that started the run. */
    token: digestSchema,
  }),
  'run.cancelled': defineEvent('people', { by: z.string(), reason: digestSchema }),
  /** Another planned T0; the last one counts. */
  'run.rescheduled': defineEvent('people', { plannedT0: plannedT0Schema, by: z.string(), reason: digestSchema }),
  /** A freeze, by its name in the stage configuration. It counts once a second person has approved it. `roles`: the signing roles that the person held. */
  'freeze.override-requested': defineEvent('people', {
    freeze: z.string(),
    by: z.string(),
    roles: z.array(roleSchema),
    reason: digestSchema,
  }),
  /** `request`: the event that is approved. */
  'freeze.override-approved': defineEvent('people', {
    freeze: z.string(),
    by: z.string(),
    roles: z.array(roleSchema),
    reason: digestSchema,
    request: z.string(),
  }),
  /** A newer run holds the environment: this one ends without a judgement, neither stable nor failed. */
  'run.superseded': defineEvent('reconciler', { by: z.string() }),
  'run.ended': defineEvent('reconciler', { outcome: endSchema, gate: z.string() }),
  /** As written by versions before `lane.ended`, with a MAC for each lane. */
  'lane.closed': defineEvent('reconciler', {}),
  /** Closes a lane because the run has ended. `ended`: the hash of `run.ended`. All of a run have the same MAC (`authorityMessage`). */
  'lane.ended': defineEvent('reconciler', { ended: digestSchema }),
  /** `followUps`: what was answered after a rollback, and by whom; absent where nothing was asked. */
  'run.closed': defineEvent('reconciler', { lanes: z.array(laneHeadSchema), followUps: z.array(closedFollowUpSchema).min(1).optional() }),
  /** In the late scope: a lane that a writer opened while the run was being closed, so that the closing does not name it. */
  'lane.orphaned': defineEvent('reconciler', laneHeadSchema.shape),
} as const;
