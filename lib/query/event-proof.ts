import { authoritiesOf, type Stored } from '../audit/event.ts';
import { genesis, sortKey } from '../audit/lane.ts';
import type { Dependencies } from '../ports.ts';

/** A lane is verified whole up to this length; of a longer one the events beside the one that is shown. */
export const mostVerified = 2_000;

/** One event with what its place in the lane proves. */
export type EventProof = {
  readonly stored: Stored;
  /** The stretch of the lane that was read and found unbroken. */
  readonly verified: { readonly from: number; readonly to: number };
  /** Whether `verified` reaches the lane's last event. */
  readonly isLast: boolean;
  /** Which functions may vouch for such an event; empty where it needs nobody's word. */
  readonly vouchers: readonly string[];
  /** Whether it is the first event of a scope that no other scope opened. */
  readonly isGenesis: boolean;
};

/**
 * Reads an event and verifies its lane: the trail gives no event whose hash, chain or MAC is wrong (`IntegrityFault`). Undefined when there is
 * no such event.
 */
export const proveEvent = async (
  { trail }: Pick<Dependencies, 'trail'>,
  { scope, lane, seq }: { readonly scope: string; readonly lane: string; readonly seq: number },
): Promise<EventProof | undefined> => {
  const prefix = sortKey(lane, 0).slice(0, -8);
  const isNear = seq <= mostVerified;
  const limit = isNear ? mostVerified + 1 : 3;
  const read = await trail.read(scope, { prefix, limit, ...(isNear ? {} : { after: { lane, seq: seq - 2 } }) });
  const own = isNear ? read.slice(0, mostVerified) : read;
  const stored = own.find(({ event }) => event.seq === seq);
  const [first, last] = [own[0], own.at(-1)];
  if (stored === undefined || first === undefined || last === undefined) return undefined;
  return {
    stored,
    verified: { from: first.event.seq, to: last.event.seq },
    isLast: read.length < limit,
    vouchers: authoritiesOf(stored.event),
    isGenesis: stored.event.prev === genesis,
  };
};
