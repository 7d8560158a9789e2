import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, gateOf, type Item } from '../../checklist/definition.ts';
import { satisfies } from '../../evaluation/verdict.ts';
import type { Dependencies } from '../../ports.ts';
import { currentFindings } from '../state/computed.ts';
import { type Entry, effectiveSettlement, entryOf, type Gates } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0, readGates } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system } from '../state/run-context.ts';
import type { Recheck } from './recheck.ts';

export type Regression = { readonly check: string; readonly verdict: string };

/** The required check that stopped releasing; where no check did (a sent-back, a changed report), the gate itself. */
export const firstRegression = (inputs: GateInputs, entry: Entry): Regression => {
  const found = [...inputs.judgedAgain, entry.gate]
    .flatMap((id) => currentFindings(id, inputs))
    .find((finding) => finding.mode === 'required' && !satisfies(finding.verdict));
  return found === undefined ? { check: entry.gate, verdict: 'changed' } : { check: found.check, verdict: found.verdict };
};

/**
 * Says beside a settle event that it no longer stands. It holds this gate when the answer has not gone out, the next one when
 * it has; after T0 it is a candidate for a trigger, which a person decides.
 */
export const recordRegression = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  entry: Entry,
  settled: Stored<'gate.settled'>,
  regression: Regression,
  gates?: Gates,
): Promise<void> => {
  const { settlement } = settled.event.data;
  await appendToLane(
    deps,
    context.parentHash,
    [...entry.lane, settled].sort((a, b) => a.event.seq - b.event.seq),
    {
      scope: context.scope,
      lane: lanes.gate(entry.gate),
      step: `${entry.opened.event.data.entry}/regressed/${settlement}/${regression.check}/${regression.verdict}`,
      type: 'gate.regressed',
      actor: system('reconciler'),
      data: {
        gate: entry.gate,
        entry: entry.opened.event.data.entry,
        settlement,
        ...regression,
        candidate: gates !== undefined && isAfterT0(context, gates),
      },
    },
  );
};

/** A check that a writer has just changed, with its verdict now. */
export type Changed = { readonly check: Item; readonly satisfied: boolean; readonly verdict: string };

/**
 * The writer's half of the two-sided protocol, called after its append: reads the gate lanes, records a regression where a
 * settled gate rested on a check that no longer releases, and asks the reconciler to look when an open gate may have changed. The
 * promised look goes with the ask; where nothing is to be asked it is struck off.
 */
export const recordConsequences = async (
  deps: Pick<Dependencies, 'trail' | 'reconciler'>,
  context: RunContext,
  changed: readonly Changed[],
  recheck?: Recheck,
): Promise<void> => {
  const open = changed.length === 0 ? undefined : await recordChange(deps, context, changed);
  if (open !== undefined) await deps.reconciler.request(context.run, recheck?.item);
  else await recheck?.done();
};

/** Answers with the open gate when the change concerns it. */
const recordChange = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  changed: readonly Changed[],
): Promise<string | undefined> => {
  const gates = await readGates(deps, context);
  for (const change of changed) {
    if (change.satisfied || change.check.mode !== 'required' || change.check.gate === null) continue;
    const entry = entryOf(gates, change.check.gate);
    const settlement = entry === undefined ? undefined : effectiveSettlement(entry);
    if (entry === undefined || settlement?.settled.event.data.outcome !== 'passed') continue;
    await recordRegression(deps, context, entry, settlement.settled, { check: change.check.id, verdict: change.verdict }, gates);
  }
  const open = gates.open?.gate;
  if (open === undefined) return undefined;
  const concerned =
    changed.some(({ check }) => check.gate === open) ||
    changed.some((change) => !change.satisfied) ||
    refersTo(context, open, changed) ||
    gates.entries.some((entry) => (effectiveSettlement(entry)?.regressions.length ?? 0) > 0);
  return concerned ? open : undefined;
};

/** Whether the open gate reports or computes from a gate of a changed check. */
const refersTo = (context: RunContext, open: string, changed: readonly Changed[]): boolean => {
  const gate = gateOf(context.checklist, open);
  // It judges earlier gates again whose time is over: any check of them may be what it waits for.
  if (gate?.rejudges) return true;
  const reports = gate?.reports ?? [];
  const referred = checksOf(context.checklist, open).flatMap((check) =>
    check.rule?.kind === 'checks-satisfied/1' ? check.rule.checks : [],
  );
  return changed.some(({ check }) => (check.gate !== null && reports.some((id) => id === check.gate)) || referred.includes(check.id));
};
