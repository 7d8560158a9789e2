import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { StepAttempt } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate, mayServe } from './authorize.ts';
import { append, type Step } from './command.ts';
import { answerOf, answerStep, currentAttempt, isAttempt } from './rollback-round.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Answer = StepAttempt & { readonly answer: 'done' | 'failed'; readonly detail: string };
type Refused = { readonly refused: Refusal };
type StepRecorded = { readonly event: string; readonly step: string; readonly answer: string; readonly alreadyRecorded: boolean };

/** Who answers for himself. Everything else that carries out a step records its own answer. */
const answering = ['event', 'person'];
const longestDetail = 300;

/** The answer of an attempt, by the one who carried it out. The first answer of an attempt counts, and only the current attempt takes one. */
export const answerStepOf = async (
  deps: DecideRunDependencies,
  context: RunContext,
  input: Answer,
  caller: Caller,
): Promise<Outcome<Step<StepRecorded>> | Refused> => {
  const no = caller.kind === 'ci' ? mayServe(caller, context.started.event.data) : mayOperate(caller, `the step ${input.step}`);
  if (no !== undefined) return no;
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const late = notCurrent(lane, input);
  if (late !== undefined) return late;
  const { step, action, attempt, answer } = input;
  const before = answerOf(lane, input);
  if (before !== undefined) return repeated(before, input);
  return append({
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: answerStep(input),
      type: answer === 'done' ? 'rollback.step-done' : 'rollback.step-failed',
      actor: actorOf(caller),
      data: { step, action, attempt, ...(await saidBy(deps, context, input, caller)) },
    },
    lane,
    followUp: noFollowUp,
    answer: ({ stored, adopted }) => answered(stored as Stored<'rollback.step-done' | 'rollback.step-failed'>, input, adopted),
  });
};

/** What a CI job says stands in the event; what a person writes can be erased, so that the event holds its digest. */
const saidBy = async (
  deps: DecideRunDependencies,
  { run }: RunContext,
  { answer, detail }: Answer,
  caller: Caller,
): Promise<{ readonly detail: string; readonly words?: string }> => {
  if (caller.kind === 'ci') return { detail: excerpt(detail, longestDetail) || answer };
  return { detail: `${answer}, says a person`, ...(detail === '' ? {} : { words: await deps.people.keep(run, detail) }) };
};

const notCurrent = (lane: readonly Stored[], input: Answer): Refused | undefined => {
  const current = currentAttempt(lane, input.step)?.event.data;
  if (current === undefined)
    return refuse('step-not-waiting', `No attempt of the step ${input.step} is under way.`, {
      got: `${input.action} ${input.attempt}`,
      expected: 'a step that was requested',
      fix: 'Read the run: it says which step waits.',
    });
  if (!isAttempt(current, input))
    return refuse('step-attempt', `This is not the current attempt of the step ${input.step}.`, {
      got: `${input.action}, attempt ${input.attempt}`,
      expected: `${current.action}, attempt ${current.attempt}`,
      fix: 'Change nothing more for the old attempt, and answer the current one.',
    });
  if (answering.includes(current.actuator)) return undefined;
  return refuse('step-not-waiting', `The step ${input.step} is carried out by ${current.actuator}, which answers itself.`, {
    got: input.answer,
    expected: 'a step that a person or a listener of the bus carries out',
    fix: 'When it fails, people choose: retry, by-hand or end.',
  });
};

const answered = (
  { event }: Stored<'rollback.step-done' | 'rollback.step-failed'>,
  input: Answer,
  alreadyRecorded: boolean,
): Outcome<StepRecorded> => {
  const was = event.type === 'rollback.step-done' ? 'done' : 'failed';
  if (was === input.answer) return ok({ event: event.id, step: input.step, answer: was, alreadyRecorded });
  return refuse('step-answered', 'The attempt is answered already, and the first answer counts.', {
    got: input.answer,
    expected: `${was} by ${event.actor.id} at ${event.at}`,
    fix: 'When the step has failed, people choose: retry, by-hand or end.',
  });
};

const repeated = (before: Stored<'rollback.step-done' | 'rollback.step-failed'>, input: Answer): Outcome<Step<StepRecorded>> => {
  const outcome = answered(before, input, true);
  return outcome.refused === undefined ? ok(async () => outcome) : outcome;
};
