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
 * The decision to continue that this visit takes: one that nobody had made when the gate was settled from which the run came here. Places in the
 * lane tell it, because clocks differ. An earlier one answered an earlier visit, or a trigger that people took back before it interrupted a gate.
 */
export const continueOf = (gates: Gates, visit: Entry, lane: readonly Stored[]): RollbackDecision | undefined => {
  const { continues } = foldRollback(lane);
  const taken = gates.entries.filter(
    (one) =>
      one.opened.event.id !== visit.opened.event.id &&
      one.gate === visit.gate &&
      effectiveSettlement(one)?.settled.event.data.outcome === 'continued',
  );
  const last = continues.at(-1);
  if (last === undefined || continues.length <= taken.length) return undefined;
  const stop = stopOf(gates, visit);
  const place = lane.find(({ event }) => event.id === last.event)?.event.seq ?? 0;
  return stop === undefined || place > seenOfRollback(stop) ? last : undefined;
};

/** The outcomes that lead to the decision. */
const stops: ReadonlySet<string> = new Set(['triggered', 'rejected', 'capped']);

/** The settlement that led to this visit. Between them the incident gate may have been open, and an earlier visit that nobody answered in time. */
const stopOf = ({ entries }: Gates, visit: Entry): Stored<'gate.settled'> | undefined =>
  entries
    .slice(
      0,
      entries.findIndex(({ opened }) => opened.event.id === visit.opened.event.id),
    )
    .flatMap((entry) => effectiveSettlement(entry)?.settled ?? [])
    .findLast(({ event }) => stops.has(event.data.outcome));

/** Why people are asked although no trigger was recorded: how the gate was settled that this visit of the decision interrupted. */
export const stopBefore = (gates: Gates, { opened }: Pick<Entry, 'opened'>): Stored<'gate.settled'> | undefined => {
  const interrupted = entryOf(gates, opened.event.data.interrupted ?? '');
  return interrupted === undefined ? undefined : effectiveSettlement(interrupted)?.settled;
};
