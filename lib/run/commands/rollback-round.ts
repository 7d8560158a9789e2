import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import type { StepAttempt } from '../../ports.ts';

/** How the lane `rollback` of a run stands, as far as the commands need it. */
export type Round = {
  /** From 1. A decision to continue ends a round. */
  readonly round: number;
  readonly triggers: readonly Stored<'rollback.triggered'>[];
  /** The decision of the open round: the first one counts. A trigger whose declarer decided is one. */
  readonly decided: RoundDecision | undefined;
};
export type RoundDecision = Stored<'rollback.decided'> | Stored<'rollback.triggered'>;

/** The step of a decision in the lane: every writer of a decision uses the same, so that the first decision is the only one. */
export const decisionStep = (round: number): string => `decided/${round}`;
/** The step of an attempt's answer: the first one is the only one. */
export const answerStep = ({ step, action, attempt }: StepAttempt): string => `answered/${step}/${action}/${attempt}`;
/** The step of the decision about data. */
export const dataStep = 'data-decided';

export const readRound = (lane: readonly Stored[]): Round => {
  let round = 1;
  let triggers: Stored<'rollback.triggered'>[] = [];
  let decided: Round['decided'];
  for (const stored of lane) {
    if (isType('rollback.triggered')(stored)) {
      triggers.push(stored);
      if (stored.event.data.decides) decided ??= stored;
    }
    if (!isType('rollback.decided')(stored) || stored.event.data.round !== round || decided !== undefined) continue;
    if (stored.event.data.decision === 'roll-back') decided = stored;
    else [round, triggers] = [round + 1, []];
  }
  return { round, triggers, decided };
};

/** What was decided, by whom and when, for people. */
export const decisionWords = ({ event }: RoundDecision): string => {
  const decision = event.type === 'rollback.decided' ? event.data.decision : 'roll-back';
  return `${decision} by ${event.data.by ?? 'Holdpoint'} at ${event.at}`;
};

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

/** What the rollback goes back to: the last that was fixed. */
export const targetOf = (lane: readonly Stored[]): DataOf<'rollback.target-fixed'> | undefined =>
  lane.findLast(isType('rollback.target-fixed'))?.event.data;
