import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import type { raisedSignals } from '../../audit/events/notice.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import { unsatisfiedFindings } from '../state/current-findings.ts';
import { visitOf } from '../state/gate-entries.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import { missedT0 } from '../state/t0.ts';
import type { Waiting } from './due-notices.ts';
import type { Reconciliation } from './reconciliation.ts';
import { failedOfReview } from './review-outcome.ts';

type Signal = (typeof raisedSignals)[number];

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
    const data = { signal, about, gate: entry.gate, visit: visitOf(entry) };
    if (wasRaised(lane, data)) continue;
    // One line of the log names a signal once, and all reasons.
    if (!raised.has(signal)) deps.signal(signal);
    raised.add(signal);
    const { stored } = await appendToLane(deps, context.parentHash, lane, {
      scope: context.scope,
      lane: lanes.notice,
      step: stepOf(data),
      type: 'signal.raised',
      actor: system('reconciler'),
      data,
    });
    lane = await withAppended(deps, lane, stored);
  }
  return lane;
};

type Raised = DataOf<'signal.raised'>;

const stepOf = ({ signal, about, gate, visit }: Raised): string => `signal/${signal}/${about}/${gate}/${visit}`;

/** Older versions recorded the same under `mail.claimed`. */
const wasRaised = (lane: readonly Stored[], data: Raised): boolean =>
  lane.some((stored) =>
    isType('signal.raised')(stored)
      ? stepOf(stored.event.data) === stepOf(data)
      : isType('mail.claimed')(stored) && stored.event.data.purpose === stepOf(data),
  );
