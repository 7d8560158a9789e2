import { canonical, sha256 } from '../canonical-json.ts';
import type { Authority } from '../ports.ts';
import { type AuditEvent, authoritiesOf, type Draft, type Stored } from './event.ts';
import { lanes } from './lane.ts';
import { eventId } from './make-event.ts';
import type { BadEvent } from './verify-lane.ts';

/** What is asked of an `Authority` at once. */
const atOnce = 20;

/** The step of the event that closes a lane, and of the one that closes the run. */
export const closingStep = 'closed';

/**
 * The text whose MAC an event carries: a purpose and the digest of the RFC 8785 form of the logical step. It leaves out the place in
 * the lane and the time, so that an append which has to move on to the next place keeps its MAC; the chain binds those.
 * All `lane.ended` of a run carry one MAC: its text names the end of the run in place of the lane.
 */
export const authorityMessage = (of: AuditEvent | Draft): string => {
  const { scope, lane, type, actor, data } = of;
  if (type === 'lane.ended') return `holdpoint/lanes-ended/1\n${sha256(canonical({ scope, type, actor, data }))}`;
  const id = 'id' in of ? of.id : eventId(scope, lane, of.step);
  return `holdpoint/event/1\n${sha256(canonical({ id, scope, lane, type, actor, data }))}`;
};

/** The MAC of a draft, null where none is needed. Throws when this process may not vouch for such an event. */
export const vouchFor = async (authority: Pick<Authority, 'sign'>, draft: Draft): Promise<string | null> => {
  const kinds = authoritiesOf(draft);
  for (const kind of kinds) {
    const mac = await authority.sign(kind, authorityMessage(draft));
    if (mac !== null) return mac;
  }
  if (kinds.length === 0) return null;
  throw new Error(`append ${draft.type}: only the ${kinds.join(' or the ')} function may record it, and this process holds no such key`);
};

/** The first of the events whose MAC is missing, wrong or not called for. A throw means unknown. */
export const unauthorised = async (events: readonly Stored[], verify: Authority['verify']): Promise<BadEvent | undefined> => {
  const once = verifiedOnce(verify);
  for (let from = 0; from < events.length; from += atOnce) {
    const some = events.slice(from, from + atOnce);
    const reasons = await Promise.all(some.map(({ event }) => reasonAgainst(event, once)));
    const first = reasons.findIndex((reason) => reason !== undefined);
    const event = some[first]?.event;
    if (event !== undefined) return { lane: event.lane, seq: event.seq, reason: reasons[first] ?? '' };
  }
  return undefined;
};

/** What can be said against the event without asking for its MAC: that it has none, or one that is not called for. */
export const flawOfMac = (event: AuditEvent): string | undefined => {
  const kinds = authoritiesOf(event);
  const { id, mac, type, scope, lane } = event;
  if (kinds.length === 0) return mac === null ? undefined : `event ${id}: ${type} carries a MAC, and none is called for`;
  if (mac === null) return `event ${id}: ${type} carries no MAC of the ${kinds.join(' or ')} key`;
  // Its MAC does not cover them, so that they can be nothing else.
  if (type === 'lane.ended' && (lane === lanes.run || id !== eventId(scope, lane, closingStep)))
    return `event ${id}: ${type} is no closing of the lane ${lane}`;
  return undefined;
};

const reasonAgainst = async (event: AuditEvent, verify: Authority['verify']): Promise<string | undefined> => {
  const flaw = flawOfMac(event);
  if (flaw !== undefined) return flaw;
  const kinds = authoritiesOf(event);
  const { mac } = event;
  if (mac === null) return undefined;
  for (const kind of kinds) if (await verify(kind, authorityMessage(event), mac)) return undefined;
  return `event ${event.id}: the MAC of ${event.type} is not of the ${kinds.join(' or ')} key`;
};

/** Asks once for the same text and MAC, which events that share one have. */
const verifiedOnce = (verify: Authority['verify']): Authority['verify'] => {
  const asked = new Map<string, Promise<boolean>>();
  return (kind, message, mac) => {
    const key = `${kind}\n${mac}\n${message}`;
    const answer = asked.get(key) ?? verify(kind, message, mac);
    asked.set(key, answer);
    return answer;
  };
};
