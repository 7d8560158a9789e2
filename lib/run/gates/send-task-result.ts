import type { Stored } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import type { ReconcilerDependencies } from '../../ports.ts';
import type { Entry, Settlement } from '../state/gate-entries.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { closeRun } from './close-run.ts';

type How = 'sent' | 'closed-already' | 'execution-over';

/** The error that takes the rollback edge of the state machine; nothing else does. */
export const rollbackTriggered = 'Rollback.Triggered';

/**
 * Gives the workflow the answer of a settle event. A token that is closed already (a lost answer, a second reconciler, a fired hard
 * stop) is reconciled against the execution and recorded, never a fault. An answer that ends the run, and found its token closed while the
 * machine goes on, says nothing yet: either the machine is about to end by it, or it is on its way to another gate. `unsure`: nothing
 * is recorded, and whoever looks again finds the one or the other. `isLast`: no other gate has opened behind this one.
 */
export const sendTaskResult = async (
  deps: ReconcilerDependencies,
  context: RunContext,
  { entry, settled, isLast }: { readonly entry: Entry; readonly settled: Stored<'gate.settled'>; readonly isLast: boolean },
): Promise<How | 'unsure'> => {
  const { gate, outcome, end, resume, settlement, reason } = settled.event.data;
  const key = entry.opened.event.data.entry;
  const token = await deps.tokens.get(context.run, gate, key);
  if (token === undefined)
    throw new Error(
      `no task token for gate ${gate} of run ${context.run}: it is stored before the gate opens, so the tokens table has lost it`,
    );
  const sent =
    outcome === 'triggered'
      ? await deps.workflow.fail(token.token, rollbackTriggered, reason)
      : await deps.workflow.succeed(token.token, { run: context.run, outcome, resume: resume ?? '' });
  const how: How = sent === 'sent' ? 'sent' : (await deps.workflow.describe(token.execution)).running ? 'closed-already' : 'execution-over';
  if (how === 'closed-already' && end !== null && isLast) return 'unsure';
  await appendToLane(deps, context.parentHash, [...entry.lane.filter((stored) => stored.event.seq < settled.event.seq), settled], {
    scope: context.scope,
    lane: lanes.gate(gate),
    step: `${key}/delivered/${settlement}`,
    type: 'gate.delivered',
    actor: system('reconciler'),
    data: { gate, entry: key, settlement, how },
  });
  if (end !== null && isLast) await closeRun(deps, context, end, gate);
  else if (isLast) await updateSummary(deps, context, { gate });
  return how;
};

/** How a settlement ends the run, if it does: as it says, or as an incident where its answer led on and no machine was there to go on. */
export const endOf = ({ settled, delivered }: Settlement): End | null =>
  settled.event.data.end ?? (delivered?.event.data.how === 'execution-over' ? 'incident' : null);
