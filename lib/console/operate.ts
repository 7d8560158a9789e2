import type { RunSummary } from '../ports.ts';
import type { RunView } from '../query/view.ts';
import { operatingRoles, proposingRoles, type Role } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import type { Operate } from './layout.ts';
import { ownActs } from './operating-acts.ts';

type Viewer = Pick<PersonCaller, 'id' | 'roles'>;

const holdsOneOf = ({ roles }: Pick<Viewer, 'roles'>, wanted: readonly Role[]): boolean => wanted.some((role) => roles.includes(role));

/** The page of the rollback, by what the person can do there: everybody reads it, and an operating role begins one. */
export const wayOf = (viewer: Pick<Viewer, 'roles'>): Operate['way'] => (holdsOneOf(viewer, operatingRoles) ? 'roll-back' : 'windows');

/** Where the person operates the run of a page now; nowhere where they can do nothing. `here`: the page that needs no way to itself. */
export const operateOf = (run: RunView, viewer: Viewer, here?: 'operating' | 'rollback'): Operate | undefined => {
  const { rollback, rollbackTriggers } = run;
  if (rollback !== null || rollbackTriggers.length > 0) {
    const mayBegin = rollbackTriggers.length > 0 && (rollback === null || rollback.decision?.decision === 'continue');
    return here === 'rollback' ? undefined : { run: run.run, way: mayBegin ? wayOf(viewer) : 'rollback' };
  }
  return here === 'operating' || ownActs(run, viewer).length === 0 ? undefined : { run: run.run, way: 'operate' };
};

/** The same by the list of runs, for pages that do not read the run. Where the list does not say whether T0 has come, the way back is one key away. */
export const operateListed = (
  listed: Pick<RunSummary, 'run' | 'outcome' | 'milestones'> | undefined,
  viewer: Pick<Viewer, 'roles'>,
): Operate | undefined => {
  if (listed === undefined) return undefined;
  const { run, outcome, milestones } = listed;
  if (milestones != null && milestones.rollbackAt !== null) return { run, way: 'rollback' };
  if (outcome !== null) return undefined;
  if (milestones === undefined || milestones.t0At !== null) return { run, way: wayOf(viewer) };
  // The list does not know the starter, who may do more than their roles: anybody who works on the service.
  return holdsOneOf(viewer, proposingRoles) ? { run, way: 'operate' } : undefined;
};
