import * as z from 'zod';
import { isType, type Stored } from '../audit/event.ts';
import { type Budget, budgets, dataChoices, rollbackDecisions } from '../audit/events/rollback.ts';
import { type Checklist, gateOfRole, rollbackGatesOf } from '../checklist/definition.ts';
import type { Immutable } from '../fields.ts';
import { foldRollback, mayBeStopped, proofOf, provedAttempt, type Rollback, resultOfStep } from '../folds/rollback.ts';
import { budgetsOf } from '../folds/rollback-budgets.ts';
import { entryOf, type Gates } from '../run/state/gate-entries.ts';

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
    .meta({ description: 'The first one counts; later ones were added to it. Empty after a rejected sign-off.' }),
  interrupted: z.string().nullable().meta({ description: 'The gate that was interrupted, to which a decision to continue leads back.' }),
  decision: z
    .object({ decision: z.enum(rollbackDecisions), how: z.string(), by: z.string().nullable(), at: z.string() })
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
    }),
  ),
  data: z.object({ choice: z.enum(dataChoices), by: z.string().nullable(), at: z.string() }).nullable(),
  requestsStopped: z.boolean().meta({ description: 'Whether new requests are stopped, or may be.' }),
  budgets: z.array(
    z.object({
      budget: z.enum(budgets),
      limitSeconds: z.number(),
      seconds: z.number().meta({ description: 'Measured so far, or in all: real time between events of the server.' }),
      since: z.string(),
      until: z.string().nullable().meta({ description: 'Null while it runs.' }),
      met: z.boolean(),
    }),
  ),
});
export type RollbackView = Immutable<z.infer<typeof rollbackViewSchema>>;

type Material = { readonly checklist: Checklist; readonly gates: Gates; readonly lane: readonly Stored[]; readonly now: Date };

/** The way back of a run; null when it was never entered and no trigger was recorded. */
export const rollbackView = ({ checklist, gates, lane, now }: Material): RollbackView | null => {
  const decision = gateOfRole(checklist, 'decision');
  const entry = decision === undefined ? undefined : entryOf(gates, decision.id);
  if (entry === undefined && !lane.some(isType('rollback.triggered'))) return null;
  const rollback = foldRollback(lane);
  // After a decision to continue there is no open trigger: the last round is shown until another one begins.
  const triggers = rollback.triggers.length > 0 ? rollback.triggers : lane.filter(isType('rollback.triggered')).slice(-1);
  const last = lane.findLast(isType('rollback.decided'))?.event;
  return {
    triggers: triggers.map(({ event: { data, at } }) => ({
      trigger: data.trigger,
      title: checklist.items.find(({ id }) => id === data.trigger)?.title ?? data.trigger,
      by: data.by,
      reason: data.reason,
      detail: data.detail,
      evidence: data.evidence,
      at,
    })),
    interrupted: entry?.opened.event.data.interrupted ?? null,
    decision: rollback.decision ?? (rollback.triggers.length > 0 || last === undefined ? null : { ...last.data, at: last.at }),
    continued: rollback.round - 1,
    steps: stepsOf(checklist, rollback),
    data: rollback.data ?? null,
    requestsStopped: mayBeStopped(rollback),
    budgets: budgetsOf(lane).map(({ budget, since, until }) => measured(checklist, { budget, since, until }, now)),
  };
};

type Running = { readonly budget: Budget; readonly since: string; readonly until: string | null };

const measured = ({ rollback }: Checklist, { budget, since, until }: Running, now: Date): RollbackView['budgets'][number] => {
  const seconds = Math.round((Date.parse(until ?? now.toISOString()) - Date.parse(since)) / 100) / 10;
  const limitSeconds = rollback.budgets[budget];
  return { budget, limitSeconds, seconds, since, until, met: seconds <= limitSeconds };
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
    };
  });
