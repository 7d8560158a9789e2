import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf, incidentId } from '../../checklist/definition.ts';
import { isSupersedable } from '../../checklist/gate-graph.ts';
import { type Entry, entryOf, isSound } from '../state/gate-entries.ts';
import { type GateInputs, readGateInputs, readGates } from '../state/gate-inputs.ts';
import { laneHeadsOf } from '../state/lane-heads.ts';
import { appendToLane, type RunContext, readContext, system } from '../state/run-context.ts';
import { restsOnT0 } from '../state/t0.ts';
import { firstRegression, recordRegression } from '../writing/regressions.ts';
import { carryTo } from './carry-to.ts';
import { endOverdue, storeDeadline } from './deadline.ts';
import { decide, type Settle } from './decide.ts';
import { withEnvironment } from './read-environment.ts';
import type { Reconciliation } from './reconciliation.ts';
import { nextOf, sendTaskResult } from './send-task-result.ts';
import { passedWithinMs } from './settling.ts';
import { isWayBack } from './way-back.ts';

/** What came of one attempt to settle a gate. */
export type SettleResult = {
  readonly did: 'delivered' | 'regressed' | 'other-worker';
  readonly gate: string;
  readonly reasons: readonly string[];
  /** When the run must be reconciled again; null when it has ended. */
  readonly next?: Date | null;
};

/**
 * First half of the protocol: appends the settle event with the lane heads that the decision was made on. Its place in the gate's lane
 * decides which of several reconcilers sends.
 */
export const settleGate = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, decision: Settle): Promise<SettleResult> => {
  const { context } = inputs;
  const settlement = entry.settlements.length + 1;
  await storeDeadline(deps, context.run, nextGateBy(deps));
  const { stored, adopted } = await appendToLane(deps, context.parentHash, entry.lane, {
    scope: context.scope,
    lane: lanes.gate(entry.gate),
    step: `${entry.opened.event.data.entry}/settled/${settlement}`,
    type: 'gate.settled',
    actor: system('reconciler'),
    data: {
      gate: entry.gate,
      entry: entry.opened.event.data.entry,
      settlement,
      outcome: decision.settle,
      end: decision.end,
      resume: decision.resume,
      judgedOn: laneHeadsOf(inputs),
      soundUntil: decision.soundUntil,
      reason: decision.reason,
    },
  });
  await endOverdue(deps, inputs, entry);
  if (adopted) return { did: 'other-worker', gate: entry.gate, reasons: ['another reconciler settled this gate'] };
  return confirmAndSend(deps, context, entry, stored);
};

/** Second half: reads again what the settle event rests on, and sends the answer only when the decision is still the same. */
export const confirmAndSend = async (
  deps: Reconciliation,
  read: RunContext,
  seen: Entry,
  settled: Stored<'gate.settled'>,
): Promise<SettleResult> => {
  const asOf = deps.clock.now();
  // What was given since the decision takes this settlement back, as evidence that is sent to the run does.
  const context = await carryTo(deps, await readMoved(deps, read, seen.gate), seen.gate);
  const gates = await readGates(deps, context);
  const entry = entryOf(gates, seen.gate) ?? seen;
  const settlement = entry.settlements.find((one) => one.settled.event.id === settled.event.id);
  const outcome = settled.event.data.outcome;
  if (mayChange(context, settled)) {
    if (settlement !== undefined && !isSound(settlement))
      return { did: 'regressed', gate: entry.gate, reasons: ['a check is no longer satisfied after the settle event'] };
    const inputs = await withEnvironment(deps, await readGateInputs(deps, context, gates, entry.gate), entry.gate);
    const again = decide({ ...inputs, stage: deps.stage }, entry);
    if (again.settle !== outcome) {
      const regression = again.settle === null ? firstRegression(inputs, entry) : { check: entry.gate, verdict: again.settle };
      await recordRegression(deps, { context, gates }, { entry, settled }, regression);
      return { did: 'regressed', gate: entry.gate, reasons: again.settle === null ? again.reasons : [again.reason] };
    }
  }
  const stop = await stoppedMeanwhile(deps, context, settled);
  if (stop !== undefined) {
    await recordRegression(deps, { context, gates }, { entry, settled }, { check: entry.gate, verdict: stop });
    return { did: 'regressed', gate: entry.gate, reasons: [`the run was ${stop} after the settle event`] };
  }
  const delivery = await sendTaskResult(deps, context, { entry, settled, gates, asOf });
  if (delivery === 'unsure')
    return { did: 'other-worker', gate: entry.gate, reasons: ['the token was closed by another answer or by time'] };
  const { notYet } = delivery;
  const reasons = [delivery.settled.event.data.reason, ...(notYet === undefined ? [] : [notYet.reason])];
  const hasEnded = delivery.end !== null && nextOf(gates, entry) === undefined && notYet === undefined;
  return { did: 'delivered', gate: entry.gate, reasons, next: hasEnded ? null : (notYet?.next ?? nextGateBy(deps)) };
};

/**
 * A rejection, a cancellation and a trigger are final; a pass, a return, an expiry and a cap depend on what has arrived. So does an end that people chose
 * on the way back, because requests may have been stopped meanwhile, and every end of an incident, because a trigger may have been acknowledged.
 * Who resumes a run is not asked again.
 */
const mayChange = ({ checklist }: RunContext, { event: { data } }: Stored<'gate.settled'>): boolean => {
  if (data.gate === incidentId) return data.end !== null && (data.outcome === 'rejected' || data.outcome === 'expired');
  if (data.outcome === 'rejected') return isWayBack(gateOf(checklist, data.gate));
  return ['passed', 'returned', 'expired', 'capped'].includes(data.outcome);
};

/** T0 may have been moved, or a freeze overridden, since the run's own lane was read: the writer of that reads the settlements after its append. */
const readMoved = async (deps: Pick<Reconciliation, 'trail' | 'definitions'>, context: RunContext, gate: string): Promise<RunContext> => {
  const found = gateOf(context.checklist, gate);
  if (found === undefined || !restsOnT0(context, found)) return context;
  const again = await readContext(deps, context.run);
  return again.refused === undefined ? again.ok : context;
};

/**
 * The writer of a cancellation reads the settlements after its append; this is the other side, where the answer would end the run. A newer
 * run that took the environment over stands in the same lane.
 */
const stoppedMeanwhile = async (
  deps: Pick<Reconciliation, 'trail' | 'definitions'>,
  context: RunContext,
  { event: { data } }: Stored<'gate.settled'>,
): Promise<'cancelled' | 'superseded' | undefined> => {
  if (data.end === null || data.outcome === 'cancelled' || data.outcome === 'triggered' || data.outcome === 'superseded') return undefined;
  const found = await readContext(deps, context.run);
  if (found.refused !== undefined) return undefined;
  if (found.ok.superseded !== undefined && isSupersedable(context.checklist, data.gate)) return 'superseded';
  return found.ok.cancelled === undefined ? undefined : 'cancelled';
};

const nextGateBy = ({ clock }: Pick<Reconciliation, 'clock'>): Date => new Date(clock.now().getTime() + passedWithinMs);
