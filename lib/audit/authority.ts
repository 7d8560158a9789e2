import { canonical, sha256 } from '../canonical-json.ts';
import type { Authority } from '../ports.ts';
import { type AuditEvent, authoritiesOf, type Draft, type Stored } from './event.ts';
import { eventId } from './make-event.ts';
import type { BadEvent } from './verify-lane.ts';

/** What is asked of an `Authority` at once. */
const atOnce = 20;

/**
 * The text whose MAC an event carries: a purpose and the digest of the RFC 8785 form of the logical step. It leaves out the place in
 * the lane and the time, so that an append which has to move on to the next place keeps its MAC; the chain binds those.
 */
export const authorityMessage = (of: AuditEvent | Draft): string => {
  const { scope, lane, type, actor, data } = of;
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
  for (let from = 0; from < events.length; from += atOnce) {
    const some = events.slice(from, from + atOnce);
    const reasons = await Promise.all(some.map(({ event }) => reasonAgainst(event, verify)));
    const first = reasons.findIndex((reason) => reason !== undefined);
    const event = some[first]?.event;
    if (event !== undefined) return { lane: event.lane, seq: event.seq, reason: reasons[first] ?? '' };
  }
  return undefined;
};

const reasonAgainst = async (event: AuditEvent, verify: Authority['verify']): Promise<string | undefined> => {
  const kinds = authoritiesOf(event);
  const { mac } = event;
  if (kinds.length === 0) return mac === null ? undefined : `event ${event.id}: ${event.type} carries a MAC, and none is called for`;
  if (mac === null) return `event ${event.id}: ${event.type} carries no MAC of the ${kinds.join(' or ')} key`;
  for (const kind of kinds) if (await verify(kind, authorityMessage(event), mac)) return undefined;
  return `event ${event.id}: the MAC of ${event.type} is not of the ${kinds.join(' or ')} key`;
};

/** How many events a process remembers as verified. */
const remembered = 20_000;

export type Verifier = {
  /** As `unauthorised`, but asks about each event once in the life of the process: its hash names its bytes. */
  readonly firstBad: (events: readonly Stored[]) => Promise<BadEvent | undefined>;
  /** What this process has vouched for itself. */
  readonly remember: (stored: Stored) => void;
};

export const createVerifier = (verify: Authority['verify']): Verifier => {
  const verified = new Set<string>();
  const remember = ({ event, hash }: Stored): void => {
    if (event.mac === null) return;
    verified.add(hash);
    const [oldest] = verified;
    if (verified.size > remembered && oldest !== undefined) verified.delete(oldest);
  };
  return {
    remember,
    firstBad: async (events) => {
      const fresh = events.filter(({ hash }) => !verified.has(hash));
      const bad = await unauthorised(fresh, verify);
      if (bad === undefined) fresh.forEach(remember);
      return bad;
    },
  };
};
