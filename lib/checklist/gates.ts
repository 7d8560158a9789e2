import * as z from 'zod';
import { type Role, roleSchema } from '../roles.ts';

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
export const gateIdSchema = z.enum(gateIds);
export type GateId = z.infer<typeof gateIdSchema>;
export const incidentId = 'incident';

/** What passing its deadline does: it ends the run with this outcome, or pages the owner and the gate goes on waiting. */
export type OnDeadline = 'expired' | 'not-deployed' | 'not-stable' | 'page';
export type Window = { readonly anchor: 'deployment.finished' | 'stable-since'; readonly seconds: number };

/** What the engine asks of a gate. Every role answers each question. */
export type GateTraits = {
  readonly onDeadline: OnDeadline;
  /** A rejection ends the run, or opens a decision at the incident gate. */
  readonly onRejected: 'end' | 'incident';
  /** The roles that are asked for approval, in the order of the document. */
  readonly asks: readonly Role[];
  /** The gates whose findings an approver is shown; the digest of the report covers them. */
  readonly reports: readonly GateId[];
  /** The gate may pass only this long after its anchor (a waiting window, which a stage may shorten). */
  readonly window: Window | null;
  /** Incidents start its window anew for no longer than this after the deployment, in seconds; then people decide. Null: as long as it takes. */
  readonly capSeconds: number | null;
  /** The gate opens at planned T0 minus this, and passes not before planned T0. */
  readonly leadSeconds: number | null;
  /** Whether the gate passes only after the deployment of every component was reported as finished. */
  readonly needsDeployment: boolean;
  /** Whether it judges every earlier gate again that regressed or is past its `soundUntil`. */
  readonly rejudges: boolean;
};

const plain: GateTraits = {
  onDeadline: 'expired',
  onRejected: 'end',
  asks: [],
  reports: [],
  window: null,
  capSeconds: null,
  leadSeconds: null,
  needsDeployment: false,
  rejudges: false,
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
      onRejected: z.enum(['end', 'incident']),
      asks: z.array(roleSchema).min(1),
      reports: z.array(gateIdSchema),
      rejudges: z.boolean(),
    },
    (given) => given,
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
    },
    ({ capSeconds = null, ...given }) => ({ ...given, capSeconds }),
  ),
};

type Roles = (typeof roles)[keyof typeof roles];
export const gateDefinitionSchema = z.discriminatedUnion(
  'role',
  Object.values(roles).map(({ schema }) => schema) as never,
) as unknown as z.ZodType<GateDefinition>;
/** A gate as data. */
export type GateDefinition = z.infer<Roles['schema']>;

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
  readonly role: GateDefinition['role'] | 'incident';
  readonly id: GateId | typeof incidentId;
  readonly title: string;
  readonly deadlineSeconds: number;
} & GateTraits;

export const gateFrom = (given: GateDefinition | IncidentDefinition): Gate => {
  const { role: name, id, title, deadlineSeconds } = given;
  const traits = name === 'incident' ? { ...plain, onDeadline: 'page' as const } : roles[name].traits(given);
  return { ...plain, ...pick(traits), role: name, id, title, deadlineSeconds };
};

/** A role's fields stand beside its traits in the data: only the traits are taken. */
const pick = (traits: GateTraits): GateTraits =>
  Object.fromEntries(Object.keys(plain).map((key) => [key, traits[key as keyof GateTraits]])) as GateTraits;
