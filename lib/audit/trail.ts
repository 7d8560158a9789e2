import { Conflict, IntegrityFault } from '../outcome.ts';
import type { Appended, AuditTrail, Authority, Clock, LaneStore, Random } from '../ports.ts';
import { counted } from '../wording.ts';
import { authorityMessage, vouchFor } from './authority.ts';
import { byLane, type Draft, type EventType, type Stored } from './event.ts';
import { createKnownRanges, type KnownRanges, stretchesOf, type WholeRange } from './known-ranges.ts';
import type { LaneRange, LaneStretch } from './lane-range.ts';
import { eventId, makeEvent } from './make-event.ts';
import { createVerifier, type Verifier } from './verifier.ts';
import { type BadEvent, mayFollow, verifyLane } from './verify-lane.ts';

/**
 * How often a writer that lost its place tries the next one, and the longest pause before it does, in milliseconds: some five seconds in all.
 * Of 25 writers that meet in a lane (400 alarms at once, the jobs of a matrix) eight tries left every sixth without a place.
 */
const attempts = 24;
const firstPause = 10;
const longestPause = 500;

type Parts = {
  readonly store: LaneStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
  /** Waits that many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
};

/** Where a lane ends: the hash and place of its last event. `last` is known where that event was read. */
type Tail = { readonly seq: number; readonly head: string; readonly last?: Stored };
type OpenParts = Parts & {
  readonly verifier: Verifier;
  readonly known: KnownRanges;
  readonly vouch: (draft: Draft) => Promise<string | null>;
};

/**
 * The audit trail over a lane store. An append is one insert at the place behind all that is known of the lane. The caller or the
 * trail must have read every event before that place, because the step may stand anywhere in the lane. So an append without `after`
 * reads the lane (most are short, and one query reads 4 KB for one unit; of a long one only what this process has not read before), and an
 * append with it costs one write and no read.
 */
export const createTrail = (given: Parts): AuditTrail => {
  const parts: OpenParts = {
    ...given,
    verifier: createVerifier(given.authority),
    known: createKnownRanges(),
    vouch: vouchOnce(given.authority),
  };
  return {
    append: async (draft, { parentHash, after, only }) => {
      const id = eventId(draft.scope, draft.lane, draft.step);
      if (after !== undefined) return appendAt(parts, draft, { id, tail: after ?? { seq: 0, head: parentHash }, only });
      const start: Tail = { seq: 0, head: parentHash };
      const lane = await readWhole(parts, draft.scope, { lane: draft.lane });
      return adopt(lane, id, draft) ?? appendAt(parts, draft, { id, tail: tailOf(lane, start) });
    },
    read: async (scope, range) => {
      const whole = wholeOf(range);
      if (whole !== undefined) return readWhole(parts, scope, whole);
      const events = await parts.store.query(scope, range);
      for (const own of byLane(events).values()) check(scope, own, firstPlace(range, own));
      await checkAuthority(parts, scope, events);
      return events;
    },
  };
};

/** The lanes of a run that ends have one MAC: the last one is kept, so that the next lane needs no request. */
const vouchOnce = (authority: Authority): OpenParts['vouch'] => {
  let last: { readonly message: string; readonly mac: string | null } | undefined;
  return async (draft) => {
    if (draft.type !== 'lane.ended') return vouchFor(authority, draft);
    const message = authorityMessage(draft);
    if (last?.message !== message) last = { message, mac: await vouchFor(authority, draft) };
    return last.mac;
  };
};

const appendAt = async <T extends EventType>(
  parts: OpenParts,
  draft: Draft<T>,
  from: { readonly id: string; readonly tail: Tail; readonly only?: true | undefined },
): Promise<Appended<T>> => {
  const { store, clock, random, vouch, verifier, sleep } = parts;
  let { tail } = from;
  const mac = await vouch(draft as Draft);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (tail.last !== undefined && !mayFollow(tail.last, draft.type)) {
      throw new Conflict(`append ${draft.type}: ${draft.scope} ${draft.lane} was closed at ${tail.seq}; read the run again`);
    }
    const stored = makeEvent(draft, { seq: tail.seq + 1, prev: tail.head }, clock.now(), mac);
    const answer = await insert(store, stored as Stored);
    if (answer === 'inserted') {
      verifier.remember(stored as Stored);
      return { stored, adopted: false };
    }
    // The pause comes before the read, so that the place found is fresh.
    if (answer === 'taken') await sleep(random.fraction() * Math.min(longestPause, firstPause * 2 ** attempt));
    const occupants = await readFrom(parts, draft, tail).catch((cause: unknown) => {
      throw answer === 'taken' ? cause : answer.fault;
    });
    const own = adopt(occupants, from.id, draft);
    if (own !== undefined) return own;
    if (answer !== 'taken') throw answer.fault;
    if (occupants.length === 0)
      throw new IntegrityFault(
        `append ${draft.type}: place ${tail.seq + 1} of ${draft.scope} ${draft.lane} is taken, but nothing is there`,
      );
    if (from.only) throw new Conflict(`append ${draft.type}: place ${tail.seq + 1} of ${draft.scope} ${draft.lane} was taken`);
    tail = tailOf(occupants, tail);
  }
  throw new Conflict(`append ${draft.type}: lost the place in ${draft.scope} ${draft.lane} ${counted(attempts, 'time')}`);
};

/** A throw means unknown: the event may be stored all the same, and only reading the place can show it. */
const insert = (store: LaneStore, stored: Stored): Promise<'inserted' | 'taken' | { readonly fault: unknown }> =>
  store.insert(stored).catch((fault: unknown) => ({ fault }));

/** The range as a whole lane or all lanes of a prefix; undefined for a part of these. */
const wholeOf = (range: LaneRange | LaneStretch): WholeRange | undefined => {
  if ('prefix' in range) {
    const isPart = 'after' in range || 'before' in range || 'limit' in range;
    return isPart ? undefined : { prefix: range.prefix };
  }
  return 'last' in range || range.fromSeq !== undefined ? undefined : { lane: range.lane };
};

const readWhole = async (parts: OpenParts, scope: string, range: WholeRange): Promise<readonly Stored[]> => {
  const known = parts.known.of(scope, range);
  const found = await Promise.all(stretchesOf(range, known?.lanes ?? new Map()).map((stretch) => parts.store.query(scope, stretch)));
  const later = found.flat();
  for (const [lane, own] of byLane(later)) {
    const last = known?.lanes.get(lane)?.at(-1);
    check(scope, own, last === undefined ? { seq: 1 } : { seq: last.event.seq + 1, prev: last.hash });
  }
  await checkAuthority(parts, scope, later);
  return parts.known.extend(scope, range, known, later);
};

/**
 * The lane behind a place, checked to continue it. `verifyScope` judges which event opened the lane: two writers may open it with
 * different events, and the first insert counts.
 */
const readFrom = async (parts: OpenParts, { scope, lane }: Pick<Draft, 'scope' | 'lane'>, tail: Tail): Promise<readonly Stored[]> => {
  const events = await parts.store.query(scope, { lane, fromSeq: tail.seq + 1 });
  check(scope, events, tail.seq === 0 ? { seq: 1 } : { seq: tail.seq + 1, prev: tail.head });
  await checkAuthority(parts, scope, events);
  return events;
};

const checkAuthority = async ({ verifier }: OpenParts, scope: string, events: readonly Stored[]): Promise<void> => {
  const bad = await verifier.firstBad(events);
  if (bad !== undefined) throw damaged(scope, bad);
};

const tailOf = (events: readonly Stored[], before: Tail): Tail => {
  const last = events.at(-1);
  return last === undefined ? before : { seq: last.event.seq, head: last.hash, last };
};

const adopt = <T extends EventType>(events: readonly Stored[], id: string, draft: Draft<T>): Appended<T> | undefined => {
  const own = events.find((stored) => stored.event.id === id);
  if (own === undefined) return undefined;
  if (own.event.type !== draft.type)
    throw new IntegrityFault(`append ${draft.type}: the step ${draft.step} of ${draft.scope} ${draft.lane} is a ${own.event.type}`);
  return { stored: own as Stored<T>, adopted: true };
};

/** A range that starts at a lane's first event must start with it; of the last event alone only the event itself can be checked. */
const firstPlace = (range: LaneRange | LaneStretch, own: readonly Stored[]): { readonly seq: number } => {
  if ('after' in range && range.after?.lane === own[0]?.event.lane) return { seq: (range.after?.seq ?? 0) + 1 };
  if ('last' in range) return { seq: own[0]?.event.seq ?? 1 };
  return { seq: ('fromSeq' in range ? range.fromSeq : undefined) ?? 1 };
};

const check = (scope: string, events: readonly Stored[], from: { readonly seq: number; readonly prev?: string }): void => {
  const [first] = events;
  const foreign = first !== undefined && events.some((stored) => stored.event.scope !== scope);
  const bad = foreign ? { lane: first.event.lane, seq: first.event.seq, reason: 'of another scope' } : verifyLane(events, from);
  if (bad !== undefined) throw damaged(scope, bad);
};

const damaged = (scope: string, { lane, seq, reason }: BadEvent): IntegrityFault =>
  new IntegrityFault(`audit trail ${scope}: ${lane} ${seq}: ${reason}`);
