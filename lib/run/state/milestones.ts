import { type Checklist, gateOf, gateOfRole, goGateOf } from '../../checklist/definition.ts';
import { rollbackDecisionId } from '../../checklist/gates.ts';
import type { RunSummary } from '../../ports.ts';
import { type Entry, effectiveSettlement, type Gates } from './gate-entries.ts';

type Milestones = NonNullable<RunSummary['milestones']>;

/** When a run came how far, and how long each gate waited for people: what the figures about releases are made of. Folded from its gates. */
export const milestonesOf = (checklist: Checklist, gates: Gates, endedAt: string | null): Milestones => {
  const passedAt = (gate: string | undefined): string | null => {
    const last = gates.entries.findLast((entry) => entry.gate === gate);
    const settled = last === undefined ? undefined : effectiveSettlement(last)?.settled.event;
    return settled?.data.outcome === 'passed' ? settled.at : null;
  };
  const asking = [...new Set(gates.entries.map(({ gate }) => gate))].filter((gate) => (gateOf(checklist, gate)?.asks.length ?? 0) > 0);
  return {
    goAt: passedAt(goGateOf(checklist)?.id),
    t0At: passedAt(gateOfRole(checklist, 't0')?.id),
    deployedAt: passedAt(gateOfRole(checklist, 'deployment')?.id),
    rollbackAt: gates.entries.find(({ gate }) => gate === rollbackDecisionId)?.opened.event.at ?? null,
    endedAt,
    asked: asking.flatMap((gate) => {
      const waits = gates.entries.filter((entry) => entry.gate === gate).map(waitOf);
      // A gate that is open has not waited to its end yet.
      return waits.includes(null) ? [] : [{ gate, seconds: waits.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0) }];
    }),
  };
};

/** Seconds from the opening of a visit to its decision; null before it. */
const waitOf = (entry: Entry): number | null => {
  const settled = effectiveSettlement(entry)?.settled.event.at;
  return settled === undefined ? null : Math.max(0, Math.round((Date.parse(settled) - Date.parse(entry.opened.event.at)) / 1000));
};
