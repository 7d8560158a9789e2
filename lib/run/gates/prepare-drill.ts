import { isType } from '../../audit/event.ts';
import { decisionStep, foldRollback } from '../../folds/rollback.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { readableIn, targetsOf } from '../state/targets.ts';
import { faultOfDrill } from './drill-fault.ts';
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
  const { drill, artifacts } = given.context.started.event.data;
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
  const read = inputs.deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
  for (const artifact of artifacts.filter(({ component }) => readable.includes(component))) {
    const seen = read.findLast(({ event }) => event.data.component === artifact.component)?.event.data;
    if (seen === undefined) {
      await deps.collector.request(inputs.context.run, { kind: 'read-back', before: true });
      deps.retryAt(new Date(inputs.now.getTime() + askAgainMs));
      return { inputs, waits: `what ${artifact.component} runs is being read` };
    }
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
