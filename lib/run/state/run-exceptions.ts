import { isType, type Stored } from '../../audit/event.ts';
import type { Budget } from '../../audit/events/rollback.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf, type Item, incidentId } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { foldObservations, type Observed } from '../../folds/observations.ts';
import { currentFinding } from './current-findings.ts';
import { findingFrom } from './findings.ts';
import { currentEntryOf, type Entry, effectiveSettlement, entryOf } from './gate-entries.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { RunContext } from './run-context.ts';

/**
 * What a signer must know of the whole run so far, also of gates that the report does not cover: checks that did not simply pass,
 * visits to gates that did not pass, incidents after which the run was resumed, and bad observations that were labelled.
 */
export type RunExceptions = {
  readonly checks: readonly { readonly gate: string; readonly title: string; readonly finding: Finding }[];
  /** Of gates whose visit ended otherwise than by passing, before the run was resumed. */
  readonly visits: readonly { readonly title: string; readonly at: string; readonly reason: string }[];
  readonly resumed: readonly { readonly title: string; readonly at: string; readonly by: string; readonly reason: string }[];
  readonly labels: readonly Observed[];
  /** Bad observations that count for nothing, because somebody had announced the work that caused them. */
  readonly announced: readonly Observed[];
  /** Freezes that do not hold this run, and the two people who decided that. `reasons`: digests of their words. */
  readonly overridden: readonly OverriddenFreeze[];
  /** Time targets of a rollback that were missed, also before a decision to continue. */
  readonly breaches: readonly { readonly budget: Budget; readonly round: number; readonly limitSeconds: number; readonly at: string }[];
};

export type OverriddenFreeze = {
  readonly freeze: string;
  readonly at: string;
  readonly by: readonly string[];
  readonly reasons: readonly string[];
};

export const exceptionsOf = (inputs: GateInputs, gate: Gate): RunExceptions => {
  const bad = foldObservations(inputs.observation).filter((one) => one.bad);
  return {
    checks: exceptionalChecks(inputs, gate),
    visits: inputs.gates.entries.flatMap((entry) => failedVisit(inputs, entry)),
    resumed: inputs.gates.entries
      .flatMap(({ decisions }) => decisions.slice(0, 1))
      .filter(({ event }) => event.data.decision === 'resume')
      .map(({ event: { at, data } }) => ({ title: titleOf(inputs, data.gate), at, by: data.by, reason: data.reason })),
    labels: bad.filter(({ label }) => label !== undefined),
    announced: bad.filter(({ announced }) => announced !== undefined),
    overridden: overriddenFreezes(inputs.context),
    breaches: inputs.rollback
      .filter(isType('rollback.budget-breached'))
      .map(({ event: { at, data } }) => ({ budget: data.budget, round: data.round, limitSeconds: data.limitSeconds, at })),
  };
};

export const overriddenFreezes = ({ own, overridden }: Pick<RunContext, 'own' | 'overridden'>): readonly OverriddenFreeze[] =>
  overridden.map(({ event: { at, data } }) => {
    const requests = own.filter(isType('freeze.override-requested')).filter(({ event }) => event.id === data.request);
    return {
      freeze: data.freeze,
      at,
      by: [...requests.map(({ event }) => event.data.by), data.by],
      reasons: [...requests.map(({ event }) => event.data.reason), data.reason],
    };
  });

const titleOf = ({ context }: GateInputs, gate: string): string => gateOf(context.checklist, gate)?.title ?? gate;

const failedVisit = (inputs: GateInputs, entry: Entry): RunExceptions['visits'] => {
  const settled = effectiveSettlement(entry)?.settled.event;
  if (entry.gate === incidentId || settled === undefined || settled.data.outcome === 'passed') return [];
  return [{ title: titleOf(inputs, entry.gate), at: settled.at, reason: settled.data.reason }];
};

/** Signatures of the gate itself are what is being asked for. Of a gate that is ahead only what people excepted already is an exception. */
const exceptionalChecks = (inputs: GateInputs, gate: Gate): RunExceptions['checks'] =>
  inputs.context.checklist.items.flatMap((item) => {
    if (item.gate === null || (item.gate === gate.id && item.kind.includes('sign-off'))) return [];
    const lane = inputs.allChecks.get(lanes.check(item.gate, item.id)) ?? [];
    const isAhead = currentEntryOf(inputs.gates, item.gate) === undefined;
    if (isAhead && !lane.some((stored) => isType('check.waived')(stored) || isType('check.not-applicable')(stored))) return [];
    const finding = gate.reports.some((id) => id === item.gate) ? currentFinding(item, inputs) : findingElsewhere(inputs, item, lane);
    const isExcepted = finding.verdict === 'waived' || finding.verdict === 'not-applicable';
    if (finding.verdict === 'pass' || (isAhead && !isExcepted)) return [];
    return [{ gate: item.gate, title: titleOf(inputs, item.gate), finding }];
  });

/** A check of a gate that the report does not cover. Where the gate has passed, it is shown as it was judged there. */
const findingElsewhere = (inputs: GateInputs, item: Item, lane: readonly Stored[]): Finding => {
  const entry = item.gate === null ? undefined : entryOf(inputs.gates, item.gate);
  const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
  const now = settlement?.delivered === undefined ? inputs.now : new Date(settlement.settled.event.at);
  return findingFrom(item, lane, inputs.context, { now });
};
