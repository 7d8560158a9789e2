import type { Authority } from '../ports.ts';
import { unauthorised } from './authority.ts';
import type { Stored } from './event.ts';
import { lanes } from './lane.ts';
import { badCarried } from './verify-carried.ts';
import type { BadEvent } from './verify-lane.ts';
import { verifyScope } from './verify-scope.ts';

/**
 * All that a run recorded: its own scope, and its late scope for what arrived after its end. `standing`: the whole scope of its service, from
 * which it may carry evidence.
 */
type Run = {
  readonly events: readonly Stored[];
  readonly late: readonly Stored[];
  readonly parentHash?: string;
  readonly standing?: readonly Stored[];
};

/** Checks a run as an auditor does: that its lanes are whole and unchanged, and that each event was recorded by a writer who may. */
export const verifyRun = async (
  { events, late, parentHash, standing = [] }: Run,
  verify: Authority['verify'],
): Promise<BadEvent | undefined> =>
  verifyScope(events, parentHash, late) ??
  verifyScope(standing) ??
  badCarried(
    events,
    standing.filter(({ event }) => event.lane === lanes.standing),
  ) ??
  (await unauthorised([...events, ...late, ...standing], verify));
