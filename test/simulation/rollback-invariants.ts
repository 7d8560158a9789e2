import { isType, type Stored } from '../../lib/audit/event.ts';
import { type RollbackStep, rollbackStepIds } from '../../lib/audit/events/rollback.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { closesLane } from '../../lib/audit/verify-lane.ts';
import { gateOf, gateOfRole, incidentId } from '../../lib/checklist/definition.ts';
import { foldRollback, mayBeStopped } from '../../lib/folds/rollback.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import type { Execution } from './machine.ts';
import type { World } from './world.ts';

/** What must hold of the way back once nothing moves any more. The sentences are in `invariants.ts`. */
type Rested = { readonly events: readonly Stored[]; readonly execution: Execution | undefined };
type Looked = { readonly world: World; readonly run: string; readonly lane: readonly Stored[]; readonly outcome: string | undefined };

const rolledBack = ['rolled-back', 'rolled-back-unverified', 'rollback-escalated'];

export const wayBackAtRest = (world: World, run: string, { events, execution }: Rested): void => {
  const ended = events.filter(isType('run.ended'));
  if (ended.length !== 1) world.violate('one-end', `${run} has ${ended.length} ends`);
  const lane = events.filter((stored) => stored.event.lane === lanes.rollback && !closesLane(stored));
  const looked: Looked = { world, run, lane, outcome: ended[0]?.event.data.outcome };
  passedOnce(looked, execution);
  placesAgree(looked, events, execution);
  noLostTrigger(looked);
  decisionsStand(looked);
  stepsAreProved(looked, execution);
  const order = world.order.filter(({ event }) => event.scope === scopes.run(run));
  const before = order.slice(0, order.findIndex(isType('run.ended'))).filter(({ event }) => event.lane === lanes.rollback);
  const isStopped = world.service.stoppedBy === run;
  if (mayBeStopped(foldRollback(before)) || isStopped)
    world.violate('traffic-flows', `${run} ended as ${looked.outcome}: ${isStopped ? 'requests are' : 'may be'} stopped`);
  if (foldRollback(lane).decision === undefined) return;
  if (!rolledBack.includes(looked.outcome ?? ''))
    world.violate('environment-is-free', `${run} ended as ${looked.outcome}, and nobody knows what its rollback has left running`);
  budgetsComputed(looked, events);
};

export const outcomeTaken = ({ stores }: World, tokens: readonly string[]): string | undefined => {
  const sent = stores.workflow.answers.find(({ token }) => tokens.includes(token))?.sent;
  if (sent === undefined) return undefined;
  return 'output' in sent ? (sent.output as { readonly outcome: string }).outcome : 'triggered';
};

/**
 * A run may be resumed at the incident gate several times; every other gate lets it through once. After T0 has sent it back, or a person has
 * resumed it, the gates from the one where it then stands let it through again. A person resumes it at a gate that it has passed where the
 * record of the answer and the opening of the next gate were both lost.
 */
const passedOnce = ({ world, run }: Looked, execution: Execution | undefined): void => {
  const passed: string[] = [];
  let isSentBack = false;
  for (const { gate, tokens } of execution?.entered ?? []) {
    if (isSentBack && passed.includes(gate)) passed.splice(passed.indexOf(gate));
    const outcome = outcomeTaken(world, tokens);
    isSentBack = outcome === 'returned' || gate === incidentId;
    if (outcome !== 'passed' || gate === incidentId) continue;
    if (passed.includes(gate)) world.violate('no-gate-twice', `${run} passed ${gate} twice`);
    passed.push(gate);
  }
};

/** Every opening is an entry of the machine, and the gate that a decision interrupts is the one from which the machine came. */
const placesAgree = ({ world, run }: Looked, events: readonly Stored[], execution: Execution | undefined): void => {
  for (const { event } of events.filter(isType('gate.opened'))) {
    const { gate, entry, interrupted } = event.data;
    const entered = execution?.entered ?? [];
    const place = entered.findIndex((one) => one.gate === gate && one.entry === entry);
    if (place < 0) world.violate('trail-agrees-with-machine', `${run} opened ${gate} at ${entry}, where the machine never was`);
    const from = entered[place - 1]?.gate ?? '';
    const isSpine = world.checklist.gates.some(({ id }) => id === from);
    if (place > 0 && gateOf(world.checklist, gate)?.role === 'decision' && isSpine && interrupted !== from)
      world.violate(
        'trail-agrees-with-machine',
        `${run} says that the decision interrupted ${interrupted}, and the machine came from ${from}`,
      );
  }
};

const noLostTrigger = ({ world, run, lane, outcome }: Looked): void => {
  const { triggers, decision } = foldRollback(lane);
  if (decision !== undefined || outcome === undefined) return;
  const order = world.order.filter(({ event }) => event.scope === scopes.run(run));
  const decided = order.findLastIndex((stored) => isType('gate.settled')(stored) && stored.event.data.end === outcome);
  // Nothing is deployed before it, so that there is nothing to take back.
  const admitted = order.findIndex((stored) => isType('deployment.admitted')(stored));
  for (const { event } of triggers) {
    const place = order.findIndex((stored) => stored.event.id === event.id);
    // Where people or time ended the run at the incident gate, people were asked there and have taken over.
    if (outcome === 'incident' && order.some((stored, at) => at > place && isAsked(world, stored))) continue;
    if (admitted >= 0 && admitted < decided && place < decided && outcome !== 'cancelled')
      world.violate('no-lost-trigger', `${run} ended as ${outcome}, and nobody decided about ${event.data.trigger}`);
    if (world.promised.triggered.has(event.id))
      world.violate('told-is-done', `${run} ended as ${outcome}, and the trigger ${event.data.trigger} was acknowledged`);
  }
};

const isAsked = ({ checklist }: World, stored: Stored): boolean =>
  isType('gate.opened')(stored) && [incidentId, gateOfRole(checklist, 'decision')?.id].includes(stored.event.data.gate);

/** People were told that their decision counts. */
const decisionsStand = ({ world, run, lane, outcome }: Looked): void => {
  const { decision, continues } = foldRollback(lane);
  const standing = new Set([...continues, ...(decision === undefined ? [] : [decision])].map(({ event }) => event));
  const data = lane.findLast(isType('rollback.data-decided'))?.event.id;
  for (const told of world.promised.decided.filter((one) => one.run === run))
    if (!standing.has(told.event) && told.event !== data)
      world.violate('told-is-done', `${run}: the decision to ${told.decision} was acknowledged and does not stand`);
  const byPeople: readonly (string | undefined)[] = ['rollback-escalated', 'rolled-back-unverified', 'incident'];
  // Who handles the step once more takes the end back.
  const handled = lane.filter(isType('rollback.step-handled'));
  const isTold = ({ event }: (typeof handled)[number]): boolean =>
    world.promised.ended.has(event.id) && handled.findLast((one) => one.event.data.step === event.data.step)?.event.id === event.id;
  if (handled.some(isTold) && !byPeople.includes(outcome))
    world.violate('told-is-done', `${run} ended as ${outcome}, and a person who ended its rollback was told that this counts`);
};

const budgetsComputed = ({ world, run, lane, outcome }: Looked, events: readonly Stored[]): void => {
  const measured = budgetsOf(lane);
  const limits = world.checklist.rollback.budgets;
  const running = measured.filter(({ until }) => until === null).map(({ budget }) => budget);
  if (outcome === 'rolled-back' && (measured.length !== 4 || running.length > 0))
    world.violate('budgets-computed', `${run} has ${measured.length} budgets, and ${running.join()} never ended`);
  if (measured.length < 2 || running.includes('decision')) world.violate('budgets-computed', `${run} ended, and its decision has no time`);
  for (const { budget, since, until } of measured) {
    const recorded = lane
      .filter(isType('rollback.budget-breached'))
      .some(({ event: { data } }) => data.budget === budget && data.since === since);
    const took = until === null ? 0 : (Date.parse(until) - Date.parse(since)) / 1000;
    if (took > limits[budget] && !recorded)
      world.violate('budgets-computed', `${run}: ${budget} took ${took} s, and no breach is recorded`);
    const judged = events.filter(isType('check.judged')).some(({ event: { data } }) => data.check === `target-${budget}`);
    if (outcome === 'rolled-back' && !judged) world.violate('budgets-computed', `${run}: nobody judged the target ${budget}`);
  }
};

const stepsAreProved = ({ world, run }: Looked, execution: Execution | undefined): void => {
  for (const { gate, entry, tokens } of execution?.entered ?? []) {
    const step = rollbackStepIds.find((one) => one === gate);
    if (step === undefined || outcomeTaken(world, tokens) !== 'passed') continue;
    const order = world.order.filter(({ event }) => event.scope === scopes.run(run));
    const settled = order.findLastIndex((stored) => isType('gate.settled')(stored) && stored.event.data.entry === entry);
    const before = order.slice(0, settled).filter(({ event }) => event.lane === lanes.rollback);
    if (!isShown(before, step, () => true)) world.violate('steps-are-proved', `${run} passed ${step}, and nothing shows that it was done`);
    else if (!isShown(before, step, (place) => !isLate(before, place)))
      world.violate('late-changes-nothing', `${run} passed ${step} by a late answer`);
  }
};

type Attempted = { readonly step: string; readonly action: string; readonly attempt: number };
const attempted = ({ event: { data } }: Stored): Attempted | undefined =>
  'attempt' in data && 'action' in data ? (data as Attempted) : undefined;
const isSame = (a: Attempted, b: Attempted): boolean => a.step === b.step && a.action === b.action && a.attempt === b.attempt;

/** An answer that stands behind the request of a later attempt at the same step, or behind what a person did instead. */
const isLate = (lane: readonly Stored[], place: number): boolean => {
  const answer = lane[place];
  const own = answer === undefined ? undefined : attempted(answer);
  if (answer === undefined || own === undefined) return false;
  if (!['rollback.step-done', 'rollback.step-failed', 'rollback.step-proved'].includes(answer.event.type)) return false;
  const requested = lane.findIndex((stored) => isType('rollback.step-requested')(stored) && isSame(own, stored.event.data));
  return lane.slice(requested + 1, place).some((stored) => {
    const isNewer = isType('rollback.step-requested')(stored) && stored.event.data.step === own.step && !isSame(own, stored.event.data);
    const isByHand =
      isType('rollback.step-handled')(stored) && stored.event.data.step === own.step && stored.event.data.choice === 'by-hand';
    return requested >= 0 && (isNewer || isByHand);
  });
};

/** Read from the plain events, not from the fold that the engine reads. */
const isShown = (lane: readonly Stored[], step: RollbackStep, counts: (place: number) => boolean): boolean =>
  lane.some((stored, place) => {
    if (isType('rollback.step-skipped')(stored)) return stored.event.data.step === step;
    if (isType('rollback.data-decided')(stored)) return step === 'restore-database' && stored.event.data.choice === 'keep';
    if (isType('rollback.step-proved')(stored))
      return stored.event.data.step === step && stored.event.data.proved && stored.event.data.action === 'do' && counts(place);
    if (!isType('rollback.step-handled')(stored) || ['revert-version', 'verify-health', 'monitor-stability'].includes(step)) return false;
    const { choice, evidence } = stored.event.data;
    return stored.event.data.step === step && choice === 'by-hand' && evidence.length > 0;
  });
