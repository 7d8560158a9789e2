import * as z from 'zod';
import { artifactSchema, digestSchema, instantSchema } from '../../fields.ts';
import { addressed, defineEvent } from '../event-definition.ts';
import { endSchema, runningSchema } from './run.ts';

/**
 * How far a version came that is live in an environment. adopted: two people vouch for what was running before the first release; withdraw: two
 * people accept that the first release is taken back by taking the service away.
 */
export const liveLevels = ['withdraw', 'adopted', 'deployed', 'deployment-success', 'production-stable'] as const;
export type LiveLevel = (typeof liveLevels)[number];
export const adoptedLevels = ['withdraw', 'adopted'] as const satisfies readonly LiveLevel[];

/** Planned work that people and CI announce. */
export const announcedKinds = ['alarm-test', 'planned-restart'] as const;

/** A target as people name it. `reason`: digest of the words. */
const adoption = {
  version: z.string(),
  level: z.enum(adoptedLevels),
  components: z.array(runningSchema.extend({ digest: artifactSchema.shape.digest })),
  by: z.string(),
  reason: digestSchema.nullable(),
  /** From which commit it was built, where they know it. */
  commit: z.string().optional(),
} as const;

const measured = z.strictObject({ seconds: z.number(), limitSeconds: z.number(), met: z.boolean() });

/** Events of the scope `environment/<service>/<environment>`. */
export const environmentEvents = {
  /**
   * In lane `claim`: the run holds the environment alone. `supersedes`: the run that held it before, whose review it ends. `released`: whether
   * this run or an earlier one of the lane is no drill; absent in claims of older versions.
   */
  'environment.claimed': defineEvent('reconciler', {
    run: z.string(),
    why: z.enum(['t0', 'rollback']),
    supersedes: z.string().nullable(),
    released: z.boolean().optional(),
  }),
  /** In lane `claim`: the run passed Deployment Success; a newer run may claim the environment from now on. */
  'environment.shared': defineEvent('reconciler', { run: z.string() }),
  /** In lane `claim`: the run has ended and it is not known what runs. The claim stays until somebody has read that back, or a person frees it. */
  'environment.kept': defineEvent('reconciler', { run: z.string(), end: endSchema }),
  /** In lane `claim`: `by` is the person who freed it where no execution could. Without a person and an end, the run gave it back before its T0. */
  'environment.freed': defineEvent(({ by }) => (by === null ? ['reconciler'] : ['people']), {
    run: z.string(),
    end: endSchema.nullable(),
    by: z.string().nullable(),
    reason: digestSchema.nullable(),
    ...addressed,
  }),
  /** In lane `live`: what is live now, and how far it came. */
  'environment.live': defineEvent('reconciler', {
    /** The run that released it; null for a version that people adopted, and for a service that was taken away. */
    run: z.string().nullable(),
    version: z.string(),
    level: z.enum(liveLevels),
    components: z.array(runningSchema),
    /** The version of the database's schema with which it works; absent where nobody named it. */
    schemaVersion: z.string().optional(),
    /** A run whose waiting windows were shortened is no rollback target of one whose were not. */
    waitScale: z.number(),
    /** Whether a rollback trigger was recorded in the run. */
    triggered: z.boolean(),
    /** The run that was rolled back to it; null where `run` came this far itself. */
    rolledBack: z.string().nullable(),
  }),
  /** In lane `live`: the first of two people names a target of rollbacks. */
  'target.proposed': defineEvent('people', { ...adoption, roles: z.array(z.string()) }),
  /** In lane `live`: the second person accepts it. `proposed` is the event of the first. */
  'target.adopted': defineEvent('people', { ...adoption, proposed: z.string(), proposedBy: z.string() }),
  /** In lane `live`: what the platform says about a component of an adopted target. Null where it cannot be read; `detail` says why. */
  'target.read-back': defineEvent('any-writer', {
    adopted: z.string(),
    component: z.string(),
    digest: z.string().nullable(),
    reference: z.string().nullable(),
    detail: z.string(),
  }),
  /**
   * In a run's own lane: up to here the environment's lane `live` was read. `stable`: the release of another run that became production-stable
   * last, and the event that says so. `live`: what is live beside this release. So the run reads only what is new, and knows what it is compared with.
   */
  'live.read': defineEvent('reconciler', {
    scope: z.string(),
    lane: z.string(),
    seq: z.int().min(1),
    hash: digestSchema,
    stable: z.strictObject({ run: z.string(), version: z.string(), at: instantSchema, event: z.string() }).nullable(),
    live: z.strictObject({ version: z.string(), run: z.string().nullable(), commit: z.string().nullable() }).nullable(),
  }),
  /** In lane `drill`: a whole rollback was rehearsed here. `schemaVersions`: those of the database before and after it; none where nobody named both. */
  'drill.recorded': defineEvent('reconciler', {
    run: z.string(),
    environment: z.string(),
    budgets: z.strictObject({ decision: measured, execution: measured, verification: measured, total: measured }),
    schemaVersions: z.array(z.string()),
    outcome: endSchema,
  }),
  /** In lane `unaccounted`: something was deployed, and no run was deploying. `event`: the id that its source gave it. */
  'change.unaccounted': defineEvent('any-writer', {
    event: z.string(),
    what: z.string(),
    seenAt: instantSchema,
    digest: z.string().nullable(),
    /** The AWS account in which it happened; null where that is not known. */
    account: z.string().nullable(),
  }),
  /** In lane `announced`: alarms of this name, or restarts of these resources, are planned work from `from` until `until`, if they happen after this event. */
  'work.announced': defineEvent(({ by }) => (by === null ? [] : ['people']), {
    kind: z.enum(announcedKinds),
    /** The alarm, the component or the resource, as it was announced. */
    subject: z.string(),
    /** How observations may name it. */
    names: z.array(z.string()),
    /** Of an alarm: in which account and region it is, as far as the stage file says. */
    alarmsAt: z.strictObject({ account: z.string().optional(), region: z.string().optional() }).optional(),
    from: instantSchema,
    until: instantSchema,
    /** The person who announced it; null for a CI job, which is the actor. */
    by: z.string().nullable(),
    reason: digestSchema,
    ...addressed,
  }),
  /**
   * In lane `job/<commit>`: a job waits at a protected environment, as the code host said. It proves nothing: before a job is approved, the code
   * host is asked of which commit its pipeline is. `rule` is that of the stage file; `deployment` is the code host's number of this wait.
   */
  'job.waiting': defineEvent('any-writer', {
    rule: z.string(),
    repository: z.string(),
    pipeline: z.string(),
    deployment: z.string(),
  }),
  /** In lane `unaccounted`: a person says what it was. `change` is the id of the event `change.unaccounted`. */
  'change.explained': defineEvent('people', { change: z.string(), by: z.string(), explanation: digestSchema }),
} as const;
