import * as z from 'zod';
import { roleSchema, ruleSchema } from './rule.ts';

/** Gate ids in the order of the spine. `incident` stands beside it. */
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
export type AnyGateId = GateId | 'incident';

export const itemKinds = ['check', 'trigger', 'step', 'target', 'success', 'stability', 'sign-off', 'review'] as const;

/** One check of the checklist: a check or another check, with the document's own words. */
export const itemSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  kind: z.enum(itemKinds),
  /** 1 to 5, or null where the document has no phase. */
  phase: z.int().min(1).max(5).nullable(),
  /** Slug of the nearest heading of the document. */
  group: z.string(),
  /** The gate that judges it; null for triggers, steps and targets. */
  gate: gateIdSchema.nullable(),
  /** The document's line, verbatim. */
  words: z.string(),
  title: z.string(),
  /** The role that answers for the check: attests, waives, declares not applicable. */
  owner: roleSchema,
  /** How the check is proved, in one sentence for the auditor. */
  proof: z.string(),
  /** Clauses of outside frameworks that the check serves, such as "SOC 2 CC8.1". */
  controls: z.array(z.string()),
  /** How old evidence may be when it is judged; null: it dies with the run. */
  maxAgeSeconds: z.int().positive().nullable(),
  source: z.enum(['document', 'holdpoint']),
  /** required holds the gate; observe is judged and shown, never holding and never counted as pass. */
  mode: z.enum(['required', 'observe']),
  rule: ruleSchema.nullable(),
  /** artifact: every component of the run needs its own proof; run: one proof serves the run. */
  scope: z.enum(['artifact', 'run']),
  /** Evidence counts only when it was made after this event of the run. */
  after: z.enum(['deployment.started', 'deployment.finished']).nullable(),
  waivable: z.boolean(),
  /** May be declared not applicable ("if needed" in the document). */
  optional: z.boolean(),
});
export type Item = z.infer<typeof itemSchema>;

/** One gate of the spine. Times in seconds; a stage scales `window` and `lead`, never a budget or a hard stop. */
export const gateSchema = z.strictObject({
  id: gateIdSchema,
  title: z.string(),
  /** The longest wait that policy allows; the state's hard stop is this plus a day. */
  deadlineSeconds: z.int().positive(),
  /** What the deadline does: ends the run with this outcome, or pages the owner and goes on holding. */
  onDeadline: z.enum(['expired', 'not-deployed', 'not-stable', 'page']),
  /** A rejection ends the run, or opens a decision at the incident gate. */
  onRejected: z.enum(['end', 'incident']),
  /** The roles that are asked, in the order of the document; empty where nobody is asked. */
  asks: z.array(roleSchema),
  /** For an approval: the gates whose findings its report shows and its digest covers. */
  reports: z.array(gateIdSchema),
  /** The gate may settle only this long after its anchor (a waiting window, scaled by the stage). */
  window: z.strictObject({ anchor: z.enum(['deployment.finished', 'stable-since']), seconds: z.int().positive() }).nullable(),
  /** Opens at planned T0 minus this, and settles not before planned T0. Only the T0 gate has it. */
  leadSeconds: z.int().positive().nullable(),
  /** An event of the run without which the gate cannot settle as released. */
  needs: z.enum(['deployment.finished']).nullable(),
  /** Judges again every earlier gate that regressed or is past its `soundUntil`. */
  rejudges: z.boolean(),
  /** Bad observations hold this gate until they are labelled or explained. */
  watchesObservations: z.boolean(),
});
export type Gate = z.infer<typeof gateSchema>;

/** A reasoned departure from the document, shown in every report. */
export const deviationSchema = z.strictObject({
  check: z.string(),
  parameter: z.string(),
  document: z.union([z.number(), z.string()]),
  here: z.union([z.number(), z.string()]),
  reason: z.string().trim().min(20),
  /** One of those who sign the release. */
  approver: z.enum(['technical-lead', 'operations-lead', 'product-owner']),
});
export type Deviation = z.infer<typeof deviationSchema>;

export const checklistSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  gates: z.array(gateSchema).min(1),
  items: z.array(itemSchema).min(1),
  deviations: z.array(deviationSchema),
  /** How often a run may be resumed from the incident gate; bounds the sum of all hard stops. */
  maxResumes: z.int().min(0),
  incidentDeadlineSeconds: z.int().positive(),
});
export type Checklist = z.infer<typeof checklistSchema>;

export const checksOf = (checklist: Checklist, gate: string): readonly Item[] => checklist.items.filter((item) => item.gate === gate);
export const itemOf = (checklist: Checklist, id: string): Item | undefined => checklist.items.find((item) => item.id === id);
export const gateOf = (checklist: Checklist, id: string): Gate | undefined => checklist.gates.find((gate) => gate.id === id);
