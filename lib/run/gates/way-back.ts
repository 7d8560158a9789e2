import type { End } from '../../audit/events/run.ts';
import { type Gate, gateTitle, itemTitle } from '../../checklist/definition.ts';
import { endedBy, foldRollback, isMeasured, mayBeStopped } from '../../folds/rollback.ts';
import { budgetsOf } from '../../folds/rollback-budgets.ts';
import { cannotBegin, nextOfStep, nextOfUndo, type StepPlan } from '../../folds/rollback-progress.ts';
import { continueOf, isDecisionAsked } from '../state/decision-visit.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import type { Decision, Settle } from './decide.ts';
import { endOfDrill, faultOfDrill } from './drill-fault.ts';
import { earliest, nextDeadline, overdueSince } from './gate-timing.ts';
import { askedAfter } from './review-cap.ts';

/** What is decided about the gates of the way back. Pure. */

export const isWayBack = (gate: Pick<Gate, 'role'> | undefined): boolean =>
  gate?.role === 'decision' || gate?.role === 'step' || gate?.role === 'verification';

/** Whether the run waits for a decision about its rollback that nobody has made, at a visit that was not continued. */
export const isDecisionOpen = ({ context, gates, rollback }: Pick<GateInputs, 'context' | 'gates' | 'rollback'>): boolean =>
  isDecisionAsked(context.checklist, gates, rollback) && foldRollback(rollback).decision === undefined;

/** People, silence or the profile have decided, or the decision waits. */
export const decideRollback = (inputs: GateInputs, entry: Entry): Decision => {
  const { decision, triggers } = foldRollback(inputs.rollback);
  const settled = { end: null, soundUntil: null } as const;
  if (decision?.decision === 'roll-back')
    return { ...settled, settle: 'passed', resume: null, reason: `rollback decided ${howText(decision.how, decision.by)}` };
  const interrupted = entry.opened.event.data.interrupted ?? '';
  const continued = continueOf(inputs.gates, entry, inputs.rollback);
  if (continued !== undefined)
    return {
      ...settled,
      settle: 'continued',
      resume: interrupted,
      reason: `continued at ${gateTitle(inputs.context.checklist, interrupted)}, decided by ${continued.by ?? ''}`,
    };
  const [trigger] = triggers;
  const because =
    trigger === undefined ? askedAfter(inputs, entry) : `the trigger “${itemTitle(inputs.context.checklist, trigger.event.data.trigger)}”`;
  const silence = silenceAt(inputs, entry);
  const otherwise =
    silence === null ? 'silence decides nothing' : `without an answer the release is rolled back at ${silence.toISOString()}`;
  return {
    settle: null,
    reasons: [`a person must decide after ${because}: roll back or continue; ${otherwise}`],
    blocked: true,
    wakeAt: wayBackWakesAt(inputs, entry),
    deadline: nextDeadline(inputs, entry),
    overdueSince: overdueSince(inputs, entry),
  };
};

const howText = (how: 'person' | 'with-trigger' | 'silence' | 'by-itself', by: string | null): string =>
  ({
    person: `by ${by}`,
    'with-trigger': by === null ? 'with AWS credentials alone, with the trigger' : `by ${by}, who declared the trigger`,
    silence: 'by silence: nobody answered in time',
    'by-itself': 'without a question: the stage file or the drill decides',
  })[how];

/**
 * When silence decides for the rollback: only after a measured trigger, only where the run was interrupted between T0 and the end of the
 * monitoring, and early enough that the precision of a schedule does not cost the budget. Where the decision could only be asked for late, people
 * have the time until the reminder all the same: nobody is silent who was not asked. Null: never.
 */
export const silenceAt = ({ context, rollback }: Pick<GateInputs, 'context' | 'rollback'>, { opened }: Entry): Date | null => {
  const { budgets, remindAfterSeconds, silenceLeadSeconds, silentGates } = context.checklist.rollback;
  // A person's trigger beside it takes nothing away: otherwise anybody could put silence off.
  const trigger = foldRollback(rollback).triggers.find(({ event }) => isMeasured(event.data))?.event;
  const isSilent = silentGates.some((gate) => gate === opened.event.data.interrupted);
  if (trigger === undefined || !isSilent) return null;
  const inTime = Date.parse(trigger.at) + (budgets.decision - silenceLeadSeconds) * 1000;
  return new Date(Math.max(inTime, Date.parse(opened.event.at) + remindAfterSeconds * 1000));
};

/** A person ended the rollback here. First the stop of requests is taken back: no rollback ends with traffic stopped. */
export const decideEnded = (inputs: GateInputs, gate: Gate): Settle | undefined => {
  const rollback = foldRollback(inputs.rollback);
  const ended = endedBy(rollback);
  if (ended === undefined || mayBeStopped(rollback)) return undefined;
  return {
    settle: 'rejected',
    end: gate.onRejected as End,
    resume: null,
    reason: `the rollback was ended at ${ended.step} by ${ended.by}`,
    soundUntil: null,
  };
};

/** The lane says what was requested; how the profile wants a step done does not change what one waits for. */
const unplanned: StepPlan = { skip: undefined, actuator: 'none', asksData: false, backwardCompatible: false };

/** What a step waits for. */
export const stepReason = (inputs: GateInputs, step: string): string | undefined => {
  const { now } = inputs;
  const rollback = foldRollback(inputs.rollback);
  const ended = endedBy(rollback);
  if (ended !== undefined) {
    const undo = nextOfUndo(rollback, now);
    const how = undo.is === 'wait' || undo.is === 'ask' ? `: ${undo.reason}` : '';
    return `the rollback was ended at ${ended.step} by ${ended.by}; requests must be accepted again first${how}`;
  }
  const fault = rollback.steps.size === 0 ? faultOfDrill(inputs) : undefined;
  if (fault !== undefined) return `${fault}: ${endOfDrill(inputs.context.run)}`;
  if (step === 'restore-database' && rollback.data === undefined && !rollback.steps.has(step))
    return 'a person decides whether data is restored or kept';
  const held = cannotBegin(rollback);
  if (held !== undefined) return held;
  const next = nextOfStep(rollback, step, unplanned, { now, openedAt: now.toISOString() });
  return next.is === 'wait' || next.is === 'ask' ? next.reason : undefined;
};

/** When a running budget is to be warned of, or ends. */
export const nextBudgetAt = ({ context, rollback, now }: GateInputs): Date | null => {
  const { budgets, warnPct } = context.checklist.rollback;
  const limits = budgetsOf(rollback)
    .filter(({ until }) => until === null)
    .flatMap(({ budget, since }) => {
      const limit = budgets[budget] * 1000;
      return [Date.parse(since) + (limit * warnPct) / 100, Date.parse(since) + limit];
    });
  return earliest(...limits.filter((at) => at > now.getTime()).map((at) => new Date(at)));
};

/** When time alone changes something on the way back: silence, a reminder, a budget, an answer that does not come. */
export const wayBackWakesAt = (inputs: GateInputs, entry: Entry): Date | null => {
  const path = inputs.context.checklist.rollback;
  const since = Date.parse(foldRollback(inputs.rollback).triggers[0]?.event.at ?? entry.opened.event.at);
  const pages =
    foldRollback(inputs.rollback).decision === undefined
      ? [path.remindAfterSeconds, path.budgets.decision - path.silenceLeadSeconds].map((seconds) => since + seconds * 1000)
      : [];
  const next = pages.filter((at) => at > inputs.now.getTime()).map((at) => new Date(at));
  const silence = silenceAt(inputs, entry);
  return earliest(nextBudgetAt(inputs), ...next, silence !== null && silence > inputs.now ? silence : null);
};
