import { isType } from '../../audit/event.ts';
import { rollbackStepIds } from '../../audit/events/rollback.ts';
import { isDigestOf } from '../../fields.ts';
import type { GateInputs } from '../state/gate-inputs.ts';

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
