import type { ReviewAct } from '../api/review-pages.ts';
import { hasEnded } from '../query/gate-state.ts';
import type { RunView } from '../query/view.ts';
import { operatingRoles, type Role } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { anyOf } from './rollback-now.ts';

/**
 * Whether the person can send a form of the page of the reviews now: null, or one sentence that says why not and who can. The commands decide;
 * here nobody is shown a form that they would refuse.
 */
export type ReviewActs = { readonly [Act in ReviewAct]: string | null };

const labelling: readonly Role[] = ['operations-lead'];

export const reviewActsOf = (run: RunView, viewer: Pick<PersonCaller, 'id' | 'roles'>): ReviewActs => {
  const closed = hasEnded(run) ? 'The run has ended, so nothing more can be recorded here.' : null;
  const holds = (roles: readonly Role[]): boolean => roles.some((role) => viewer.roles.includes(role));
  const starter =
    viewer.id === run.starter
      ? `You started this run, so you cannot label its observations. It takes another person: ${anyOf(labelling)}.`
      : null;
  return {
    label: closed ?? starter ?? (holds(labelling) ? null : `To label an observation takes ${anyOf(labelling)}.`),
    observe: closed ?? (holds(operatingRoles) ? null : `To report an observation takes ${anyOf(operatingRoles)}.`),
  };
};
