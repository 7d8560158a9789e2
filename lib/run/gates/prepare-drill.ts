import { isType } from '../../audit/event.ts';
import { decisionStep, foldRollback } from '../../folds/rollback.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { readableIn, targetsOf } from '../state/targets.ts';
import { faultOfDrill, unreadInDrill } from './drill-fault.ts';
import { nextReadBack } from './next-read-back.ts';
import type { RecordRollback } from './prepare-rollback.ts';
import type { Reconciliation } from './reconciliation.ts';

/** A collector that has not answered by then is asked again. Milliseconds. */
const askAgainMs = 20_000;

export type DrillReady = { readonly inputs: GateInputs; readonly waits: string | undefined };

/**
 * A drill rehearses the whole way back. Before its first step it records the version to go back to, and reads what runs now: a drill that
 * starts from another version than it says, or from the one to which it goes back, would rehearse nothing.
 */
export const prepareDrill = async (deps: Reconciliation, given: GateInputs, record: RecordRollback): Promise<DrillReady> => {
  const { drill } = given.context.started.event.data;
  if (drill === undefined) return { inputs: given, waits: undefined };
  let inputs = given;
  if (!inputs.rollback.some(isType('rollback.target-fixed')))
    inputs = await record(inputs, 'target/drill', {
      type: 'rollback.target-fixed',
      data: { run: null, version: drill.version, level: 'drill', components: drill.components },
    });
  const fault = faultOfDrill(inputs);
  if (fault !== undefined) return { inputs, waits: fault };
  const readable = readableIn(targetsOf(deps, inputs.context));
  const unread = unreadInDrill(inputs, readable);
  const [first] = unread;
  if (first !== undefined) {
    const now = inputs.now.getTime();
    const next = unread.map(({ said }) => nextReadBack({ times: said.map(({ event }) => Date.parse(event.at)), since: now }, now));
    if (next.some(({ isDue }) => isDue)) await deps.collector.request(inputs.context.run, { kind: 'read-back', before: true });
    const isAsked = unread.some(({ said }) => said.length === 0);
    for (const { wakeAt } of next) deps.retryAt(new Date(isAsked ? now + askAgainMs : wakeAt));
    return { inputs, waits: first.reason };
  }
  if (foldRollback(inputs.rollback).triggers.length === 0)
    inputs = await record(inputs, 'triggered/drill', {
      type: 'rollback.triggered',
      data: { trigger: 'drill', by: null, reason: null, detail: 'a rehearsal of the rollback', evidence: [], decides: false },
    });
  if (foldRollback(inputs.rollback).decision === undefined)
    inputs = await record(inputs, decisionStep(1), {
      type: 'rollback.decided',
      data: { round: 1, decision: 'roll-back', how: 'by-itself', by: null, reason: null },
    });
  return { inputs, waits: undefined };
};
