import { byLane, isType, type Stored } from './event.ts';
import { genesis, lanes as laneNames } from './lane.ts';
import { type BadEvent, closesLane, verifyLane } from './verify-lane.ts';

/** Events of one scope by lane. */
type Lanes = ReadonlyMap<string, readonly Stored[]>;

/**
 * Checks a whole scope, such as a run: every lane from its first event, every lane opened by an event of the scope, no step twice,
 * and, once the run is closed, every lane exactly as long as `run.closed` says, except lanes that `late`, the run's late scope,
 * accounts for. `parentHash` is that of the scope itself, such as the hash of the definition's event for a run; when it is omitted,
 * one hash from outside the scope is accepted for it and any other is not.
 */
export const verifyScope = (events: readonly Stored[], parentHash?: string, late: readonly Stored[] = []): BadEvent | undefined => {
  const lanes = byLane(events.toSorted((a, b) => a.event.seq - b.event.seq));
  const hashes = new Set(events.map((stored) => stored.hash));
  hashes.add(parentHash ?? outsideParent(lanes, hashes) ?? genesis);
  const ids = new Set<string>();
  for (const own of lanes.values()) {
    const bad = verifyLane(own, { seq: 1 });
    if (bad !== undefined) return bad;
    for (const { event } of own) {
      if (event.seq === 1 && !hashes.has(event.prev)) return { lane: event.lane, seq: 1, reason: 'opened by no event of this scope' };
      if (ids.has(event.id)) return { lane: event.lane, seq: event.seq, reason: `the step ${event.id} is recorded twice` };
      ids.add(event.id);
    }
  }
  const stray = events.find((stored) => stored.event.scope !== events[0]?.event.scope);
  if (stray !== undefined) return { lane: stray.event.lane, seq: stray.event.seq, reason: 'of another scope' };
  return verifyClosing(events, lanes, late);
};

/** The parent hash that is not inside the scope: of the run lane, which opens a run, or in other scopes of the first such lane. */
const outsideParent = (lanes: Lanes, inside: ReadonlySet<string>): string | undefined => {
  const firsts = [lanes.get(laneNames.run)?.[0], ...[...lanes.values()].map((own) => own[0])];
  return firsts.flatMap((first) => first?.event.prev ?? []).find((prev) => !inside.has(prev));
};

/** Whether this is the hash of `run.ended` in the run's own lane. */
const endOf = (lanes: Lanes, hash: string): boolean =>
  (lanes.get(laneNames.run) ?? []).some((stored) => stored.event.type === 'run.ended' && stored.hash === hash);

const verifyClosing = (events: readonly Stored[], lanes: Lanes, late: readonly Stored[]): BadEvent | undefined => {
  const closings = events.filter(isType('run.closed'));
  const foreign = closings.find(({ event }) => event.lane !== laneNames.run)?.event;
  if (foreign !== undefined) return { lane: foreign.lane, seq: foreign.seq, reason: 'a run is closed in its own lane and nowhere else' };
  const elsewhere = events.filter(isType('lane.ended')).find(({ event }) => !endOf(lanes, event.data.ended))?.event;
  if (elsewhere !== undefined)
    return { lane: elsewhere.lane, seq: elsewhere.seq, reason: 'closed for an end that the lane of the run does not hold' };
  const empty = [...lanes.values()].map((own) => own[0]).find((first) => first !== undefined && closesLane(first))?.event;
  if (empty !== undefined && empty.lane !== laneNames.run)
    return { lane: empty.lane, seq: empty.seq, reason: 'the lane begins with its closing' };
  const [closing] = closings;
  if (closing === undefined) {
    const ended = events.find(isType('run.ended'))?.event;
    if (ended !== undefined && waitsForFollowUps(events, ended.data.outcome)) return undefined;
    return ended && { lane: ended.lane, seq: ended.seq, reason: 'the run has ended and is not closed yet, or its closing is cut' };
  }
  const unanswered = followUpFlaw(events, closing);
  if (unanswered !== undefined) return { lane: closing.event.lane, seq: closing.event.seq, reason: unanswered };
  const orphans = late.filter(isType('lane.orphaned')).map((stored) => stored.event.data);
  const listed = new Map([...orphans, ...closing.event.data.lanes].map((head) => [head.lane, head]));
  for (const { lane, seq, head } of listed.values()) {
    if (lanes.get(lane)?.[seq - 1]?.hash !== head)
      return { lane, seq, reason: 'the run was closed with another event here, or the lane is cut' };
  }
  for (const [lane, own] of lanes) {
    if (lane === closing.event.lane) continue;
    const closedAt = listed.get(lane)?.seq ?? 0;
    const later = own.find((stored) => stored.event.seq > closedAt && !closesLane(stored));
    if (later !== undefined) return { lane, seq: later.event.seq, reason: 'not known to the closing of the run' };
  }
  return undefined;
};

/**
 * Until its follow-ups are answered the trail of a rolled-back run stays open; after an escalated rollback also until it is known what runs,
 * which stands in the environment's scope.
 */
const waitsForFollowUps = (events: readonly Stored[], end: string): boolean => {
  const answered = new Set(events.filter(isType('follow-up.answered')).map(({ event }) => event.data.followUp));
  const asked = events.filter(isType('follow-up.opened'));
  return asked.some(({ event }) => end === 'rollback-escalated' || !answered.has(event.data.followUp));
};

/** The closing names every follow-up with its answer, and nothing else. */
const followUpFlaw = (events: readonly Stored[], closing: Stored<'run.closed'>): string | undefined => {
  const named = new Map((closing.event.data.followUps ?? []).map((one) => [one.opened, one.answered]));
  const opened = events.filter(isType('follow-up.opened')).map(({ event }) => event.id);
  const answers = new Set(events.filter(isType('follow-up.answered')).map(({ event }) => event.id));
  if (opened.some((id) => !named.has(id))) return 'the run was closed while a follow-up of it was open';
  const isCut = [...named].some(([id, answer]) => !opened.includes(id) || !answers.has(answer));
  return isCut ? 'the run was closed with a follow-up that is cut' : undefined;
};
