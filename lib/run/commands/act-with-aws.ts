import * as z from 'zod';
import { isType, type Stored } from '../../audit/event.ts';
import { awsCredentials, rollbackStepSchema } from '../../audit/events/rollback.ts';
import { lanes } from '../../audit/lane.ts';
import { instantInputSchema } from '../../fields.ts';
import { foldRollback, type Rollback } from '../../folds/rollback.ts';
import { needsPeople } from '../../folds/rollback-progress.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import { isDecisionAsked } from '../state/decision-visit.ts';
import { readGates } from '../state/gate-inputs.ts';
import { type RunContext, readContext, system } from '../state/run-context.ts';
import type { Step } from './command.ts';
import { decideDataAs } from './decide-data.ts';
import { decideAs, type Speaker } from './decide-rollback.ts';
import { declarationSchema, declareWithAws } from './declare-with-aws.ts';
import { chooseAs, stepOfOpenGate } from './handle-step.ts';
import { rollbackDecisionSchema, rollbackSchema } from './inputs.ts';
import type { RollbackDependencies } from './trigger-rollback.ts';

const { reason } = rollbackDecisionSchema.shape;
const run = declarationSchema.shape.run;
/** To go on in spite of a trigger takes a new sign-in of somebody who did not start the run, so it is not among these. */
const decisionSchema = z.strictObject({ run, decide: z.literal('roll-back'), reason });
const dataSchema = z.discriminatedUnion('data', [
  z.strictObject({ run, data: z.literal('restore'), reason, backupAt: instantInputSchema.optional() }),
  z.strictObject({ run, data: z.literal('keep'), reason }),
]);
const step = rollbackStepSchema;
const choiceSchema = z.discriminatedUnion('choose', [
  z.strictObject({ run, step, choose: z.literal('retry'), reason }),
  z.strictObject({ run, step, choose: z.literal('by-hand'), reason, shown: rollbackSchema.shape.shown.unwrap() }),
  z.strictObject({ run, step, choose: z.literal('end'), reason }),
]);
const questionSchema = z.strictObject({ run });

/** The forms of a payload, by the member that tells them apart. One that has none of these asks what the run waits for. */
const forms = { trigger: declarationSchema, decide: decisionSchema, data: dataSchema, step: choiceSchema } as const;

/** The form of what was sent: only its flaws are of use to the sender. */
export const formOf = (payload: unknown): z.ZodType => {
  const named =
    typeof payload === 'object' && payload !== null
      ? (Object.keys(forms) as (keyof typeof forms)[]).find((one) => one in payload)
      : undefined;
  return named === undefined ? questionSchema : forms[named];
};
type Act = z.infer<typeof decisionSchema> | z.infer<typeof dataSchema> | z.infer<typeof choiceSchema>;
export type Said = z.infer<typeof declarationSchema> | Act | z.infer<typeof questionSchema>;

/** What the run waits for. `gate`: the open one; null between two. `step` and `reason`: what people are asked about a step of the rollback. */
export type Waits = {
  readonly gate: string | null;
  readonly decision: 'asked' | 'not-asked';
  readonly step: string | null;
  readonly reason: string | null;
  /** What the last look from outside saw of that step. */
  readonly seen: string | null;
};
export type Recorded = { readonly event: string; readonly alreadyRecorded: boolean };

const speaker: Speaker = { actor: system('declarer'), by: awsCredentials };

/**
 * What somebody may say about a rollback who has credentials of the AWS account and cannot sign in: all that leads back. The trail names the
 * credentials in place of a person, and each act is reviewed afterwards.
 */
export const actWithAws = async (deps: RollbackDependencies, said: Said): Promise<Outcome<Recorded | Waits>> => {
  if ('trigger' in said) return declareWithAws(deps, said);
  const found = await readContext(deps, said.run);
  if (found.refused) return found;
  const context = found.ok;
  if (!('reason' in said)) return ok(await waitsOf(deps, context));
  if (context.ended !== undefined || context.closed)
    return refuse('run-ended', `Run ${said.run} ended as ${context.ended?.event.data.outcome ?? 'closed'}.`, {
      got: 'decide' in said ? said.decide : 'data' in said ? said.data : said.choose,
      expected: 'a run that has not ended',
      fix: 'What is still to be done is done by hand, or by a run of its own.',
    });
  const outcome = await stepOf(deps, context, said);
  return outcome.refused === undefined ? outcome.ok(deps, context) : outcome;
};

const stepOf = async (deps: RollbackDependencies, context: RunContext, said: Act): Promise<Outcome<Step<Recorded>>> => {
  const { run, reason } = said;
  if ('decide' in said) return decideAs(deps, context, { run, decision: said.decide, reason }, speaker);
  if ('data' in said) {
    const { data: choice } = said;
    const input = choice === 'restore' && said.backupAt !== undefined ? { choice, reason, backupAt: said.backupAt } : { choice, reason };
    return decideDataAs(deps, context, { run, ...input }, speaker);
  }
  const { step } = said;
  if (said.choose !== 'by-hand') return chooseAs(deps, context, { run, step, answer: said.choose, reason }, speaker);
  const no = await takesTwo(deps, context, step);
  return no ?? chooseAs(deps, context, { run, step, answer: 'by-hand', reason, evidence: [], shown: said.shown }, speaker);
};

/** Where nothing outside can show the step two people must, and nobody knows who has AWS credentials. */
const takesTwo = async (deps: RollbackDependencies, context: RunContext, step: string) => {
  const seen = lastSeen(await deps.trail.read(context.scope, { lane: lanes.rollback }), step);
  return seen?.cannotShow !== true
    ? undefined
    : refuse('role-missing', 'Two people must show this step, and AWS credentials do not say whose they are.', {
        got: awsCredentials,
        expected: 'two people who sign in',
        fix: 'Wait until people can sign in, or end the rollback: {"choose":"end"}.',
      });
};

const lastSeen = (lane: readonly Stored[], step: string) =>
  lane.filter(isType('rollback.step-proved')).findLast(({ event }) => event.data.step === step)?.event.data;

const waitsOf = async (deps: RollbackDependencies, context: RunContext): Promise<Waits> => {
  const gates = await readGates(deps, context);
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const rollback = foldRollback(lane);
  const step = stepOfOpenGate(context, gates);
  const isAsked = rollback.triggers.length > 0 || isDecisionAsked(context.checklist, gates, lane);
  return {
    gate: gates.open?.gate ?? null,
    decision: rollback.decision === undefined && isAsked ? 'asked' : 'not-asked',
    step,
    reason: step === null ? null : reasonOf(rollback, step, deps.clock.now()),
    seen: step === null ? null : (lastSeen(lane, step)?.detail ?? null),
  };
};

/** A step that has data to decide about begins with that. */
const reasonOf = (rollback: Rollback, step: string, now: Date): string | null =>
  step === 'restore-database' && rollback.data === undefined && !rollback.steps.has(step)
    ? 'it must be decided whether the data is restored or kept'
    : (needsPeople(rollback, step, now) ?? null);
