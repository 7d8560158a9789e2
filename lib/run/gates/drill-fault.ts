import { isType, type Stored } from '../../audit/event.ts';
import { rollbackStepIds } from '../../audit/events/rollback.ts';
import { quoted } from '../../canonical-json.ts';
import { isDigestOf } from '../../fields.ts';
import type { GateInputs } from '../state/gate-inputs.ts';

/** How people end a drill from the command line. Its page has a form for it. */
export const endOfDrill = (run: string): string =>
  `end this drill with holdpoint rollback-step ${run} ${rollbackStepIds[0]} --end --reason TEXT, and start another`;

/**
 * Why the drill would rehearse nothing, by what its start says and what was read before its first step: people end it and start another. Undefined
 * where it is no drill. Pure.
 */
export const faultOfDrill = ({ context: { started }, deployment }: Pick<GateInputs, 'context' | 'deployment'>): string | undefined => {
  const { drill, artifacts } = started.event.data;
  if (drill === undefined) return undefined;
  if (artifacts.every((one) => isDigestOf(one, drill.components.find(({ component }) => component === one.component)?.digest)))
    return 'every component would go back to what it runs, so there is nothing to rehearse';
  const read = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
  return artifacts
    .map((artifact) => {
      const seen = read.findLast(({ event }) => event.data.component === artifact.component)?.event.data;
      // What cannot be read yet is read again.
      if (seen === undefined || seen.digest === null || isDigestOf(artifact, seen.digest)) return undefined;
      return `${artifact.component} runs ${seen.digest}, and the drill says ${artifact.digest}`;
    })
    .find((fault) => fault !== undefined);
};

/** What a drill still has to read before its first step: a component, what its platform has said of it, and why nothing begins. */
type Unread = { readonly component: string; readonly said: readonly Stored<'deployment.read-back'>[]; readonly reason: string };

/** The components that the drill takes back and of which no platform has said yet what it runs. `readable`: those whose platform can say it. Pure. */
export const unreadInDrill = (
  { context: { started }, deployment }: Pick<GateInputs, 'context' | 'deployment'>,
  readable: readonly string[],
): readonly Unread[] => {
  const read = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
  return started.event.data.artifacts.flatMap(({ component }): readonly Unread[] => {
    if (!readable.includes(component)) return [];
    const said = read.filter(({ event }) => event.data.component === component);
    const last = said.at(-1)?.event.data;
    if (last === undefined) return [{ component, said, reason: `what ${component} runs is being read` }];
    if (last.digest !== null) return [];
    return [{ component, said, reason: `what ${component} runs cannot be read, and is read again: ${quoted(last.detail, 200)}` }];
  });
};
