import { isType, type Stored } from '../../lib/audit/event.ts';
import { scopes } from '../../lib/audit/lane.ts';
import type { GateDefinition } from '../../lib/checklist/gates.ts';
import type { Execution } from './machine.ts';
import { outcomeTaken } from './rollback-invariants.ts';
import type { World } from './world.ts';

/**
 * What must hold of the reviews once nothing moves any more, from the plain events: neither the fold of observations nor the decision about a
 * gate is asked. The sentences are in `invariants.ts`.
 */
type Review = Extract<GateDefinition, { readonly role: 'review' }>;
type Recorded = Stored<'observation.recorded'>;

const hourMs = 3_600_000;
/** Faults and a slow reconciler may keep the decider away for so long. */
const slackMs = 2 * hourMs;
/** The sweep comes every minute, and what fails then is tried again with the next. */
const atOnceMs = hourMs / 2;

export const reviewsAtRest = (world: World, run: string, execution: Execution | undefined): void => {
  const order = world.order.filter(({ event }) => event.scope === scopes.run(run));
  recordedOnce(world, run, order);
  for (const { gate: id, entry, tokens } of execution?.entered ?? []) {
    const gate = world.checklist.gates.find((one) => one.id === id);
    if (gate?.role !== 'review') continue;
    if (outcomeTaken(world, tokens) === 'passed') waitedFor(world, run, gate, { order, entry });
    if (outcomeTaken(world, tokens) === 'capped') asksAtCap(world, run, gate, { order, entry });
    capLeadsToPeople(world, run, gate, { order, entry });
  }
};

/** What was delivered twice is recorded once. */
const recordedOnce = (world: World, run: string, order: readonly Stored[]): void => {
  const seen = new Set<string>();
  for (const { event } of order.filter(isType('observation.recorded'))) {
    const { observation, kind, bad, subject, observedAt } = event.data;
    const what = JSON.stringify([observation, kind, bad, subject, observedAt, event.actor]);
    if (seen.has(what)) world.violate('reviews-wait', `${run} recorded ${observation} of ${observedAt} twice`);
    seen.add(what);
  }
};

type Visit = { readonly order: readonly Stored[]; readonly entry: string };

/** The window that these events leave at least: an alarm is not over before anybody says OK of its subject. Undefined while nobody does. */
const leastEnd = (gate: Review, events: readonly Stored[]): { readonly at: number; readonly isExact: boolean } | undefined => {
  const finish = events.findLast(isType('deployment.finished'))?.event.at;
  if (finish === undefined) return undefined;
  const recorded = events.filter(isType('observation.recorded'));
  const incidents = gate.window.anchor === 'stable-since' ? incidentsIn(recorded, events) : [];
  const overs = incidents.map(({ event: { data, at } }) => {
    if (data.kind !== 'alarm') return data.observedAt < finish ? at : data.observedAt;
    const since = earlier(data.observedAt, at);
    const oks = recorded.filter(({ event: one }) => !one.data.bad && one.data.kind === 'alarm' && one.data.subject === data.subject);
    return oks
      .filter(({ event: one }) => earlier(one.data.observedAt, one.at) >= since)
      .map(({ event: one }) => earlier(one.data.observedAt, one.at))
      .sort()[0];
  });
  if (overs.some((over) => over === undefined)) return undefined;
  const last = [finish, ...(overs as string[])].sort().at(-1) ?? finish;
  return { at: Date.parse(last) + gate.window.seconds * 1000, isExact: incidents.every(({ event }) => event.data.kind !== 'alarm') };
};

const earlier = (one: string, other: string): string => (one < other ? one : other);

/** Bad, not set aside, and by its last label no false alarm and nothing explained. */
const incidentsIn = (recorded: readonly Recorded[], events: readonly Stored[]): readonly Recorded[] => {
  const labels = new Map(events.filter(isType('observation.labelled')).map(({ event: { data } }) => [data.observation, data.label]));
  const nameOf = ({ event: { lane, seq, data } }: Recorded): string =>
    recorded.some(({ event }) => event.lane === lane && event.seq < seq && event.data.observation === data.observation)
      ? `${data.observation}~${seq}`
      : data.observation;
  return recorded.filter((one) => {
    const { bad, setAside } = one.event.data;
    const label = labels.get(nameOf(one));
    return bad && setAside === undefined && (label === undefined || label === 'true');
  });
};

const waitedFor = (world: World, run: string, gate: Review, { order, entry }: Visit): void => {
  const place = order.findLastIndex((stored) => isType('gate.settled')(stored) && stored.event.data.entry === entry);
  const settled = order[place];
  if (settled === undefined || !isType('gate.settled')(settled)) return;
  const { at, data } = settled.event;
  // As with every gate, what counts is the reading before the settlement or the one between it and its answer.
  const delivered = order.findIndex((stored) => isType('gate.delivered')(stored) && stored.event.data.entry === entry);
  const ends = [order.slice(0, place), order.slice(0, delivered < 0 ? place : delivered)].map((events) => leastEnd(gate, events));
  const decidedAt = Date.parse(at);
  if (!ends.some((end) => end !== undefined && decidedAt >= end.at))
    world.violate('reviews-wait', `${run} passed ${gate.id} at ${at}, and its window ends at ${ends.map(endText).join(' or ')}`);
  const [end] = ends;
  if (end === undefined || !end.isExact) return;
  ranAtOnce(world, run, gate, { before: order.slice(0, place), entry, settled, since: end.at });
  const late = decidedAt - end.at;
  const saysSo = data.reason.includes('; the window ended at');
  if (late <= hourMs && saysSo) world.violate('late-reviews-say-so', `${run} ${gate.id} says that it is late, and is ${late} ms late`);
  if (late > hourMs + slackMs / 12 && !saysSo) world.violate('late-reviews-say-so', `${run} ${gate.id} is ${late} ms late: ${data.reason}`);
};

type Decided = { readonly before: readonly Stored[]; readonly entry: string; readonly settled: Stored; readonly since: number };

/** From its window, from its opening, from the last word of people, CI or the feeds, and from the end of the outage on it could be decided. */
const ranAtOnce = (world: World, run: string, gate: Review, { before, entry, settled, since }: Decided): void => {
  const opened = before.find((stored) => isType('gate.opened')(stored) && stored.event.data.entry === entry);
  const said = before.filter(({ event: { actor } }) => actor.kind !== 'system' || actor.id === 'feed');
  const decidedAt = Date.parse(settled.event.at);
  const up = world.outage !== undefined && world.outage.from < decidedAt ? [world.outage.until] : [];
  const able = Math.max(since, ...up, ...[opened, ...said].flatMap((one) => (one === undefined ? [] : Date.parse(one.event.at))));
  if (decidedAt - able > atOnceMs)
    world.violate('reviews-run-at-once', `${run} could pass ${gate.id} at ${new Date(able).toISOString()}, and did at ${settled.event.at}`);
};

const endText = (end: ReturnType<typeof leastEnd>): string => (end === undefined ? 'no instant' : new Date(end.at).toISOString());

/** A review that incidents have extended beyond its cap, and that went on waiting, has asked people. */
const capLeadsToPeople = (world: World, run: string, gate: Review, { order, entry }: Visit): void => {
  const opened = order.find((stored) => isType('gate.opened')(stored) && stored.event.data.entry === entry);
  if (opened === undefined) return;
  const over = order.findIndex((stored) => isType('gate.settled')(stored) && stored.event.data.entry === entry);
  const settled = order[over]?.event.at;
  const before = order.slice(0, Math.max(0, over)).filter((stored) => !isType('deployment.finished')(stored));
  const first = capIn(gate, [...before, ...order.filter(isType('deployment.finished'))]);
  if (first === undefined) return;
  const isDown = world.outage !== undefined && world.outage.from < first + slackMs;
  const cap = Math.max(first, Date.parse(opened.event.at), isDown ? (world.outage?.until ?? 0) : 0);
  const until = new Date(cap + slackMs).toISOString();
  if (settled === undefined || settled <= until) return;
  // Unstable all the time, whatever is said of it later: the incidents stood at the cap and after it.
  const states = order.flatMap((stored, place) => {
    const { at } = stored.event;
    return at <= until && at >= new Date(cap).toISOString() ? [order.slice(0, place + 1)] : [];
  });
  const finish = order.findLast(isType('deployment.finished'))?.event.at ?? '';
  const atCap = order.filter(({ event }) => event.at <= new Date(cap).toISOString());
  const isUnstable = [atCap, ...states].every((events) => {
    const end = leastEnd(gate, events);
    const incidents = incidentsIn(events.filter(isType('observation.recorded')), events);
    return incidents.some(({ event }) => event.data.observedAt > finish) && (end === undefined || end.at > cap + slackMs);
  });
  // Where the cap opens the decision about a rollback, the visit is over by then.
  const asked = gate.onCap === undefined && order.some((stored) => isType('gate.overdue')(stored) && stored.event.data.entry === entry);
  if (isUnstable && !asked) world.violate('cap-asks-people', `${run} waited at ${gate.id} beyond its cap, and nobody was asked`);
};

/** Clocks differ by so much. */
const skewMs = 10_000;

/** When incidents may extend the review no longer, as far as these events say; undefined where nothing limits it or nothing is deployed. */
const capIn = ({ capSeconds, onCap }: Review, events: readonly Stored[]): number | undefined => {
  const finish = events.findLast(isType('deployment.finished'))?.event.at;
  if (capSeconds === undefined || finish === undefined) return undefined;
  const first = Date.parse(finish) + capSeconds * 1000;
  const continued = events.filter(isType('rollback.decided')).filter(({ event }) => event.data.decision === 'continue');
  if (onCap === undefined) return first;
  return continued.reduce((cap, { event }) => {
    const at = Date.parse(event.at);
    return at >= cap - skewMs ? Math.max(at, cap) + capSeconds * 1000 : cap;
  }, first);
};

/** It is the answer that the machine took which counts: a settlement may be taken back before it is sent. */
const asksAtCap = (world: World, run: string, gate: Review, { order, entry }: Visit): void => {
  const place = order.findLastIndex((stored) => isType('gate.settled')(stored) && stored.event.data.entry === entry);
  const settled = order[place];
  const before = order.slice(0, place);
  const cap = capIn(gate, before);
  if (settled === undefined) return;
  const said = `${run} asked at ${gate.id} at ${settled.event.at}`;
  if (cap === undefined || Date.parse(settled.event.at) < cap - skewMs)
    world.violate('cap-asks-once', `${said}, and its cap is at ${cap === undefined ? 'no instant' : new Date(cap).toISOString()}`);
  if (!before.some((stored) => isType('observation.recorded')(stored) && stored.event.data.bad))
    world.violate('cap-asks-once', `${said}, and nothing had happened`);
};
