import { type Gate, gateOf } from '../../checklist/definition.ts';
import { opensDecisionAtCap } from '../../checklist/gate-graph.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { satisfies } from '../../verdict.ts';
import type { Entry } from '../state/gate-entries.ts';
import { finishedAt, type GateInputs, stableSince, startedAt } from '../state/gate-inputs.ts';
import { leadOpensAt, scaledMs } from '../state/run-context.ts';
import { capAt } from './review-cap.ts';
import { windowReason } from './review-outcome.ts';

/** The instants at which time alone changes what is decided about a gate. Pure. */

/** What time still keeps the gate waiting for; `until` is null where only an event of the run can end the wait. */
export const timeBlocker = (inputs: GateInputs, gate: Gate): { readonly reason: string; readonly until: Date | null } | undefined => {
  const { plannedT0 } = inputs.context;
  const { waitScale } = inputs.context.started.event.data;
  const opens = leadOpensAt(inputs.context, gate);
  if (opens !== null && inputs.now.toISOString() < opens)
    return { reason: `the window before T0 opens at ${opens}; planned T0 is ${plannedT0}`, until: new Date(opens) };
  if (opens !== null && inputs.now.toISOString() < plannedT0) {
    return { reason: `planned T0 is ${plannedT0}`, until: new Date(plannedT0) };
  }
  const finish = finishedAt(inputs);
  const unfinished = { reason: 'the deployment is not reported as finished for every component', until: null };
  if (gate.needsDeployment && finish === undefined) return unfinished;
  if (gate.window === null) return undefined;
  const anchor = gate.window.anchor === 'stable-since' ? stableSince(inputs) : finish;
  if (anchor === undefined)
    return finish === undefined ? unfinished : { reason: 'an alarm is not OK again; stable operation counts from its OK', until: null };
  const ends = new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale));
  return inputs.now < ends ? { reason: windowReason(inputs, gate, ends.toISOString()), until: ends } : undefined;
};

/** The instant until which what is required stays satisfied: no proof or waiver expires before it, and no failing check is observed until then. */
export const soundUntil = (findings: readonly Finding[]): string | null =>
  findings
    .flatMap(({ mode, verdict, goodUntil, observeUntil }) => {
      if (mode === 'required') return satisfies(verdict) ? (goodUntil ?? []) : [];
      return observeUntil ?? [];
    })
    .sort()[0] ?? null;

/** The gate's deadline. The deployment's hour counts from its start, however long the window was open before it. */
export const dueAt = (inputs: GateInputs, entry: Entry): string => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const started = gate?.role === 'deployment' ? startedAt(inputs) : undefined;
  return gate === undefined || started === undefined
    ? entry.opened.event.data.due
    : new Date(Date.parse(started) + gate.deadlineSeconds * 1000).toISOString();
};

export const isDue = (inputs: GateInputs, entry: Entry): boolean => dueAt(inputs, entry) <= inputs.now.toISOString();

/** Since when the gate waits beyond its deadline. */
export const overdueSince = (inputs: GateInputs, entry: Entry): Date | null =>
  isDue(inputs, entry) ? new Date(dueAt(inputs, entry)) : null;

/**
 * Each instant that has passed and may have been named as the one since when the gate waits too long: its deadline, and in older checklists the cap
 * of its review.
 */
export const overdueInstants = (inputs: GateInputs, entry: Entry): readonly Date[] => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const cap = gate === undefined || opensDecisionAtCap(gate) ? null : capAt(inputs, gate);
  return [overdueSince(inputs, entry), cap !== null && cap <= inputs.now ? cap : null].filter((at) => at !== null);
};

const dayMs = 86_400_000;
/** The incident gate opens within this time after a hard stop. */
const incidentOpensMs = 600_000;

/**
 * When the state's own timeout has fired for certain: the state waits a day longer than the gate's deadline, from its entry also where the
 * gate has kept the deadline of an earlier visit. A gate that is still open then has no workflow that waits for it.
 */
export const hardStopAt = ({ context }: GateInputs, { gate, opened }: Entry): string => {
  const { due, entry } = opened.event.data;
  const waits = Date.parse(entry) + (gateOf(context.checklist, gate)?.deadlineSeconds ?? 0) * 1000;
  return new Date(Math.max(Date.parse(due), waits) + dayMs + incidentOpensMs).toISOString();
};

/** The gate's deadline, or its hard stop when the deadline has passed. */
export const nextDeadline = (inputs: GateInputs, entry: Entry): Date =>
  new Date(isDue(inputs, entry) ? hardStopAt(inputs, entry) : dueAt(inputs, entry));

/** Where the deadline is another one than the opener recorded. */
export const movedDeadline = (inputs: GateInputs, entry: Entry): Date | null => {
  const due = dueAt(inputs, entry);
  return due === entry.opened.event.data.due || isDue(inputs, entry) ? null : new Date(due);
};

export const earliest = (...instants: readonly (Date | null)[]): Date | null =>
  instants.reduce((first, next) => (first === null || (next !== null && next < first) ? next : first), null);
