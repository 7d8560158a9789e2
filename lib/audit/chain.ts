import { canonical, sha256 } from '../canonical.ts';
import { IntegrityFault } from '../outcome.ts';
import { type AuditEvent, type Draft, type EventType, eventSchema, isType, type Stored } from './event.ts';
import { genesis, lanes as laneNames } from './lane.ts';

/** Where an event goes: behind the lane's last event, or at the lane's start with the hash that opened it. */
export type Place = { readonly seq: number; readonly prev: string };

/** The first event of a scope or lane that does not fit, and why. */
export type BadEvent = { readonly lane: string; readonly seq: number; readonly reason: string };

/** Lane names are printable ASCII above `#`, so that sort keys order as lane names do and no lane's range holds another lane. */
const laneName = /^[$-~]+$/;

/** Names a logical step of a lane for ever: whoever tries the step again finds its own event by it. 32 hex digits. */
export const eventId = (scope: string, lane: string, step: string): string => sha256(`${scope}\n${lane}\n${step}`).slice(0, 32);

/** The event of a draft at its place, with the bytes that are stored and their hash. */
export const makeEvent = <T extends EventType>(draft: Draft<T>, place: Place, at: Date): Stored<T> => {
  const { scope, lane, step, type, actor, data } = draft as Draft;
  if (!laneName.test(lane))
    throw new TypeError(`lane name: got ${JSON.stringify(lane)}, expected printable ASCII without space, !, " and #`);
  const event = eventSchema.parse({ v: 1, id: eventId(scope, lane, step), scope, lane, ...place, type, at: at.toISOString(), actor, data });
  const bytes = canonical(event);
  return { event, bytes, hash: sha256(bytes) } as Stored<T>;
};

/** Reads stored bytes back. Throws `IntegrityFault` when they are no event in its one canonical form. */
export const parseStored = (bytes: string): Stored => {
  let json: unknown;
  try {
    json = JSON.parse(bytes);
  } catch (cause) {
    throw new IntegrityFault('stored event: the bytes are no JSON', { cause });
  }
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success)
    throw new IntegrityFault('stored event: the bytes do not fit the schema of their event type', { cause: parsed.error });
  const event: AuditEvent = parsed.data;
  if (canonical(event) !== bytes) throw new IntegrityFault(`stored event ${event.id}: the bytes are not in canonical form`);
  return { event, bytes, hash: sha256(bytes) };
};

/** What is wrong with one event by itself, if anything. */
const flawOf = ({ event, bytes, hash }: Stored): string | undefined => {
  if (sha256(bytes) !== hash) return 'the hash is not the hash of the bytes';
  return canonical(event) === bytes ? undefined : 'the event is not what the bytes say';
};

/** Nothing follows a closed lane but the closing of its run. */
export const isClosed = (last: Stored): boolean => last.event.type === 'lane.closed' || last.event.type === 'run.closed';
export const mayFollow = (last: Stored, next: EventType): boolean =>
  !isClosed(last) || (last.event.type === 'lane.closed' && next === 'run.closed');

/**
 * Checks that events follow each other in one lane. `from` is the place of the first one: omit `prev` where the opener is not known.
 * Returns the first bad event, or undefined when every one links.
 */
export const verifyLane = (events: readonly Stored[], from: { readonly seq: number; readonly prev?: string }): BadEvent | undefined => {
  let { seq, prev } = from;
  let last: Stored | undefined;
  const [first] = events;
  for (const stored of events) {
    const { event } = stored;
    const bad = (reason: string): BadEvent => ({ lane: event.lane, seq: event.seq, reason });
    if (event.scope !== first?.event.scope || event.lane !== first.event.lane)
      return bad(`of another lane than ${first?.event.scope} ${first?.event.lane}`);
    if (event.seq !== seq) return bad(`got sequence ${event.seq}, expected ${seq}`);
    if (prev !== undefined && event.prev !== prev) return bad(`got prev ${event.prev}, expected ${prev}`);
    const flaw = flawOf(stored);
    if (flaw !== undefined) return bad(flaw);
    if (last !== undefined && !mayFollow(last, event.type)) return bad(`follows ${last.event.type}`);
    [seq, prev, last] = [seq + 1, stored.hash, stored];
  }
  return undefined;
};

/** Events by lane, in the order in which they were given; lanes in order of name. */
export const byLane = (events: readonly Stored[]): ReadonlyMap<string, readonly Stored[]> => {
  const lanes = new Map<string, Stored[]>();
  for (const stored of events) {
    const own = lanes.get(stored.event.lane);
    if (own === undefined) lanes.set(stored.event.lane, [stored]);
    else own.push(stored);
  }
  return new Map([...lanes].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/**
 * Checks a whole scope: every lane from its first event, every lane opened by an event of the scope, no step twice, and, once the run
 * is closed, every lane exactly as long as `run.closed` says, but for lanes that `late`, the run's late scope, accounts for. `opener` is the hash that opened the scope itself, such as that of the
 * definition's event for a run; without it any one hash from outside is taken for it, and a second one is not.
 */
export const verifyScope = (events: readonly Stored[], parentHash?: string, late: readonly Stored[] = []): BadEvent | undefined => {
  const lanes = byLane(events.toSorted((a, b) => a.event.seq - b.event.seq));
  const hashes = new Set(events.map((stored) => stored.hash));
  hashes.add(parentHash ?? outsideOpener(lanes, hashes) ?? genesis);
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
  const scopes = new Set(events.map((stored) => stored.event.scope));
  const stray = scopes.size > 1 ? events.find((stored) => stored.event.scope !== events[0]?.event.scope) : undefined;
  if (stray !== undefined) return { lane: stray.event.lane, seq: stray.event.seq, reason: 'of another scope' };
  return verifyClosing(events, lanes, late);
};

/** The run lane opens a run; other scopes have no such lane, and the first of theirs that nothing inside opened tells. */
const outsideOpener = (lanes: ReadonlyMap<string, readonly Stored[]>, inside: ReadonlySet<string>): string | undefined => {
  const firsts = [lanes.get(laneNames.run)?.[0], ...[...lanes.values()].map((own) => own[0])];
  return firsts.flatMap((first) => first?.event.prev ?? []).find((prev) => !inside.has(prev));
};

const verifyClosing = (
  events: readonly Stored[],
  lanes: ReadonlyMap<string, readonly Stored[]>,
  late: readonly Stored[],
): BadEvent | undefined => {
  const closings = events.filter(isType('run.closed'));
  const foreign = closings.find(({ event }) => event.lane !== laneNames.run)?.event;
  if (foreign !== undefined) return { lane: foreign.lane, seq: foreign.seq, reason: 'a run is closed in its own lane and nowhere else' };
  const [closing] = closings;
  if (closing === undefined) {
    const ended = events.find(isType('run.ended'))?.event;
    return ended && { lane: ended.lane, seq: ended.seq, reason: 'the run has ended and is not closed yet, or its closing is cut' };
  }
  const strays = late.filter(isType('lane.orphaned')).map((stored) => stored.event.data);
  const listed = new Map([...strays, ...closing.event.data.lanes].map((head) => [head.lane, head]));
  for (const { lane, seq, head } of listed.values()) {
    if (lanes.get(lane)?.[seq - 1]?.hash !== head)
      return { lane, seq, reason: 'the run was closed with another event here, or the lane is cut' };
  }
  for (const [lane, own] of lanes) {
    if (lane === closing.event.lane) continue;
    const closedAt = listed.get(lane)?.seq ?? 0;
    const later = own.find((stored) => stored.event.seq > closedAt && stored.event.type !== 'lane.closed');
    if (later !== undefined) return { lane, seq: later.event.seq, reason: 'not known to the closing of the run' };
  }
  return undefined;
};
