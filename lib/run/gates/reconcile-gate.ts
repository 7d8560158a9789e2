import { isType } from '../../audit/event.ts';
import { digestOf } from '../../canonical-json.ts';
import { gateOf } from '../../checklist/definition.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { onDemand } from '../../on-demand.ts';
import type { DueItem, ReconcilerDependencies } from '../../ports.ts';
import { heldBy } from '../state/environment.ts';
import { type Entry, effectiveSettlement, endOf, type Gates, isSound } from '../state/gate-entries.ts';
import { type GateInputs, readGateInputs, readGates } from '../state/gate-inputs.ts';
import { waitsForProfile } from '../state/registered-profiles.ts';
import { type RunContext, readContext } from '../state/run-context.ts';
import { readingOf, updateSummary } from '../state/run-summary.ts';
import { carryTo } from './carry-to.ts';
import { closeRun, recordOrphanLanes } from './closing.ts';
import { clearDeadline, endOverdue, overdueItem, storeDeadline } from './deadline.ts';
import { decide, type Settle, type Wait } from './decide.ts';
import { fixTarget } from './fix-target.ts';
import { earliest } from './gate-timing.ts';
import { prepareGate } from './prepare-gate.ts';
import { withEnvironment } from './read-environment.ts';
import { beginReconciliation, type ReconcileResult, type Reconciliation, type Turn } from './reconciliation.ts';
import { confirmAndSend, sendWithinMs, settleGate } from './settling.ts';
import { waitsOf } from './waits.ts';

const loadAfterEnd = onDemand(() => import('./after-end.ts'));
const loadRepair = onDemand(() => import('./repair.ts'));
const loadRebuildViews = onDemand(() => import('./rebuild-views.ts'));
const loadBetweenGates = onDemand(() => import('./between-gates.ts'));
const loadOutlastedAlarms = onDemand(() => import('./outlasted-alarms.ts'));
const loadClaim = onDemand(() => import('./claim.ts'));
const loadNotifyWaiting = onDemand(() => import('./notify-waiting.ts'));
const loadCallBack = onDemand(() => import('./call-back.ts'));
const loadAnswerJobs = onDemand(() => import('./answer-jobs.ts'));
const loadRequestApprovals = onDemand(() => import('./request-approvals.ts'));
const loadSendTaskResult = onDemand(() => import('./send-task-result.ts'));

export type { ReconcileResult };

export type ReconcileRequest = {
  readonly run: string;
  readonly item?: DueItem | undefined;
  /** Other rechecks of the run that are due: one look serves all. */
  readonly also?: readonly DueItem[] | undefined;
  /** Step Functions reports that the execution has ended, otherwise than by success. */
  readonly executionEnded?: true | undefined;
};

/** After these results the reconciliation is complete; after any other one the sweep calls the reconciler again. */
const completeResults: readonly ReconcileResult['did'][] = ['nothing', 'closed', 'waiting', 'blocked', 'delivered'];

/** How often a gate whose settlement regressed is decided again within one reconciliation. */
const turns = 3;

/** A review that is judged so much after its time was missed. Milliseconds. */
const lateMs = 3_600_000;

/** Who waits for an environment is asked to look again when it becomes free. Should that request be lost, it looks by itself. Milliseconds. */
const lookAgainMs = 120_000;

/**
 * Reads the gate at which the run waits, decides it, and answers the workflow when the decision settles it. Safe at any time, any number
 * of times and in parallel: the place of the settle event in the gate's lane decides who sends.
 */
export const reconcileGate = async (given: ReconcilerDependencies, request: ReconcileRequest): Promise<ReconcileResult> => {
  const deps = beginReconciliation(given, request.item);
  try {
    return await reconcileRun(deps, request);
  } catch (fault) {
    // What was raised is recorded, and not raised again when this is repeated: the log of the fault must name it.
    throw deps.signals.length === 0 ? fault : new Error(`reconciliation failed after ${deps.signals.join(', ')}`, { cause: fault });
  }
};

const reconcileRun = async (deps: Reconciliation, request: ReconcileRequest): Promise<ReconcileResult> => {
  const found = await readContext(deps, request.run);
  if (found.refused) {
    // A run whose checklist is lost stays due until somebody restores the checklist; an unknown run has nothing to do.
    if (found.refused.type !== 'run-unknown') throw new Error(found.refused.detail);
    if (request.item !== undefined) {
      // A start that broke off before its first event.
      await clearDeadline(deps, request.run);
      await deps.due.done(request.item);
    }
    return { did: 'unknown-run', gate: '', reasons: [found.refused.detail] };
  }
  const context = found.ok;
  await repairOverdue(deps, context);
  let turn = await reconcileOnce(deps, context);
  // After a regression the gate is decided again at once: requests that arrived meanwhile ended when they saw the settlement.
  for (let again = 0; turn.did === 'regressed' && again < turns; again += 1)
    turn = await reconcileOnce(deps, await readAgain(deps, context));
  if (request.executionEnded) turn = await closeAfterExecution(deps, context.run, turn);
  if (turn.next === null) turn = await (await loadAfterEnd()).tellEnd(deps, context.run, turn);
  await keepDueItems(deps, context.run, turn, request.also);
  if (deps.mailFaults.length > 0) throw deps.mailFaults[0];
  const { did, gate, reasons } = turn;
  return { did, gate, reasons, ...(deps.signals.length > 0 ? { signals: deps.signals } : {}) };
};

/** An overdue recheck means that its writer may have crashed after the append, so what the writer left undone is completed first. */
const repairOverdue = async (deps: Reconciliation, context: RunContext): Promise<void> => {
  const { item, began } = deps;
  const mayHaveCrashed = item?.kind === 'recheck' && item.at <= began.toISOString();
  if ((mayHaveCrashed || item?.kind === 'rebuild') && context.ended === undefined) await (await loadRepair()).repair(deps, context);
  if (item?.kind === 'close' || (item?.kind === 'rebuild' && context.closed)) await recordOrphanLanes(deps, context);
  if (item?.kind === 'rebuild') await (await loadRebuildViews()).rebuildViews(deps, context);
};

/** The run's own lane may have changed: a cancellation is what regresses a settlement that ends the run. */
const readAgain = async (deps: Reconciliation, context: RunContext): Promise<RunContext> => {
  const found = await readContext(deps, context.run);
  return found.refused === undefined ? found.ok : context;
};

/** The next deadline is stored before the item of this call is deleted. */
const keepDueItems = async (
  deps: Reconciliation,
  run: string,
  { did, next, overdue = null }: Turn,
  also: readonly DueItem[] = [],
): Promise<void> => {
  if (!completeResults.includes(did)) return;
  if (overdue !== null) await deps.due.put(overdue);
  if (next === null) await clearDeadline(deps, run);
  if (next instanceof Date) await storeDeadline(deps, run, next);
  const stands = overdue !== null && deps.item?.kind === 'overdue' && deps.item.id === overdue.id && deps.item.at === overdue.at;
  if (deps.item !== undefined && !stands) await deps.due.done(deps.item);
  await Promise.all(also.filter(({ kind }) => kind === 'recheck').map((item) => deps.due.done(item)));
};

const reconcileOnce = async (deps: Reconciliation, given: RunContext): Promise<Turn> => {
  if (given.ended !== undefined) {
    const { outcome, gate } = given.ended.event.data;
    await closeRun(deps, given, outcome, gate);
    return { did: 'closed', gate, reasons: [], next: null };
  }
  const asOf = deps.clock.now();
  const before = await readGates(deps, given);
  await recordDeliveries(deps, given, before);
  if (before.open === undefined) return (await loadBetweenGates()).betweenGates(deps, given, before);
  const context = await carryTo(deps, given, before.open.gate);
  // What was carried may have taken back a gate that had passed.
  const gates = context === given ? before : await readGates(deps, context);
  const entry = gates.open ?? before.open;
  const settlement = effectiveSettlement(entry);
  if (settlement !== undefined && isSound(settlement)) {
    const age = deps.clock.now().getTime() - Date.parse(settlement.settled.event.at);
    if (age < sendWithinMs) return { did: 'other-worker', gate: entry.gate, reasons: ['another reconciler is sending the answer'] };
    return confirmAndSend(deps, context, entry, settlement.settled);
  }
  const read = await withEnvironment(deps, await readGateInputs(deps, context, gates, entry.gate), entry.gate);
  const over = await overWhileRolledBack(deps, read, entry);
  if (over !== undefined) return over;
  const outlasted = await outlastedIn(deps, read);
  if (outlasted !== undefined) return { did: 'regressed', gate: entry.gate, reasons: [outlasted] };
  const inputs = await prepareGate(deps, read, entry);
  if (isLateReview(deps, context, entry)) deps.signal('ReviewLate');
  const decision = decide({ ...inputs, stage: deps.stage }, entry);
  if (decision.settle !== null) return settleOrWait(deps, inputs, entry, decision);
  return wait(deps, inputs, entry, { decision, asOf });
};

/** Loaded where an alarm was set aside because of an announcement. */
const outlastedIn = async (deps: Reconciliation, inputs: GateInputs): Promise<string | undefined> =>
  inputs.observation.some((stored) => isType('observation.recorded')(stored) && stored.event.data.announced !== undefined)
    ? (await loadOutlastedAlarms()).recordOutlasted(deps, inputs)
    : undefined;

/** A review whose time the sweep found long ago has not been judged since: Holdpoint did not run, or failed. */
const isLateReview = ({ item, began }: Reconciliation, { checklist }: RunContext, { gate }: Entry): boolean =>
  gateOf(checklist, gate)?.role === 'review' &&
  item !== undefined &&
  item.kind !== 'overdue' &&
  began.getTime() - Date.parse(item.at) > lateMs;

/** T0 is the moment at which the run claims its environment: it passes only when it has it. A review that reaches its cap has failed. */
const settleOrWait = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, decision: Settle): Promise<Turn> => {
  const { context } = inputs;
  if (decision.settle === 'capped') deps.signal('ReviewFailed');
  if (decision.settle !== 'passed' || gateOf(context.checklist, entry.gate)?.role !== 't0')
    return settleGate(deps, inputs, entry, decision);
  const { claimFor } = await loadClaim();
  const claim = await claimFor(deps, context, 't0');
  // Another run was faster. The next reading says who it is and waits for it.
  if (!claim.held) return { did: 'regressed', gate: entry.gate, reasons: [claim.reason] };
  // The run that held it before may have come further while this one was deciding.
  const settled = claim.anew ? await fixTarget(deps, { ...inputs, environment: null }) : inputs;
  return settleGate(deps, settled, entry, decision);
};

type Waiting = { readonly decision: Wait; readonly asOf: Date };

const wait = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, { decision, asOf }: Waiting): Promise<Turn> => {
  const { context, gates } = inputs;
  if (inputs.holding !== null && heldBy(inputs.holding, context.run) !== undefined)
    deps.retryAt(new Date(inputs.now.getTime() + lookAgainMs));
  if (mayMissApproval(inputs, entry)) deps.retryAt(new Date(inputs.now.getTime() + lookAgainMs));
  await endOverdue(deps, inputs, entry, decision.overdueSince);
  // Loaded while a gate waits: other looks tell nobody.
  await (await loadNotifyWaiting()).notifyWaiting(deps, inputs, entry, decision);
  await scheduleWake(deps, context.run, entry, decision);
  const listed = { gate: entry.gate, blocked: decision.blocked, waits: waitsOf(deps.stage, inputs, entry) };
  await updateSummary(deps, context, listed, readingOf(gates, asOf));
  // Last, because a receiver that does not answer takes its time: everything that the run needs is done by then.
  if (deps.callbacks !== null) await (await loadCallBack()).callBack(deps, inputs, entry, decision);
  if (deps.protectionRules !== null) await (await loadAnswerJobs()).answerJobs(deps, inputs, entry, decision);
  const next = earliest(decision.deadline, decision.wakeAt, await asksNextAt(deps, inputs, entry), ...deps.retries);
  const did = decision.blocked ? 'blocked' : 'waiting';
  return { did, gate: entry.gate, reasons: decision.reasons, next, overdue: overdueItem(context.run, entry.gate, decision.overdueSince) };
};

/** Loaded where somebody was asked. */
const asksNextAt = async (deps: Reconciliation, inputs: GateInputs, entry: Entry): Promise<Date | null> =>
  inputs.approval.length === 0 ? null : (await loadRequestApprovals()).nextAskAt(deps, inputs, entry);

/**
 * Who approves a profile asks the listed runs to look again. A run that has just opened its first gate may not have been listed then, so it
 * looks once more by itself.
 */
const mayMissApproval = ({ context, now }: GateInputs, { gate, opened }: Entry): boolean =>
  waitsForProfile(context, gate) && now.getTime() - Date.parse(opened.event.at) < lookAgainMs;

/** A window or planned T0 that ends is acted on to the second; the sweep, which also brings the run back, comes once a minute. */
const scheduleWake = async (deps: Reconciliation, run: string, entry: Entry, { wakeAt }: Wait): Promise<void> => {
  if (wakeAt === null) return;
  const name = `${run}-${digestOf([entry.gate, entry.opened.event.data.entry, wakeAt.toISOString()]).slice(0, 16)}`;
  await deps.schedules.at(name, wakeAt, { run });
};

/**
 * A gate after which another one has opened has given its answer, even if the reconciler crashed before it recorded that: the closed
 * token shows it now.
 */
const recordDeliveries = async (deps: Reconciliation, context: RunContext, gates: Gates): Promise<void> => {
  for (const entry of gates.entries.slice(0, -1)) {
    const settlement = effectiveSettlement(entry);
    if (settlement !== undefined && settlement.delivered === undefined)
      await (await loadSendTaskResult()).sendTaskResult(deps, context, {
        entry,
        settled: settlement.settled,
        gates,
        asOf: deps.began,
      });
  }
};

/**
 * The execution is reported as ended. If an answer of ours ended it, its reconciler closes the run. Otherwise no execution waits for the
 * open gate any more, and the run ends as an incident.
 */
const closeAfterExecution = async (deps: Reconciliation, run: string, turn: Turn): Promise<Turn> => {
  const found = await readContext(deps, run);
  if (found.refused || found.ok.ended !== undefined) return turn;
  const gates = await readGates(deps, found.ok);
  const last = gates.entries.at(-1);
  const settlement = last === undefined ? undefined : effectiveSettlement(last);
  const isAnswering = settlement !== undefined && settlement.delivered === undefined && isSound(settlement);
  const { betweenGates, endRun, isOver } = await loadBetweenGates();
  if (last === undefined) return betweenGates(deps, found.ok, gates);
  if (isAnswering || (settlement !== undefined && endOf(settlement) !== null)) return turn;
  if (!(await isOver(deps, run, last))) return turn;
  return endRun(deps, found.ok, last.gate, { end: 'incident', reasons: [executionOver] });
};

const executionOver = 'the execution ended without an answer of ours';

/**
 * A rollback has begun, and its gate has not come further for a while. Where the execution is gone no gate takes the stop of requests back, and
 * the message that it has ended comes once, so this asks for itself.
 */
const overWhileRolledBack = async (
  deps: Reconciliation,
  { context, rollback, now }: GateInputs,
  entry: Entry,
): Promise<Turn | undefined> => {
  if (now.getTime() - Date.parse(entry.opened.event.at) < sendWithinMs || foldRollback(rollback).steps.size === 0) return undefined;
  const { endRun, isOver } = await loadBetweenGates();
  if (!(await isOver(deps, context.run, entry))) return undefined;
  return endRun(deps, context, entry.gate, { end: 'incident', reasons: [executionOver] });
};
