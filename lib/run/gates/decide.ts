import type { End, Settled } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical.ts';
import { type Gate, gateOf, linesOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { releases } from '../../evaluation/verdict.ts';
import { currentRound, foldRounds, type Round, standingOf } from '../state/approval-rounds.ts';
import { liveFindings } from '../state/computed.ts';
import type { Entry } from '../state/gate-entries.ts';
import { leadOpensAt, ofType, scaledMs } from '../state/run-context.ts';
import { finishedAt, isAfterT0, type Reading, stableSince, startedAt } from '../state/gate-inputs.ts';
import { reportOf } from '../state/gate-report.ts';

/** What a reading of a gate comes to. Pure: the same reading gives the same decision. */
export type Decision =
  | {
      readonly settle: Settled;
      readonly end: End | null;
      readonly resume: string | null;
      readonly reason: string;
      readonly soundUntil: string | null;
    }
  | {
      readonly settle: null;
      /** Why not, most important first. */
      readonly reasons: readonly string[];
      /** A line of this or an earlier gate says no (otherwise only time, evidence or people are missing). */
      readonly held: boolean;
      /** When looking again may change the decision although nothing arrives. */
      readonly wakeAt: Date | null;
      /** The deadline has passed and pages people instead of ending the run. */
      readonly overdue: boolean;
    };

export const decide = (reading: Reading, entry: Entry): Decision => {
  const stop = decideStop(reading, entry) ?? decideHardStop(reading, entry);
  if (stop !== undefined) return stop;
  if (entry.gate === 'incident') return decideIncident(reading, entry);
  const gate = gateOf(reading.head.checklist, entry.gate);
  if (gate === undefined) return hold([`the checklist that this run pinned has no gate ${entry.gate}`]);
  const findings = liveFindings(gate.id, reading);
  const blockers = blockersOf(reading, entry, gate, findings);
  if (blockers.reasons.length > 0) return decideLate(reading, entry, gate, blockers);
  const last = reading.head.checklist.gates.at(-1)?.id === gate.id;
  return {
    settle: 'released',
    end: last ? 'production-stable' : null,
    resume: null,
    reason: `${findings.length} of ${findings.length} lines release`,
    soundUntil: earliest(findings),
  };
};

const hold = (reasons: readonly string[]): Decision => ({ settle: null, reasons, held: true, wakeAt: null, overdue: false });

/** What ends the run whatever the lines say: a recorded trigger after T0, a cancellation before the deployment, a rejection. */
const decideStop = (reading: Reading, entry: Entry): Decision | undefined => {
  const end = (settle: Settled, outcome: End | null, reason: string): Decision => ({
    settle,
    end: outcome,
    resume: null,
    reason,
    soundUntil: null,
  });
  const trigger = ofType(reading.rollback, 'rollback.triggered')[0];
  if (trigger !== undefined) return end('triggered', 'rolled-back', `trigger ${trigger.event.data.trigger}, rolled back by hand`);
  const { cancelled } = reading.head;
  if (cancelled !== undefined) return end('cancelled', 'cancelled', `cancelled by ${cancelled.event.data.by}`);
  const gate = gateOf(reading.head.checklist, entry.gate);
  const round = currentRound(foldRounds(reading.approval, entry.opened.event.data.entry));
  if (gate === undefined || round === undefined) return undefined;
  const standing = standingOf(round, gate.asks);
  if (standing.says !== 'rejected') return undefined;
  const { role, person } = standing.by.event.data;
  return end('rejected', gate.onRejected === 'end' ? 'rejected' : null, `rejected by ${person} as ${role}`);
};

/**
 * The state waits a day longer than policy allows. What nobody has settled by then has left the machine: either the incident gate is the
 * open one, or no machine is there any more and only the trail is to be ended.
 */
const decideHardStop = ({ now }: Reading, { opened }: Entry): Decision | undefined =>
  now.toISOString() < hardStopAt(opened.event.data.due)
    ? undefined
    : { settle: 'expired', end: 'incident', resume: null, reason: 'the hard stop of the state has fired', soundUntil: null };

/** With the time that the incident gate takes to open, at the slowest. */
export const hardStopAt = (due: string): string => new Date(Date.parse(due) + 86_400_000 + 600_000).toISOString();

const decideIncident = (reading: Reading, entry: Entry): Decision => {
  const decided = entry.decisions[0]?.event.data;
  if (decided === undefined)
    return {
      settle: null,
      reasons: [`a person must resume the run at ${entry.opened.event.data.interrupted ?? reading.head.checklist.gates[0]?.id} or end it`],
      held: true,
      wakeAt: null,
      overdue: isDue(reading, entry),
    };
  if (decided.decision === 'end')
    return { settle: 'rejected', end: 'incident', resume: null, reason: `ended by ${decided.by}`, soundUntil: null };
  return { settle: 'released', end: null, resume: decided.gate, reason: `resumed at ${decided.gate} by ${decided.by}`, soundUntil: null };
};

type Blockers = { readonly reasons: string[]; readonly held: boolean; readonly wakeAt: Date | null };

const blockersOf = (reading: Reading, entry: Entry, gate: Gate, findings: readonly Finding[]): Blockers => {
  const reasons: string[] = [];
  let held = false;
  const { opened } = entry;
  if (opened.event.data.graph !== reading.head.started.event.data.graph) {
    reasons.push('the state machine that opened this gate has another gate graph than the run pinned');
    held = true;
  }
  for (const finding of [...reading.unsound.flatMap((id) => liveFindings(id, reading)), ...findings]) {
    if (finding.mode !== 'required' || releases(finding.verdict)) continue;
    reasons.push(`${finding.title}: ${finding.verdict}, ${finding.reason}`);
    if (finding.verdict !== 'missing') held = true;
  }
  if (linesOf(reading.head.checklist, gate.id).length === 0) {
    reasons.push('a gate without lines never releases');
    held = true;
  }
  const round = currentRound(foldRounds(reading.approval, opened.event.data.entry));
  if (round !== undefined && standingOf(round, gate.asks).says === 'sent-back') {
    reasons.unshift('sent back: the gate is held until a line of its report is proved, attested or waived anew');
    held = true;
  }
  if (round !== undefined && isStale(reading, gate, round))
    reasons.push('the report has changed since people were asked: they are asked again');
  const time = timeBlocker(reading, gate);
  if (time !== undefined) reasons.push(time.reason);
  return { reasons, held, wakeAt: time?.wakeAt ?? nextExpiry(reading, findings) };
};

/**
 * Before T0 a change of the report voids the answers; afterwards changes are findings, and a report is a snapshot. Who sent the
 * report back is asked again as soon as anything that it covers was proved, attested or waived anew, also with the same verdict.
 */
export const isStale = (reading: Reading, gate: Gate, round: Round): boolean => {
  const standing = standingOf(round, gate.asks);
  if (standing.says === 'sent-back') return changedSince(reading, gate, standing.by.event.at);
  return !isAfterT0(reading.head, reading.gates) && reportOf(reading, gate).digest !== round.report;
};

/** In a line's own lane, or in those from which lines of the report are computed. */
const changedSince = (reading: Reading, gate: Gate, instant: string): boolean =>
  [
    ...[...reading.checks].flatMap(([lane, events]) => (gate.reports.some((id) => lane.startsWith(lanes.checksOf(id))) ? [events] : [])),
    reading.observation,
    reading.deployment,
  ].some((events) => (events.at(-1)?.event.at ?? '') > instant);

/** The part of the decision that only time can change. */
const timeBlocker = (reading: Reading, gate: Gate): { reason: string; wakeAt: Date | null } | undefined => {
  const { plannedT0, waitScale } = reading.head.started.event.data;
  const opens = leadOpensAt(reading.head, gate);
  if (opens !== null && reading.now.toISOString() < opens)
    return { reason: `its window opens at ${opens}; planned T0 is ${plannedT0}`, wakeAt: new Date(opens) };
  if (opens !== null && reading.now.toISOString() < plannedT0) {
    return { reason: `planned T0 is ${plannedT0}`, wakeAt: new Date(plannedT0) };
  }
  const finish = finishedAt(reading);
  if (gate.needs === 'deployment.finished' && finish === undefined)
    return { reason: 'the deployment is not reported as finished for every component', wakeAt: null };
  if (gate.window === null) return undefined;
  const anchor = gate.window.anchor === 'stable-since' ? stableSince(reading) : finish;
  if (anchor === undefined) return { reason: 'the deployment is not reported as finished for every component', wakeAt: null };
  const ends = new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale));
  return reading.now < ends ? { reason: `the window ends at ${ends.toISOString()}`, wakeAt: ends } : undefined;
};

/** A proof that gets too old while the gate waits changes the picture at that instant. */
const nextExpiry = (reading: Reading, findings: readonly Finding[]): Date | null => {
  const next = earliest(findings);
  return next === null || next <= reading.now.toISOString() ? null : new Date(next);
};

const earliest = (findings: readonly Finding[]): string | null =>
  findings
    .filter((finding) => finding.mode === 'required' && releases(finding.verdict))
    .flatMap((finding) => finding.goodUntil ?? [])
    .sort()[0] ?? null;

/** When the gate's time is over. The deployment's hour counts from its start, however long the window had been open by then. */
const dueAt = (reading: Reading, entry: Entry): string => {
  const gate = gateOf(reading.head.checklist, entry.gate);
  const started = gate?.onDeadline === 'not-deployed' ? startedAt(reading) : undefined;
  return gate === undefined || started === undefined
    ? entry.opened.event.data.due
    : new Date(Date.parse(started) + gate.deadlineSeconds * 1000).toISOString();
};

const isDue = (reading: Reading, entry: Entry): boolean => dueAt(reading, entry) <= reading.now.toISOString();

/** After the deadline a gate ends the run or pages; before it, it waits. */
const decideLate = (reading: Reading, entry: Entry, gate: Gate, blockers: Blockers): Decision => {
  const due = isDue(reading, entry);
  const ends = gate.onDeadline !== 'page' && !(gate.onDeadline === 'not-deployed' && startedAt(reading) !== undefined);
  if (due && ends) {
    return {
      settle: 'expired',
      end: gate.onDeadline as End,
      resume: null,
      reason: excerpt(`deadline ${entry.opened.event.data.due} passed: ${blockers.reasons[0]}`, 300),
      soundUntil: null,
    };
  }
  const moved = !due && dueAt(reading, entry) !== entry.opened.event.data.due ? new Date(dueAt(reading, entry)) : null;
  return { settle: null, reasons: blockers.reasons, held: blockers.held || due, wakeAt: sooner(blockers.wakeAt, moved), overdue: due };
};

const sooner = (a: Date | null, b: Date | null): Date | null => (a === null || (b !== null && b < a) ? b : a);

/** Whether the gate's people may be asked now: what they would sign must not be held already. */
export const mayAsk = (reading: Reading, gate: Gate): boolean => {
  const own = liveFindings(gate.id, reading).filter(
    (finding) => finding.mode === 'required' && !finding.kind.includes('sign-off') && !releases(finding.verdict),
  );
  const earlier = reading.unsound
    .flatMap((id) => liveFindings(id, reading))
    .filter((finding) => finding.mode === 'required' && !releases(finding.verdict));
  return own.length === 0 && earlier.length === 0 && (gate.leadSeconds === null || !isAfterT0(reading.head, reading.gates));
};
