import { canonical, sha256 } from '../canonical-json.ts';
import type { EventType, Stored } from './event.ts';

/** The first event of a scope or lane that does not fit, and why. */
export type BadEvent = { readonly lane: string; readonly seq: number; readonly reason: string };

/** Closes one lane: `lane.closed` is the form of older versions. */
export const closesLane = ({ event }: Stored): boolean => event.type === 'lane.ended' || event.type === 'lane.closed';
/** Only the closing of the run may follow a closed lane. */
export const isClosed = (last: Stored): boolean => closesLane(last) || last.event.type === 'run.closed';
export const mayFollow = (last: Stored, next: EventType): boolean => !isClosed(last) || (closesLane(last) && next === 'run.closed');

/**
 * Checks that events follow each other in one lane. `from` is the place of the first one: omit `prev` where the parent hash is not
 * known. Returns the first bad event, or undefined when every one links.
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

/** Events that were looked at by themselves already: nobody changes a stored event, and a reading is verified more than once. */
const flawless = new WeakSet<Stored>();

/** What is wrong with one event by itself, if anything. */
const flawOf = (stored: Stored): string | undefined => {
  if (flawless.has(stored)) return undefined;
  const { event, bytes, hash } = stored;
  if (sha256(bytes) !== hash) return 'the hash is not the hash of the bytes';
  if (canonical(event) !== bytes) return 'the event differs from its bytes';
  flawless.add(stored);
  return undefined;
};
