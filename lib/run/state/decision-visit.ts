import type { Stored } from '../../audit/event.ts';
import { type Checklist, gateOfRole } from '../../checklist/definition.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { effectiveSettlement, type Gates } from './gate-entries.ts';

/**
 * Whether the rollback decision is open and this visit has not been continued: each visit takes one decision to continue. A rejected sign-off
 * opens a visit without a trigger.
 */
export const isDecisionAsked = (checklist: Checklist, { entries, open }: Gates, lane: readonly Stored[]): boolean => {
  const gate = gateOfRole(checklist, 'decision')?.id;
  if (gate === undefined || open?.gate !== gate) return false;
  const taken = entries.filter(
    (entry) => entry !== open && entry.gate === gate && effectiveSettlement(entry)?.settled.event.data.outcome === 'continued',
  );
  return foldRollback(lane).continues.length === taken.length;
};
