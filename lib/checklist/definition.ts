import * as z from 'zod';
import { digestOf } from '../canonical-json.ts';
import { digestSchema, featureIdSchema, instantSchema, looks, nameSchema } from '../fields.ts';
import { isEvidenceRule, listsCommits, ruleSchema } from '../registry/rules.ts';
import { roleSchema } from '../roles.ts';
import { type Deviation, deviationSchema } from './deviation.ts';
import { type Gate, gateDefinitionSchema, gateFrom, gateIdSchema, incidentId, incidentSchema, rollbackPathSchema } from './gates.ts';
import { profileTargetsSchema } from './profile-targets.ts';

export { type Deviation, deviationSchema } from './deviation.ts';
export type { Gate, GateDefinition, GateId } from './gates.ts';
export { incidentId } from './gates.ts';

/** Evidence of these scopes is given once through the service and counts in every run until it is too old. */
export const standingScopes = ['service', 'environment', 'team'] as const;

export const itemKinds = ['check', 'trigger', 'step', 'target', 'success', 'stability', 'sign-off', 'review'] as const;

/** One item of the checklist, with the document's own words. An item with a gate is a check of that gate. */
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
  /** profile: the service's own. */
  source: z.enum(['document', 'holdpoint', 'profile']),
  /** required: blocks its gate until it is satisfied. observe: judged and shown; it never blocks and is never counted as a pass. */
  mode: z.enum(['required', 'observe']),
  /** Of a check in observe: from this instant on it is required. */
  observeUntil: instantSchema.optional(),
  rule: ruleSchema.nullable(),
  /**
   * Further evidence about the check, each with its own rule. needed: it must be there beside what the rule asks. either: it proves the same as the
   * rule does, and one of them is enough. beside: it is judged where it is sent. What fails of any source fails the check.
   */
  sources: z
    .array(
      z.strictObject({
        id: featureIdSchema.refine((id) => id !== 'own', 'own is the check itself'),
        rule: ruleSchema,
        asks: z.enum(['needed', 'either', 'beside']),
        /** Where it may be less old than the check's other evidence. */
        maxAgeSeconds: z.int().positive().optional(),
      }),
    )
    .min(1)
    .max(10)
    .optional(),
  /**
   * artifact: every component of the run needs its own proof; run: one proof serves the run. The others are standing: environment is about the
   * one to which the run deploys.
   */
  scope: z.enum(['artifact', 'run', ...standingScopes]),
  /** Evidence counts only when it was made after this event of the run; `staging.deployed` is what the check says that `tells` it. */
  after: z.enum(['deployment.started', 'deployment.finished', 'staging.deployed']).nullable(),
  waivable: z.boolean(),
  /** A waiver ends this long after it was given, at the latest. Absent in definitions of versions that knew one limit for all. */
  maxWaiverSeconds: z.int().positive().optional(),
  /** Only where the stage says at what Holdpoint looks itself; elsewhere the check is not applicable. */
  needs: z.enum(looks).optional(),
  /** May be declared not applicable ("if needed" in the document). */
  optional: z.boolean(),
  /** What the release must not have, for the check to be declared not applicable. */
  unless: z.literal('migrations').optional(),
  /** A pass tells since when staging runs the release. */
  tells: z.literal('staging.deployed').optional(),
  /** What the release has once evidence about the check was judged. A plan for the data or a backup of it shows nothing: teams keep both always. */
  shows: z.literal('migrations').optional(),
  /** After T0 a `fail` opens the decision about a rollback: only where the harm grows while people wait. Elsewhere a `fail` holds the gate. */
  onFail: z.literal('trigger').optional(),
  /** Of a trigger: who declares it says what shows it, or names events of the run that do. */
  declared: z.literal('with-evidence').optional(),
});
export type Item = z.infer<typeof itemSchema>;

/** Whether evidence about the check is given once and counts in every run. */
export const isStanding = ({ scope }: Pick<Item, 'scope'>): boolean => standingScopes.some((one) => one === scope);

/** What stands must grow too old one day, and nothing that stood before a deployment is made after it. */
const mayStand = ({ maxAgeSeconds, after, rule }: Item): boolean =>
  maxAgeSeconds !== null && after === null && rule !== null && isEvidenceRule(rule);

/** Whether it changes the item: its own figure, or that of the gate at which it is signed or reviewed. */
export const isDeviationOf = ({ check }: Pick<Deviation, 'check'>, { id, kind, gate }: Pick<Item, 'id' | 'kind' | 'gate'>): boolean =>
  check === id || ((kind === 'sign-off' || kind === 'review') && check === gate);

const checklistFields = z.strictObject({
  name: z.string(),
  version: z.string(),
  gates: z.array(gateDefinitionSchema).min(1),
  incident: incidentSchema,
  rollback: rollbackPathSchema,
  items: z
    .array(
      itemSchema
        .refine(
          (item) => !isStanding(item) || mayStand(item),
          'a check of the service, of an environment or of the team is proved by evidence, has a maximum age, and follows no event of the run',
        )
        .refine(
          ({ rule, sources = [] }) =>
            sources.length === 0 || [rule, ...sources.map((one) => one.rule)].every((one) => one !== null && isEvidenceRule(one)),
          'only a check that is proved by evidence has further sources, and each is evidence',
        ),
    )
    .min(1),
  deviations: z.array(deviationSchema),
  /** The profile that was applied. */
  profile: z
    .strictObject({
      service: nameSchema,
      digest: digestSchema,
      features: z.array(z.strictObject({ id: featureIdSchema, title: z.string() })),
      /** By environment: what Holdpoint looks at beside what the stage file names. */
      targets: z.record(nameSchema, profileTargetsSchema).optional(),
    })
    .optional(),
});
/** A definition without such a check would hold its runs at the gate for ever. Checks that are dropped stay in the definition. */
const saysAuthors = ({ gates, items }: z.infer<typeof checklistFields>): boolean =>
  !gates.map(gateFrom).some(({ nonAuthors }) => nonAuthors > 0) ||
  items.some(({ gate, rule }) => gate !== null && rule !== null && listsCommits(rule));

export const checklistSchema = checklistFields.refine(
  saysAuthors,
  'a gate asks for a signer who is no author of the release, and no check takes the record reviews, which names the authors',
);
export type Checklist = z.infer<typeof checklistSchema>;
export const checklistDigest = (checklist: Checklist): string => digestOf(checklist);

/** The check of the backup that a rollback can restore. */
export const backupCheck = 'backup-of-production';

/** The check's mode at an instant: a check is in observe until its date, then it is required. */
export const modeAt = ({ mode, observeUntil }: Pick<Item, 'mode' | 'observeUntil'>, now: Date): Item['mode'] =>
  observeUntil !== undefined && observeUntil <= now.toISOString() ? 'required' : mode;

export const checksOf = (checklist: Checklist, gate: string): readonly Item[] => checklist.items.filter((item) => item.gate === gate);
export const itemOf = (checklist: Checklist, id: string): Item | undefined => checklist.items.find((item) => item.id === id);
/** The gates that every run passes, in order. */
export const gatesOf = (checklist: Checklist): readonly Gate[] => checklist.gates.map(gateFrom);
/** The gates of the way back, in order. */
export const rollbackGatesOf = (checklist: Checklist): readonly Gate[] => checklist.rollback.gates.map(gateFrom);
/** What evidence of an item must come after, for a sentence. */
export const afterInWords: Readonly<Record<NonNullable<Item['after']>, string>> = {
  'deployment.started': 'the deployment started',
  'deployment.finished': 'the deployment finished',
  'staging.deployed': 'the release was deployed to staging',
};

/** How people read a gate or an item; its id where the checklist does not have it. */
export const gateTitle = (checklist: Checklist, id: string): string => gateOf(checklist, id)?.title ?? id;
export const itemTitle = (checklist: Checklist, id: string): string => itemOf(checklist, id)?.title ?? id;

/** One of them all, or the incident gate. */
export const gateOf = (checklist: Checklist, id: string): Gate | undefined => {
  const all = [...checklist.gates, ...checklist.rollback.gates];
  const found = id === incidentId ? checklist.incident : all.find((gate) => gate.id === id);
  return found && gateFrom(found);
};
/** The last gate before T0 at which people sign: what they signed must still hold at T0. */
export const goGateOf = (checklist: Checklist): Gate | undefined => {
  const gates = gatesOf(checklist);
  return gates
    .slice(
      0,
      Math.max(
        0,
        gates.findIndex(({ role }) => role === 't0'),
      ),
    )
    .findLast(({ asks }) => asks.length > 0);
};
export const gateOfRole = (checklist: Checklist, role: Gate['role']): Gate | undefined =>
  [...gatesOf(checklist), ...rollbackGatesOf(checklist)].find((gate) => gate.role === role);
