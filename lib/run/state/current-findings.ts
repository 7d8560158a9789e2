import { checksOf, gateOf, type Item, itemOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { foldOnce } from '../../folds/fold-once.ts';
import { isEvidenceRule, judgeComputed, kindOf, type Rule, type RunInputs } from '../../registry/rules.ts';
import { isUnsatisfied, type Judgement } from '../../verdict.ts';
import { findingOf } from './findings.ts';
import { visitOf } from './gate-entries.ts';
import { finishedAt, type GateInputs, windowEndsAt } from './gate-inputs.ts';

/** Judges a computed check from the lanes that were just read; undefined for any other check, and while there is nothing to say yet. */
export const judgeFromLanes = (check: Item, inputs: GateInputs): Judgement | undefined =>
  check.rule === null || isEvidenceRule(check.rule) || !isReadable(check.rule, inputs)
    ? undefined
    : judgeComputed(check.rule, runInputsOf(check, inputs));

/** Rules on the environment are judged where it was read: by the reconciler, at T0. */
const isReadable = (rule: Rule, { environment }: GateInputs): boolean =>
  environment !== null || !kindOf(rule).lanes.includes('environment');

const runInputsOf = (check: Item, inputs: GateInputs): RunInputs => {
  const { context, gates, now, deployment, observation, measurement, notice, approval, rollback, environment } = inputs;
  return {
    now,
    release: context.started.event.data,
    lanes: { deployment, observation, measurement, notice, approval, rollback, environment: environment ?? [] },
    windowEndsAt: windowEndOf(check, inputs),
    entry: gates.open !== undefined && gates.open.gate === check.gate ? visitOf(gates.open) : undefined,
    finding: (id) => {
      const other = itemOf(context.checklist, id);
      return other === undefined ? undefined : currentFinding(other, inputs);
    },
  };
};

/** Of a gate without a window, the end of the deployment. */
const windowEndOf = (check: Item, inputs: GateInputs): number | undefined => {
  const gate = check.gate === null ? undefined : gateOf(inputs.context.checklist, check.gate);
  if (gate !== undefined && gate.window !== null) return windowEndsAt(inputs, gate);
  const finished = finishedAt(inputs);
  return finished === undefined ? undefined : Date.parse(finished);
};

/**
 * A check as it stands. The stored judgement of a computed check may be older than an observation, an answer or a deployment that has
 * arrived since, so that a pass is computed again from the lanes that were just read. A signature can be read at its own gate only,
 * and stays given.
 */
export const currentFinding = (check: Item, inputs: GateInputs): Finding =>
  currentOnce(inputs, check.id, [], () => judgeAgain(check, inputs));

const currentOnce = foldOnce<Finding>();

const judgeAgain = (check: Item, inputs: GateInputs): Finding => {
  const finding = findingOf(check, inputs);
  if (check.rule === null || isEvidenceRule(check.rule) || finding.verdict !== 'pass') return finding;
  if (!isReadable(check.rule, inputs)) return finding;
  if (kindOf(check.rule).lasting && inputs.gates.open?.gate !== check.gate) return finding;
  const now = judgeFromLanes(check, inputs);
  if (now?.verdict === 'pass') return finding;
  return { ...finding, verdict: now?.verdict ?? 'missing', reason: now?.reason ?? 'what it was computed from has changed' };
};

export const currentFindings = (gate: string, inputs: GateInputs): Finding[] =>
  checksOf(inputs.context.checklist, gate).map((check) => currentFinding(check, inputs));

/**
 * The checks that block the gate. What is missing at the gate itself may still come. At an earlier one it was there, and people and pipelines
 * must hear that it is gone.
 */
export const blockingFindings = (gate: string, inputs: GateInputs): Finding[] =>
  unsatisfiedFindings(gate, inputs).filter(
    ({ check, verdict }) => verdict !== 'missing' || itemOf(inputs.context.checklist, check)?.gate !== gate,
  );

/** The checks that keep the gate from passing: its own, and those of earlier gates that it judges again. Those of earlier gates come first. */
export const unsatisfiedFindings = (gate: string, inputs: GateInputs): Finding[] =>
  [...inputs.judgedAgain, gate].flatMap((id) => currentFindings(id, inputs)).filter(isUnsatisfied);
