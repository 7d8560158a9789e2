import type { Stored } from '../../audit/event.ts';
import type { RollbackStep } from '../../audit/events/rollback.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import { endedBy, foldRollback, mayBeStopped } from '../../folds/rollback.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import { endingRoles } from '../../roles.ts';
import type { Caller, PersonCaller } from '../state/caller.ts';
import { endWithout, type Gates } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { answerStepOf } from './answer-step.ts';
import { mayOperate, mayServe, needsRole } from './authorize.ts';
import { append, runCommand, type Step } from './command.ts';
import type { Speaker } from './decide-rollback.ts';
import { type StepInput, stepSchema } from './inputs.ts';
import { unknownEvidence } from './rollback-evidence.ts';
import { isProved, lastBegun } from './rollback-round.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Handled = { readonly run: string; readonly step: RollbackStep } & StepInput;
/** What a person chose about a step. */
export type Choice = Extract<Handled, { readonly reason: string }>;
type StepChosen = { readonly event: string; readonly step: string; readonly answer: string; readonly alreadyRecorded: boolean };

/**
 * Answers an attempt of a step that a listener of the bus or a person carries out; or what a person chooses about a step that waits for
 * people: try again, done by hand, or end the rollback.
 */
export const handleStep = runCommand({
  id: 'handleStep',
  input: stepSchema,
  callers: ['ci', 'person'],
  action: ({ answer, step }: Handled) => `rollback step ${step}: ${answer}`,
  decide: async (deps: DecideRunDependencies, context, input: Handled, caller: Caller) => {
    if (input.answer === 'done' || input.answer === 'failed') return answerStepOf(deps, context, input, caller);
    const person = whoChooses(context, input, caller);
    return 'refused' in person ? person : chooseAs(deps, context, input, { actor: actorOf(person), by: person.id });
  },
});

/** What is chosen. `shown`: what shows that it was done by hand, in words of somebody who cannot send evidence. */
type Chosen = Choice & { readonly shown?: string };

/** Chooses about a step as somebody who may. */
export const chooseAs = async (
  deps: DecideRunDependencies,
  context: RunContext,
  input: Chosen,
  speaker: Speaker,
): Promise<Outcome<Step<StepChosen>>> => {
  const evidence = input.answer === 'by-hand' ? input.evidence : [];
  const no = await unknownEvidence(deps, context, evidence);
  if (no !== undefined) return no;
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const over = notAfterEnd(lane, input);
  if (over !== undefined) return over;
  const begun = lastBegun(lane, input.step);
  const isOpen = async (): Promise<boolean> => stepOfOpenGate(context, await readGates(deps, context)) === input.step;
  // Before a step has begun there is nothing to try again, but the rollback may be one that cannot begin, or waits for a word about the data.
  const mayChoose = begun === undefined ? input.answer === 'end' && (await isOpen()) : !isProved(lane, input.step);
  if (!mayChoose) return notWaiting(input, begun === undefined);
  // The last event of the step names what is chosen about: of two people who saw the same, the first one counts.
  const about = lane.findLast(({ event: { data } }) => 'step' in data && data.step === input.step)?.event;
  const own = about?.type === 'rollback.step-handled' && about.data.by === speaker.by && about.data.choice === input.answer;
  if (about !== undefined && own)
    return ok(async () => ok({ event: about.id, step: input.step, answer: input.answer, alreadyRecorded: true }));
  return append({
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: `handled/${input.step}/${about?.seq ?? 0}`,
      type: 'rollback.step-handled',
      actor: speaker.actor,
      data: {
        step: input.step,
        choice: input.answer,
        by: speaker.by,
        reason: await deps.people.keep(context.run, input.reason),
        evidence: [...evidence],
        ...(input.shown === undefined ? {} : { shown: await deps.people.keep(context.run, input.shown) }),
      },
    },
    lane,
    followUp: noFollowUp,
    answer: async ({ stored, adopted }) => {
      const { choice, by } = stored.event.data;
      // The last gate may have passed between the reading and the append. Its decider reads the choices again before it sends. Whatever is
      // decided, a run does not end before its requests are accepted again.
      const isUndo = input.step === 'stop-requests' && mayBeStopped(foldRollback(lane));
      const end = isUndo ? undefined : endWithout(await readGates(deps, context), stored);
      if (end !== undefined) return tooLate(input, end);
      if (choice === input.answer && by === speaker.by)
        return ok({ event: stored.event.id, step: input.step, answer: choice, alreadyRecorded: adopted });
      return refuse('step-answered', 'Somebody has chosen about this step already.', {
        got: input.answer,
        expected: `${choice} by ${by} at ${stored.event.at}`,
        fix: 'Read the run, and choose again when the step waits again.',
      });
    },
  });
};

/** Retrying and doing by hand is operating. Ending leaves the release as it is, so it is for the operations lead. */
const whoChooses = (context: RunContext, { answer, step }: Choice, caller: Caller): PersonCaller | { readonly refused: Refusal } => {
  if (caller.kind === 'ci')
    return (
      mayServe(caller, context.started.event.data) ??
      refuse('role-missing', 'Only people choose what becomes of a step.', {
        got: `${answer} by a CI identity`,
        expected: 'done or failed with the number of the attempt',
        fix: 'Report the attempt as failed; people are asked then.',
      })
    );
  const what = `the step ${step}`;
  return (answer === 'end' ? needsRole(caller, endingRoles, what) : mayOperate(caller, what)) ?? caller;
};

const tooLate = ({ answer }: Choice, end: string): { readonly refused: Refusal } =>
  refuse('run-ended', `The run ends as ${end}; the choice came too late for it.`, {
    got: answer,
    expected: 'a run that has not ended',
    fix: 'Read the run. What is still to be done is done by hand, or by a run of its own.',
  });

/** The step of the rollback whose gate is open; null at any other gate. */
export const stepOfOpenGate = ({ checklist }: RunContext, { open }: Gates): string | null =>
  open === undefined ? null : (gateOf(checklist, open.gate)?.step ?? null);

/** Who ended the rollback decided for all. Only the stop of requests may still have to be taken back. */
const notAfterEnd = (lane: readonly Stored[], { answer, step }: Choice): { readonly refused: Refusal } | undefined => {
  const rollback = foldRollback(lane);
  const ended = endedBy(rollback);
  if (ended === undefined || answer === 'end' || (step === 'stop-requests' && mayBeStopped(rollback))) return undefined;
  return refuse('step-not-waiting', 'The rollback was ended.', {
    got: `${answer} ${step}`,
    expected: `nothing more: ${ended.by} ended it at ${ended.step}`,
    fix: 'Read the run. What is still to be done is done by hand, or by a run of its own.',
  });
};

const notWaiting = ({ answer, step }: Choice, ahead: boolean): { readonly refused: Refusal } =>
  refuse('step-not-waiting', ahead ? `The step ${step} has not begun.` : `The step ${step} is proved.`, {
    got: answer,
    expected: 'a step that was requested and is not proved',
    fix: 'Read the run: it says which step waits.',
  });
