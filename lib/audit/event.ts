import * as z from 'zod';
import { verdicts } from '../evaluation/verdict.ts';

/** sha256, lower-case hex. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** UTC instant with milliseconds, as `Date.prototype.toISOString` writes it. */
export const instantSchema = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

export const actorSchema = z.strictObject({
  kind: z.enum(['ci', 'person', 'system']),
  /** A configured identity, a random person id, or the name of our own function. Never a name, a mail address or a subject. */
  id: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

/** The end of a run's path. */
export const outcomes = [
  'production-stable',
  'blocked',
  'rejected',
  'cancelled',
  'expired',
  'incident',
  'rolled-back',
  'rollback-unverified',
  'escalated',
  'not-deployed',
  'superseded',
  'replaced',
  'not-stable',
] as const;
export const endSchema = z.enum(outcomes).exclude(['blocked']);
export type End = z.infer<typeof endSchema>;

export const settledSchema = z.enum(['passed', 'rejected', 'cancelled', 'expired', 'triggered']);
export type Settled = z.infer<typeof settledSchema>;

export const artifactSchema = z.strictObject({
  component: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
export type Artifact = z.infer<typeof artifactSchema>;

/** A lane's state as somebody saw it: its last sequence number and that event's hash. */
export const laneHeadSchema = z.strictObject({ lane: z.string(), seq: z.int().min(1), head: digestSchema });
export type LaneHead = z.infer<typeof laneHeadSchema>;

const data = {
  'definition.published': z.strictObject({ name: z.string(), version: z.string(), digest: digestSchema, graphDigest: digestSchema }),
  'roster.published': z.strictObject({ digest: digestSchema, people: z.int() }),

  'run.started': z.strictObject({
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    artifacts: z.array(artifactSchema).min(1),
    commit: z.string(),
    changes: z.array(z.string()),
    reasonDigest: digestSchema,
    /** Digest of who asked for the release, as the pipeline names them. */
    requestedBy: digestSchema.nullable(),
    risk: z.enum(['low', 'medium', 'high']),
    impact: z.enum(['low', 'medium', 'high']),
    plannedT0: z.union([z.literal('when-released'), instantSchema]),
    definition: digestSchema,
    graph: digestSchema,
    roster: digestSchema,
    /** The person behind the start; never a signer. */
    starter: z.string(),
    /** sha256 of issuer and `jti` of the token that started the run. */
    token: digestSchema,
    /** 1: real time. A scaled run is never a rollback target on an unscaled stage. */
    waitScale: z.number().min(1),
    /** local: attestations are rehearsed. */
    stage: z.string(),
    local: z.boolean(),
  }),
  'run.ended': z.strictObject({ outcome: endSchema, gate: z.string() }),
  'lane.closed': z.strictObject({}),
  'run.closed': z.strictObject({ lanes: z.array(laneHeadSchema) }),
  /** In the late scope: a lane that a writer opened while the run was being closed, so that the closing does not name it. */
  'lane.orphaned': laneHeadSchema,

  'evidence.recorded': z.strictObject({
    evidence: z.string(),
    source: z.string(),
    component: z.string().nullable(),
    commit: z.string().nullable(),
    artifact: z.string().nullable(),
    /** Of the raw bytes, which the evidence store keeps under it. */
    digest: digestSchema,
    /** Of the canonical facts, kept beside the raw bytes. */
    facts: digestSchema,
    bytes: z.int(),
    madeAt: instantSchema,
    producer: z.strictObject({ run: z.string(), attempt: z.int() }),
    /** The checks that it serves: the fan-out is complete when each has judged it. */
    serves: z.array(z.string()),
  }),

  'check.judged': z.strictObject({
    check: z.string(),
    /** `<component or *>/<source>`: the latest judgement of each subject counts, and every subject must release. */
    subject: z.string(),
    verdict: z.enum(verdicts).extract(['pass', 'fail', 'inconclusive', 'error']),
    reason: z.string(),
    facts: digestSchema.nullable(),
    evidence: z.string().nullable(),
    attempt: z.int().min(1),
    /** When what was judged was made: of one subject the latest made counts, in whatever order it arrived. */
    madeAt: instantSchema,
    goodUntil: instantSchema.nullable(),
    /** Who said so, where a person did, and the digest of their words. */
    by: z.string().nullable(),
    words: digestSchema.nullable(),
  }),
  'check.waived': z.strictObject({ check: z.string(), reason: digestSchema, until: instantSchema, by: z.string(), role: z.string() }),
  'check.not-applicable': z.strictObject({ check: z.string(), reason: digestSchema, by: z.string(), role: z.string() }),

  'gate.opened': z.strictObject({
    gate: z.string(),
    entry: z.string(),
    graph: digestSchema,
    due: instantSchema,
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
  'incident.decided': z.strictObject({
    entry: z.string(),
    decision: z.enum(['resume', 'end']),
    gate: z.string(),
    by: z.string(),
    reason: digestSchema,
  }),
  'run.cancelled': z.strictObject({ by: z.string(), reason: digestSchema }),
  /** The deployment may start and the run cannot be called off any more: in the run's lane, where a cancellation stands, so that one is first. */
  'deployment.admitted': z.strictObject({ component: z.string() }),

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
    answer: z.enum(['approved', 'rejected', 'changes-requested']),
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
  /** One reconciler of several sends: the one whose claim is stored. */
  'mail.claimed': z.strictObject({ purpose: z.string(), attempt: z.int().min(1) }),
  'notice.sent': z.strictObject({ notice: z.string(), people: z.array(z.string()), message: z.string() }),

  'deployment.started': z.strictObject({ component: z.string(), digest: z.string(), producer: z.string() }),
  'deployment.finished': z.strictObject({ component: z.string(), digest: z.string(), producer: z.string() }),
  'deployment.failed': z.strictObject({ component: z.string(), digest: z.string(), producer: z.string() }),
  'observation.recorded': z.strictObject({
    observation: z.string(),
    via: z.enum(['bus', 'alarm', 'sns', 'api']),
    kind: z.string(),
    bad: z.boolean(),
    subject: z.string(),
    /** What a machine reported; a person's words stand by their digest. */
    summary: z.string(),
    words: digestSchema.nullable(),
    observedAt: instantSchema,
  }),
  'observation.labelled': z.strictObject({
    observation: z.string(),
    label: z.enum(['true', 'false', 'explained']),
    by: z.string(),
    explanation: digestSchema,
  }),
  'rollback.triggered': z.strictObject({ trigger: z.string(), by: z.string(), reason: digestSchema, byHand: z.literal(true) }),

  'request.refused': z.strictObject({ action: z.string(), type: z.string(), detail: z.string() }),
} as const;

export type EventType = keyof typeof data;
export const eventTypes = Object.keys(data) as EventType[];
export type DataOf<T extends EventType> = z.infer<(typeof data)[T]>;

/** What a writer wants to record; its place in the lane is found at the append. */
export type Draft<T extends EventType = EventType> = T extends EventType
  ? {
      readonly scope: string;
      readonly lane: string;
      /** Names the logical step inside the lane. The event's id is made of scope, lane and step, so that a retry finds its own event. */
      readonly step: string;
      readonly type: T;
      readonly actor: Actor;
      readonly data: DataOf<T>;
    }
  : never;

/** An immutable audit event as it is hashed: RFC 8785 bytes of exactly these members. */
export type AuditEvent<T extends EventType = EventType> = T extends EventType
  ? {
      readonly v: 1;
      readonly id: string;
      readonly scope: string;
      readonly lane: string;
      /** 1 for a lane's first event. */
      readonly seq: number;
      /** Hash of the event before it in the lane; a first event carries the hash of the event that opened the lane. */
      readonly prev: string;
      readonly type: T;
      readonly at: string;
      readonly actor: Actor;
      readonly data: DataOf<T>;
    }
  : never;

/** An event together with the bytes that are stored and their hash. */
export type Stored<T extends EventType = EventType> = { readonly event: AuditEvent<T>; readonly bytes: string; readonly hash: string };

const envelope = {
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  scope: z.string(),
  lane: z.string(),
  seq: z.int().min(1),
  prev: digestSchema,
  at: instantSchema,
  actor: actorSchema,
};

/** One schema for every event type: a stored event that does not fit is an integrity fault. */
export const eventSchema = z.discriminatedUnion(
  'type',
  eventTypes.map((type) => z.strictObject({ ...envelope, type: z.literal(type), data: data[type] })) as never,
) as unknown as z.ZodType<AuditEvent>;

export const isType =
  <T extends EventType>(type: T) =>
  (stored: Stored): stored is Stored<T> =>
    stored.event.type === type;
