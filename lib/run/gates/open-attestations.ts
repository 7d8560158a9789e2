import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Checklist, type Gate, gatesOf, type Item } from '../../checklist/definition.ts';
import { attestingRole } from '../../rules/attested.ts';
import type { RunContext } from '../state/run-context.ts';
import { type Followed, tellsStaging, tooEarly } from '../writing/too-early.ts';

type Known = Pick<Followed, 'deployment' | 'now'> & {
  readonly context: RunContext;
  readonly checks: ReadonlyMap<string, readonly Stored[]>;
};

/** What attestations must follow, from lanes that are in memory already. `checks`: check lanes by lane name. */
export const followedIn = ({ context, deployment, checks, now }: Known): Followed => {
  const teller = tellsStaging(context, now);
  return { deployment, staging: (teller && checks.get(lanes.check(teller.gate ?? '', teller.id))) ?? [], now };
};

/** The role whose attestation of the check would be accepted now; undefined where no attestation would be. Mails, pages and inbox ask this. */
export const attestedNowBy = (item: Item, followed: Followed, context: RunContext): ReturnType<typeof attestingRole> => {
  const role = attestingRole(item.rule);
  return role === undefined || tooEarly(item, followed.now.toISOString(), followed, context) !== undefined ? undefined : role;
};

/** A gate at which people sign, which waits for a planned time or for the end of a review begins a stretch of its own. */
const standsAlone = ({ asks, leadSeconds, role }: Gate): boolean => asks.length > 0 || leadSeconds !== null || role === 'review';

/** The next gates of the same stretch: while this gate is open, their checks can be attested already. */
export const gatesAhead = (checklist: Checklist, gate: Gate): readonly Gate[] => {
  const gates = gatesOf(checklist);
  const place = gates.findIndex(({ id }) => id === gate.id);
  if (place < 0 || standsAlone(gate)) return [];
  const ahead = gates.slice(place + 1);
  const end = ahead.findIndex(standsAlone);
  return end < 0 ? ahead : ahead.slice(0, end);
};
