import type { AuditEvent } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type FollowUp, foldFollowUps, followUpAnswerStep, isReview } from '../../folds/follow-ups.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import { signerRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, type RunContext, readContext } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { mayOperate, needsRole } from './authorize.ts';
import type { Command } from './command.ts';
import { type FollowUpInput, followUpSchema } from './inputs.ts';
import { recordRefusal } from './refusals.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Input = { readonly run: string; readonly followUp: string } & FollowUpInput;
type Answered = { readonly event: string; readonly followUp: string; readonly answer: string; readonly alreadyRecorded: boolean };
type Refused = { readonly refused: Refusal };

/**
 * Answers a follow-up of a rollback: a person who operates states the cause, and a signer who did not use an emergency power reviews its use.
 * The first answer counts. It is the one command on a run that has ended: the trail closes when everything is answered.
 */
const perform = async (deps: DecideRunDependencies, input: Input, caller: PersonCaller): Promise<Outcome<Answered>> => {
  const found = await readContext(deps, input.run);
  if (found.refused) return found;
  const outcome = await answer(deps, found.ok, input, caller);
  return outcome.refused === undefined
    ? outcome
    : recordRefusal(deps, found.ok, caller, `follow-up ${input.followUp}`.slice(0, 100), outcome.refused);
};

export const answerFollowUp: Command<Input, PersonCaller, DecideRunDependencies, Answered> = Object.assign(perform, {
  id: 'answerFollowUp',
  input: followUpSchema,
  callers: ['person' as const],
});

const answer = async (
  deps: DecideRunDependencies,
  context: RunContext,
  input: Input,
  caller: PersonCaller,
): Promise<Outcome<Answered> | Refused> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.followUp });
  const all = foldFollowUps(lane);
  const one = all.find(({ followUp }) => followUp === input.followUp);
  if (one === undefined) return unknown(input, all);
  const no = mayAnswer(one, input, caller);
  if (no !== undefined) return no;
  if (one.answered !== undefined) return settled(one.answered.event, input, caller, true);
  const link = input.answer === 'stated' && input.link !== undefined ? await deps.people.keep(context.run, input.link) : null;
  const words = await deps.people.keep(context.run, input.statement);
  const { stored, adopted } = await appendToRun(deps, context, {
    draft: {
      scope: context.scope,
      lane: lanes.followUp,
      step: followUpAnswerStep(input.followUp),
      type: 'follow-up.answered',
      actor: actorOf(caller),
      data: { followUp: input.followUp, answer: input.answer, by: caller.id, words, link },
    },
    lane,
    followUp: noFollowUp,
  });
  return settled(stored.event, input, caller, adopted);
};

/** Saying again what one has answered is no error. */
const settled = (
  { id, at, data }: AuditEvent<'follow-up.answered'>,
  { followUp, answer: given }: Input,
  caller: PersonCaller,
  alreadyRecorded: boolean,
): Outcome<Answered> | Refused =>
  data.by === caller.id && data.answer === given
    ? ok({ event: id, followUp, answer: data.answer, alreadyRecorded })
    : refuse('follow-up-answered', 'This is answered already. The first answer counts.', {
        got: given,
        expected: `${data.answer} by ${data.by} at ${at}`,
        fix: 'Read the run. What you know beside that belongs into the record of the incident.',
      });

const mayAnswer = (one: FollowUp, { answer: given }: Input, caller: PersonCaller): Refused | undefined => {
  const reviews = isReview(one);
  if (reviews === (given === 'stated'))
    return refuse('follow-up-answer', 'This answer does not fit the follow-up.', {
      got: `${given} to ${one.followUp}`,
      expected: reviews ? 'justified or not-justified, about the use of a power' : 'stated, with the cause of the rollback',
      fix: 'Read the run: it says what is asked.',
    });
  if (!reviews) return mayOperate(caller, 'the cause of a rollback');
  const no = needsRole(caller, signerRoles, 'the use of an emergency power');
  if (no !== undefined || !one.usedBy.includes(caller.id)) return no;
  const why =
    one.kind === 'aws-credentials'
      ? 'You started the run, and nobody knows who used the AWS credentials, so somebody else reviews it.'
      : 'You used this power yourself, so somebody else reviews it.';
  return refuse('follow-up-own', why, {
    got: caller.id,
    expected: `a ${signerRoles.join(' or ')} who did not use it`,
    fix: 'Ask another signer.',
  });
};

const unknown = ({ followUp }: Input, all: readonly FollowUp[]): Refused =>
  refuse('follow-up-unknown', 'The run has no such follow-up.', {
    got: followUp.slice(0, 80),
    expected: all.map((one) => one.followUp).join(', ') || 'a run that was rolled back: nothing is asked of any other',
    fix: 'Read the run: it lists what is asked after its rollback.',
  });
