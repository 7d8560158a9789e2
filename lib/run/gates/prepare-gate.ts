import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { checksOf, type Gate, gateOf, goGateOf, type Item } from '../../checklist/definition.ts';
import { isSupersedable } from '../../checklist/gate-graph.ts';
import { computed } from '../../evaluation/own-subjects.ts';
import { comparedBy, isProvedByDrill } from '../../registry/rules.ts';
import { judgeFromLanes } from '../state/current-findings.ts';
import type { Entry } from '../state/gate-entries.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { appendToLane, leadOpensAt, ofType, system, withAppended } from '../state/run-context.ts';
import { targetsOf } from '../state/targets.ts';
import { announceDeputies } from './announce-deputies.ts';
import { fixTarget } from './fix-target.ts';
import { recordDeployed } from './keep-environment.ts';
import { recordTriggers } from './measure-triggers.ts';
import { notifySigners } from './notify-signers.ts';
import { readBefore } from './read-live.ts';
import type { Reconciliation } from './reconciliation.ts';
import { requestApprovals } from './request-approvals.ts';
import { sendNotices } from './send-notices.ts';
import { returnReasons } from './t0-gate.ts';
import { takeBaseline } from './take-baseline.ts';
import { isWayBack } from './way-back.ts';
import { withdrawApprovals } from './withdraw-approvals.ts';

/**
 * Does what an open gate needs before it can be decided: sends notices, requests approvals, judges computed checks. Every step is an
 * event with an id of its own, so a reconciliation that crashed is simply repeated.
 */
export const prepareGate = async (deps: Reconciliation, given: GateInputs, entry: Entry): Promise<GateInputs> => {
  const gate = gateOf(given.context.checklist, entry.gate);
  if (gate === undefined) return given;
  // The run is about to end: nobody is asked anything or gets a mail.
  if (given.context.superseded !== undefined && isSupersedable(given.context.checklist, gate.id)) {
    await withdrawApprovals(deps, given.context, given.gates);
    return given;
  }
  // The run goes back: what follows would be said of a go that no longer stands.
  if (returnReasons(given, gate).length > 0) return given;
  const inputs = isWayBack(gate) ? await onTheWayBack(deps, given, entry, gate) : await notifySigners(deps, given);
  // Before its window opens people are not mailed about a deployment that is days away.
  const opens = leadOpensAt(inputs.context, gate);
  if (opens !== null && inputs.now.toISOString() < opens) return inputs;
  await askForLooks(deps, inputs, gate);
  const known = gate.role === 't0' ? await fixTarget(deps, inputs) : inputs;
  if (gate.role === 'deployment') await recordDeployed(deps, known);
  const before = await readLiveAtGo(deps, known, gate);
  const compared = await judgeBeside(deps, await takeBaseline(deps, before, gate), gate);
  const seen = await judgeChecks(deps, await sendNotices(deps, compared, gate), gate);
  const judged = isWayBack(gate) ? seen : await recordTriggers(deps, seen, gate);
  // Nobody signs for a release that may have to be taken back.
  if (judged.rollback.length > seen.rollback.length) return judged;
  const requested = await requestApprovals(deps, await announceDeputies(deps, judged, entry), gate, entry);
  // An invalidated round takes its signatures back.
  return requested === judged ? judged : judgeChecks(deps, requested, gate);
};

/** Where the list of the commits begins is compared with what is live, before people are asked. */
const readLiveAtGo = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> =>
  gate.nonAuthors === 0 || goGateOf(inputs.context.checklist)?.id !== gate.id
    ? inputs
    : { ...inputs, context: (await readBefore(deps, inputs.context)).context };

/** Loaded when a run takes that way, which few do. */
const onTheWayBack = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, gate: Gate): Promise<GateInputs> => {
  const { prepareRollback } = await import('./prepare-rollback.ts');
  return prepareRollback(deps, inputs, entry, gate);
};

/** What the reconciler says beside the reports of a check. Loaded where such a check is judged. */
const judgeBeside = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const judged = [...inputs.judgedAgain, gate.id].flatMap((id) => checksOf(inputs.context.checklist, id));
  const isBeside = judged.some(({ rule }) => rule !== null && (comparedBy(rule) !== undefined || isProvedByDrill(rule)));
  if (!isBeside) return inputs;
  const [{ compareWithLastRelease }, { judgeOwnDrill }] = await Promise.all([
    import('./compare-releases.ts'),
    import('./judge-own-drill.ts'),
  ]);
  return judgeOwnDrill(deps, await compareWithLastRelease(deps, inputs, gate), gate);
};

/** Loaded where the stage names something to look at. */
const askForLooks = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<void> => {
  const targets = targetsOf(deps, inputs.context);
  if (targets === undefined) return;
  const { askCollector } = await import('./ask-collector.ts');
  await askCollector(deps, inputs, gate, targets);
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
