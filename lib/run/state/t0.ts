import { type Gate, gateOfRole, goGateOf, incidentId } from '../../checklist/definition.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates, isSound } from './gate-entries.ts';
import { isAfterT0 } from './gate-inputs.ts';
import type { RunContext } from './run-context.ts';

/** What the planned T0 means for the gates before the deployment. Pure. */

/** A planned T0 that was missed by so much needs another one. An instant was planned, so no stage shortens this. Milliseconds. */
export const missedAfterMs = 60 * 60_000;

/** Whether the planned T0 bears on the gate: people sign it there, or the gate waits for it. */
export const restsOnT0 = ({ checklist }: Pick<RunContext, 'checklist'>, { id, leadSeconds }: Pick<Gate, 'id' | 'leadSeconds'>): boolean =>
  leadSeconds !== null || goGateOf(checklist)?.id === id;

/** From when on the run can no longer pass by its planned T0; null where none bears on the gate. */
export const missedAt = (context: RunContext, gate: Gate): Date | null =>
  context.plannedT0 === 'when-released' || !restsOnT0(context, gate) ? null : new Date(Date.parse(context.plannedT0) + missedAfterMs);

/** Why the gate waits for another planned T0; undefined while it does not. */
export const missedT0 = (context: RunContext, gate: Gate, now: Date): string | undefined => {
  const missed = missedAt(context, gate);
  return missed === null || now < missed
    ? undefined
    : `planned T0 ${context.plannedT0} was missed by 60 minutes: reschedule the run to another T0`;
};

/**
 * The deadline of the T0 gate's first visit since the start, or since an incident was resumed. It bounds every return to an earlier gate and every new T0, so that
 * the sum of all waits stays bounded.
 */
export const t0Deadline = ({ checklist }: Pick<RunContext, 'checklist'>, { entries }: Pick<Gates, 'entries'>): string | undefined => {
  const gate = gateOfRole(checklist, 't0');
  const since: readonly Entry[] = entries.slice(entries.findLastIndex((entry) => entry.gate === incidentId) + 1);
  return since.find((entry) => entry.gate === gate?.id)?.opened.event.data.due;
};

/** A gate up to T0 that is entered again after a return has no later deadline than the T0 gate had. */
export const dueOfOpening = (
  context: Pick<RunContext, 'checklist'>,
  gates: Pick<Gates, 'entries'>,
  { gate, due }: { readonly gate: string; readonly due: string },
): string => {
  const ids: readonly string[] = context.checklist.gates.map(({ id }) => id);
  const bound = t0Deadline(context, gates);
  const isUpToT0 = ids.includes(gate) && ids.indexOf(gate) <= ids.indexOf(gateOfRole(context.checklist, 't0')?.id ?? '');
  return bound !== undefined && isUpToT0 && bound < due ? bound : due;
};

/** T0 has come once its gate is decided and nothing has taken the decision back, whether the workflow has the answer or not. */
export const hasT0Come = (context: RunContext, gates: Gates): boolean => {
  const gate = gateOfRole(context.checklist, 't0');
  const entry = gate === undefined ? undefined : entryOf(gates, gate.id);
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  return (settlement?.settled.event.data.outcome === 'passed' && isSound(settlement)) || isAfterT0(context, gates);
};

/** The latest instant to which T0 can be planned. The T0 gate waits no longer than its deadline; before it has opened it can still wait for all of it. UTC. */
export const latestT0 = (context: RunContext, gates: Gates, now: Date): string => {
  const waits = gateOfRole(context.checklist, 't0')?.deadlineSeconds ?? 0;
  return t0Deadline(context, gates) ?? new Date(now.getTime() + waits * 1000).toISOString();
};
