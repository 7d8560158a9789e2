import { type AuditEvent, byLane, isType, type Stored } from '../audit/event.ts';
import { deploymentStates } from '../audit/events/deployment.ts';
import { startSchema } from '../audit/events/run.ts';
import { lanes } from '../audit/lane.ts';
import { checksOf, type Gate, gatesOf, incidentId } from '../checklist/definition.ts';
import type { Finding } from '../evaluation/finding.ts';
import { foldRounds } from '../folds/approval-rounds.ts';
import { foldObservations } from '../folds/observations.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { decide } from '../run/gates/decide.ts';
import { disclosuresOf } from '../run/state/disclosures.ts';
import { findingFrom } from '../run/state/findings.ts';
import { type Entry, effectiveSettlement, entryOf, foldGates, type Gates } from '../run/state/gate-entries.ts';
import { gateInputsOf } from '../run/state/gate-inputs.ts';
import { type RunContext, readContext } from '../run/state/run-context.ts';
import type { Verdict } from '../verdict.ts';
import type { GateView, RunOutcome, RunView } from './view.ts';

/** A run as it stands, folded from all its events: one query of the whole scope. */
export const readRun = async (deps: Pick<Dependencies, 'trail' | 'definitions' | 'clock'>, run: string): Promise<Outcome<RunView>> => {
  const found = await readContext(deps, run);
  if (found.refused) return found;
  const events = await deps.trail.read(found.ok.scope, { prefix: '' });
  return ok(viewOf(found.ok, events, deps.clock.now()));
};

/** Pure: the same events at the same instant give the same view. */
export const viewOf = (context: RunContext, events: readonly Stored[], now: Date): RunView => {
  const groups = byLane(events);
  const gates = foldGates(events.filter((stored) => stored.event.lane.startsWith(lanes.gates)));
  const findings = findingsOf(context, groups, gates, now);
  const views = [
    ...gatesOf(context.checklist).map((gate) => gateView(gate, { context, groups, gates, findings, now })),
    ...incidentView(gates, context),
  ];
  const started = context.started.event;
  const last = gates.entries.at(-1);
  const end = context.ended?.event.data.outcome ?? (last === undefined ? undefined : deliveredSettlement(gates, last.gate)?.data.end);
  const outcome: RunOutcome = end ?? (views.some((view) => view.state === 'blocked') ? 'blocked' : 'running');
  return {
    run: context.run,
    ...startSchema.parse(started.data),
    startedAt: started.at,
    definition: { name: context.checklist.name, version: context.checklist.version, digest: started.data.definition },
    outcome,
    gate: context.ended?.event.data.gate ?? gates.open?.gate ?? last?.gate ?? context.checklist.gates[0]?.id ?? '',
    gates: views,
    deviations: context.checklist.deviations,
    disclosures: disclosuresOf(context),
    deployments: deploymentsOf(groups.get(lanes.deployment) ?? []),
    observations: observationsOf(groups.get(lanes.observation) ?? []),
    undeliveredMails: undeliveredOf(groups.get(lanes.notice) ?? []),
    checkCounts: countChecks(context, findings),
    events: events.length,
    closed: context.closed,
  };
};

type Lanes = ReadonlyMap<string, readonly Stored[]>;

/** The settlement of a gate once the workflow has taken the answer. Before that it may regress, and no reader may rely on it. */
const deliveredSettlement = (gates: Gates, gate: string): AuditEvent<'gate.settled'> | undefined => {
  const entry = entryOf(gates, gate);
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  return settlement?.delivered === undefined ? undefined : settlement.settled.event;
};

/** Checks of a gate that has settled are shown as they were judged: a waiver that has ended since was valid when it was needed. */
const findingsOf = (context: RunContext, groups: Lanes, gates: Gates, now: Date): ReadonlyMap<string, Finding> => {
  const deployment = groups.get(lanes.deployment) ?? [];
  return new Map(
    context.checklist.items.flatMap((check) => {
      if (check.gate === null) return [];
      const settled = deliveredSettlement(gates, check.gate);
      const own = groups.get(lanes.check(check.gate, check.id)) ?? [];
      return [[check.id, findingFrom(check, own, context, settled === undefined ? { now, deployment } : { now: new Date(settled.at) })]];
    }),
  );
};

type Material = {
  readonly context: RunContext;
  readonly groups: Lanes;
  readonly gates: Gates;
  readonly findings: ReadonlyMap<string, Finding>;
  readonly now: Date;
};

const gateView = (gate: Gate, { context, groups, gates, findings, now }: Material): GateView => {
  const entry = entryOf(gates, gate.id);
  const settled = deliveredSettlement(gates, gate.id);
  const interrupted = entry !== undefined && settled === undefined && gates.open !== undefined && gates.open !== entry;
  const decision =
    entry === undefined || settled !== undefined || interrupted
      ? undefined
      : decide(gateInputsOf(context, gates, gate.id, groups, now), entry);
  const waits = decision?.settle === null ? decision : undefined;
  const undecided = entry === undefined ? 'ahead' : interrupted || waits?.blocked ? 'blocked' : 'waiting';
  return {
    id: gate.id,
    title: gate.title,
    state: settled?.data.outcome ?? undecided,
    openedAt: entry?.opened.event.at ?? null,
    settledAt: settled?.at ?? null,
    due: entry?.opened.event.data.due ?? null,
    reasons: interrupted ? ['interrupted: an incident is open'] : (waits?.reasons ?? reasonsOf(entry, settled)),
    checks: checksOf(context.checklist, gate.id).flatMap((check) => findings.get(check.id) ?? []),
    approvals: entry === undefined ? [] : approvalsOf(groups.get(lanes.approval(gate.id)) ?? [], entry.opened.event.data.entry),
    regressions: (entry?.settlements ?? [])
      .flatMap((one) => one.regressions)
      .map(({ event }) => ({ check: event.data.check, verdict: event.data.verdict, at: event.at, candidate: event.data.candidate })),
  };
};

/** Of a gate that is not waiting for anything: why it did not pass, or that the workflow has still to take the answer. */
const reasonsOf = (entry: Entry | undefined, settled: AuditEvent<'gate.settled'> | undefined): readonly string[] => {
  if (settled !== undefined) return settled.data.outcome === 'passed' ? [] : [settled.data.reason];
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  return settlement === undefined || settlement.regressions.length > 0
    ? []
    : [`decided as ${settlement.settled.event.data.outcome}; the workflow has not taken the answer yet`];
};

const incidentView = (gates: Gates, context: RunContext): GateView[] => {
  const entry = entryOf(gates, incidentId);
  if (entry === undefined) return [];
  const { due, interrupted } = entry.opened.event.data;
  const settled = effectiveSettlement(entry)?.settled.event;
  const resumeAt = interrupted ?? context.checklist.gates[0]?.id;
  return [
    {
      id: incidentId,
      title: 'Incident',
      state: settled?.data.outcome ?? 'blocked',
      openedAt: entry.opened.event.at,
      settledAt: settled?.at ?? null,
      due,
      reasons: [settled?.data.reason ?? `operations must resume the run at ${resumeAt} or end it: POST /v1/runs/${context.run}/incident`],
      checks: [],
      approvals: [],
      regressions: [],
    },
  ];
};

const deploymentsOf = (lane: readonly Stored[]): RunView['deployments'] =>
  lane.flatMap((stored) => {
    const state = deploymentStates.find((one) => stored.event.type === `deployment.${one}`);
    if (state === undefined) return [];
    const { data, at } = stored.event as AuditEvent<`deployment.${typeof state}`>;
    return [{ state, component: data.component, digest: data.digest, at }];
  });

const approvalsOf = (lane: readonly Stored[], entry: string): GateView['approvals'] =>
  foldRounds(lane, entry).flatMap((round) =>
    [...new Map(round.requests.map((stored) => [`${stored.event.data.role}/${stored.event.data.person}`, stored])).values()].map(
      ({ event: { data } }) => {
        const answer = round.answers.find(
          (stored) => stored.event.data.role === data.role && stored.event.data.person === data.person,
        )?.event;
        return {
          round: data.round,
          role: data.role,
          person: data.person,
          answer: answer?.data.answer ?? null,
          at: answer?.at ?? null,
          expires: data.expires,
          invalidated: round.invalidated !== undefined,
        };
      },
    ),
  );

const observationsOf = (lane: readonly Stored[]): RunView['observations'] =>
  foldObservations(lane).map(({ observation, kind, bad, subject, summary, observedAt, label }) => ({
    observation,
    kind,
    bad,
    subject,
    summary,
    observedAt,
    label: label ?? null,
  }));

const undeliveredOf = (lane: readonly Stored[]): RunView['undeliveredMails'] =>
  lane.filter(isType('mail.undelivered')).map(({ event: { data, at } }) => ({
    person: data.person,
    about: data.about,
    failure: data.failure,
    at,
  }));

/** Verdicts of the document's checks: not its other checks, and not ours. */
const countChecks = (context: RunContext, findings: ReadonlyMap<string, Finding>): RunView['checkCounts'] => {
  const found = context.checklist.items
    .filter((check) => check.kind === 'check' && check.source === 'document')
    .map((check) => findings.get(check.id)?.verdict ?? 'missing');
  const count = (verdict: Verdict): number => found.filter((one) => one === verdict).length;
  return {
    pass: count('pass'),
    fail: count('fail'),
    inconclusive: count('inconclusive'),
    missing: count('missing'),
    error: count('error'),
    waived: count('waived'),
    notApplicable: count('not-applicable'),
  };
};
