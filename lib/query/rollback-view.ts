import * as z from 'zod';
import { isType, type Stored } from '../audit/event.ts';
import { type Budget, budgets, dataChoices, rollbackDecisions, stepChoices } from '../audit/events/rollback.ts';
import { type Checklist, gateOfRole, rollbackGatesOf } from '../checklist/definition.ts';
import type { Immutable } from '../fields.ts';
import { foldRollback, mayBeStopped, proofOf, provedAttempt, type Rollback, resultOfStep, type StepState } from '../folds/rollback.ts';
import { budgetsOf, tookOf } from '../folds/rollback-budgets.ts';
import type { StageFacts } from '../ports.ts';
import { fixedTarget } from '../run/state/environment.ts';
import { entryOf, expectedEnd, type Gates } from '../run/state/gate-entries.ts';
import type { RunContext } from '../run/state/run-context.ts';
import { waitsOf, waitsSchema } from './rollback-waits.ts';

export { carrier } from '../folds/rollback-progress.ts';

export const rollbackViewSchema = z.object({
  triggers: z
    .array(
      z.object({
        trigger: z.string(),
        title: z.string(),
        by: z.string().nullable().meta({ description: 'Id of the person who declared it; null when it was measured.' }),
        reason: z.string().nullable().meta({ description: 'Digest of the words of the person, which `words` has.' }),
        detail: z.string().nullable().meta({ description: 'What was measured.' }),
        evidence: z.array(z.string()),
        at: z.string(),
      }),
    )
    .meta({
      description: 'The first one counts; later ones were added to it. Empty after a rejected sign-off and after the cap of a review.',
    }),
  isDrill: z.boolean().default(false).meta({ description: 'It is rehearsed, so nothing was interrupted and nobody is asked to decide.' }),
  interrupted: z.string().nullable().meta({ description: 'The gate that was interrupted, to which a decision to continue leads back.' }),
  decision: z
    .object({
      decision: z.enum(rollbackDecisions),
      how: z.string(),
      by: z.string().nullable(),
      for: z.string().nullable().default(null),
      at: z.string(),
    })
    .nullable()
    .meta({ description: 'Null while the decision is open.' }),
  continued: z.number().meta({ description: 'How often people decided to continue before.' }),
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      outcome: z.enum(['open', 'done', 'kept', 'not-applicable', 'failed']),
      reason: z.string().nullable(),
      attempts: z.number(),
      startedAt: z.string().nullable(),
      endedAt: z.string().nullable(),
      proof: z.object({ evidence: z.array(z.string()), at: z.string(), detail: z.string() }).nullable(),
      attempt: z
        .object({ action: z.string(), attempt: z.number(), by: z.string(), at: z.string(), answered: z.boolean() })
        .nullable()
        .default(null)
        .meta({ description: 'The newest attempt, and who carries it out. `undo` takes a stop of requests back.' }),
      chosen: z
        .object({ choice: z.enum(stepChoices), by: z.string(), at: z.string() })
        .nullable()
        .default(null)
        .meta({ description: 'What people chose last about the step.' }),
    }),
  ),
  target: z
    .object({
      run: z.string().nullable(),
      version: z.string(),
      level: z.string().meta({ description: 'How far the run of that version came.' }),
      components: z.array(z.object({ component: z.string(), digest: z.string(), reference: z.string().nullable() })),
      readBack: z
        .boolean()
        .exactOptional()
        .meta({ description: 'Of a version that people adopted: whether the platforms have confirmed it.' }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'The version that the release is taken back to; null where none was fixed.' }),
  waits: waitsSchema
    .nullable()
    .default(null)
    .meta({ description: 'What the way back waits for now; null between two steps and after its end.' }),
  events: z
    .array(z.object({ id: z.string(), type: z.string(), lane: z.string(), at: z.string(), detail: z.string() }))
    .default([])
    .meta({ description: 'The events that triggers and proofs name as their evidence.' }),
  data: z.object({ choice: z.enum(dataChoices), by: z.string().nullable(), at: z.string() }).nullable(),
  requestsStopped: z.boolean().meta({ description: 'Whether new requests are stopped, or may be.' }),
  budgets: z.array(
    z.object({
      budget: z.enum(budgets),
      limitSeconds: z.number(),
      seconds: z.number().meta({ description: 'Measured so far, or in all: real time between events of the server.' }),
      since: z.string(),
      until: z.string().nullable().meta({ description: 'Null while it runs, and for one that the end of the run left open.' }),
      met: z.boolean(),
      over: z.boolean().default(false).meta({
        description:
          'Whether the run ended before what the budget is for was reached: it has met nothing, and was measured until that end.',
      }),
    }),
  ),
});
export type RollbackView = Immutable<z.infer<typeof rollbackViewSchema>>;

type Material = {
  readonly context: RunContext;
  readonly gates: Gates;
  /** Every event of the run. */
  readonly events: readonly Stored[];
  readonly lane: readonly Stored[];
  readonly now: Date;
  readonly stage: Pick<StageFacts, 'targets'>;
};

/** The way back of a run; null when it was never entered and no trigger was recorded. A drill is nothing else. */
export const rollbackView = (material: Material): RollbackView | null => {
  const { gates, lane } = material;
  const { checklist } = material.context;
  const decision = gateOfRole(checklist, 'decision');
  const entry = decision === undefined ? undefined : entryOf(gates, decision.id);
  const isDrill = material.context.started.event.data.drill !== undefined;
  if (entry === undefined && !isDrill && !lane.some(isType('rollback.triggered'))) return null;
  const rollback = foldRollback(lane);
  const waits = waitsOf({ ...material, rollback });
  // After a decision to continue there is no open trigger: the last round is shown until another one begins. A rejection or a cap begins one without.
  const isBetween = rollback.triggers.length === 0 && rollback.decision === undefined && waits?.for !== 'decision';
  const triggers = isBetween ? lane.filter(isType('rollback.triggered')).slice(-1) : rollback.triggers;
  const decided = rollback.decision ?? (isBetween ? rollback.continues.at(-1) : undefined);
  const view = {
    triggers: triggers.map(({ event: { data, at } }) => ({
      trigger: data.trigger,
      title: checklist.items.find(({ id }) => id === data.trigger)?.title ?? data.trigger,
      by: data.by,
      reason: data.reason,
      detail: data.detail,
      evidence: data.evidence,
      at,
    })),
    isDrill,
    interrupted: entry?.opened.event.data.interrupted ?? null,
    decision:
      decided === undefined
        ? null
        : { decision: decided.decision, how: decided.how, by: decided.by, for: decided.for ?? null, at: decided.at },
    continued: rollback.round - 1,
    steps: stepsOf(checklist, rollback),
    data: rollback.data ?? null,
    requestsStopped: mayBeStopped(rollback),
    budgets: budgetsOf(lane).map(({ budget, since, until }) => measured(material, { budget, since, until })),
    target: fixedTarget(lane) ?? null,
    waits,
  };
  return { ...view, events: namedEvents(view, material.events) };
};

/** The triggers that people can declare now: from the deployment on, until the run has its end. */
export const declarableTriggers = (context: RunContext, gates: Gates): { readonly id: string; readonly title: string }[] =>
  !context.admitted || context.ended !== undefined || expectedEnd(gates) !== undefined
    ? []
    : context.checklist.items.filter(({ kind }) => kind === 'trigger').map(({ id, title }) => ({ id, title }));

/** An event in one line. Of a person's words only the digest is in the trail, so that such an event says no more than its kind. */
const inOneLine = (stored: Stored): string => {
  if (isType('observation.recorded')(stored)) {
    const { subject, summary, words } = stored.event.data;
    return words === null ? `${subject}: ${summary}` : `${subject}, in the words of a person`;
  }
  if (isType('evidence.recorded')(stored)) return `${stored.event.data.evidence} from ${stored.event.data.source}`;
  if (isType('check.judged')(stored)) return `${stored.event.data.check}: ${stored.event.data.verdict}`;
  if (isType('deployment.failed')(stored)) return stored.event.data.component;
  return '';
};

const namedEvents = ({ triggers, steps }: Pick<RollbackView, 'triggers' | 'steps'>, events: readonly Stored[]): RollbackView['events'] => {
  const named = new Set([...triggers.flatMap(({ evidence }) => evidence), ...steps.flatMap(({ proof }) => proof?.evidence ?? [])]);
  return named.size === 0
    ? []
    : events
        .filter(({ event }) => named.has(event.id))
        .map((stored) => ({
          id: stored.event.id,
          type: stored.event.type,
          lane: stored.event.lane,
          at: stored.event.at,
          detail: inOneLine(stored),
        }));
};

type Running = { readonly budget: Budget; readonly since: string; readonly until: string | null };

const measured = ({ context, now }: Material, { budget, since, until }: Running): RollbackView['budgets'][number] => {
  const limitSeconds = context.checklist.rollback.budgets[budget];
  const ended = until === null ? context.ended?.event.at : undefined;
  const over = ended !== undefined;
  const took = tookOf({ since, until: until ?? ended ?? null }, limitSeconds, now);
  return { budget, limitSeconds, since, until, ...took, met: took.met && !over, over };
};

const stepsOf = (checklist: Checklist, rollback: Rollback): RollbackView['steps'] =>
  rollbackGatesOf(checklist).flatMap(({ step, title }) => {
    if (step === null) return [];
    const state = rollback.steps.get(step);
    const result = resultOfStep(rollback, step);
    const attempts = (state?.attempts ?? []).filter(({ action }) => action === 'do');
    const proved = provedAttempt(state, 'do');
    const proof = proved === undefined ? undefined : proofOf(proved)?.answer;
    const lastAnswer = attempts.at(-1)?.answer;
    return {
      id: step,
      title: title.replace(/^Rollback: /, ''),
      outcome: result?.outcome ?? (lastAnswer?.done === false ? ('failed' as const) : ('open' as const)),
      reason: result?.reason ?? lastAnswer?.detail ?? null,
      attempts: attempts.length,
      startedAt: attempts[0]?.requestedAt ?? null,
      endedAt: result?.at ?? null,
      proof: proof === undefined ? null : { evidence: proof.evidence, at: proof.at, detail: proof.detail },
      ...lastOf(state),
    };
  });

const lastOf = (state: StepState | undefined): Pick<RollbackView['steps'][number], 'attempt' | 'chosen'> => {
  const attempt = state?.attempts.at(-1);
  const chosen = state?.handled.at(-1);
  return {
    attempt:
      attempt === undefined
        ? null
        : {
            action: attempt.action,
            attempt: attempt.attempt,
            by: attempt.actuator,
            at: attempt.requestedAt,
            answered: attempt.answer !== undefined,
          },
    chosen: chosen === undefined ? null : { choice: chosen.choice, by: chosen.by, at: chosen.at },
  };
};
