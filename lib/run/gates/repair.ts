import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { satisfies } from '../../evaluation/verdict.ts';
import type { Dependencies } from '../../ports.ts';
import { currentFindings } from '../state/computed.ts';
import { effectiveSettlement, entryOf } from '../state/gate-entries.ts';
import { type GateInputs, readGateInputs, readGates } from '../state/gate-inputs.ts';
import type { RunContext } from '../state/run-context.ts';
import { completeFanOut } from '../writing/fan-out.ts';
import { recordRegression } from '../writing/regressions.ts';

/**
 * Completes what a writer left undone when it crashed after its append: judgements of recorded evidence, then regressions of settled
 * gates. Repeating it changes nothing.
 */
export const repair = async (
  deps: Pick<Dependencies, 'trail' | 'reconciler' | 'clock' | 'evidence'>,
  context: RunContext,
): Promise<void> => {
  await completeFanOut(deps, context);
  const gates = await readGates(deps, context);
  for (const gate of context.checklist.gates) {
    const entry = entryOf(gates, gate.id);
    const settled = entry === undefined ? undefined : effectiveSettlement(entry)?.settled;
    if (entry === undefined || settled?.event.data.outcome !== 'passed') continue;
    const inputs = await readGateInputs(deps, context, gates, gate.id);
    for (const regression of missingRegressions(inputs, gate, settled))
      await recordRegression(deps, context, entry, settled, regression, gates);
  }
};

/**
 * Required checks that have events after the gate was settled and are no longer satisfied. A check that only expired is not among them:
 * the settlement's `soundUntil` covers it.
 */
const missingRegressions = (
  inputs: GateInputs,
  gate: Gate,
  settled: Stored<'gate.settled'>,
): { readonly check: string; readonly verdict: string }[] => {
  const judgedUpTo = new Map(settled.event.data.judgedOn.map(({ lane, seq }) => [lane, seq]));
  const grew = (events: readonly Stored[]): boolean => {
    const last = events.at(-1)?.event;
    return last !== undefined && last.seq > (judgedUpTo.get(last.lane) ?? 0);
  };
  const concerned = (check: Item): boolean =>
    grew(inputs.checks.get(lanes.check(gate.id, check.id)) ?? []) ||
    (isObserved(check) && grew(inputs.observation)) ||
    (check.rule?.kind === 'deployed/1' && grew(inputs.deployment));
  const checks = new Map(checksOf(inputs.context.checklist, gate.id).map((check) => [check.id, check]));
  return currentFindings(gate.id, inputs)
    .filter(({ check, mode, verdict }) => mode === 'required' && !satisfies(verdict) && concerned(checks.get(check) as Item))
    .map(({ check, verdict }) => ({ check, verdict }));
};

const isObserved = ({ rule }: Item): boolean => rule?.kind === 'no-open-observations/1' || rule?.kind === 'alarms-labelled/1';
