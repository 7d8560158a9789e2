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

type Decided = Pick<TriggerInputs, 'since' | 'decided'>;

/**
 * When people last decided to continue about this trigger, and what they decided about: that triggers nothing again. What shows a trigger that
 * nobody had named to them is new, also where it was recorded before they decided: the reconciler may not have looked in between.
 */
const decidedAbout = ({ rollback: lane }: GateInputs): ((trigger: string) => Decided) => {
  const { continues, triggers } = foldRollback(lane);
  const earlier = lane.filter(isType('rollback.triggered')).filter((stored) => !triggers.includes(stored));
  const decided = new Set(earlier.flatMap(({ event }) => event.data.evidence));
  const places = new Map(lane.map(({ event }) => [event.id, event.seq]));
  const rounds = continues.map(({ event, at }, place) => ({
    at,
    after: places.get(continues[place - 1]?.event ?? '') ?? 0,
    until: places.get(event) ?? 0,
  }));
  return (trigger) => {
    const named = earlier.filter(({ event }) => event.data.trigger === trigger).map(({ event }) => event.seq);
    return { since: rounds.findLast(({ after, until }) => named.some((seq) => after < seq && seq < until))?.at, decided };
  };
};

const measured = (inputs: GateInputs): readonly MeasuredTrigger[] => {
  const { context, deployment, observation, measurement } = inputs;
  return measuredTriggers(context.checklist, { deployment, observation, measurement }, decidedAbout(inputs));
};

/** A check that harms more the longer people wait, such as lost data. The judgement that says so is the evidence. */
const marked = (inputs: GateInputs, gate: Gate): readonly MeasuredTrigger[] => {
  const decidedOf = decidedAbout(inputs);
  const findings = currentFindings(gate.id, inputs);
  return checksOf(inputs.context.checklist, gate.id)
    .filter(({ onFail }) => onFail === 'trigger')
    .flatMap((check) => {
      const finding = findings.find((one) => one.check === check.id);
      const judged = laneOfCheck(inputs, check).findLast(isType('check.judged'))?.event;
      if (finding?.verdict !== 'fail' || judged === undefined || !isNew(decidedOf(check.id), judged.at, judged.id)) return [];
      return { trigger: check.id, detail: `${check.title}: ${finding.reason}`, evidence: [judged.id] };
    });
};
