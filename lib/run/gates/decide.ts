import type { Stored } from '../../audit/event.ts';
import type { Settled } from '../../audit/events/gate.ts';
import type { End } from '../../audit/events/run.ts';
import { cut } from '../../canonical-json.ts';
import { type Checklist, checksOf, type Gate, gateOf, incidentId, itemTitle } from '../../checklist/definition.ts';
import { isSupersedable, opensDecisionAtCap } from '../../checklist/gate-graph.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { currentRound, foldRounds, isOpenRound, recalledBy, rejectionOf, resultOf } from '../../folds/approval-rounds.ts';
import { foldRollback } from '../../folds/rollback.ts';
import type { StageFacts } from '../../ports.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { asWords, counted } from '../../wording.ts';
import { authorsBlocker } from '../state/authors.ts';
import { currentFindings } from '../state/current-findings.ts';
import { heldBy } from '../state/environment.ts';
import { type Entry, effectiveSettlement, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, startedAt } from '../state/gate-inputs.ts';
import { isStale } from '../state/gate-report.ts';
import { profileBlocker } from '../state/registered-profiles.ts';
import { missedAt, missedT0 } from '../state/t0.ts';
import { firstLooks, firstLooksBlocker } from './first-looks.ts';
import { earliest, hardStopAt, isDue, movedDeadline, nextDeadline, overdueSince, soundUntil, timeBlocker } from './gate-timing.ts';
import { capOf } from './review-cap.ts';
import { lateBy, opensRollback } from './review-outcome.ts';
import { freezeBlocker, freezesOf, returnReasons } from './t0-gate.ts';
import { decideEnded, decideRollback, isWayBack, nextBudgetAt, stepReason, wayBackWakesAt } from './way-back.ts';

/** What is decided about an open gate. Pure: the same inputs give the same decision. */
export type Decision = Settle | Wait;
export type Settle = {
  readonly settle: Settled;
  readonly end: End | null;
  readonly resume: string | null;
  readonly reason: string;
  readonly soundUntil: string | null;
};
export type Wait = {
  readonly settle: null;
  /** Why not, most important first. */
  readonly reasons: readonly string[];
  /** A check of this or an earlier gate is not satisfied; otherwise only time, evidence or people are missing. */
  readonly blocked: boolean;
  /** When a window, planned T0 or a proof's validity ends: the decision may change then although nothing arrives. */
  readonly wakeAt: Date | null;
  /** The gate's next deadline or hard stop. */
  readonly deadline: Date;
  /** Since when the gate waits too long: its deadline (in older checklists the cap of a review) has passed, and the gate notifies its owner instead of ending the run. */
  readonly overdueSince: Date | null;
};

/** What is decided also rests on what the stage file says of freezes and of what can be looked at. */
export type DecisionInputs = GateInputs & { readonly stage: Pick<StageFacts, 'freezes' | 'targets'> };

export const decide = (inputs: DecisionInputs, entry: Entry): Decision => {
  const stop = decideStop(inputs, entry) ?? decideHardStop(inputs, entry);
  if (stop !== undefined) return stop;
  const gate = gateOf(inputs.context.checklist, entry.gate);
  if (gate?.role === 'incident') return decideIncident(inputs, entry);
  if (gate?.role === 'decision') return decideRollback(inputs, entry);
  if (gate === undefined) return blockedBy(inputs, entry, `the checklist that this run pinned has no gate ${entry.gate}`);
  const ended = isWayBack(gate) ? decideEnded(inputs, gate) : undefined;
  if (ended !== undefined) return ended;
  const [back, ...more] = returnReasons(inputs, gate);
  if (back !== undefined) return settleAs('returned', null, cut(`the go no longer stands: ${[back, ...more].join('; ')}`, 300));
  const findings = currentFindings(gate.id, inputs);
  const blockers = blockersOf(inputs, entry, gate, findings);
  if (blockers.reasons.length > 0) return decideBlocked(inputs, entry, gate, blockers);
  return {
    settle: 'passed',
    end: endOfPass(inputs.context.checklist, gate),
    resume: null,
    reason: `${gate.role === 'review' ? 'stable: ' : ''}${satisfiedWords(findings)}${lateBy(inputs, gate)}`,
    soundUntil: soundUntil(findings),
  };
};

/** Observed checks are counted apart: they keep nothing from passing, and prove nothing. */
const satisfiedWords = (findings: readonly Finding[]): string => {
  const required = findings.filter(({ mode }) => mode === 'required').length;
  const observed = findings.length - required;
  return `${required} of ${counted(required, 'check is', 'checks are')} satisfied${observed === 0 ? '' : `, ${observed} only observed`}`;
};

/** Passing the last gate of the spine, or of the way back, ends the run. */
const endOfPass = (checklist: Checklist, { id }: Gate): End | null => {
  if (checklist.gates.at(-1)?.id === id) return 'production-stable';
  return checklist.rollback.gates.at(-1)?.id === id ? 'rolled-back' : null;
};

const settleAs = (settle: Settled, end: End | null, reason: string): Settle => ({ settle, end, resume: null, reason, soundUntil: null });

const blockedBy = (inputs: GateInputs, entry: Entry, reason: string): Wait => ({
  settle: null,
  reasons: [reason],
  blocked: true,
  wakeAt: null,
  deadline: nextDeadline(inputs, entry),
  overdueSince: null,
});

/** What ends the gate whatever the checks say: a rollback trigger after T0, a cancellation before the deployment, a rejection. */
const decideStop = (inputs: GateInputs, entry: Entry): Settle | undefined => {
  const { superseded, cancelled } = inputs.context;
  if (superseded !== undefined && isSupersedable(inputs.context.checklist, entry.gate))
    return settleAs('superseded', 'superseded', `run ${superseded.event.data.by} has taken the environment over`);
  const gate = gateOf(inputs.context.checklist, entry.gate);
  if (isWayBack(gate)) return undefined;
  const trigger = openTrigger(inputs, entry);
  if (trigger !== undefined)
    return settleAs('triggered', null, `rollback trigger “${itemTitle(inputs.context.checklist, trigger.event.data.trigger)}”`);
  if (cancelled !== undefined) return settleAs('cancelled', 'cancelled', `cancelled by ${cancelled.event.data.by}`);
  const rejection = rejectionOf(foldRounds(inputs.approval, visitOf(entry)));
  if (rejection === undefined) return undefined;
  const { role, person } = rejection.event.data;
  return settleAs('rejected', gate?.onRejected === 'rejected' ? 'rejected' : null, `rejected by ${person} as ${asWords(role)}`);
};

/**
 * The trigger that interrupts the gate. Before a deployment is admitted there is nothing to take back, and the run can still be cancelled: what
 * was measured so early counts when the deployment starts. At the incident gate only one that was recorded before the way back was entered.
 */
const openTrigger = ({ rollback, context }: GateInputs, entry: Entry): Stored<'rollback.triggered'> | undefined => {
  if (!context.admitted) return undefined;
  if (entry.gate === incidentId && isWayBack(gateOf(context.checklist, entry.opened.event.data.interrupted ?? ''))) return undefined;
  return foldRollback(rollback).triggers[0];
};

/** After the hard stop no workflow waits for this gate: the incident gate is open instead, or only the trail is left to be ended. */
const decideHardStop = (inputs: GateInputs, entry: Entry): Settle | undefined =>
  inputs.now.toISOString() < hardStopAt(inputs, entry)
    ? undefined
    : settleAs('expired', 'incident', "the hard stop of the workflow's state has fired");

const decideIncident = (inputs: GateInputs, entry: Entry): Decision => {
  const decided = entry.decisions[0]?.event.data;
  const resumeAt = entry.opened.event.data.interrupted ?? inputs.context.checklist.gates[0]?.id;
  if (decided === undefined)
    return {
      ...blockedBy(inputs, entry, `a person must resume the run at ${resumeAt} or end it`),
      wakeAt: nextBudgetAt(inputs),
      overdueSince: overdueSince(inputs, entry),
    };
  if (decided.decision === 'end') return settleAs('rejected', 'incident', `ended by ${decided.by}`);
  return { ...settleAs('passed', null, `resumed at ${decided.gate} by ${decided.by}`), resume: decided.gate };
};

type Blockers = {
  readonly reasons: readonly string[];
  readonly blocked: boolean;
  readonly wakeAt: Date | null;
  /** Why people must decide about a rollback: incidents have extended a review for as long as they may. */
  readonly capped: string | null;
  /** In older checklists: since when a review has gone on for so long. */
  readonly cappedAt: Date | null;
};

const blockersOf = (inputs: DecisionInputs, entry: Entry, gate: Gate, findings: readonly Finding[]): Blockers => {
  const { graph } = entry.opened.event.data;
  const earlier = inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs)).filter(isUnsatisfied);
  const unsatisfied = [...earlier, ...findings.filter(isUnsatisfied)];
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  const recalled = round?.reopened === undefined ? round?.recalled : undefined;
  const changesRequested = round !== undefined && recalled === undefined && resultOf(round, gate.asks).says === 'changes-requested';
  const otherGraph = graph !== inputs.context.started.event.data.graph;
  const noChecks = checksOf(inputs.context.checklist, gate.id).length === 0;
  const missed = missedT0(inputs.context, gate, inputs.now);
  const time = timeBlocker(inputs, gate) ?? freezeBlocker(freezesOf(inputs.stage, inputs.context), gate, inputs.now);
  const cap = capOf(inputs, gate);
  const words = (finding: Finding): string => `${finding.title}: ${finding.verdict}, ${finding.reason}${opensRollback(inputs, finding)}`;
  const profile = profileBlocker(inputs.context, inputs.profile, gate.id);
  const held = inputs.holding === null ? undefined : heldBy(inputs.holding, inputs.context.run);
  const reasons = [
    missed,
    profile,
    changesRequested && 'changes were requested: the gate waits until a check of its report is proved, attested or waived again',
    recalled !== undefined && `${recalledBy(recalled)}: nobody is asked until operations or the starter ask again`,
    otherGraph && 'the state machine opened this gate with another gate graph than the run pinned',
    ...earlier.map((finding) => `${gate.role === 'review' ? 're-opened: ' : ''}${words(finding)}`),
    // Before the signatures, which it explains.
    firstLooksBlocker(firstLooks(inputs.stage, inputs, gate)),
    ...findings.filter(isUnsatisfied).map(words),
    authorsBlocker(inputs, gate),
    noChecks && 'a gate without checks never passes',
    round !== undefined &&
      isOpenRound(round) &&
      isStale(inputs, gate, round) &&
      'the report has changed: its approvals are requested again',
    time?.reason,
    gate.step === null ? undefined : stepReason(inputs, gate.step),
    held?.reason,
  ].filter((reason) => typeof reason === 'string');
  const opensDecision = cap?.reached === true && opensDecisionAtCap(gate);
  return {
    // A review that has become stable after all passes.
    reasons: cap?.reached && reasons.length > 0 ? [cap.reason, ...reasons] : reasons,
    // A check of an earlier gate was satisfied once: that it is missing now is not that nobody has sent it yet.
    blocked:
      missed !== undefined ||
      profile !== undefined ||
      changesRequested ||
      recalled !== undefined ||
      otherGraph ||
      noChecks ||
      held !== undefined ||
      earlier.length > 0 ||
      unsatisfied.some(({ verdict }) => verdict !== 'missing'),
    wakeAt: earliest(
      time?.until ?? null,
      nextExpiry(inputs, gate, findings),
      missed === undefined ? missedAt(inputs.context, gate) : null,
      cap === null || cap.reached ? null : cap.at,
      isWayBack(gate) ? wayBackWakesAt(inputs, entry) : null,
    ),
    capped: opensDecision ? cut([cap.reason, ...(time === undefined ? reasons.slice(0, 1) : [])].join('; '), 300) : null,
    cappedAt: cap?.reached && !opensDecision ? cap.at : null,
  };
};

/** A proof or a waiver that ends while the gate waits changes the decision at that instant, also of an earlier gate that it judges again. */
const nextExpiry = (inputs: GateInputs, gate: Gate, findings: readonly Finding[]): Date | null => {
  const now = inputs.now.toISOString();
  const judged = [...inputs.judgedAgain.flatMap((id) => currentFindings(id, inputs)), ...findings];
  const earlier = gate.rejudges
    ? inputs.gates.entries.flatMap((entry) => effectiveSettlement(entry)?.settled.event.data.soundUntil ?? [])
    : [];
  const [next] = [soundUntil(judged), ...earlier].filter((instant) => instant !== null && instant > now).toSorted();
  return next == null ? null : new Date(next);
};

/** Before its deadline a blocked gate waits; after it, the gate ends the run or notifies its owner. */
const decideBlocked = (inputs: GateInputs, entry: Entry, gate: Gate, blockers: Blockers): Decision => {
  const due = isDue(inputs, entry);
  const waitsOn = gate.onDeadline === 'page' || (gate.role === 'deployment' && startedAt(inputs) !== undefined);
  if (due && !waitsOn) {
    const reason = `deadline ${entry.opened.event.data.due} passed: ${blockers.reasons[0]}`;
    return settleAs('expired', gate.onDeadline as End, cut(reason, 300));
  }
  if (blockers.capped !== null) return settleAs('capped', null, blockers.capped);
  return {
    settle: null,
    reasons: blockers.reasons,
    blocked: blockers.blocked || due,
    wakeAt: earliest(blockers.wakeAt, movedDeadline(inputs, entry)),
    deadline: nextDeadline(inputs, entry),
    overdueSince: earliest(overdueSince(inputs, entry), blockers.cappedAt),
  };
};
