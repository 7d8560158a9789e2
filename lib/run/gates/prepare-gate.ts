import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { checksOf, type Gate, gateOf, goGateOf, type Item } from '../../checklist/definition.ts';
import { isSupersedable } from '../../checklist/gate-graph.ts';
import { computed } from '../../evaluation/own-subjects.ts';
import { takenBaseline } from '../../folds/taken-baseline.ts';
import { onDemand } from '../../on-demand.ts';
import { comparedBy, isProvedByDrill, kindOf } from '../../registry/rules.ts';
import { judgeFromLanes } from '../state/current-findings.ts';
import type { Entry } from '../state/gate-entries.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { appendToLane, leadOpensAt, ofType, system, withAppended } from '../state/run-context.ts';
import { stagingTargetsOf, targetsOf } from '../state/targets.ts';
import { fixTarget } from './fix-target.ts';
import type { Reconciliation } from './reconciliation.ts';
import { lastSigned } from './signed-gate.ts';
import { returnReasons } from './t0-gate.ts';
import { isDecisionOpen, isWayBack } from './way-back.ts';

const loadWithdrawApprovals = onDemand(() => import('./withdraw-approvals.ts'));
const loadSendNotices = onDemand(() => import('./send-notices.ts'));
const loadMeasureTriggers = onDemand(() => import('./measure-triggers.ts'));
const loadKeepEnvironment = onDemand(() => import('./keep-environment.ts'));
const loadReadLive = onDemand(() => import('./read-live.ts'));
const loadNotifySigners = onDemand(() => import('./notify-signers.ts'));
const loadTakeBaseline = onDemand(() => import('./take-baseline.ts'));
const loadAnnounceDeputies = onDemand(() => import('./announce-deputies.ts'));
const loadRequestApprovals = onDemand(() => import('./request-approvals.ts'));
const loadPrepareRollback = onDemand(() => import('./prepare-rollback.ts'));
const loadCompareReleases = onDemand(() => import('./compare-releases.ts'));
const loadJudgeOwnDrill = onDemand(() => import('./judge-own-drill.ts'));
const loadAskCollector = onDemand(() => import('./ask-collector.ts'));
const loadAskProtections = onDemand(() => import('./ask-protections.ts'));

/**
 * Does what an open gate needs before it can be decided: sends notices, requests approvals, judges computed checks. Every step is an
 * event with an id of its own, so a reconciliation that crashed is simply repeated.
 */
export const prepareGate = async (deps: Reconciliation, given: GateInputs, entry: Entry): Promise<GateInputs> => {
  const gate = gateOf(given.context.checklist, entry.gate);
  if (gate === undefined) return given;
  // The run is about to end: nobody is asked anything or gets a mail.
  if (given.context.superseded !== undefined && isSupersedable(given.context.checklist, gate.id)) {
    await (await loadWithdrawApprovals()).withdrawApprovals(deps, given.context, given.gates);
    return given;
  }
  // The run goes back: what follows would be said of a go that no longer stands.
  if (returnReasons(given, gate).length > 0) return given;
  const inputs = isWayBack(gate) ? await onTheWayBack(deps, given, entry, gate) : await besideTheWay(deps, given, gate);
  // Before its window opens people are not mailed about a deployment that is days away.
  const opens = leadOpensAt(inputs.context, gate);
  if (opens !== null && inputs.now.toISOString() < opens) return inputs;
  await askForLooks(deps, inputs, gate);
  const known = gate.role === 't0' ? await fixTarget(deps, inputs) : inputs;
  if (gate.role === 'deployment') await (await loadKeepEnvironment()).recordDeployed(deps, known);
  const before = await readLiveAtGo(deps, known, gate);
  const compared = await judgeBeside(deps, await baselineFor(deps, before, gate), gate);
  const seen = await judgeChecks(deps, await announce(deps, compared, gate, entry), gate);
  const judged = isWayBack(gate) ? seen : await measureTriggers(deps, seen, gate);
  // Nobody signs for a release that may have to be taken back.
  if (judged.rollback.length > seen.rollback.length) return judged;
  const requested = await askPeople(deps, judged, gate, entry);
  // An invalidated round takes its signatures back.
  return requested === judged ? judged : judgeChecks(deps, requested, gate);
};

/** Loaded where a check of the gate is about a notice. */
const announce = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> =>
  checksOf(inputs.context.checklist, gate.id).some(({ rule }) => rule !== null && kindOf(rule).sends(rule).length > 0)
    ? (await loadSendNotices()).sendNotices(deps, inputs, gate, entry)
    : inputs;

/** Loaded once the deployment was admitted: before that nothing triggers a rollback. */
const measureTriggers = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> =>
  inputs.context.admitted ? (await loadMeasureTriggers()).recordTriggers(deps, inputs, gate) : inputs;

/** Where the list of the commits begins is compared with what is live, before people are asked. */
const readLiveAtGo = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> =>
  gate.nonAuthors === 0 || goGateOf(inputs.context.checklist)?.id !== gate.id
    ? inputs
    : { ...inputs, context: (await (await loadReadLive()).readBefore(deps, inputs.context)).context };

/** Loaded once people have signed. */
const tellSigners = async (deps: Reconciliation, inputs: GateInputs): Promise<GateInputs> =>
  lastSigned(inputs) === undefined ? inputs : (await loadNotifySigners()).notifySigners(deps, inputs);

/** Loaded where a check of the gate is compared with a baseline, or one was taken that may have been withdrawn. */
const baselineFor = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> =>
  takenBaseline(inputs.measurement) !== undefined ||
  checksOf(inputs.context.checklist, gate.id).some(({ rule }) => rule !== null && kindOf(rule).comparesFigures(rule) !== undefined)
    ? (await loadTakeBaseline()).takeBaseline(deps, inputs, gate)
    : inputs;

/** Loaded where the gate asks people, or where people have signed. */
const askPeople = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  if (gate.asks.length === 0 && lastSigned(inputs) === undefined) return inputs;
  const { announceDeputies } = await loadAnnounceDeputies();
  const announced = await announceDeputies(deps, inputs, entry);
  return gate.asks.length === 0 ? announced : (await loadRequestApprovals()).requestApprovals(deps, announced, gate, entry);
};

/**
 * Loaded when a run takes that way, which few do. What is measured while a decision is open is added to it first: who decides must see it, and
 * it may be what lets silence decide.
 */
const onTheWayBack = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, gate: Gate): Promise<GateInputs> => {
  const { prepareRollback } = await loadPrepareRollback();
  const interrupted = isDecisionOpen(inputs) ? gateOf(inputs.context.checklist, entry.opened.event.data.interrupted ?? '') : undefined;
  const known = interrupted === undefined ? inputs : await measureTriggers(deps, inputs, interrupted);
  return prepareRollback(deps, known, entry, gate);
};

/** A rollback whose state broke off goes on to use up its budgets while the incident gate waits for a person. */
const besideTheWay = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> =>
  gate.role === 'incident' && inputs.rollback.length > 0
    ? (await loadPrepareRollback()).recordBudgets(deps, inputs)
    : tellSigners(deps, inputs);

/** What the reconciler says beside the reports of a check. Loaded where such a check is judged. */
const judgeBeside = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const judged = [...inputs.judgedAgain, gate.id].flatMap((id) => checksOf(inputs.context.checklist, id));
  const isBeside = judged.some(({ rule }) => rule !== null && (comparedBy(rule) !== undefined || isProvedByDrill(rule)));
  if (!isBeside) return inputs;
  const [{ compareWithLastRelease }, { judgeOwnDrill }] = await Promise.all([loadCompareReleases(), loadJudgeOwnDrill()]);
  return judgeOwnDrill(deps, await compareWithLastRelease(deps, inputs, gate), gate);
};

/** Loaded where the stage names something to look at. */
const askForLooks = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<void> => {
  const [targets, staging] = [targetsOf(deps, inputs.context), stagingTargetsOf(deps, inputs.context)];
  if (targets !== undefined) await (await loadAskCollector()).askCollector(deps, inputs, gate, targets);
  if (staging !== undefined && gate.role === 'evidence') await (await loadAskProtections()).askProtections(deps, inputs, staging);
};

/** Appends a judgement for every computed check whose verdict or reason has changed. */
const judgeChecks = async (deps: Pick<Reconciliation, 'trail'>, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  let current = inputs;
  for (const check of checksOf(inputs.context.checklist, gate.id)) current = await judgeCheck(deps, current, check);
  return current;
};

const judgeCheck = async (deps: Pick<Reconciliation, 'trail'>, inputs: GateInputs, check: Item): Promise<GateInputs> => {
  const judgement = judgeFromLanes(check, inputs);
  if (judgement === undefined) return inputs;
  const lane = laneOfCheck(inputs, check);
  const judged = ofType(lane, 'check.judged');
  const last = judged.at(-1)?.event.data;
  if (last !== undefined && last.verdict === judgement.verdict && last.reason === judgement.reason) return inputs;
  const facts = digestOf({ rule: check.rule, reason: judgement.reason });
  const { stored } = await appendToLane(deps, inputs.context.parentHash, lane, {
    scope: inputs.context.scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step: `computed/${judged.length + 1}`,
    type: 'check.judged',
    actor: system('reconciler'),
    data: {
      check: check.id,
      subject: computed,
      verdict: judgement.verdict,
      reason: judgement.reason,
      facts,
      evidence: null,
      attempt: judged.length + 1,
      // Reconcilers run on machines with different clocks; madeAt must not go back.
      madeAt: [inputs.now.toISOString(), ...judged.map(({ event }) => event.data.madeAt)].sort().at(-1) ?? '',
      producer: { run: 'reconciler', attempt: judged.length + 1 },
      goodUntil: null,
      by: null,
      words: null,
    },
  });
  const checks = new Map(inputs.checks);
  checks.set(stored.event.lane, await withAppended(deps, lane, stored));
  return { ...inputs, checks };
};
