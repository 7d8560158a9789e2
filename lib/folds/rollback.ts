import { isType, type Stored } from '../audit/event.ts';
import { awsCredentials, type dataChoices, type rollbackDecisions, type stepChoices } from '../audit/events/rollback.ts';
import { foldOnce } from './fold-once.ts';

/** The way back of a run, folded from its lane `rollback`. */
export type Rollback = {
  /** From 1. A decision to continue ends a round. */
  readonly round: number;
  /** The triggers of this round: the first counts, the others were added to it. */
  readonly triggers: readonly Stored<'rollback.triggered'>[];
  /** The decision of this round. */
  readonly decision: RollbackDecision | undefined;
  /** The decisions that ended the earlier rounds, in order. */
  readonly continues: readonly RollbackDecision[];
  readonly data: { readonly choice: (typeof dataChoices)[number]; readonly by: string | null; readonly at: string } | undefined;
  readonly steps: ReadonlyMap<string, StepState>;
  /** The lane as it was read. */
  readonly lane: readonly Stored[];
};

export type RollbackDecision = {
  /** Id of the event. */
  readonly event: string;
  readonly decision: (typeof rollbackDecisions)[number];
  readonly how: 'person' | 'with-trigger' | 'silence' | 'by-itself';
  readonly by: string | null;
  /** Of a deputy: the person in whose stead they decided. */
  readonly for?: string | undefined;
  readonly at: string;
};

/** A look from outside. */
export type Proof = {
  readonly proof: number;
  readonly requestedAt: string;
  readonly answer:
    | {
        readonly proved: boolean;
        readonly detail: string;
        readonly evidence: readonly string[];
        readonly at: string;
        /** Nothing outside can show it, whatever runs. */
        readonly cannotShow: boolean;
      }
    | undefined;
};

export type Attempt = {
  readonly action: 'do' | 'undo';
  readonly attempt: number;
  readonly actuator: string;
  readonly requestedAt: string;
  /** Its place in the lane. Clocks differ, so that times do not tell what came first. */
  readonly seq: number;
  readonly answer: { readonly done: boolean; readonly detail: string; readonly at: string; readonly by?: string | undefined } | undefined;
  readonly proofs: readonly Proof[];
};

export type StepState = {
  readonly step: string;
  /** Why the service does not need it. */
  readonly skipped: string | undefined;
  readonly attempts: readonly Attempt[];
  /** What people chose when they were asked, in order. */
  readonly handled: readonly {
    readonly choice: (typeof stepChoices)[number];
    readonly by: string;
    readonly at: string;
    readonly seq: number;
    readonly evidence: readonly string[];
    /** Digest of what shows it outside of the run. */
    readonly shown?: string | undefined;
  }[];
};

/** The step of a decision in the lane: every writer of a decision uses the same, so that the first decision is the only one. */
export const decisionStep = (round: number): string => `decided/${round}`;
/** The step of the decision about data. */
export const dataStep = 'data-decided';

const foldedOnce = foldOnce<Rollback>();

export const foldRollback = (lane: readonly Stored[]): Rollback => foldedOnce(lane, 'rollback', [], () => fold(lane));

const fold = (lane: readonly Stored[]): Rollback => {
  const data = lane.findLast(isType('rollback.data-decided'))?.event;
  return {
    ...lane.reduce<Rounds>(withDecision, { round: 1, triggers: [], decision: undefined, continues: [] }),
    data: data && { choice: data.data.choice, by: data.data.by, at: data.at },
    steps: new Map([...new Set(lane.flatMap(stepOf))].map((step) => [step, foldStep(step, lane)])),
    lane,
  };
};

type Rounds = Pick<Rollback, 'round' | 'triggers' | 'decision' | 'continues'>;

/**
 * Of several decisions of a round the first in the lane counts, also where a trigger decides in the same act. A decision about an earlier round
 * came too late: it decides nothing.
 */
const withDecision = (rounds: Rounds, stored: Stored): Rounds => {
  const { id, at } = stored.event;
  if (isType('rollback.triggered')(stored)) {
    const { decides, by } = stored.event.data;
    const declared: RollbackDecision | undefined = decides ? { event: id, decision: 'roll-back', how: 'with-trigger', by, at } : undefined;
    return { ...rounds, triggers: [...rounds.triggers, stored], decision: rounds.decision ?? declared };
  }
  if (!isType('rollback.decided')(stored) || stored.event.data.round !== rounds.round || rounds.decision !== undefined) return rounds;
  const made = decisionOf(stored);
  if (made.decision === 'roll-back') return { ...rounds, decision: made };
  return { round: rounds.round + 1, triggers: [], decision: undefined, continues: [...rounds.continues, made] };
};

export const decisionOf = ({ event: { id, at, data } }: Stored<'rollback.decided'>): RollbackDecision => {
  const { decision, how, by, for: principal } = data;
  return { event: id, decision, how, by, at, ...(principal === undefined ? {} : { for: principal }) };
};

const stepOf = ({ event: { data } }: Stored): readonly string[] => ('step' in data && typeof data.step === 'string' ? [data.step] : []);

const foldStep = (step: string, lane: readonly Stored[]): StepState => {
  const own = lane.filter((stored) => stepOf(stored).includes(step));
  return {
    step,
    skipped: own.find(isType('rollback.step-skipped'))?.event.data.reason,
    attempts: own.reduce<readonly Attempt[]>(withEvent, []),
    handled: own.filter(isType('rollback.step-handled')).map(({ event: { data, at, seq } }) => ({ ...data, at, seq })),
  };
};

const withEvent = (attempts: readonly Attempt[], stored: Stored): readonly Attempt[] => {
  const { at, seq } = stored.event;
  if (isType('rollback.step-requested')(stored)) {
    const { action, attempt, actuator } = stored.event.data;
    // Where nothing is carried out, there is only something to prove.
    const answer = actuator === 'none' ? { done: true, detail: 'nothing to carry out', at } : undefined;
    return [...attempts, { action, attempt, actuator, requestedAt: at, seq, answer, proofs: [] }];
  }
  if (isType('rollback.step-handled')(stored) && stored.event.data.choice === 'by-hand') {
    const action = actionInHand(attempts);
    const { by } = stored.event.data;
    const answer = { done: true, detail: `done by hand by ${by}`, at, by };
    return [...attempts, { action, attempt: attempts.length + 1, actuator: 'person', requestedAt: at, seq, answer, proofs: [] }];
  }
  if (isType('rollback.step-done')(stored) || isType('rollback.step-failed')(stored)) {
    const { action, attempt, detail } = stored.event.data;
    const done = stored.event.type === 'rollback.step-done';
    const by = stored.event.actor.kind === 'person' ? stored.event.actor.id : undefined;
    // The first answer of an attempt counts, and only while no later attempt was requested: a late one changes nothing.
    return change(attempts, { action, attempt }, (one) =>
      one.answer === undefined && one === attempts.at(-1) ? { ...one, answer: { done, detail, at, by } } : one,
    );
  }
  if (isType('rollback.proof-requested')(stored)) {
    const { action, attempt, proof } = stored.event.data;
    return change(attempts, { action, attempt }, (one) => ({
      ...one,
      proofs: [...one.proofs, { proof, requestedAt: at, answer: undefined }],
    }));
  }
  if (isType('rollback.step-proved')(stored)) {
    const { action, attempt, proof, proved, detail, evidence, cannotShow = false } = stored.event.data;
    // The same holds for what was seen: it may have been seen before the later attempt.
    return change(attempts, { action, attempt }, (one) =>
      one !== attempts.at(-1)
        ? one
        : {
            ...one,
            proofs: one.proofs.map((tried) =>
              tried.proof === proof && tried.answer === undefined
                ? { ...tried, answer: { proved, detail, evidence, at, cannotShow } }
                : tried,
            ),
          },
    );
  }
  return attempts;
};

/** A stop that was carried out and proved is what people undo by hand; everything else they do. */
const actionInHand = (attempts: readonly Attempt[]): 'do' | 'undo' =>
  attempts.some((one) => one.action === 'undo') || attempts.some((one) => one.action === 'do' && proofOf(one) !== undefined)
    ? 'undo'
    : 'do';

const change = (
  attempts: readonly Attempt[],
  { action, attempt }: Pick<Attempt, 'action' | 'attempt'>,
  to: (one: Attempt) => Attempt,
): readonly Attempt[] => attempts.map((one) => (one.action === action && one.attempt === attempt ? to(one) : one));

/** What proves that the attempt was carried out. */
export const proofOf = ({ answer, proofs }: Attempt): Proof | undefined =>
  answer?.done ? proofs.find((one) => one.answer?.proved) : undefined;

const ofAction = (state: StepState | undefined, action: 'do' | 'undo'): readonly Attempt[] =>
  (state?.attempts ?? []).filter((one) => one.action === action);

export const provedAttempt = (state: StepState | undefined, action: 'do' | 'undo'): Attempt | undefined =>
  ofAction(state, action).findLast((one) => proofOf(one) !== undefined);

/** Whether a trigger was measured. Only such a one has no reason; who declared it with AWS credentials alone is not named. */
export const isMeasured = ({ by, reason }: { readonly by: string | null; readonly reason: string | null }): boolean =>
  by === null && reason === null;

/** Whether the rollback leads to no version: it takes the service away, as two people accepted for a first release. */
export const takesAway = (lane: readonly Stored[]): boolean =>
  lane.findLast(isType('rollback.target-fixed'))?.event.data.level === 'withdraw';

/**
 * Whether requests are stopped, or may be: a function was asked to stop them or a person said that they are, and the inverse is not shown
 * after it.
 */
export const mayBeStopped = (rollback: Rollback): boolean => {
  // Two people accepted that the service is gone then: nothing is left that could accept a request.
  if (takesAway(rollback.lane) && shownOf(rollback, 'revert-version') !== undefined) return false;
  const state = rollback.steps.get('stop-requests');
  const stopped = ofAction(state, 'do').findLast(({ actuator, answer }) => actuator !== 'person' || answer !== undefined);
  const undone = provedAttempt(state, 'undo') ?? shownByPerson('stop-requests', state, 'undo');
  return stopped !== undefined && (undone === undefined || undone.seq < stopped.seq);
};

/** When the step was proved, skipped or decided, and how; undefined before that. `at` is null for what needed no time. */
export type StepResult = { readonly outcome: 'done' | 'kept' | 'not-applicable'; readonly reason: string; readonly at: string | null };

export const resultOfStep = (rollback: Rollback, step: string): StepResult | undefined => {
  const state = rollback.steps.get(step);
  if (state?.skipped !== undefined) return { outcome: 'not-applicable', reason: state.skipped, at: null };
  if (step === 'restore-database' && rollback.data?.choice === 'keep') {
    const { by, at } = rollback.data;
    const reason =
      by === null
        ? 'nobody answered, and the stage file says that the change is backward-compatible: data is kept'
        : `data is kept, decided by ${by}`;
    return { outcome: 'kept', reason, at };
  }
  if (step === 'verify-health' && mayBeStopped(rollback)) return undefined;
  const proved = shownOf(rollback, step);
  if (proved === undefined) return undefined;
  const proof = proofOf(proved)?.answer;
  const seen = proved.proofs.findLast(({ answer }) => answer !== undefined)?.answer;
  const shown = seen?.cannotShow ? `${proved.answer?.detail}, the second person to show it: ${seen.detail}` : proved.answer?.detail;
  return { outcome: 'done', reason: proof?.detail ?? shown ?? '', at: proof?.at ?? proved.answer?.at ?? null };
};

const shownOf = (rollback: Rollback, step: string): Attempt | undefined => {
  const state = rollback.steps.get(step);
  return provedAttempt(state, 'do') ?? shownByPerson(step, state, 'do');
};

/**
 * What nothing outside can show counts with the evidence of the person who did it. What runs, and whether it is healthy, shows wherever a
 * platform can be read or a probe is critical; where it cannot, one person's word is not enough.
 */
const shownByPerson = (step: string, state: StepState | undefined, action: 'do' | 'undo'): Attempt | undefined => {
  // The last one of this action: taking the stop of requests back later does not make the stop one that nobody has shown.
  const last = ofAction(state, action).at(-1);
  if (['revert-version', 'verify-health', 'monitor-stability'].includes(step)) return state && last && shownBySecond(state, last);
  const handled = state?.handled.findLast(({ choice, seq }) => choice === 'by-hand' && seq <= (last?.seq ?? 0));
  const tried = last?.proofs.some((one) => one.answer !== undefined) ?? false;
  const isShown = handled !== undefined && (handled.evidence.length > 0 || handled.shown !== undefined);
  return last?.actuator === 'person' && tried && isShown ? last : undefined;
};

/**
 * The collector said that it cannot know, and two people said that the step is done, the second one with evidence. Who has AWS credentials is
 * neither of them: nobody knows that they are not the other one.
 */
const shownBySecond = ({ attempts, handled }: StepState, last: Attempt): Attempt | undefined => {
  const seen = last.proofs.findLast(({ answer }) => answer !== undefined)?.answer;
  const said = handled.findLast(({ choice }) => choice === 'by-hand');
  if (!seen?.cannotShow || said === undefined || said.seq !== last.seq || said.evidence.length === 0) return undefined;
  const others = attempts.flatMap(({ answer }) => (answer?.done && answer.by !== undefined && answer.by !== said.by ? answer.by : []));
  return said.by !== awsCredentials && others.some((by) => by !== awsCredentials) ? last : undefined;
};

/** A person ended the rollback at this step. That is final: what is chosen afterwards is about taking the stop of requests back. */
export const endedBy = (rollback: Rollback): { readonly step: string; readonly by: string; readonly at: string } | undefined => {
  for (const { step, handled } of rollback.steps.values()) {
    const end = handled.find(({ choice }) => choice === 'end');
    if (end !== undefined) return { step, by: end.by, at: end.at };
  }
  return undefined;
};
