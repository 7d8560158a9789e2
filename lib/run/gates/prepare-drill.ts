import { isType } from '../../audit/event.ts';
import { rollbackStepIds } from '../../audit/events/rollback.ts';
import { isDigestOf } from '../../fields.ts';
import { decisionStep, foldRollback } from '../../folds/rollback.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { readableIn, targetsOf } from '../state/targets.ts';
import type { RecordRollback } from './prepare-rollback.ts';
import type { Reconciliation } from './reconciliation.ts';

/** A collector that has not answered by then is asked again. Milliseconds. */
const askAgainMs = 20_000;

/**
 * Why the drill would rehearse nothing, by what its start says and what was read before its first step: people end it and start another. Undefined
 * where it is no drill. Pure.
 */
export const faultOfDrill = ({ context: { run, started }, deployment }: Pick<GateInputs, 'context' | 'deployment'>): string | undefined => {
  const { drill, artifacts } = started.event.data;
  if (drill === undefined) return undefined;
  const end = `end this drill with holdpoint rollback-step ${run} ${rollbackStepIds[0]} --end --reason TEXT, and start another`;
  if (artifacts.every((one) => isDigestOf(one, drill.components.find(({ component }) => component === one.component)?.digest)))
    return `every component would go back to what it runs, so there is nothing to rehearse: ${end}`;
  const read = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
  return artifacts
    .map((artifact) => {
      const seen = read.findLast(({ event }) => event.data.component === artifact.component)?.event.data;
      if (seen === undefined || isDigestOf(artifact, seen.digest ?? undefined)) return undefined;
      return `${artifact.component} runs ${seen.digest ?? 'something that cannot be read'}, and the drill says ${artifact.digest}: ${end}`;
    })
    .find((fault) => fault !== undefined);
};

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
