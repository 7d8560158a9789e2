import type { End } from '../../audit/events/run.ts';
import { type Entry, effectiveSettlement, endOf, type Gates } from '../state/gate-entries.ts';
import { firstGateOf, type RunContext, workflowInput } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { closeRun } from './closing.ts';
import type { Reconciliation, Turn } from './reconciliation.ts';
import { notifyUnopened } from './send-notices.ts';
import { passedWithinMs } from './settling.ts';

/** How long the next gate may take to open before the reconciler asks whether the execution still runs. Milliseconds. */
const opensWithinMs = 45_000;
/** After this time operations gets a mail: Step Functions repeats a refused opener for some ten minutes, then enters the incident gate. */
const mailedAfterMs = 600_000;
/** After this time the run ends. The incident gate's opener is repeated for more than an hour. */
const givenUpAfterMs = 3 * 3_600_000;

/**
 * No gate is open. Either the run has ended, or the workflow enters the next gate, or no gate will open: the start broke off, the execution is
 * gone, or its opener never runs. Then the run ends as an incident, and never says `running` for ever.
 */
export const betweenGates = async (deps: Reconciliation, context: RunContext, gates: Gates): Promise<Turn> => {
  const last = gates.entries.at(-1);
  if (last === undefined) return beforeFirstGate(deps, context);
  const settlement = effectiveSettlement(last);
  if (settlement === undefined) return { did: 'nothing', gate: '', reasons: [] };
  const end = endOf(settlement);
  if (end !== null) {
    return endRun(deps, context, last.gate, { end, reasons: [] });
  }
  const since = Date.parse(settlement.delivered?.event.at ?? '');
  if (deps.clock.now().getTime() < since + opensWithinMs)
    return { did: 'nothing', gate: last.gate, reasons: [], next: new Date(since + passedWithinMs) };
  if (await isOver(deps, context.run, last)) return giveUp(deps, context, last.gate, 'the execution ended between two gates');
  return awaitOpening(deps, context, { gate: last.gate, since });
};

/** Whether the execution that entered the gate has ended. */
export const isOver = async (deps: Reconciliation, run: string, { gate, opened }: Entry): Promise<boolean> => {
  const token = await deps.tokens.get(run, gate, opened.event.data.entry);
  return token !== undefined && !(await deps.workflow.describe(token.execution)).running;
};

/** The start may have broken off behind `run.started`: it is completed here, unless its execution has come and gone. */
const beforeFirstGate = async (deps: Reconciliation, context: RunContext): Promise<Turn> => {
  const gate = firstGateOf(context.checklist, context.started);
  const { execution } = await deps.workflow.start(context.run, workflowInput(context.run, context.started));
  const since = Date.parse(context.started.event.at);
  await updateSummary(deps, context, { gate }, { asOf: new Date(since), seen: 0 });
  if (!(await deps.workflow.describe(execution)).running) return giveUp(deps, context, gate, 'the execution ended before a gate opened');
  return awaitOpening(deps, context, { gate, since });
};

/** The item of this call stays due, so that the sweep comes back every minute. `gate`: the last one, or the first of all. */
const awaitOpening = async (
  deps: Reconciliation,
  context: RunContext,
  { gate, since }: { readonly gate: string; readonly since: number },
): Promise<Turn> => {
  const waited = deps.clock.now().getTime() - since;
  if (waited >= givenUpAfterMs) return giveUp(deps, context, gate, 'no gate has opened for three hours');
  const reason = 'the next gate has not opened yet';
  if (waited >= mailedAfterMs) await notifyUnopened(deps, context, { gate, since: new Date(since).toISOString() });
  return { did: 'other-worker', gate, reasons: [reason] };
};

/** An opener that comes after this finds the run ended, and opens nothing. */
const giveUp = (deps: Reconciliation, context: RunContext, gate: string, reason: string): Promise<Turn> =>
  endRun(deps, context, gate, { end: 'incident', reasons: [reason] });

type Ending = { readonly end: End; readonly reasons: readonly string[] };

/** Ends the run, or says why it cannot end yet. */
export const endRun = async (deps: Reconciliation, context: RunContext, gate: string, { end, reasons }: Ending): Promise<Turn> => {
  const notYet = await closeRun(deps, context, end, gate);
  return notYet === undefined
    ? { did: 'closed', gate, reasons, next: null }
    : { did: 'blocked', gate, reasons: [notYet.reason, ...reasons], next: notYet.next };
};
