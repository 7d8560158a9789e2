import type { LaneHead, Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf, type Line, lineOf, linesOf } from '../../checklist/definition.ts';
import type { World } from '../../ports.ts';
import { type Entry, entryOf, foldGates, type Gates, isSound, standing } from './gate-entries.ts';
import { byLane, ofType, type RunHead } from './run-context.ts';

/** All that a decision about one gate was made on, as it was read. */
export type Reading = {
  readonly head: RunHead;
  readonly gates: Gates;
  readonly now: Date;
  /** Check lanes by lane name, of this gate and of the gates that it judges again or reports. */
  readonly checks: ReadonlyMap<string, readonly Stored[]>;
  /** Earlier gates whose settlement no longer stands by itself: they are judged again. */
  readonly unsound: readonly string[];
  readonly approval: readonly Stored[];
  readonly deployment: readonly Stored[];
  readonly observation: readonly Stored[];
  readonly notice: readonly Stored[];
  readonly rollback: readonly Stored[];
};

type Reader = Pick<World, 'trail' | 'clock'>;

export const readGates = async (world: Pick<World, 'trail'>, head: RunHead): Promise<Gates> =>
  foldGates(await world.trail.read(head.scope, { prefix: lanes.gates }));

/** Reads what the gate's decision needs and nothing else: one query per prefix. */
export const readFor = async (world: Reader, head: RunHead, gates: Gates, gateId: string, mayLag = false): Promise<Reading> => {
  const now = world.clock.now();
  const gate = gateOf(head.checklist, gateId);
  const unsound = unsoundBefore(head, gates, gate, now);
  const base = [...(gate === undefined ? [] : [gateId, ...gate.reports]), ...unsound];
  const prefixes = [...new Set([...base, ...base.flatMap((id) => linesReferred(head, id))])];
  const needs = gate === undefined ? nothing : lanesNeeded(head, gate, prefixes);
  const one = (lane: string, wanted: boolean): Promise<readonly Stored[]> =>
    wanted ? world.trail.read(head.scope, { lane }, mayLag) : Promise.resolve([]);
  const [checks, approval, deployment, observation, notice, rollback] = await Promise.all([
    Promise.all(prefixes.map((id) => world.trail.read(head.scope, { prefix: lanes.checksOf(id) }, mayLag))),
    one(lanes.approval(gateId), needs.approval),
    one(lanes.deployment, needs.deployment),
    one(lanes.observation, needs.observation),
    one(lanes.notice, needs.notice),
    one(lanes.rollback, isAfterT0(head, gates)),
  ]);
  return { head, gates, now, checks: byLane(checks.flat()), unsound, approval, deployment, observation, notice, rollback };
};

/** The same reading from events that are in memory already: for the views. */
export const readingOf = (
  head: RunHead,
  gates: Gates,
  gateId: string,
  groups: ReadonlyMap<string, readonly Stored[]>,
  now: Date,
): Reading => ({
  head,
  gates,
  now,
  checks: groups,
  unsound: unsoundBefore(head, gates, gateOf(head.checklist, gateId), now),
  approval: groups.get(lanes.approval(gateId)) ?? [],
  deployment: groups.get(lanes.deployment) ?? [],
  observation: groups.get(lanes.observation) ?? [],
  notice: groups.get(lanes.notice) ?? [],
  rollback: groups.get(lanes.rollback) ?? [],
});

const nothing = { approval: false, deployment: false, observation: false, notice: false };

/** `gate` is to be decided, the lines of `judged` with it. */
const lanesNeeded = (head: RunHead, gate: Gate, judged: readonly string[]): typeof nothing => {
  const lines = judged.flatMap((id) => linesOf(head.checklist, id));
  const rules = lines.map((line) => line.rule?.kind);
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
      lines.some((line) => line.after !== null) ||
      watches ||
      gate.onDeadline === 'not-deployed',
    observation: watches,
    notice: rules.includes('notice-sent/1'),
  };
};

/** Gates whose lines a computed line of this gate refers to. */
const linesReferred = (head: RunHead, gateId: string): string[] =>
  linesOf(head.checklist, gateId)
    .flatMap((line) => (line.rule?.kind === 'lines-release/1' ? line.rule.lines : []))
    .flatMap((id) => lineOf(head.checklist, id)?.gate ?? []);

/** Earlier gates that regressed after their answer went out, and for a gate that judges again those past their soundUntil. */
const unsoundBefore = (head: RunHead, gates: Gates, gate: Gate | undefined, now: Date): string[] => {
  if (gate === undefined) return [];
  const ids = head.checklist.gates.map((other) => other.id);
  return ids.slice(0, ids.indexOf(gate.id)).filter((id) => {
    const settlement = standingOfGate(gates, id);
    if (settlement === undefined) return false;
    if (!isSound(settlement)) return true;
    const until = settlement.settled.event.data.soundUntil;
    return gate.rejudges && until !== null && until <= now.toISOString();
  });
};

const standingOfGate = (gates: Gates, id: string) => {
  const entry: Entry | undefined = entryOf(gates, id);
  return entry === undefined ? undefined : standing(entry);
};

/** After T0: the gate that holds until planned T0 has let the run through. Settled is not enough: until its answer is out it may regress. */
export const isAfterT0 = (head: RunHead, gates: Gates): boolean => {
  const gate = head.checklist.gates.find((candidate) => candidate.leadSeconds !== null);
  const entry = gate === undefined ? undefined : entryOf(gates, gate.id);
  return entry !== undefined && hasPassed(gates, entry);
};

/** Released, and the answer is known to have led on: it was sent, or the machine has opened another gate with it. */
export const hasPassed = (gates: Gates, entry: Entry): boolean => {
  const settlement = standing(entry);
  if (settlement?.settled.event.data.outcome !== 'released') return false;
  const next = gates.entries[gates.entries.indexOf(entry) + 1];
  return settlement.delivered?.event.data.how === 'sent' || (next !== undefined && next.gate !== 'incident');
};

/** The lane heads that the reading saw: what `gate.settled` says it was judged on. */
export const basisOf = (reading: Reading): LaneHead[] => {
  const seen = [...reading.checks.values(), reading.approval, reading.deployment, reading.observation, reading.notice, reading.rollback];
  return seen
    .flatMap((lane) => {
      const last = lane.at(-1);
      return last === undefined ? [] : [{ lane: last.event.lane, seq: last.event.seq, head: last.hash }];
    })
    .sort((a, b) => (a.lane < b.lane ? -1 : 1));
};

export const laneOfLine = (reading: Reading, line: Line): readonly Stored[] =>
  line.gate === null ? [] : (reading.checks.get(lanes.check(line.gate, line.id)) ?? []);

/** The moment at which the first component's deployment started. */
export const startedAt = (reading: Pick<Reading, 'deployment'>): string | undefined =>
  ofType(reading.deployment, 'deployment.started')[0]?.event.at;

/** The moment from which anything seen was seen of this release: the first time that every component had finished. */
export const firstFinishedAt = (reading: Pick<Reading, 'deployment' | 'head'>): string | undefined => {
  const finished = ofType(reading.deployment, 'deployment.finished');
  const times = reading.head.started.event.data.artifacts.map(
    ({ component }) => finished.find((stored) => stored.event.data.component === component)?.event.at,
  );
  return times.some((time) => time === undefined) ? undefined : (times as string[]).sort().at(-1);
};

/** The moment from which 4c and the 24 hours count: every component's finish is in, and this is the last of them. */
export const finishedAt = (reading: Pick<Reading, 'deployment' | 'head'>): string | undefined => {
  const finished = ofType(reading.deployment, 'deployment.finished');
  const times = reading.head.started.event.data.artifacts.map(
    (artifact) =>
      finished.findLast((stored) => stored.event.data.component === artifact.component && stored.event.data.digest === artifact.digest)
        ?.event.at,
  );
  return times.some((time) => time === undefined) ? undefined : (times as string[]).sort().at(-1);
};

/** The moment from which operation counts as stable: the finish, or the last real incident since. */
export const stableSince = (reading: Pick<Reading, 'deployment' | 'observation' | 'head'>): string | undefined => {
  const finish = finishedAt(reading);
  if (finish === undefined) return undefined;
  const labels = new Map(
    ofType(reading.observation, 'observation.labelled').map((stored) => [stored.event.data.observation, stored.event.data.label]),
  );
  const incidents = ofType(reading.observation, 'observation.recorded')
    .filter(({ event }) => event.data.bad && (labels.get(event.data.observation) ?? 'true') === 'true')
    .map(({ event }) => event.data.observedAt);
  return [finish, ...incidents].sort().at(-1);
};
