import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, type Line, linesOf } from '../../checklist/definition.ts';
import { releases } from '../../evaluation/verdict.ts';
import type { World } from '../../ports.ts';
import { liveFindings } from '../state/computed.ts';
import { completeFanOut } from '../writing/fan-out.ts';
import { entryOf, standing } from '../state/gate-entries.ts';
import type { RunHead } from '../state/run-context.ts';
import { type Reading, readFor, readGates } from '../state/gate-inputs.ts';
import { recordRegression } from '../writing/regressions.ts';

/**
 * Completes what a writer left undone that broke off behind its append: judgements of recorded evidence, then regressions of
 * settled gates. All that is found done already is left alone.
 */
export const repair = async (world: Pick<World, 'trail' | 'settler' | 'clock' | 'evidence'>, head: RunHead): Promise<void> => {
  await completeFanOut(world, head);
  const gates = await readGates(world, head);
  for (const gate of head.checklist.gates) {
    const entry = entryOf(gates, gate.id);
    const settled = entry === undefined ? undefined : standing(entry)?.settled;
    if (entry === undefined || settled?.event.data.outcome !== 'released') continue;
    const reading = await readFor(world, head, gates, gate.id);
    for (const regression of unsaid(reading, gate, settled)) await recordRegression(world, head, entry, settled, regression, gates);
  }
};

/** Required lines that have had events since the gate was settled and do not release any more. What only time took away is `soundUntil`'s. */
const unsaid = (reading: Reading, gate: Gate, settled: Stored<'gate.settled'>): { readonly line: string; readonly verdict: string }[] => {
  const basis = new Map(settled.event.data.basis.map(({ lane, seq }) => [lane, seq]));
  const grew = (events: readonly Stored[]): boolean => {
    const last = events.at(-1)?.event;
    return last !== undefined && last.seq > (basis.get(last.lane) ?? 0);
  };
  const concerned = (line: Line): boolean =>
    grew(reading.checks.get(lanes.check(gate.id, line.id)) ?? []) ||
    (isObserved(line) && grew(reading.observation)) ||
    (line.rule?.kind === 'deployed/1' && grew(reading.deployment));
  const lines = new Map(linesOf(reading.head.checklist, gate.id).map((line) => [line.id, line]));
  return liveFindings(gate.id, reading)
    .filter(({ line, mode, verdict }) => mode === 'required' && !releases(verdict) && concerned(lines.get(line) as Line))
    .map(({ line, verdict }) => ({ line, verdict }));
};

const isObserved = ({ rule }: Line): boolean => rule?.kind === 'no-open-observations/1' || rule?.kind === 'alarms-labelled/1';
