import type { AuditEvent, Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { checksOf, type Gate, gateOf, incidentId } from '../checklist/definition.ts';
import type { Finding } from '../evaluation/finding.ts';
import { answerTo, askedIn, foldRounds } from '../folds/approval-rounds.ts';
import type { StageFacts } from '../ports.ts';
import { decide } from '../run/gates/decide.ts';
import { dueAt } from '../run/gates/gate-timing.ts';
import type { HoldingReading } from '../run/state/environment.ts';
import { currentEntryOf, type Entry, effectiveSettlement, entryOf, type Gates, visitOf } from '../run/state/gate-entries.ts';
import { type GateInputs, gateInputsOf } from '../run/state/gate-inputs.ts';
import type { RunContext } from '../run/state/run-context.ts';
import type { GateView } from './view.ts';

/** What a view is folded from. */
export type Material = {
  readonly context: RunContext;
  /** The run's events by lane. */
  readonly groups: ReadonlyMap<string, readonly Stored[]>;
  readonly gates: Gates;
  readonly findings: ReadonlyMap<string, Finding>;
  readonly now: Date;
  readonly stage: Pick<StageFacts, 'freezes' | 'targets'>;
  /** Who holds the environment; null where no gate waits for it. */
  readonly holding: HoldingReading | null;
  /** What was live, where the open gate rests on the target of a rollback. */
  readonly live: GateInputs['live'];
  /** What the open gate reads of the service's profiles. */
  readonly profile: GateInputs['profile'];
};

/** The settlement of a gate once the workflow has taken the answer. Before that it may regress, and no reader may rely on it. */
export const deliveredSettlement = (gates: Gates, gate: string): AuditEvent<'gate.settled'> | undefined => {
  const entry = currentEntryOf(gates, gate);
  return entry === undefined ? undefined : deliveredIn(entry);
};

const deliveredIn = (entry: Entry): AuditEvent<'gate.settled'> | undefined => {
  const settlement = effectiveSettlement(entry);
  return settlement?.delivered === undefined ? undefined : settlement.settled.event;
};

export const gateView = (gate: Gate, { context, groups, gates, findings, now, stage, holding, live, profile }: Material): GateView => {
  // A gate from which the run went back is ahead of it again.
  const entry = currentEntryOf(gates, gate.id);
  const settled = deliveredSettlement(gates, gate.id);
  const ended = context.ended !== undefined;
  const interrupted = entry !== undefined && settled === undefined && gates.open !== undefined && gates.open !== entry;
  const inputs =
    entry === undefined || settled !== undefined || ended
      ? undefined
      : gateInputsOf(context, gates, gate.id, groups, {
          now,
          holding: gate.role === 't0' ? holding : null,
          live: gates.open === entry ? live : null,
          profile: gates.open === entry ? profile : null,
        });
  const decision = inputs === undefined || entry === undefined || interrupted ? undefined : decide({ ...inputs, stage }, entry);
  const waits = decision?.settle === null ? decision : undefined;
  const undecided = interrupted || waits?.blocked ? 'blocked' : 'waiting';
  return {
    id: gate.id,
    title: gate.title,
    phase: checksOf(context.checklist, gate.id).find(({ phase }) => phase !== null)?.phase ?? null,
    // A run that has ended waits for nothing.
    state: settled?.data.outcome ?? (entry === undefined ? 'ahead' : ended ? 'undecided' : undecided),
    openedAt: entry?.opened.event.at ?? null,
    settledAt: settled?.at ?? null,
    due: entry === undefined ? null : inputs === undefined ? entry.opened.event.data.due : dueAt(inputs, entry),
    reasons: interrupted && !ended ? ['interrupted: an incident is open'] : (waits?.reasons ?? reasonsOf(entry, settled, context)),
    checks: checksOf(context.checklist, gate.id).flatMap((check) => findings.get(check.id) ?? []),
    approvals: approvalsOf(gates, gate.id, groups.get(lanes.approval(gate.id)) ?? []),
    earlier: earlierOf(gates, gate.id),
    regressions: (entry?.settlements ?? [])
      .flatMap((one) => one.regressions)
      .map(({ event }) => ({ check: event.data.check, verdict: event.data.verdict, at: event.at, candidate: event.data.candidate })),
  };
};

/** Of a gate that is not waiting for anything: why it did not pass, or that the workflow has still to take the answer. */
const reasonsOf = (entry: Entry | undefined, settled: AuditEvent<'gate.settled'> | undefined, { ended }: RunContext): readonly string[] => {
  if (settled !== undefined) return settled.data.outcome === 'passed' ? [] : [settled.data.reason];
  if (entry === undefined) return [];
  if (ended !== undefined) return [`the run ended as ${ended.event.data.outcome} before this gate was decided`];
  const settlement = effectiveSettlement(entry);
  return settlement === undefined || settlement.regressions.length > 0
    ? []
    : [`decided as ${settlement.settled.event.data.outcome}; the workflow has not taken the answer yet`];
};

const entriesOf = (gates: Gates, gate: string): readonly Entry[] => gates.entries.filter((entry) => entry.gate === gate);

/** Each visit once: one that a rollback decision interrupted goes on in another entry. */
const visitsOf = (gates: Gates, gate: string): readonly Entry[] =>
  entriesOf(gates, gate).filter(({ opened }) => opened.event.data.continues === undefined);

/** The visits before the last one. */
const earlierOf = (gates: Gates, gate: string): GateView['earlier'] =>
  entriesOf(gates, gate)
    .filter((entry) => entry !== currentEntryOf(gates, gate))
    .map((entry) => {
      const settled = deliveredIn(entry);
      return {
        openedAt: entry.opened.event.at,
        settledAt: settled?.at ?? null,
        outcome: settled?.data.outcome ?? null,
        reason: settled?.data.reason ?? 'interrupted by an incident before it was decided',
      };
    });

/** Every request of every visit: a rejection stays visible after the run was resumed, an approval after it was invalidated. */
const approvalsOf = (gates: Gates, gate: string, lane: readonly Stored[]): GateView['approvals'] =>
  visitsOf(gates, gate).flatMap((entry, place) =>
    foldRounds(lane, visitOf(entry)).flatMap((round) =>
      askedIn(round).map(({ event: { data } }) => {
        const answer = answerTo(round, data)?.event;
        return {
          entry: place + 1,
          round: data.round,
          role: data.role,
          person: data.person,
          answer: answer?.data.answer ?? null,
          note: answer?.data.note ?? null,
          at: answer?.at ?? null,
          expires: data.expires,
          invalidated: round.invalidated !== undefined,
          withdrawn: answer === undefined && round.withdrawn !== undefined,
          recalled: round.recalled !== undefined,
          for: data.for ?? null,
        };
      }),
    ),
  );

/** The incident gate, which is not in the order of the run: only once a run came to it. */
export const incidentView = ({ gates, context }: Pick<Material, 'gates' | 'context'>): GateView[] => {
  const entry = entryOf(gates, incidentId);
  if (entry === undefined) return [];
  const { due, interrupted } = entry.opened.event.data;
  const settled = effectiveSettlement(entry)?.settled.event;
  const resumeAt = gateOf(context.checklist, interrupted ?? '')?.title ?? context.checklist.gates[0]?.title;
  const open = context.ended === undefined;
  return [
    {
      id: incidentId,
      title: 'Incident',
      phase: null,
      state: settled?.data.outcome ?? (open ? 'blocked' : 'undecided'),
      openedAt: entry.opened.event.at,
      settledAt: settled?.at ?? null,
      due,
      reasons: [
        settled?.data.reason ??
          (open
            ? `the run was interrupted at ${resumeAt}: an operations lead must resume it there or end it`
            : `the run ended as ${context.ended?.event.data.outcome} before the incident was decided`),
      ],
      checks: [],
      approvals: [],
      earlier: earlierOf(gates, incidentId),
      regressions: [],
    },
  ];
};
