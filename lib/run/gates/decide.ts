import type { Settled } from '../../audit/events/gate.ts';
import type { End } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical.ts';
import { checksOf, type Gate, gateOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { currentRound, foldRounds, type Round, resultOf } from '../../folds/approval-rounds.ts';
import { satisfies } from '../../verdict.ts';
import { currentFindings } from '../state/current-findings.ts';
import type { Entry } from '../state/gate-entries.ts';
import { finishedAt, type GateInputs, isAfterT0, stableSince, startedAt } from '../state/gate-inputs.ts';
import { reportOf } from '../state/gate-report.ts';
import { leadOpensAt, ofType, scaledMs } from '../state/run-context.ts';

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
      /** A check of this or an earlier gate says no (otherwise only time, evidence or people are missing). */
      readonly blocked: boolean;
      /** When looking again may change the decision although nothing arrives. */
      readonly wakeAt: Date | null;
      /** The deadline has passed and pages people instead of ending the run. */
      readonly overdue: boolean;
    };

export const decide = (inputs: GateInputs, entry: Entry): Decision => {
  const stop = decideStop(inputs, entry) ?? decideHardStop(inputs, entry);
  if (stop !== undefined) return stop;
  if (entry.gate === 'incident') return decideIncident(inputs, entry);
  const gate = gateOf(inputs.context.checklist, entry.gate);
  if (gate === undefined) return blockedBy([`the checklist that this run pinned has no gate ${entry.gate}`]);
  const findings = currentFindings(gate.id, inputs);
  const blockers = blockersOf(inputs, entry, gate, findings);
  if (blockers.reasons.length > 0) return decideLate(inputs, entry, gate, blockers);
  const last = inputs.context.checklist.gates.at(-1)?.id === gate.id;
  return {
    settle: 'passed',
    end: last ? 'production-stable' : null,
    resume: null,
    reason: `${findings.length} of ${findings.length} checks release`,
    soundUntil: earliest(findings),
  };
};

const blockedBy = (reasons: readonly string[]): Decision => ({ settle: null, reasons, blocked: true, wakeAt: null, overdue: false });

/** What ends the run whatever the checks say: a recorded trigger after T0, a cancellation before the deployment, a rejection. */
const decideStop = (inputs: GateInputs, entry: Entry): Decision | undefined => {
  const end = (settle: Settled, outcome: End | null, reason: string): Decision => ({
    settle,
    end: outcome,
    resume: null,
    reason,
    soundUntil: null,
  });
  const trigger = ofType(inputs.rollback, 'rollback.triggered')[0];
  if (trigger !== undefined) return end('triggered', 'rolled-back', `trigger ${trigger.event.data.trigger}, rolled back by hand`);
  const { cancelled } = inputs.context;
  if (cancelled !== undefined) return end('cancelled', 'cancelled', `cancelled by ${cancelled.event.data.by}`);
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const round = currentRound(foldRounds(inputs.approval, entry.opened.event.data.entry));
  if (gate === undefined || round === undefined) return undefined;
  const standing = resultOf(round, gate.asks);
  if (standing.says !== 'rejected') return undefined;
  const { role, person } = standing.by.event.data;
  return end('rejected', gate.onRejected === 'end' ? 'rejected' : null, `rejected by ${person} as ${role}`);
};

/**
 * The state waits a day longer than policy allows. What nobody has settled by then has left the machine: either the incident gate is the
 * open one, or no machine is there any more and only the trail is to be ended.
 */
const decideHardStop = ({ now }: GateInputs, { opened }: Entry): Decision | undefined =>
  now.toISOString() < hardStopAt(opened.event.data.due)
    ? undefined
    : { settle: 'expired', end: 'incident', resume: null, reason: 'the hard stop of the state has fired', soundUntil: null };

/** With the time that the incident gate takes to open, at the slowest. */
export const hardStopAt = (due: string): string => new Date(Date.parse(due) + 86_400_000 + 600_000).toISOString();

const decideIncident = (inputs: GateInputs, entry: Entry): Decision => {
  const decided = entry.decisions[0]?.event.data;
  if (decided === undefined)
    return {
      settle: null,
      reasons: [
        `a person must resume the run at ${entry.opened.event.data.interrupted ?? inputs.context.checklist.gates[0]?.id} or end it`,
      ],
      blocked: true,
      wakeAt: null,
      overdue: isDue(inputs, entry),
    };
  if (decided.decision === 'end')
    return { settle: 'rejected', end: 'incident', resume: null, reason: `ended by ${decided.by}`, soundUntil: null };
  return { settle: 'passed', end: null, resume: decided.gate, reason: `resumed at ${decided.gate} by ${decided.by}`, soundUntil: null };
};

type Blockers = { readonly reasons: string[]; readonly blocked: boolean; readonly wakeAt: Date | null };

const blockersOf = (inputs: GateInputs, entry: Entry, gate: Gate, findings: readonly Finding[]): Blockers => {
  const reasons: string[] = [];
  let blocked = false;
  const { opened } = entry;
  if (opened.event.data.graph !== inputs.context.started.event.data.graph) {
    reasons.push('the state machine that opened this gate has another gate graph than the run pinned');
    blocked = true;
  }
  for (const finding of [...inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs)), ...findings]) {
    if (finding.mode !== 'required' || satisfies(finding.verdict)) continue;
    reasons.push(`${finding.title}: ${finding.verdict}, ${finding.reason}`);
    if (finding.verdict !== 'missing') blocked = true;
  }
  if (checksOf(inputs.context.checklist, gate.id).length === 0) {
    reasons.push('a gate without checks never releases');
    blocked = true;
  }
  const round = currentRound(foldRounds(inputs.approval, opened.event.data.entry));
  if (round !== undefined && resultOf(round, gate.asks).says === 'changes-requested') {
    reasons.unshift('sent back: the gate is held until a check of its report is proved, attested or waived anew');
    blocked = true;
  }
  if (round !== undefined && isStale(inputs, gate, round))
    reasons.push('the report has changed since people were asked: they are asked again');
  const time = timeBlocker(inputs, gate);
  if (time !== undefined) reasons.push(time.reason);
  return { reasons, blocked, wakeAt: time?.wakeAt ?? nextExpiry(inputs, findings) };
};

/**
 * Before T0 a change of the report voids the answers; afterwards changes are findings, and a report is a snapshot. Who sent the
 * report back is asked again as soon as anything that it covers was proved, attested or waived anew, also with the same verdict.
 */
export const isStale = (inputs: GateInputs, gate: Gate, round: Round): boolean => {
  const standing = resultOf(round, gate.asks);
  if (standing.says === 'changes-requested') return changedSince(inputs, gate, standing.by.event.at);
  return !isAfterT0(inputs.context, inputs.gates) && reportOf(inputs, gate).digest !== round.report;
};

/** In a check's own lane, or in those from which checks of the report are computed. */
const changedSince = (inputs: GateInputs, gate: Gate, instant: string): boolean =>
  [
    ...[...inputs.checks].flatMap(([lane, events]) => (gate.reports.some((id) => lane.startsWith(lanes.checksOf(id))) ? [events] : [])),
    inputs.observation,
    inputs.deployment,
  ].some((events) => (events.at(-1)?.event.at ?? '') > instant);

/** The part of the decision that only time can change. */
const timeBlocker = (inputs: GateInputs, gate: Gate): { reason: string; wakeAt: Date | null } | undefined => {
  const { plannedT0, waitScale } = inputs.context.started.event.data;
  const opens = leadOpensAt(inputs.context, gate);
  if (opens !== null && inputs.now.toISOString() < opens)
    return { reason: `its window opens at ${opens}; planned T0 is ${plannedT0}`, wakeAt: new Date(opens) };
  if (opens !== null && inputs.now.toISOString() < plannedT0) {
    return { reason: `planned T0 is ${plannedT0}`, wakeAt: new Date(plannedT0) };
  }
  const finish = finishedAt(inputs);
  if (gate.needsDeployment && finish === undefined)
    return { reason: 'the deployment is not reported as finished for every component', wakeAt: null };
  if (gate.window === null) return undefined;
  const anchor = gate.window.anchor === 'stable-since' ? stableSince(inputs) : finish;
  if (anchor === undefined) return { reason: 'the deployment is not reported as finished for every component', wakeAt: null };
  const ends = new Date(Date.parse(anchor) + scaledMs(gate.window.seconds, waitScale));
  return inputs.now < ends ? { reason: `the window ends at ${ends.toISOString()}`, wakeAt: ends } : undefined;
};

/** A proof that gets too old while the gate waits changes the picture at that instant. */
const nextExpiry = (inputs: GateInputs, findings: readonly Finding[]): Date | null => {
  const next = earliest(findings);
  return next === null || next <= inputs.now.toISOString() ? null : new Date(next);
};

const earliest = (findings: readonly Finding[]): string | null =>
  findings
    .filter((finding) => finding.mode === 'required' && satisfies(finding.verdict))
    .flatMap((finding) => finding.goodUntil ?? [])
    .sort()[0] ?? null;

/** When the gate's time is over. The deployment's hour counts from its start, however long the window had been open by then. */
const dueAt = (inputs: GateInputs, entry: Entry): string => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const started = gate?.onDeadline === 'not-deployed' ? startedAt(inputs) : undefined;
  return gate === undefined || started === undefined
    ? entry.opened.event.data.due
    : new Date(Date.parse(started) + gate.deadlineSeconds * 1000).toISOString();
};

const isDue = (inputs: GateInputs, entry: Entry): boolean => dueAt(inputs, entry) <= inputs.now.toISOString();

/** After the deadline a gate ends the run or pages; before it, it waits. */
const decideLate = (inputs: GateInputs, entry: Entry, gate: Gate, blockers: Blockers): Decision => {
  const due = isDue(inputs, entry);
  const ends = gate.onDeadline !== 'page' && !(gate.onDeadline === 'not-deployed' && startedAt(inputs) !== undefined);
  if (due && ends) {
    return {
      settle: 'expired',
      end: gate.onDeadline as End,
      resume: null,
      reason: excerpt(`deadline ${entry.opened.event.data.due} passed: ${blockers.reasons[0]}`, 300),
      soundUntil: null,
    };
  }
  const moved = !due && dueAt(inputs, entry) !== entry.opened.event.data.due ? new Date(dueAt(inputs, entry)) : null;
  return {
    settle: null,
    reasons: blockers.reasons,
    blocked: blockers.blocked || due,
    wakeAt: sooner(blockers.wakeAt, moved),
    overdue: due,
  };
};

const sooner = (a: Date | null, b: Date | null): Date | null => (a === null || (b !== null && b < a) ? b : a);

/** Whether the gate's people may be asked now: what they would sign must not be held already. */
export const mayAsk = (inputs: GateInputs, gate: Gate): boolean => {
  const own = currentFindings(gate.id, inputs).filter(
    (finding) => finding.mode === 'required' && !finding.kind.includes('sign-off') && !satisfies(finding.verdict),
  );
  const earlier = inputs.judgedAgain
    .flatMap((id) => currentFindings(id, inputs))
    .filter((finding) => finding.mode === 'required' && !satisfies(finding.verdict));
  return own.length === 0 && earlier.length === 0 && (gate.leadSeconds === null || !isAfterT0(inputs.context, inputs.gates));
};
