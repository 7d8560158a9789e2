import { isType } from '../audit/event.ts';
import { asWords, counted } from '../wording.ts';
import { type Attempt, endedBy, mayBeStopped, proofOf, type Rollback, resultOfStep, type StepState } from './rollback.ts';

/** How often a step is tried before people are asked, and how long an answer may take. Milliseconds. */
export const stepPolicy = {
  attempts: 3,
  proofs: 5,
  /** The actuator's function ends within two minutes. */
  actsWithinMs: 130_000,
  /** The collector's function ends within five minutes. */
  provesWithinMs: 310_000,
  /** How long a person may take to say whether data is restored, before the profile's word counts. */
  dataWithinMs: 120_000,
} as const;

/** How the profile wants the step carried out. */
export type StepPlan = {
  /** Why the service does not need it. */
  readonly skip: string | undefined;
  /** `none`: there is nothing to carry out, only something to prove. */
  readonly actuator: 'platform' | 'lambda' | 'event' | 'person' | 'none';
  /** Whether a person is asked first if data is restored. */
  readonly asksData: boolean;
  readonly backwardCompatible: boolean;
};

export type Progress =
  | { readonly is: 'complete' }
  | { readonly is: 'skip'; readonly reason: string }
  | { readonly is: 'keep-data' }
  | { readonly is: 'act'; readonly step: string; readonly action: 'do' | 'undo'; readonly attempt: number }
  | { readonly is: 'prove'; readonly step: string; readonly action: 'do' | 'undo'; readonly attempt: number; readonly proof: number }
  /** A function works; it is lost when it has not answered by then. */
  | { readonly is: 'wait'; readonly until: Date; readonly reason: string }
  | { readonly is: 'ask'; readonly reason: string };

/**
 * What comes next for a step. Pure. Before health is verified, the stop of requests is taken back and that is proved, so that no rollback ends
 * with traffic stopped.
 */
export const nextOfStep = (
  rollback: Rollback,
  step: string,
  plan: StepPlan,
  { now, openedAt }: { readonly now: Date; readonly openedAt: string },
): Progress => {
  if (resultOfStep(rollback, step) !== undefined) return { is: 'complete' };
  if (plan.skip !== undefined) return { is: 'skip', reason: plan.skip };
  if (plan.asksData && rollback.data === undefined) return askForData(plan, now, openedAt);
  if (step === 'verify-health' && mayBeStopped(rollback)) return undoStop(rollback, now);
  return drive(rollback.steps.get(step), { step, action: 'do' }, now);
};

/** Takes the stop of requests back before people end the rollback. */
export const nextOfUndo = (rollback: Rollback, now: Date): Progress =>
  mayBeStopped(rollback) ? undoStop(rollback, now) : { is: 'complete' };

const undoStop = (rollback: Rollback, now: Date): Progress =>
  drive(rollback.steps.get('stop-requests'), { step: 'stop-requests', action: 'undo' }, now);

/** Why no step is taken although the rollback is decided, by what stands in the lane. */
export const cannotBegin = ({ lane, steps }: Rollback): string | undefined =>
  steps.size === 0 && lane.some((stored) => isType('rollback.paged')(stored) && stored.event.data.why === 'cannot-begin')
    ? 'another release has the environment, and to take this one back would take that one away'
    : undefined;

/** Why people are asked about the step, by what stands in the lane; undefined while functions work on it. */
export const needsPeople = (rollback: Rollback, step: string, now: Date): string | undefined => {
  const ended = endedBy(rollback);
  if (ended !== undefined) {
    const next = nextOfUndo(rollback, now);
    return next.is === 'ask' ? `requests must be accepted again before the rollback ends: ${next.reason}` : undefined;
  }
  const held = cannotBegin(rollback);
  if (held !== undefined) return held;
  const known: StepPlan = { skip: undefined, actuator: 'none', asksData: false, backwardCompatible: false };
  const next = nextOfStep(rollback, step, known, { now, openedAt: now.toISOString() });
  return next.is === 'ask' ? next.reason : undefined;
};

const askForData = ({ backwardCompatible }: StepPlan, now: Date, openedAt: string): Progress => {
  const until = new Date(Date.parse(openedAt) + stepPolicy.dataWithinMs);
  if (!backwardCompatible) return { is: 'ask', reason: 'a person must decide whether data is restored or kept' };
  if (now >= until) return { is: 'keep-data' };
  return {
    is: 'wait',
    until,
    reason: `a person decides whether data is restored or kept; without an answer it is kept at ${until.toISOString()}`,
  };
};

type Driven = { readonly step: string; readonly action: 'do' | 'undo' };

const drive = (state: StepState | undefined, { step, action }: Driven, now: Date): Progress => {
  const all = (state?.attempts ?? []).filter((one) => one.action === action);
  const retriedAt = state?.handled.findLast(({ choice }) => choice === 'retry')?.seq ?? 0;
  const tried = all.filter(({ seq }) => seq > retriedAt);
  const last = tried.at(-1);
  const next: Progress = { is: 'act', step, action, attempt: (state?.attempts.length ?? 0) + 1 };
  if (last === undefined) return next;
  if (last.answer === undefined) return unanswered(last, { step, tries: tried.length, next }, now);
  if (!last.answer.done)
    return tried.length < stepPolicy.attempts
      ? next
      : { is: 'ask', reason: `the step “${asWords(step)}” failed ${counted(tried.length, 'time')}: ${last.answer.detail}` };
  return prove(last, step, now);
};

/** Who carries a step out, for a sentence. */
export const carrier = (actuator: string): string => carriers[actuator] ?? actuator;
const carriers: Readonly<Record<string, string>> = {
  person: 'a person',
  lambda: 'a function',
  platform: 'the platform',
  event: 'the listener of an event',
};

type Unanswered = { readonly step: string; readonly tries: number; readonly next: Progress };

const unanswered = (last: Attempt, { step, tries, next }: Unanswered, now: Date): Progress => {
  if (last.actuator === 'person') return { is: 'ask', reason: `a person must carry out the step “${asWords(step)}” and say so` };
  const until = new Date(Date.parse(last.requestedAt) + stepPolicy.actsWithinMs);
  if (now < until) return { is: 'wait', until, reason: `${carrier(last.actuator)} carries out the step “${asWords(step)}”` };
  return tries < stepPolicy.attempts
    ? next
    : { is: 'ask', reason: `the step “${asWords(step)}” was requested ${counted(tries, 'time')} and nobody answered` };
};

const prove = (last: Attempt, step: string, now: Date): Progress => {
  const { action, attempt, proofs } = last;
  const proof = proofs.at(-1);
  const next: Progress = { is: 'prove', step, action, attempt, proof: proofs.length + 1 };
  if (proof === undefined) return next;
  if (proofOf(last) !== undefined) return { is: 'complete' };
  const until = new Date(Date.parse(proof.requestedAt) + stepPolicy.provesWithinMs);
  if (proof.answer === undefined && now < until)
    return { is: 'wait', until, reason: `the step “${asWords(step)}” is being proved from outside` };
  if (proof.answer?.cannotShow) return { is: 'ask', reason: `the step “${asWords(step)}”: ${proof.answer.detail}` };
  if (proofs.length < stepPolicy.proofs) return next;
  return {
    is: 'ask',
    reason: `the step “${asWords(step)}” was carried out and not proved: ${proof.answer?.detail ?? 'the collector did not answer'}`,
  };
};
