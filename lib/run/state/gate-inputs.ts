import { byLane, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, gateOf, gateOfRole, goGateOf, type Item, incidentId, itemOf } from '../../checklist/definition.ts';
import { deploymentStartedAt, lastFinishedAt } from '../../folds/deployment.ts';
import { foldOnce } from '../../folds/fold-once.ts';
import { stableSince as stableSinceOf } from '../../folds/observations.ts';
import type { Dependencies } from '../../ports.ts';
import { kindOf, lanesReadBy, type RunLane } from '../../registry/rules.ts';
import { changesEnvironment, environmentScope, type HoldingReading, readHolding, readLive, signedTarget } from './environment.ts';
import { type Entry, effectiveSettlement, entryOf, foldGates, type Gates, isSound } from './gate-entries.ts';
import { seenLive } from './lane-heads.ts';
import { readProfilesFor } from './registered-profiles.ts';
import { type RunContext, scaledMs } from './run-context.ts';

/** All that a decision about one gate was made on, as it was read. */
export type GateInputs = {
  readonly context: RunContext;
  readonly gates: Gates;
  readonly now: Date;
  /** Check lanes by lane name, of this gate and of the gates that it judges again or reports. */
  readonly checks: ReadonlyMap<string, readonly Stored[]>;
  /** Every check lane of the run for a gate that asks for approvals, whose report names the exceptions of the whole run; else as `checks`. */
  readonly allChecks: ReadonlyMap<string, readonly Stored[]>;
  /** Earlier gates whose settlement no longer stands by itself: they are judged again. */
  readonly judgedAgain: readonly string[];
  readonly approval: readonly Stored[];
  readonly deployment: readonly Stored[];
  /** Of all lanes of observations, lane by lane. */
  readonly observation: readonly Stored[];
  readonly measurement: readonly Stored[];
  readonly notice: readonly Stored[];
  readonly rollback: readonly Stored[];
  /** Who holds the environment, where the gate is T0; else null. */
  readonly holding: HoldingReading | null;
  /** The versions that were live, where people sign for the rollback target and where T0 compares it; else null. */
  readonly live: readonly Stored[] | null;
  /** The service's lane `profile`, where the gate waits for the approval of the run's profile; else null. */
  readonly profile: readonly Stored[] | null;
  /** What rules on the environment read, at T0; null where it was not read: checks of these rules then stand as they were judged. */
  readonly environment: readonly Stored[] | null;
};

type InputReader = Pick<Dependencies, 'trail' | 'clock'>;

export const readGates = async (deps: Pick<Dependencies, 'trail'>, context: Pick<RunContext, 'scope'>): Promise<Gates> =>
  foldGates(await deps.trail.read(context.scope, { prefix: lanes.gates }));

/**
 * Whether this gate has let the run through, as `hasPassed` says of all gates. Its own lane alone shows that it was never entered, has not passed,
 * or has passed and its answer was sent: only between a settlement and its answer all gates are read.
 */
export const readHasPassed = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, gate: string): Promise<boolean> => {
  const own = foldGates(await deps.trail.read(context.scope, { lane: lanes.gate(gate) }));
  const entry = entryOf(own, gate);
  if (entry === undefined || effectiveSettlement(entry)?.settled.event.data.outcome !== 'passed') return false;
  if (hasPassed(own, entry)) return true;
  const all = await readGates(deps, context);
  const again = entryOf(all, gate);
  return again !== undefined && hasPassed(all, again);
};

/** As `isAfterT0`, by one short query. */
export const readIsAfterT0 = async (deps: Pick<Dependencies, 'trail'>, context: RunContext): Promise<boolean> => {
  if (context.started.event.data.drill !== undefined) return true;
  const gate = gateOfRole(context.checklist, 't0');
  return gate !== undefined && (await readHasPassed(deps, context, gate.id));
};

/** Reads what the gate's decision needs and nothing else: one query per prefix. */
export const readGateInputs = async (deps: InputReader, context: RunContext, gates: Gates, gateId: string): Promise<GateInputs> => {
  const now = deps.clock.now();
  const found = gateOf(context.checklist, gateId);
  // The incident gate judges no checks: a person's decision alone settles it.
  const gate = found?.role === 'incident' ? undefined : found;
  const unsound = judgedAgainBefore(context, gates, gate, now);
  const own = gate === undefined ? [] : [gateId, ...gate.reports, ...signedBefore(context, gate), ...interruptedBy(context, gates, gate)];
  const base = [...own, ...unsound];
  const prefixes = [...new Set([...base, ...base.flatMap((id) => gatesReferredTo(context, id))])];
  const needed = gate === undefined ? new Set<RunLane>() : lanesNeeded(context, gate, prefixes);
  const one = (lane: string, wanted: boolean): Promise<readonly Stored[]> =>
    wanted ? deps.trail.read(context.scope, { lane }) : Promise.resolve([]);
  const asksPeople = gate !== undefined && gate.asks.length > 0;
  const checkRanges = asksPeople ? [lanes.checks] : prefixes.map(lanes.checksOf);
  const isT0 = gate?.role === 't0';
  const [read, approval, deployment, observation, measurement, notice, rollback, holding] = await Promise.all([
    Promise.all(checkRanges.map((prefix) => deps.trail.read(context.scope, { prefix }))),
    one(lanes.approval(gateId), needed.has('approval')),
    one(lanes.deployment, needed.has('deployment')),
    needed.has('observation') ? deps.trail.read(context.scope, { prefix: lanes.observations }) : Promise.resolve([]),
    one(lanes.measurement, needed.has('measurement')),
    one(lanes.notice, needed.has('notice')),
    one(lanes.rollback, isT0 || isAfterT0(context, gates)),
    // First who holds the environment: a run that shares it has said before what is live.
    isT0 ? readHolding(deps, environmentScope(context), context.run) : null,
  ]);
  const [live, profile] = await Promise.all([readLiveFor(deps, context, gates, gateId), readProfilesFor(deps, context, gateId)]);
  const allChecks = byLane(read.flat());
  const isOwn = (lane: string): boolean => prefixes.some((id) => lane.startsWith(lanes.checksOf(id)));
  const checks = withEmptyLanes(context, prefixes, asksPeople ? new Map([...allChecks].filter(([lane]) => isOwn(lane))) : allChecks);
  return {
    context,
    gates,
    now,
    checks,
    allChecks,
    judgedAgain: unsound,
    approval,
    deployment,
    observation,
    measurement,
    notice,
    rollback,
    holding,
    live,
    profile,
    environment: null,
  };
};

/** What was live, as far back as people had seen it when they signed; null where the gate does not rest on it. */
export const readLiveFor = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  gates: Gates,
  gate: string,
): Promise<readonly Stored[] | null> => {
  if (!restsOnTarget(context, gate)) return null;
  const scope = environmentScope(context);
  const { waitScale } = context.started.event.data;
  const live = await readLive(deps, scope, waitScale);
  const settled = settlementOfGate(gates, goGateOf(context.checklist)?.id ?? '')?.settled;
  const seen = settled === undefined ? 0 : seenLive(context, settled);
  const isCut = (live[0]?.event.seq ?? 1) > 1 && seen > 0;
  const signed = live.filter(({ event }) => event.seq <= seen);
  return isCut && signedTarget(signed, waitScale) === null ? deps.trail.read(scope, { lane: lanes.live }) : live;
};

/** Whether the gate is the one at which people sign for the rollback target, or T0, which compares it. */
const restsOnTarget = (context: Pick<RunContext, 'checklist'>, gate: string): boolean =>
  changesEnvironment(context) && (goGateOf(context.checklist)?.id === gate || gateOf(context.checklist, gate)?.role === 't0');

/** The gates whose report was signed before the T0 gate: at T0 they are judged again. */
const signedBefore = ({ checklist }: RunContext, { role }: Gate): readonly string[] =>
  role === 't0' ? (goGateOf(checklist)?.reports ?? []) : [];

/** The gate about which a rollback decision is open, where one of its checks can be a trigger: that may fail while people decide. */
const interruptedBy = ({ checklist }: RunContext, { open }: Gates, { role }: Gate): readonly string[] => {
  const interrupted = role === 'decision' ? (open?.opened.event.data.interrupted ?? null) : null;
  return interrupted !== null && checksOf(checklist, interrupted).some(({ onFail }) => onFail === 'trigger') ? [interrupted] : [];
};

/** Every check of the gates that were read has a lane here, also one in which nothing stands yet. */
const withEmptyLanes = (
  context: RunContext,
  gates: readonly string[],
  found: ReadonlyMap<string, readonly Stored[]>,
): ReadonlyMap<string, readonly Stored[]> =>
  new Map([...gates.flatMap((id) => checksOf(context.checklist, id).map((check) => [lanes.check(id, check.id), []] as const)), ...found]);

/** The same reading from events that are in memory already: for the views. */
export const gateInputsOf = (
  context: RunContext,
  gates: Gates,
  gateId: string,
  groups: ReadonlyMap<string, readonly Stored[]>,
  { now, holding, live, profile }: Pick<GateInputs, 'now' | 'holding' | 'live' | 'profile'>,
): GateInputs => ({
  context,
  gates,
  now,
  checks: groups,
  allChecks: groups,
  judgedAgain: judgedAgainBefore(context, gates, gateOf(context.checklist, gateId), now),
  approval: groups.get(lanes.approval(gateId)) ?? [],
  deployment: groups.get(lanes.deployment) ?? [],
  observation: observationsIn(groups),
  measurement: groups.get(lanes.measurement) ?? [],
  notice: groups.get(lanes.notice) ?? [],
  rollback: groups.get(lanes.rollback) ?? [],
  holding,
  live,
  profile,
  environment: null,
});

/** The events of all lanes of observations, lane by lane. */
export const observationsIn = (groups: ReadonlyMap<string, readonly Stored[]>): readonly Stored[] =>
  joinedOnce(groups, lanes.observations, [], () =>
    [...groups].flatMap(([lane, events]) => (lane.startsWith(lanes.observations) ? events : [])),
  );

/** A view asks for each of its gates. */
const joinedOnce = foldOnce<readonly Stored[]>();

/** Which of the run's lanes a decision about the gate reads; `judged` are the gates whose checks are judged with it. */
const lanesNeeded = (context: RunContext, gate: Gate, judged: readonly string[]): ReadonlySet<RunLane> => {
  const checks = judged.flatMap((id) => checksOf(context.checklist, id));
  const needed = new Set<RunLane>(lanesReadBy(checks.flatMap(({ rule }) => rule ?? [])));
  if (gate.asks.length > 0) for (const lane of ['approval', 'observation'] as const) needed.add(lane);
  else needed.delete('approval');
  if (gate.window?.anchor === 'stable-since') needed.add('observation');
  if (gate.step !== null && context.started.event.data.drill !== undefined) needed.add('deployment');
  // A trigger can be measured at every gate after T0, and while people decide about one.
  if (isAfterT0Gate(context, gate) || gate.role === 'decision')
    for (const lane of ['deployment', 'observation', 'measurement'] as const) needed.add(lane);
  const timed = gate.needsDeployment || gate.window !== null || gate.leadSeconds !== null;
  if (timed || checks.some(({ after }) => after !== null)) needed.add('deployment');
  return needed;
};

const isAfterT0Gate = ({ checklist: { gates } }: RunContext, { id }: Gate): boolean => {
  const t0 = gates.findIndex(({ role }) => role === 't0');
  return t0 >= 0 && gates.findIndex((gate) => gate.id === id) > t0;
};

/** Gates of the checks to which computed checks of this gate refer. */
const gatesReferredTo = (context: RunContext, gateId: string): string[] =>
  checksOf(context.checklist, gateId)
    .flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).refersTo(rule)))
    .flatMap((id) => itemOf(context.checklist, id)?.gate ?? []);

/** Earlier gates that regressed after their answer went out, and for a gate that judges again those past their soundUntil. */
const judgedAgainBefore = (context: RunContext, gates: Gates, gate: Gate | undefined, now: Date): string[] => {
  if (gate === undefined || gate.role === 'incident') return [];
  // The way back judges no check of the spine.
  if (context.checklist.rollback.gates.some(({ id }) => id === gate.id)) return [];
  const ids: readonly string[] = context.checklist.gates.map((other) => other.id);
  return ids.slice(0, ids.indexOf(gate.id)).filter((id) => {
    const settlement = settlementOfGate(gates, id);
    if (settlement === undefined) return false;
    if (!isSound(settlement)) return true;
    const until = settlement.settled.event.data.soundUntil;
    return gate.rejudges && until !== null && until <= now.toISOString();
  });
};

const settlementOfGate = (gates: Gates, id: string) => {
  const entry: Entry | undefined = entryOf(gates, id);
  return entry === undefined ? undefined : effectiveSettlement(entry);
};

/** After T0: the gate that holds until planned T0 has let the run through. Settled is not enough: until its answer is out it may regress. */
export const isAfterT0 = (context: RunContext, gates: Gates): boolean => {
  // A drill rehearses what comes after T0, and has none of its own.
  if (context.started.event.data.drill !== undefined) return true;
  const gate = gateOfRole(context.checklist, 't0');
  const entry = gate === undefined ? undefined : entryOf(gates, gate.id);
  return entry !== undefined && hasPassed(gates, entry);
};

/** Released, and the answer is known to have led on: it was sent, or the machine has opened another gate with it. */
export const hasPassed = (gates: Gates, entry: Entry): boolean => {
  const settlement = effectiveSettlement(entry);
  if (settlement?.settled.event.data.outcome !== 'passed') return false;
  const next = gates.entries[gates.entries.indexOf(entry) + 1];
  return settlement.delivered?.event.data.how === 'sent' || (next !== undefined && next.gate !== incidentId);
};

export const laneOfCheck = (inputs: GateInputs, check: Item): readonly Stored[] =>
  check.gate === null ? [] : (inputs.checks.get(lanes.check(check.gate, check.id)) ?? []);

type Deployed = Pick<GateInputs, 'deployment' | 'context'>;
const artifactsOf = ({ context }: Deployed) => context.started.event.data.artifacts;

/** The time at which the first component's deployment started. */
export const startedAt = ({ deployment }: Pick<GateInputs, 'deployment'>): string | undefined => deploymentStartedAt(deployment);

/** The time from which monitoring and the 24 hours count: the last finish of the last component. */
export const finishedAt = (inputs: Deployed): string | undefined => lastFinishedAt(inputs.deployment, artifactsOf(inputs));

/** The time since which operation counts as stable; undefined before the deployment has finished. */
export const stableSince = (inputs: Deployed & Pick<GateInputs, 'observation'>): string | undefined => {
  const finished = finishedAt(inputs);
  return finished === undefined ? undefined : stableSinceOf(finished, inputs.observation);
};

/** When the gate's window ended or will end, in milliseconds; undefined where it has none, nothing is deployed, or an alarm is not OK again. */
export const windowEndsAt = (inputs: Deployed & Pick<GateInputs, 'observation'>, { window }: Pick<Gate, 'window'>): number | undefined => {
  const anchor = window?.anchor === 'stable-since' ? stableSince(inputs) : finishedAt(inputs);
  if (window === null || anchor === undefined) return undefined;
  return Date.parse(anchor) + scaledMs(window.seconds, inputs.context.started.event.data.waitScale);
};

/** Every lane on which the verdict of a check rests: its own, those that its rule reads, and those of the checks to which it refers. */
export const lanesBehind = (check: Item, inputs: GateInputs): readonly (readonly Stored[])[] => {
  const own = laneOfCheck(inputs, check);
  if (check.rule === null) return [own];
  const kind = kindOf(check.rule);
  const others = kind.refersTo(check.rule).flatMap((id) => itemOf(inputs.context.checklist, id) ?? []);
  return [
    own,
    ...kind.lanes.flatMap((lane) => [...byLane(inputs[lane] ?? []).values()]),
    ...others.flatMap((other) => lanesBehind(other, inputs)),
  ];
};
