import type { LaneHead, Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, gateOf, type Item, itemOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { type Entry, effectiveSettlement, entryOf, foldGates, type Gates, isSound } from './gate-entries.ts';
import { byLane, ofType, type RunContext } from './run-context.ts';

/** All that a decision about one gate was made on, as it was read. */
export type GateInputs = {
  readonly context: RunContext;
  readonly gates: Gates;
  readonly now: Date;
  /** Check lanes by lane name, of this gate and of the gates that it judges again or reports. */
  readonly checks: ReadonlyMap<string, readonly Stored[]>;
  /** Earlier gates whose settlement no longer stands by itself: they are judged again. */
  readonly judgedAgain: readonly string[];
  readonly approval: readonly Stored[];
  readonly deployment: readonly Stored[];
  readonly observation: readonly Stored[];
  readonly notice: readonly Stored[];
  readonly rollback: readonly Stored[];
};

type InputReader = Pick<Dependencies, 'trail' | 'clock'>;

export const readGates = async (deps: Pick<Dependencies, 'trail'>, context: RunContext): Promise<Gates> =>
  foldGates(await deps.trail.read(context.scope, { prefix: lanes.gates }));

/** Reads what the gate's decision needs and nothing else: one query per prefix. */
export const readGateInputs = async (deps: InputReader, context: RunContext, gates: Gates, gateId: string): Promise<GateInputs> => {
  const now = deps.clock.now();
  const gate = gateOf(context.checklist, gateId);
  const unsound = judgedAgainBefore(context, gates, gate, now);
  const base = [...(gate === undefined ? [] : [gateId, ...gate.reports]), ...unsound];
  const prefixes = [...new Set([...base, ...base.flatMap((id) => gatesReferredTo(context, id))])];
  const needs = gate === undefined ? nothing : lanesNeeded(context, gate, prefixes);
  const one = (lane: string, wanted: boolean): Promise<readonly Stored[]> =>
    wanted ? deps.trail.read(context.scope, { lane }) : Promise.resolve([]);
  const [found, approval, deployment, observation, notice, rollback] = await Promise.all([
    Promise.all(prefixes.map((id) => deps.trail.read(context.scope, { prefix: lanes.checksOf(id) }))),
    one(lanes.approval(gateId), needs.approval),
    one(lanes.deployment, needs.deployment),
    one(lanes.observation, needs.observation),
    one(lanes.notice, needs.notice),
    one(lanes.rollback, isAfterT0(context, gates)),
  ]);
  const checks = withEmptyLanes(context, prefixes, byLane(found.flat()));
  return { context, gates, now, checks, judgedAgain: unsound, approval, deployment, observation, notice, rollback };
};

/** Also the lanes in which nothing stands yet: every check of the gates that were read has its lane. */
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
  now: Date,
): GateInputs => ({
  context,
  gates,
  now,
  checks: groups,
  judgedAgain: judgedAgainBefore(context, gates, gateOf(context.checklist, gateId), now),
  approval: groups.get(lanes.approval(gateId)) ?? [],
  deployment: groups.get(lanes.deployment) ?? [],
  observation: groups.get(lanes.observation) ?? [],
  notice: groups.get(lanes.notice) ?? [],
  rollback: groups.get(lanes.rollback) ?? [],
});

const nothing = { approval: false, deployment: false, observation: false, notice: false };

/** `gate` is to be decided, the checks of `judged` with it. */
const lanesNeeded = (context: RunContext, gate: Gate, judged: readonly string[]): typeof nothing => {
  const checks = judged.flatMap((id) => checksOf(context.checklist, id));
  const rules = checks.map((check) => check.rule?.kind);
  const watches =
    gate.watchesObservations ||
    rules.includes('no-open-observations/1') ||
    rules.includes('alarms-labelled/1') ||
    gate.window?.anchor === 'stable-since';
  return {
    approval: gate.asks.length > 0,
    deployment:
      gate.needs !== null ||
      gate.window !== null ||
      gate.leadSeconds !== null ||
      rules.includes('deployed/1') ||
      checks.some((check) => check.after !== null) ||
      watches ||
      gate.onDeadline === 'not-deployed',
    observation: watches,
    notice: rules.includes('notice-sent/1'),
  };
};

/** Gates whose checks a computed check of this gate refers to. */
const gatesReferredTo = (context: RunContext, gateId: string): string[] =>
  checksOf(context.checklist, gateId)
    .flatMap((check) => (check.rule?.kind === 'checks-satisfied/1' ? check.rule.checks : []))
    .flatMap((id) => itemOf(context.checklist, id)?.gate ?? []);

/** Earlier gates that regressed after their answer went out, and for a gate that judges again those past their soundUntil. */
const judgedAgainBefore = (context: RunContext, gates: Gates, gate: Gate | undefined, now: Date): string[] => {
  if (gate === undefined) return [];
  const ids = context.checklist.gates.map((other) => other.id);
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
  const gate = context.checklist.gates.find((candidate) => candidate.leadSeconds !== null);
  const entry = gate === undefined ? undefined : entryOf(gates, gate.id);
  return entry !== undefined && hasPassed(gates, entry);
};

/** Released, and the answer is known to have led on: it was sent, or the machine has opened another gate with it. */
export const hasPassed = (gates: Gates, entry: Entry): boolean => {
  const settlement = effectiveSettlement(entry);
  if (settlement?.settled.event.data.outcome !== 'passed') return false;
  const next = gates.entries[gates.entries.indexOf(entry) + 1];
  return settlement.delivered?.event.data.how === 'sent' || (next !== undefined && next.gate !== 'incident');
};

/** The lane heads that the reading saw: what `gate.settled` says it was judged on. */
export const laneHeadsOf = (inputs: GateInputs): LaneHead[] => {
  const seen = [...inputs.checks.values(), inputs.approval, inputs.deployment, inputs.observation, inputs.notice, inputs.rollback];
  return seen
    .flatMap((lane) => {
      const last = lane.at(-1);
      return last === undefined ? [] : [{ lane: last.event.lane, seq: last.event.seq, head: last.hash }];
    })
    .sort((a, b) => (a.lane < b.lane ? -1 : 1));
};

export const laneOfCheck = (inputs: GateInputs, check: Item): readonly Stored[] =>
  check.gate === null ? [] : (inputs.checks.get(lanes.check(check.gate, check.id)) ?? []);

/** The moment at which the first component's deployment started. */
export const startedAt = (inputs: Pick<GateInputs, 'deployment'>): string | undefined =>
  ofType(inputs.deployment, 'deployment.started')[0]?.event.at;

/** The moment from which anything seen was seen of this release: the first time that every component had finished. */
export const firstFinishedAt = (inputs: Pick<GateInputs, 'deployment' | 'context'>): string | undefined => {
  const finished = ofType(inputs.deployment, 'deployment.finished');
  const times = inputs.context.started.event.data.artifacts.map(
    ({ component }) => finished.find((stored) => stored.event.data.component === component)?.event.at,
  );
  return times.some((time) => time === undefined) ? undefined : (times as string[]).sort().at(-1);
};

/** The moment from which 4c and the 24 hours count: every component's finish is in, and this is the last of them. */
export const finishedAt = (inputs: Pick<GateInputs, 'deployment' | 'context'>): string | undefined => {
  const finished = ofType(inputs.deployment, 'deployment.finished');
  const times = inputs.context.started.event.data.artifacts.map(
    (artifact) =>
      finished.findLast((stored) => stored.event.data.component === artifact.component && stored.event.data.digest === artifact.digest)
        ?.event.at,
  );
  return times.some((time) => time === undefined) ? undefined : (times as string[]).sort().at(-1);
};

/** The moment from which operation counts as stable: the finish, or the last real incident since. */
export const stableSince = (inputs: Pick<GateInputs, 'deployment' | 'observation' | 'context'>): string | undefined => {
  const finish = finishedAt(inputs);
  if (finish === undefined) return undefined;
  const labels = new Map(
    ofType(inputs.observation, 'observation.labelled').map((stored) => [stored.event.data.observation, stored.event.data.label]),
  );
  const incidents = ofType(inputs.observation, 'observation.recorded')
    .filter(({ event }) => event.data.bad && (labels.get(event.data.observation) ?? 'true') === 'true')
    .map(({ event }) => event.data.observedAt);
  return [finish, ...incidents].sort().at(-1);
};
