import * as z from 'zod';
import { type RollbackStep, rollbackStepIds, rollbackStepSchema } from '../audit/events/rollback.ts';
import { leastSigners, type Role, roleSchema } from '../roles.ts';

/** Gate ids in the order of the run. `incident` is not among them. */
export const gateIds = [
  'phase-1',
  'phase-2',
  'phase-3',
  'go-no-go',
  't-minus-2h',
  'deployment-window',
  'monitoring-4h',
  'phase-5',
  'deployment-success',
  'stability-24h',
  'sign-off',
  'review-48h',
] as const;
/** Where people decide for a rollback, or to continue. */
export const rollbackDecisionId = 'rollback-decision';
/** The gates of the way back, in order. */
export const rollbackGateIds = [rollbackDecisionId, ...rollbackStepIds, 'rollback-verification'] as const;
export const gateIdSchema = z.enum([...gateIds, ...rollbackGateIds]);
export type GateId = z.infer<typeof gateIdSchema>;
export const incidentId = 'incident';

/** What passing its deadline does: it ends the run with this outcome, or pages the owner and the gate goes on waiting. */
export type OnDeadline = 'expired' | 'not-deployed' | 'not-stable' | 'page';
export type Window = { readonly anchor: 'deployment.finished' | 'stable-since'; readonly seconds: number };

/** What the engine asks of a gate. Every role answers each question. */
export type GateTraits = {
  readonly onDeadline: OnDeadline;
  /** A rejection ends the run as this, or opens a rollback decision without a default (in older checklists the incident gate). */
  readonly onRejected: 'rejected' | 'rolled-back-unverified' | 'rollback-escalated' | 'decision';
  /** The roles that are asked for approval, in the order of the document. */
  readonly asks: readonly Role[];
  /** How many different people must sign. Null: each role another person. */
  readonly distinctPeople: number | null;
  /** How many of them must be no author of the release. */
  readonly nonAuthors: number;
  /** The gates whose findings an approver is shown; the digest of the report covers them. */
  readonly reports: readonly GateId[];
  /** The gate may pass only this long after its anchor (a waiting window, which a stage may shorten). */
  readonly window: Window | null;
  /** Incidents start its window anew for no longer than this after the deployment, in seconds; then people decide. Null: as long as it takes. */
  readonly capSeconds: number | null;
  /** What the cap does: it opens a rollback decision without a default, or (in older checklists) pages the owner, and the gate goes on waiting. */
  readonly onCap: 'decision' | 'page';
  /** The gate opens at planned T0 minus this, and passes not before planned T0. */
  readonly leadSeconds: number | null;
  /** Whether the gate passes only after the deployment of every component was reported as finished. */
  readonly needsDeployment: boolean;
  /** Whether it judges every earlier gate again that regressed or is past its `soundUntil`. */
  readonly rejudges: boolean;
  /** The step of the rollback that it waits for. */
  readonly step: RollbackStep | null;
};

const plain: GateTraits = {
  onDeadline: 'expired',
  onRejected: 'rejected',
  asks: [],
  distinctPeople: null,
  nonAuthors: 0,
  reports: [],
  window: null,
  capSeconds: null,
  onCap: 'page',
  leadSeconds: null,
  needsDeployment: false,
  rejudges: false,
  step: null,
};

/** A role of a gate: its fields as data, and how they answer the engine's questions. */
const role = <const R extends string, S extends z.core.$ZodLooseShape>(
  name: R,
  fields: S,
  traits: (given: z.infer<z.ZodObject<S>>) => Partial<GateTraits>,
) => ({
  schema: z.strictObject({
    role: z.literal(name),
    id: gateIdSchema,
    title: z.string(),
    /** The longest wait that policy allows, in seconds; the state's hard stop is this plus a day. */
    deadlineSeconds: z.int().positive(),
    ...fields,
  }),
  traits: (given: unknown): GateTraits => ({ ...plain, ...traits(given as z.infer<z.ZodObject<S>>) }),
});

const seconds = z.int().positive();

/** The roles of the gates that every run passes. A new role is an entry here, and its work in `lib/run/gates`. */
const roles = {
  /** Passes when its checks are satisfied. */
  evidence: role('evidence', { onDeadline: z.enum(['expired', 'page']) }, ({ onDeadline }) => ({ onDeadline })),
  /** Asks people, who sign the report of other gates. */
  approval: role(
    'approval',
    {
      onDeadline: z.enum(['expired', 'page']),
      onRejected: z.enum(['rejected', 'decision']),
      asks: z.array(roleSchema).min(1),
      /** Definitions of older versions have neither: each role another person, and it does not matter who wrote the release. */
      distinctPeople: z.int().min(leastSigners).optional(),
      nonAuthors: z.int().min(1).optional(),
      reports: z.array(gateIdSchema),
      rejudges: z.boolean(),
    },
    ({ distinctPeople = null, nonAuthors = 0, ...given }) => ({ ...given, distinctPeople, nonAuthors }),
  ),
  /** Opens before planned T0 and lets the deployment start. Passing it is T0. */
  t0: role('t0', { leadSeconds: seconds }, ({ leadSeconds }) => ({ leadSeconds, rejudges: true })),
  /** Passes when the deployment is reported and proved; ends the run when nothing was deployed. */
  deployment: role('deployment', {}, () => ({ onDeadline: 'not-deployed', needsDeployment: true })),
  /** Watches the release for a while after the deployment finished. */
  monitoring: role('monitoring', { windowSeconds: seconds }, ({ windowSeconds }) => ({
    onDeadline: 'page',
    window: { anchor: 'deployment.finished', seconds: windowSeconds },
  })),
  /** Judges what was observed in a window. */
  review: role(
    'review',
    {
      onDeadline: z.enum(['page', 'not-stable']),
      window: z.strictObject({ anchor: z.enum(['deployment.finished', 'stable-since']), seconds }),
      /** How long after the deployment incidents may start the window anew. A waiting window, which a stage may shorten. */
      capSeconds: seconds.optional(),
      /** Definitions of older versions have none: the cap pages the owner. */
      onCap: z.literal('decision').optional(),
    },
    ({ capSeconds = null, onCap, ...given }) => ({ ...given, capSeconds, onCap: onCap ?? ('page' as const) }),
  ),
};

/** The gates of the way back. */
const rollbackRoles = {
  /** People decide for the rollback, or to continue where the run was interrupted. */
  decision: role('decision', {}, () => ({ onDeadline: 'page' })),
  /** A step is carried out and proved from outside. A person who ends the rollback here ends the run as `onRejected`. */
  step: role(
    'step',
    { step: rollbackStepSchema, onRejected: z.enum(['rolled-back-unverified', 'rollback-escalated']) },
    ({ step, onRejected }) => ({ step, onRejected, onDeadline: 'page' }),
  ),
  /** Everything is proved: the run ends as rolled back. */
  verification: role('verification', {}, () => ({ onDeadline: 'page', onRejected: 'rolled-back-unverified' })),
};

type Roles = (typeof roles)[keyof typeof roles];
export const gateDefinitionSchema = z.discriminatedUnion(
  'role',
  Object.values(roles).map(({ schema }) => schema) as never,
) as unknown as z.ZodType<GateDefinition>;
/** A gate as data. */
export type GateDefinition = z.infer<Roles['schema']>;

type RollbackRoles = (typeof rollbackRoles)[keyof typeof rollbackRoles];
export type RollbackGateDefinition = z.infer<RollbackRoles['schema']>;

/** The way back: its gates in order, the budgets in seconds of real time, and when a silent decision decides itself. */
export const rollbackPathSchema = z.strictObject({
  gates: z
    .array(
      z.discriminatedUnion(
        'role',
        Object.values(rollbackRoles).map(({ schema }) => schema) as never,
      ) as unknown as z.ZodType<RollbackGateDefinition>,
    )
    .min(3),
  budgets: z.strictObject({ decision: seconds, execution: seconds, verification: seconds, total: seconds }),
  /** Silence decides so long before the end of the budget: the precision of a schedule is a minute. */
  silenceLeadSeconds: seconds,
  remindAfterSeconds: seconds,
  /** Share of a budget, in percent, at which people are warned. */
  warnPct: z.int().min(1).max(99),
  /** Silence rolls back only what was interrupted at one of these gates. */
  silentGates: z.array(gateIdSchema),
  /**
   * After so long, in real time, people are reminded of the follow-ups that are not answered, and later an alarm is raised. Absent: the trail of
   * a run closes with its path.
   */
  followUps: z.strictObject({ remindAfterSeconds: seconds, limitSeconds: seconds }).optional(),
});
export type RollbackPath = z.infer<typeof rollbackPathSchema>;

/** The gate of an incident, which is not in the order of the run: a person resumes the run where it was, or ends it. */
export const incidentSchema = z.strictObject({
  role: z.literal('incident'),
  id: z.literal(incidentId),
  title: z.string(),
  deadlineSeconds: seconds,
  /** How often a run may be resumed; it bounds the sum of all hard stops. */
  maxResumes: z.int().min(0),
});
export type IncidentDefinition = z.infer<typeof incidentSchema>;

/** A gate as the engine sees it. */
export type Gate = {
  readonly role: GateDefinition['role'] | RollbackGateDefinition['role'] | 'incident';
  readonly id: GateId | typeof incidentId;
  readonly title: string;
  readonly deadlineSeconds: number;
} & GateTraits;

/** The engine asks for gates hundreds of times in one look at a run; a definition is never changed in place. */
const made = new WeakMap<object, Gate>();

export const gateFrom = (given: GateDefinition | RollbackGateDefinition | IncidentDefinition): Gate => {
  const gate = made.get(given) ?? newGate(given);
  made.set(given, gate);
  return gate;
};

const newGate = (given: GateDefinition | RollbackGateDefinition | IncidentDefinition): Gate => {
  const { role: name, id, title, deadlineSeconds } = given;
  const traits = name === 'incident' ? { ...plain, onDeadline: 'page' as const } : { ...roles, ...rollbackRoles }[name].traits(given);
  return { ...plain, ...pick(traits), role: name, id, title, deadlineSeconds };
};

/** A role's fields stand beside its traits in the data: only the traits are taken. */
const pick = (traits: GateTraits): GateTraits =>
  Object.fromEntries(Object.keys(plain).map((key) => [key, traits[key as keyof GateTraits]])) as GateTraits;
