import type { Authority } from '../ports.ts';
import { flawOfMac, unauthorised } from './authority.ts';
import { authoritiesOf, byLane, isType, type Stored } from './event.ts';
import type { BadEvent } from './verify-lane.ts';

/** How many events, and how many heads of lanes, a process remembers. */
const remembered = 20_000;

export type Verifier = {
  /**
   * As `unauthorised`, with fewer requests: it asks about each event once in the life of the process, because its hash names its bytes, and not
   * about what the reconciler has vouched for (below). The events of a lane must follow each other, as `verifyLane` checks.
   */
  readonly firstBad: (events: readonly Stored[]) => Promise<BadEvent | undefined>;
  /** What this process has vouched for itself. */
  readonly remember: (stored: Stored) => void;
};

/**
 * A settlement, the record of its delivery and the closing of a run carry the reconciler's MAC and name the heads of the lanes that the
 * reconciler has read, which is to say verified, before it signed. So one such MAC vouches for every event of those lanes up to its head, by the chain of hashes. Who could
 * forge that MAC holds the reconciler's key and could have signed those events with it. What only the people's key vouches for is asked about
 * all the same, except by the function that holds the reconciler's key itself: it would otherwise ask again what it has asked and signed.
 */
export const createVerifier = ({ verify, signsFor }: Pick<Authority, 'verify' | 'signsFor'>): Verifier => {
  const verified = new Set<string>();
  const vouched = new Set<string>();
  const keep = (set: Set<string>, hash: string): void => {
    set.add(hash);
    const [oldest] = set;
    if (set.size > remembered && oldest !== undefined) set.delete(oldest);
  };
  const remember = (stored: Stored): void => {
    if (stored.event.mac !== null) keep(verified, stored.hash);
    for (const head of headsOf(stored)) keep(vouched, head);
  };
  const isTrusted = ({ event }: Stored): boolean =>
    flawOfMac(event) === undefined && (signsFor.includes('reconciler') || authoritiesOf(event).includes('reconciler'));
  /** Takes as verified what verified events vouch for, and what that vouches for, until nothing is added. */
  const spread = (events: readonly Stored[]): void => {
    for (;;) {
      const unknown = events.filter(({ event, hash }) => event.mac !== null && !verified.has(hash));
      const covered = new Set(unknown.length === 0 ? [] : behindHeads(events, vouched));
      const found = unknown.filter((stored) => covered.has(stored) && isTrusted(stored));
      if (found.length === 0) return;
      found.forEach(remember);
    }
  };
  return {
    remember,
    firstBad: async (events) => {
      const unknown = () => events.filter(({ hash }) => !verified.has(hash));
      spread(events);
      // The newest knows most.
      const [newest] = unknown()
        .filter((stored) => headsOf(stored).length > 0)
        .toSorted((a, b) => (a.event.at < b.event.at ? 1 : -1));
      if (newest !== undefined && (await unauthorised([newest], verify)) === undefined) {
        remember(newest);
        spread(events);
      }
      const rest = unknown();
      const bad = await unauthorised(rest, verify);
      if (bad === undefined) rest.forEach(remember);
      return bad;
    },
  };
};

/** Hashes of the last events of what the reconciler had read of lanes. */
const headsOf = (stored: Stored): readonly string[] => {
  if (isType('gate.delivered')(stored)) {
    const { settled } = stored.event.data;
    return settled === undefined ? [] : [settled];
  }
  // Of an environment only the end of a lane may have been read.
  if (isType('gate.settled')(stored)) return stored.event.data.judgedOn.flatMap(({ scope, head }) => (scope === undefined ? head : []));
  return isType('run.closed')(stored) ? stored.event.data.lanes.map(({ head }) => head) : [];
};

/** The events of each lane up to the last one of which the hash is among the heads. */
const behindHeads = (events: readonly Stored[], heads: ReadonlySet<string>): readonly Stored[] =>
  [...byLane(events).values()].flatMap((own) => own.slice(0, own.findLastIndex(({ hash }) => heads.has(hash)) + 1));
