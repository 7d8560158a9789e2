import { isType, type Stored } from '../../audit/event.ts';
import type { RollbackDecision } from '../../folds/rollback.ts';
import type { StepAttempt } from '../../ports.ts';

/** The step of an attempt's answer: the first one is the only one. */
export const answerStep = ({ step, action, attempt }: StepAttempt): string => `answered/${step}/${action}/${attempt}`;
/** What was decided, by whom and when, for people. */
export const decisionWords = ({ decision, by, for: principal, at }: RollbackDecision): string =>
  `${decision} by ${by ?? 'Holdpoint'}${principal === undefined ? '' : ` for ${principal}`} at ${at}`;

/** The last beginning of a step: a requested attempt, or a person who did it by hand. Everything earlier of the step is over. */
export const lastBegun = (lane: readonly Stored[], step: string): Stored<'rollback.step-requested' | 'rollback.step-handled'> | undefined =>
  lane.findLast(
    (stored): stored is Stored<'rollback.step-requested' | 'rollback.step-handled'> =>
      (isType('rollback.step-requested')(stored) && stored.event.data.step === step) ||
      (isType('rollback.step-handled')(stored) && stored.event.data.step === step && stored.event.data.choice === 'by-hand'),
  );

/** The attempt that is under way: the newest requested one, unless a person did the step by hand since. */
export const currentAttempt = (lane: readonly Stored[], step: string): Stored<'rollback.step-requested'> | undefined => {
  const last = lastBegun(lane, step) as Stored | undefined;
  return last !== undefined && isType('rollback.step-requested')(last) ? last : undefined;
};

export const isAttempt = (data: StepAttempt, { step, action, attempt }: StepAttempt): boolean =>
  data.step === step && data.action === action && data.attempt === attempt;

export const answerOf = (
  lane: readonly Stored[],
  attempt: StepAttempt,
): Stored<'rollback.step-done' | 'rollback.step-failed'> | undefined =>
  lane.find(
    (stored): stored is Stored<'rollback.step-done' | 'rollback.step-failed'> =>
      (isType('rollback.step-done')(stored) || isType('rollback.step-failed')(stored)) && isAttempt(stored.event.data, attempt),
  );

/** Whether the step was proved from outside since it was begun the last time. The last proof counts. */
export const isProved = (lane: readonly Stored[], step: string): boolean => {
  const begun = lastBegun(lane, step)?.event.seq ?? 0;
  const proofs = lane.filter(isType('rollback.step-proved')).filter(({ event }) => event.data.step === step && event.seq > begun);
  return proofs.at(-1)?.event.data.proved === true;
};
