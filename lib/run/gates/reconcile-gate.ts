import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf } from '../../checklist/definition.ts';
import type { DueItem, ReconcilerDependencies } from '../../ports.ts';
import { isEvidenceRule } from '../../rules/index.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates, isSound } from '../state/gate-entries.ts';
import { type GateInputs, laneHeadsOf, readGateInputs, readGates } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, readContext, system } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { firstRegression, recordRegression } from '../writing/regressions.ts';
import { closeRun, recordOrphanLanes } from './close-run.ts';
import { type Decision, decide } from './decide.ts';
import { deferMailFaults } from './defer-mail-faults.ts';
import { prepareGate, scheduleNextCheck } from './prepare-gate.ts';
import { repair } from './repair.ts';
import { endOf, sendTaskResult } from './send-task-result.ts';

export type ReconcileRequest = {
  readonly run: string;
  readonly gate: string;
  readonly item?: DueItem | undefined;
  /** Step Functions says that the execution has ended, otherwise than by success. */
  readonly executionEnded?: true | undefined;
};

/** What came of a look at a run: for the log, and for tests. */
export type ReconcileResult = {
  readonly did: 'unknown-run' | 'nothing' | 'closed' | 'waiting' | 'blocked' | 'regressed' | 'someone-else' | 'delivered';
  readonly gate: string;
  readonly reasons: readonly string[];
};

/** How long the writer of a settle event has to send it before another reconciler takes over. Milliseconds. */
const sendWithinMs = 30_000;

/**
 * Looks at the gate in which the run waits, decides it, and when it settles, answers the workflow. Safe at any time, any number
 * of times, in parallel: the slot of the settle event in the gate's lane decides who sends.
 */
export const reconcileGate = async (given: ReconcilerDependencies, asked: ReconcileRequest): Promise<ReconcileResult> => {
  const faults: unknown[] = [];
  const deps: ReconcilerDependencies = { ...given, mailer: deferMailFaults(given.mailer, faults) };
  const found = await readContext(deps, asked.run);
  if (found.refused) {
    // A run whose checklist is lost waits for somebody to bring it back; one that nobody started is waited for by nobody.
    if (found.refused.type !== 'run-unknown') throw new Error(found.refused.detail);
    if (asked.item !== undefined) await deps.due.done(asked.item);
    return { did: 'unknown-run', gate: asked.gate, reasons: [found.refused.detail] };
  }
  const context = found.ok;
  if (asked.item !== undefined && asked.item.at <= deps.clock.now().toISOString()) await repairOverdue(deps, context, asked.item);
  let result = await reconcileOnce(deps, context);
  // What regressed is decided anew at once: nobody else may come by. Each turn has met another writer, so a few are enough.
  for (let turn = 0; result.did === 'regressed' && turn < turns; turn += 1) result = await reconcileOnce(deps, context, false);
  if (asked.item !== undefined && finalResults.includes(result.did) && !isEarly(asked.item, deps.clock.now()))
    await deps.due.done(asked.item);
  if (faults.length > 0) throw faults[0];
  return asked.executionEnded ? afterExecution(deps, asked.run, result) : result;
};

/**
 * The machine is said to be gone. Where an answer of ours ended it, its reconciler closes the run; a gate that still waits is waited for by
 * nobody any more, and the run ends as an incident.
 */
const afterExecution = async (deps: ReconcilerDependencies, run: string, result: ReconcileResult): Promise<ReconcileResult> => {
  const found = await readContext(deps, run);
  if (found.refused || found.ok.ended !== undefined) return result;
  const last = (await readGates(deps, found.ok)).entries.at(-1);
  const settlement = last === undefined ? undefined : effectiveSettlement(last);
  const isAnswering = settlement !== undefined && settlement.delivered === undefined && isSound(settlement);
  if (last === undefined || isAnswering || (settlement !== undefined && endOf(settlement) !== null)) return result;
  const token = await deps.tokens.get(run, last.gate, last.opened.event.data.entry);
  if (token === undefined || (await deps.workflow.describe(token.execution)).running) return result;
  await closeRun(deps, found.ok, 'incident', last.gate);
  return { did: 'closed', gate: last.gate, reasons: ['the execution ended without an answer of ours'] };
};

/** What comes overdue comes from the sweep. Whoever promised a look may have broken off behind the append. */
const repairOverdue = async (deps: ReconcilerDependencies, context: RunContext, item: DueItem): Promise<void> => {
  if (item.kind === 'promise' && !context.closed) await repair(deps, context);
  if (item.kind === 'close') await recordOrphanLanes(deps, context);
};

/** The sweep's clock may be ahead of this one's: an instant that has not come here has not been looked at. */
const isEarly = ({ kind, at }: DueItem, now: Date): boolean => kind === 'settle' && at > now.toISOString();

/** How often a gate whose settlement regressed is decided anew within one look. */
const turns = 3;
/** After these a look is done; otherwise the sweep looks again. */
const finalResults: readonly ReconcileResult['did'][] = ['nothing', 'closed', 'waiting', 'blocked', 'delivered'];

const reconcileOnce = async (deps: ReconcilerDependencies, context: RunContext, mayGlance = true): Promise<ReconcileResult> => {
  if (context.ended !== undefined) {
    const { outcome, gate } = context.ended.event.data;
    await closeRun(deps, context, outcome, gate);
    return { did: 'closed', gate, reasons: [] };
  }
  const began = deps.clock.now();
  const gates = await readGates(deps, context);
  await recordDeliveries(deps, context, gates);
  const entry = gates.open;
  if (entry === undefined) {
    const last = gates.entries.at(-1);
    const settlement = last === undefined ? undefined : effectiveSettlement(last);
    const end = settlement === undefined ? null : endOf(settlement);
    if (last === undefined) return { did: 'nothing', gate: '', reasons: [] };
    if (end === null) return betweenGates(deps, context, last);
    await closeRun(deps, context, end, last.gate);
    return { did: 'closed', gate: last.gate, reasons: [] };
  }
  const settlement = effectiveSettlement(entry);
  if (settlement !== undefined && isSound(settlement)) {
    const age = deps.clock.now().getTime() - Date.parse(settlement.settled.event.at);
    if (age < sendWithinMs) return { did: 'someone-else', gate: entry.gate, reasons: ['another reconciler is sending the answer'] };
    return confirm(deps, context, entry, settlement.settled);
  }
  const glanced = mayGlance ? await glance(deps, context, gates, entry) : undefined;
  if (glanced !== undefined) return settle(deps, glanced.inputs, entry, glanced.decision);
  const inputs = await prepareGate(deps, await readGateInputs(deps, context, gates, entry.gate), entry);
  const decision = decide(inputs, entry);
  if (decision.settle === null) {
    await scheduleNextCheck(deps, inputs, entry, decision);
    await updateSummary(deps, context, { gate: entry.gate, blocked: decision.blocked }, began);
    return { did: decision.blocked ? 'blocked' : 'waiting', gate: entry.gate, reasons: decision.reasons };
  }
  return settle(deps, inputs, entry, decision);
};

/**
 * No gate is open: the machine is on its way to the next one. One that needs longer than a minute is looked for, and one that is gone
 * (both openers failed, somebody stopped it) ends the run as an incident.
 */
const betweenGates = async (deps: ReconcilerDependencies, context: RunContext, last: Entry): Promise<ReconcileResult> => {
  const sentAt = effectiveSettlement(last)?.delivered?.event.at ?? '';
  const waits = deps.clock.now().getTime() - Date.parse(sentAt);
  if (waits < betweenMs) return { did: 'nothing', gate: last.gate, reasons: [] };
  const token = await deps.tokens.get(context.run, last.gate, last.opened.event.data.entry);
  if (token === undefined || (await deps.workflow.describe(token.execution)).running)
    return { did: 'someone-else', gate: last.gate, reasons: ['the next gate has not opened yet'] };
  await closeRun(deps, context, 'incident', last.gate);
  return { did: 'closed', gate: last.gate, reasons: ['the machine ended between two gates'] };
};

/** How long the next gate may take to open before anybody asks after the machine. Milliseconds. */
const betweenMs = 45_000;

type Settles = Exclude<Decision, { settle: null }>;

/**
 * A gate of evidence alone needs no tending. It is read at half price first, by a reading that may lag: when that one releases the
 * gate, the consistent reading before the answer decides; when it does not, it says nothing.
 */
const glance = async (
  deps: ReconcilerDependencies,
  context: RunContext,
  gates: Gates,
  entry: Entry,
): Promise<{ readonly inputs: GateInputs; readonly decision: Settles } | undefined> => {
  const checks = checksOf(context.checklist, entry.gate);
  if (checks.length === 0 || !checks.every(({ rule }) => rule !== null && isEvidenceRule(rule))) return undefined;
  const inputs = await readGateInputs(deps, context, gates, entry.gate);
  const decision = decide(inputs, entry);
  return decision.settle === 'passed' ? { inputs, decision } : undefined;
};

/**
 * A gate behind which another has opened has given its answer, also when the reconciler was cut off before it could say so: the closed
 * token says it now.
 */
const recordDeliveries = async (deps: ReconcilerDependencies, context: RunContext, gates: Gates): Promise<void> => {
  for (const entry of gates.entries.slice(0, -1)) {
    const settlement = effectiveSettlement(entry);
    if (settlement !== undefined && settlement.delivered === undefined)
      await sendTaskResult(deps, context, { entry, settled: settlement.settled, isLast: false });
  }
};

/** First half: the settle event with what it was judged on. Who inserts it sends; who finds it taken leaves it to the other. */
const settle = async (deps: ReconcilerDependencies, inputs: GateInputs, entry: Entry, decision: Settles): Promise<ReconcileResult> => {
  const { context } = inputs;
  const settlement = entry.settlements.length + 1;
  const item: DueItem = {
    at: new Date(deps.clock.now().getTime() + 2 * sendWithinMs).toISOString(),
    run: context.run,
    kind: 'settle',
    gate: entry.gate,
  };
  await deps.due.put(item);
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
  if (adopted) return { did: 'someone-else', gate: entry.gate, reasons: ['another reconciler settled this gate'] };
  const result = await confirm(deps, context, entry, stored);
  // An answer that leads on leaves the item behind: in a minute the next gate is open, or somebody must ask after the machine.
  if (result.did === 'delivered' && decision.end !== null) await deps.due.done(item);
  return result;
};

/** Second half: reads again what the settle event rests on, and only then sends. */
const confirm = async (
  deps: ReconcilerDependencies,
  context: RunContext,
  seen: Entry,
  settled: Stored<'gate.settled'>,
): Promise<ReconcileResult> => {
  const gates = await readGates(deps, context);
  const entry = entryOf(gates, seen.gate) ?? seen;
  const settlement = entry.settlements.find((one) => one.settled.event.id === settled.event.id);
  const outcome = settled.event.data.outcome;
  // A rejection, a cancellation and a trigger stand whatever arrives; a release and an expiry rest on what has arrived.
  if ((outcome === 'passed' || outcome === 'expired') && entry.gate !== 'incident') {
    if (settlement !== undefined && !isSound(settlement))
      return { did: 'regressed', gate: entry.gate, reasons: ['a check stopped releasing after the settle event'] };
    const inputs = await readGateInputs(deps, context, gates, entry.gate);
    const again = decide(inputs, entry);
    if (again.settle !== outcome) {
      await recordRegression(
        deps,
        { context, gates },
        { entry, settled },
        again.settle === null ? firstRegression(inputs, entry) : { check: entry.gate, verdict: again.settle },
      );
      return { did: 'regressed', gate: entry.gate, reasons: again.settle === null ? again.reasons : [again.reason] };
    }
  }
  const how = await sendTaskResult(deps, context, { entry, settled, isLast: gates.entries.at(-1) === entry });
  if (how === 'unsure') return { did: 'someone-else', gate: entry.gate, reasons: ['the token was closed by another answer or by time'] };
  // The answer leads on, and no machine is there to go on.
  if (how === 'execution-over' && settled.event.data.end === null) await closeRun(deps, context, 'incident', entry.gate);
  return { did: 'delivered', gate: entry.gate, reasons: [settled.event.data.reason] };
};
