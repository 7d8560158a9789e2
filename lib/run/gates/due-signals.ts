import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import type { Signal } from '../../notification.ts';
import { unsatisfiedFindings } from '../state/current-findings.ts';
import { visitOf } from '../state/gate-entries.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { missedT0 } from '../state/t0.ts';
import type { Waiting } from './due-notices.ts';
import type { Reconciliation } from './reconciliation.ts';
import { failedOfReview } from './review-outcome.ts';

/** `about` tells signals of one name and one visit apart: a check, a planned T0, or the wait itself. */
export type DueSignal = { readonly signal: Signal; readonly about: string };

const theWait = 'overdue';

/** What operations must hear of while a gate waits, also where people were mailed before. Pure; it does not know what was raised already. */
export const dueSignals = ({ inputs, entry, decision }: Waiting): readonly DueSignal[] => {
  const { context, now } = inputs;
  const gate = gateOf(context.checklist, entry.gate);
  if (gate === undefined) return [];
  const missed = missedT0(context, gate, now) !== undefined;
  const failed = gate.role === 'review' ? failedOfReview(inputs, gate, unsatisfiedFindings(gate.id, inputs)) : [];
  const overdue = decision.overdueSince !== null;
  return [
    ...(missed ? [{ signal: 'T0Missed', about: context.plannedT0 } as const] : []),
    ...failed.map(({ check }) => ({ signal: 'ReviewFailed', about: check }) as const),
    // A review that is not stable for so long has failed, whatever keeps it from passing.
    ...(overdue && gate.role === 'review' ? [{ signal: 'ReviewFailed', about: theWait } as const] : []),
    ...(overdue ? [{ signal: 'WaitTooLong', about: theWait } as const] : []),
  ];
};

/**
 * Raises each signal once in a visit. It is raised first and recorded then: two reconcilers at the same time may both raise it, and none is
 * lost. `notices`: the notice lane as read; it is given back with what was recorded.
 */
export const raiseSignals = async (
  deps: Pick<Reconciliation, 'trail' | 'signal'>,
  { inputs: { context }, entry }: Waiting,
  due: readonly DueSignal[],
  notices: readonly Stored[],
): Promise<readonly Stored[]> => {
  let lane = notices;
  const raised = new Set<Signal>();
  for (const { signal, about } of due) {
    const purpose = `signal/${signal}/${about}/${entry.gate}/${visitOf(entry)}`;
    if (lane.filter(isType('mail.claimed')).some(({ event }) => event.data.purpose === purpose)) continue;
    // One line of the log names a signal once, and all reasons.
    if (!raised.has(signal)) deps.signal(signal);
    raised.add(signal);
    const { stored } = await appendToLane(deps, context.parentHash, lane, {
      scope: context.scope,
      lane: lanes.notice,
      step: `${purpose}/claimed/1`,
      type: 'mail.claimed',
      actor: system('reconciler'),
      data: { purpose, attempt: 1 },
    });
    lane = await withAppended(deps, lane, stored);
  }
  return lane;
};
