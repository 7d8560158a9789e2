import { isType, type Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { checksOf, type Gate, gatesOf } from '../checklist/definition.ts';
import type { Finding } from '../evaluation/finding.ts';
import { foldRounds } from '../folds/approval-rounds.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { decide } from '../run/gates/decide.ts';
import { disclosuresOf } from '../run/state/disclosures.ts';
import { findingFrom } from '../run/state/findings.ts';
import { effectiveSettlement, entryOf, foldGates, type Gates } from '../run/state/gate-entries.ts';
import { gateInputsOf } from '../run/state/gate-inputs.ts';
import { byLane, ofType, type RunContext, readContext } from '../run/state/run-context.ts';
import type { Verdict } from '../verdict.ts';
import type { GateView, RunView } from './view.ts';

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
  const findings = new Map(
    context.checklist.items
      .filter((check) => check.gate !== null)
      .map((check) => [
        check.id,
        findingFrom(check, groups.get(lanes.check(check.gate ?? '', check.id)) ?? [], context, {
          now: asOf(gates, check.gate ?? '', now),
          ...(isBehind(gates, check.gate ?? '') ? {} : { deployment: groups.get(lanes.deployment) ?? [] }),
        }),
      ]),
  );
  const views = [
    ...gatesOf(context.checklist).map((gate) => gateView(gate, { context, groups, gates, findings, now })),
    ...incidentView(gates, context),
  ];
  const { service, environment, version, commit, artifacts, changes, starter, plannedT0, definition, graph, stage, local, waitScale } =
    context.started.event.data;
  const last = gates.entries.at(-1);
  const end = context.ended?.event.data.outcome ?? (last === undefined ? undefined : effectiveSettlement(last)?.settled.event.data.end);
  return {
    run: context.run,
    service,
    environment,
    version,
    commit,
    artifacts,
    changes,
    startedAt: context.started.event.at,
    starter,
    plannedT0,
    definition: { name: context.checklist.name, version: context.checklist.version, digest: definition },
    graph,
    stage,
    local,
    waitScale,
    outcome: end ?? (views.some((view) => view.state === 'blocked') ? 'blocked' : 'running'),
    gate: context.ended?.event.data.gate ?? gates.open?.gate ?? last?.gate ?? context.checklist.gates[0]?.id ?? '',
    gates: views,
    deviations: context.checklist.deviations,
    disclosures: disclosuresOf(context),
    deployments: (groups.get(lanes.deployment) ?? []).flatMap(({ event }) =>
      'component' in event.data && 'digest' in event.data
        ? [
            {
              state: event.type.slice('deployment.'.length),
              component: String(event.data.component),
              digest: String(event.data.digest),
              at: event.at,
            },
          ]
        : [],
    ),
    observations: observationsOf(groups.get(lanes.observation) ?? []),
    checkCounts: countChecks(context, findings),
    events: events.length,
    closed: context.closed,
  };
};

/** A released gate's checks are shown as they were judged: a waiver that ended since held when it was needed. */
const asOf = (gates: Gates, gate: string, now: Date): Date => {
  const entry = entryOf(gates, gate);
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  return settlement?.delivered === undefined ? now : new Date(settlement.settled.event.at);
};

const isBehind = (gates: Gates, gate: string): boolean => {
  const entry = entryOf(gates, gate);
  return entry !== undefined && effectiveSettlement(entry)?.delivered !== undefined;
};

type Material = {
  readonly context: RunContext;
  readonly groups: ReadonlyMap<string, readonly Stored[]>;
  readonly gates: Gates;
  readonly findings: ReadonlyMap<string, Finding>;
  readonly now: Date;
};

const gateView = (gate: Gate, { context, groups, gates, findings, now }: Material): GateView => {
  const entry = entryOf(gates, gate.id);
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  // Until the answer is out the settlement may regress, and nobody may rely on it.
  const settled = settlement?.delivered !== undefined;
  const open = entry !== undefined && !settled;
  const interrupted = open && gates.open !== undefined && gates.open !== entry;
  const decision = open && !interrupted ? decide(gateInputsOf(context, gates, gate.id, groups, now), entry) : undefined;
  const waits = decision?.settle === null ? decision : undefined;
  return {
    id: gate.id,
    title: gate.title,
    state: entry === undefined ? 'ahead' : settled ? 'settled' : interrupted || waits?.blocked ? 'blocked' : 'waiting',
    outcome: settled ? (settlement?.settled.event.data.outcome ?? null) : null,
    openedAt: entry?.opened.event.at ?? null,
    settledAt: settled ? (settlement?.settled.event.at ?? null) : null,
    due: entry?.opened.event.data.due ?? null,
    reasons:
      (interrupted ? ['interrupted: an incident is open'] : waits?.reasons) ??
      (open && settlement !== undefined && settlement.regressions.length === 0
        ? [`settled as ${settlement.settled.event.data.outcome}; the workflow has not taken the answer yet`]
        : undefined) ??
      (settled && settlement?.settled.event.data.outcome !== 'passed' ? [settlement?.settled.event.data.reason ?? ''] : []),
    checks: checksOf(context.checklist, gate.id).flatMap((check) => findings.get(check.id) ?? []),
    approvals: entry === undefined ? [] : approvalsOf(groups.get(lanes.approval(gate.id)) ?? [], entry.opened.event.data.entry),
    regressions: (entry?.settlements ?? [])
      .flatMap((one) => one.regressions)
      .map(({ event }) => ({ check: event.data.check, verdict: event.data.verdict, at: event.at, candidate: event.data.candidate })),
  };
};

const incidentView = (gates: Gates, context: RunContext): GateView[] => {
  const entry = entryOf(gates, 'incident');
  if (entry === undefined) return [];
  const settlement = effectiveSettlement(entry);
  return [
    {
      id: 'incident',
      title: 'Incident',
      state: settlement === undefined ? 'blocked' : 'settled',
      outcome: settlement?.settled.event.data.outcome ?? null,
      openedAt: entry.opened.event.at,
      settledAt: settlement?.settled.event.at ?? null,
      due: entry.opened.event.data.due,
      reasons:
        settlement === undefined
          ? [
              `operations must resume the run at ${entry.opened.event.data.interrupted ?? context.checklist.gates[0]?.id} or end it: POST /v1/runs/${context.run}/incident`,
            ]
          : [settlement.settled.event.data.reason],
      checks: [],
      approvals: [],
      regressions: [],
    },
  ];
};

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

const observationsOf = (lane: readonly Stored[]): RunView['observations'] => {
  const labels = new Map(ofType(lane, 'observation.labelled').map(({ event }) => [event.data.observation, event.data.label]));
  return lane.filter(isType('observation.recorded')).map(({ event: { data } }) => ({
    observation: data.observation,
    kind: data.kind,
    bad: data.bad,
    subject: data.subject,
    summary: data.summary,
    observedAt: data.observedAt,
    label: labels.get(data.observation) ?? null,
  }));
};

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
