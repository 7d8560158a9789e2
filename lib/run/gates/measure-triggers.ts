import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { checksOf, type Gate } from '../../checklist/definition.ts';
import { type MeasuredTrigger, measuredTriggers } from '../../evaluation/measured-triggers.ts';
import { foldRollback, isMeasured } from '../../folds/rollback.ts';
import { isNew, type TriggerInputs } from '../../rules/triggers/kind.ts';
import { currentFindings } from '../state/current-findings.ts';
import { type GateInputs, isAfterT0, laneOfCheck } from '../state/gate-inputs.ts';
import { appendToLane, system, withAppended } from '../state/run-context.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Records the rollback triggers that the run's lanes show from the deployment on: the document's five by their rules, and a failing check that
 * the checklist marks at this gate. One that was measured in the open round already, or that people have decided to live with, is not recorded
 * again. One that a person declared is: only a measured trigger lets silence decide.
 */
export const recordTriggers = async (deps: Pick<Reconciliation, 'trail'>, given: GateInputs, gate: Gate): Promise<GateInputs> => {
  if (!given.context.admitted || !isAfterT0(given.context, given.gates)) return given;
  let inputs = given;
  for (const found of [...measured(given), ...marked(given, gate)]) {
    const { triggers } = foldRollback(inputs.rollback);
    if (triggers.some(({ event: { data } }) => isMeasured(data) && data.trigger === found.trigger)) continue;
    const { stored } = await appendToLane(deps, inputs.context.parentHash, inputs.rollback, {
      scope: inputs.context.scope,
      lane: lanes.rollback,
      step: `measured/${found.trigger}/${digestOf(found.evidence).slice(0, 16)}`,
      type: 'rollback.triggered',
      actor: system('reconciler'),
      data: { trigger: found.trigger, by: null, reason: null, detail: found.detail, evidence: [...found.evidence], decides: false },
    });
    inputs = { ...inputs, rollback: await withAppended(deps, inputs.rollback, stored as Stored) };
  }
  return inputs;
};

/** When people last decided to continue, and what they decided about: that triggers nothing again. */
const decidedBefore = ({ rollback: lane }: GateInputs): Pick<TriggerInputs, 'since' | 'decided'> => {
  const { continues, triggers } = foldRollback(lane);
  const earlier = lane.filter(isType('rollback.triggered')).filter((stored) => !triggers.includes(stored));
  return { since: continues.at(-1)?.at, decided: new Set(earlier.flatMap(({ event }) => event.data.evidence)) };
};

const measured = (inputs: GateInputs): readonly MeasuredTrigger[] => {
  const { context, deployment, observation, measurement } = inputs;
  return measuredTriggers(context.checklist, { deployment, observation, measurement, ...decidedBefore(inputs) });
};

/** A check that harms more the longer people wait, such as lost data. The judgement that says so is the evidence. */
const marked = (inputs: GateInputs, gate: Gate): readonly MeasuredTrigger[] => {
  const decided = decidedBefore(inputs);
  const findings = currentFindings(gate.id, inputs);
  return checksOf(inputs.context.checklist, gate.id)
    .filter(({ onFail }) => onFail === 'trigger')
    .flatMap((check) => {
      const finding = findings.find((one) => one.check === check.id);
      const judged = laneOfCheck(inputs, check).findLast(isType('check.judged'))?.event;
      if (finding?.verdict !== 'fail' || judged === undefined || !isNew(decided, judged.at, judged.id)) return [];
      return { trigger: check.id, detail: `${check.title}: ${finding.reason}`, evidence: [judged.id] };
    });
};
