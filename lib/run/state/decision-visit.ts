import type { Stored } from '../../audit/event.ts';
import { type Checklist, gateOfRole } from '../../checklist/definition.ts';
import { foldRollback, type RollbackDecision } from '../../folds/rollback.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates } from './gate-entries.ts';
import { seenOfRollback } from './lane-heads.ts';

/**
 * Whether the rollback decision is open and this visit has not been continued: each visit takes one decision to continue. A rejected sign-off and
 * the cap of a review open a visit without a trigger.
 */
export const isDecisionAsked = (checklist: Checklist, gates: Gates, lane: readonly Stored[]): boolean => {
  const { open } = gates;
  if (open === undefined || open.gate !== gateOfRole(checklist, 'decision')?.id) return false;
  return continueOf(gates, open, lane) === undefined;
};

/**
 * The decision to continue that this visit takes: each earlier one took one. Clocks differ, so that times do not tell. One that was made before
 * the cap of a review was reached answered a trigger, and not the cap.
 */
export const continueOf = (gates: Gates, visit: Entry, lane: readonly Stored[]): RollbackDecision | undefined => {
  const { continues } = foldRollback(lane);
  const taken = gates.entries.filter(
    (one) => one.opened !== visit.opened && one.gate === visit.gate && effectiveSettlement(one)?.settled.event.data.outcome === 'continued',
  );
  const last = continues.at(-1);
  if (last === undefined || continues.length <= taken.length) return undefined;
  const because = stopBefore(gates, visit);
  if (because?.event.data.outcome !== 'capped') return last;
  const place = lane.find(({ event }) => event.id === last.event)?.event.seq ?? 0;
  return place > seenOfRollback(because) ? last : undefined;
};

/** Why people are asked although no trigger was recorded: how the gate was settled that this visit of the decision interrupted. */
export const stopBefore = (gates: Gates, { opened }: Pick<Entry, 'opened'>): Stored<'gate.settled'> | undefined => {
  const interrupted = entryOf(gates, opened.event.data.interrupted ?? '');
  return interrupted === undefined ? undefined : effectiveSettlement(interrupted)?.settled;
};
