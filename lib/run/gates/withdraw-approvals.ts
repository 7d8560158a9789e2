import { lanes } from '../../audit/lane.ts';
import { gatesOf } from '../../checklist/definition.ts';
import { currentRound, foldRounds, resultOf } from '../../folds/approval-rounds.ts';
import type { Dependencies } from '../../ports.ts';
import { entryOf, type Gates, visitOf } from '../state/gate-entries.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';

/**
 * A newer run has taken the environment over: what was asked of people and not answered is withdrawn, also at a gate that an incident
 * interrupted. Safe to repeat.
 */
export const withdrawApprovals = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, gates: Gates): Promise<void> => {
  const by = context.superseded?.event.data.by;
  if (by === undefined) return;
  for (const gate of gatesOf(context.checklist)) {
    const entry = gate.asks.length === 0 ? undefined : entryOf(gates, gate.id);
    if (entry === undefined) continue;
    const lane = await deps.trail.read(context.scope, { lane: lanes.approval(gate.id) });
    const key = visitOf(entry);
    const round = currentRound(foldRounds(lane, key));
    const says =
      round === undefined || round.invalidated !== undefined || round.recalled !== undefined ? undefined : resultOf(round, gate.asks).says;
    if (round === undefined || (says !== 'waiting' && says !== 'changes-requested')) continue;
    await appendToLane(deps, context.parentHash, lane, {
      scope: context.scope,
      lane: lanes.approval(gate.id),
      step: `${key}/${round.round}/withdrawn`,
      type: 'approval.withdrawn',
      actor: system('reconciler'),
      data: { gate: gate.id, entry: key, round: round.round, by },
    });
  }
};
