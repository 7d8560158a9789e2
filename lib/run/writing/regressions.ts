import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Item, itemOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { currentFindings, unsatisfiedFindings } from '../state/current-findings.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0, readGateInputs } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';

export type Regression = { readonly check: string; readonly verdict: string };

/** The required check that is no longer satisfied; where no check changed (changes requested, another report), the gate itself. */
export const firstRegression = (inputs: GateInputs, entry: Entry): Regression => {
  const [found] = unsatisfiedFindings(entry.gate, inputs);
  return found === undefined ? { check: entry.gate, verdict: 'changed' } : { check: found.check, verdict: found.verdict };
};

/** A settle event that no longer stands, in its entry. */
export type Settled = { readonly entry: Entry; readonly settled: Stored<'gate.settled'> };

/**
 * Records beside a settle event that it no longer stands. While its answer has not been sent it blocks this gate, afterwards the next
 * one; after T0 it is a candidate for a rollback trigger, which a person decides.
 */
export const recordRegression = async (
  deps: Pick<Dependencies, 'trail'>,
  { context, gates }: { readonly context: RunContext; readonly gates: Gates },
  { entry, settled }: Settled,
  regression: Regression,
): Promise<void> => {
  const { settlement } = settled.event.data;
  const key = entry.opened.event.data.entry;
  const lane = [...entry.lane.filter(({ event }) => event.seq !== settled.event.seq), settled].sort((a, b) => a.event.seq - b.event.seq);
  await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: lanes.gate(entry.gate),
    step: `${key}/regressed/${settlement}/${regression.check}/${regression.verdict}`,
    type: 'gate.regressed',
    actor: system('evaluator'),
    data: { gate: entry.gate, entry: key, settlement, ...regression, candidate: isAfterT0(context, gates) },
  });
};

/**
 * The writer's half of the two-sided protocol: records a regression for every required check of a passed gate that is concerned and no
 * longer satisfied. Returns whether there was one.
 */
export const recordRegressions = async (
  deps: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  gates: Gates,
  gate: string,
  isConcerned: (check: Item, inputs: GateInputs, settled: Stored<'gate.settled'>) => boolean,
): Promise<boolean> => {
  const entry = entryOf(gates, gate);
  const settled = entry === undefined ? undefined : effectiveSettlement(entry)?.settled;
  if (entry === undefined || settled?.event.data.outcome !== 'passed') return false;
  const inputs = await readGateInputs(deps, context, gates, gate);
  const regressed = currentFindings(gate, inputs).filter((finding) => {
    const item = itemOf(context.checklist, finding.check);
    return isUnsatisfied(finding) && item !== undefined && isConcerned(item, inputs, settled);
  });
  for (const { check, verdict } of regressed) await recordRegression(deps, { context, gates }, { entry, settled }, { check, verdict });
  return regressed.length > 0;
};
