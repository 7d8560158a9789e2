import { type Gate, gateOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { satisfies } from '../../verdict.ts';
import type { Entry } from '../state/gate-entries.ts';
import { finishedAt, type GateInputs, stableSince, startedAt } from '../state/gate-inputs.ts';
import { leadOpensAt, scaledMs } from '../state/run-context.ts';

/** The instants at which time alone changes what is decided about a gate. Pure. */

/** What time still keeps the gate waiting for; `until` is null where only an event of the run can end the wait. */
export const timeBlocker = (inputs: GateInputs, gate: Gate): { readonly reason: string; readonly until: Date | null } | undefined => {
  const { plannedT0, waitScale } = inputs.context.started.event.data;
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
    return finish === undefined ? unfinished : { reason: 'an alarm is still red; stable operation counts from its OK', until: null };
  const ends = new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale));
  return inputs.now < ends ? { reason: `the window ends at ${ends.toISOString()}`, until: ends } : undefined;
};

/** The instant until which all satisfied checks stay satisfied; null where none of them expires. */
export const soundUntil = (findings: readonly Finding[]): string | null =>
  findings
    .filter((finding) => finding.mode === 'required' && satisfies(finding.verdict))
    .flatMap((finding) => finding.goodUntil ?? [])
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

const dayMs = 86_400_000;
/** The incident gate opens within this time after a hard stop. */
const incidentOpensMs = 600_000;

/**
 * When the state's own timeout has fired for certain: the state waits a day longer than the gate's deadline, from its entry. A gate that is
 * still open then has no workflow that waits for it. A visit that goes on after a rollback decision keeps its deadline; the state waits anew.
 */
export const hardStopAt = (
  { context: { checklist } }: Pick<GateInputs, 'context'>,
  { opened: { event } }: Pick<Entry, 'opened'>,
): string => {
  const { gate, entry, due, continues } = event.data;
  const seconds = (gateOf(checklist, gate) ?? checklist.incident).deadlineSeconds;
  const waits = continues === undefined ? Date.parse(due) : Date.parse(entry) + seconds * 1000;
  return new Date(waits + dayMs + incidentOpensMs).toISOString();
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
