import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { RunContext } from '../state/run-context.ts';

/** Refuses ids that name no event of the run. The whole run is read, and only where ids are given. */
export const unknownEvidence = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  ids: readonly string[],
): Promise<{ readonly refused: Refusal } | undefined> => {
  if (ids.length === 0) return undefined;
  const known = new Set((await deps.trail.read(context.scope, { prefix: '' })).map(({ event }) => event.id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return undefined;
  return refuse('event-unknown', `The run has no such ${unknown.length === 1 ? 'event' : 'events'}.`, {
    got: unknown.join(', '),
    expected: 'ids of audit events of this run',
    fix: 'Read the ids from the events of the run, or leave them out: the reason is kept, too.',
  });
};
