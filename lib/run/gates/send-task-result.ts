import type { Stored } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import type { Dependencies } from '../../ports.ts';
import type { Entry, Settlement } from '../state/gate-entries.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { closeRun } from './close-run.ts';

type How = 'sent' | 'closed-already' | 'execution-over';

/** The only error for which the state machine takes its rollback edge. */
export const rollbackTriggered = 'Rollback.Triggered';

/**
 * Sends the workflow the answer of a settle event. A closed token (a lost answer, a second reconciler, a fired hard stop) is not a fault:
 * what happened is read from the execution and recorded. One case stays `unsure`, and nothing is recorded: the answer ends the run, its token
 * was closed, and the execution still runs. It is about to end, or it enters another gate; the next reconciliation finds out.
 * `isLast`: no other gate has opened after this one.
 */
export const sendTaskResult = async (
  deps: Pick<Dependencies, 'trail' | 'clock' | 'due' | 'index' | 'tokens' | 'workflow'>,
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

/** The outcome with which a settlement ends the run, if it does: its own, or `incident` when its answer led to a next gate and the execution was over. */
export const endOf = ({ settled, delivered }: Settlement): End | null =>
  settled.event.data.end ?? (delivered?.event.data.how === 'execution-over' ? 'incident' : null);
