import type { CheckAct } from '../api/check-pages.ts';
import type { CheckView } from '../query/check-view.ts';
import { hasEnded } from '../query/gate-state.ts';
import { type Role, signerRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { anyOf } from './rollback-now.ts';

/**
 * Whether the person can send a form about a check now: null, or one sentence that says why not and who can. The commands decide; here nobody
 * is shown a form that they would refuse.
 */
export type CheckActs = { readonly [Act in CheckAct]: string | null };
type Viewer = Pick<PersonCaller, 'id' | 'roles'>;

const verbs: Readonly<Record<CheckAct, string>> = {
  waive: 'waive it',
  'not-applicable': 'declare it not applicable',
  attest: 'attest it',
  revoke: 'revoke exceptions to it',
};

export const checkActsOf = (view: CheckView, viewer: Viewer): CheckActs => {
  const closed = hasEnded(view.run) ? 'The run has ended, so nothing more can be recorded about this check.' : null;
  const { item, rule } = view;
  const starter = viewer.id === view.run.starter;
  const needs = (act: CheckAct, roles: readonly Role[]): string | null =>
    roles.some((role) => viewer.roles.includes(role)) ? null : `To ${verbs[act]} takes ${anyOf(roles)}.`;
  const byOwner = (act: CheckAct): string | null =>
    starter
      ? `You started this run, so you cannot ${verbs[act]}. It takes another person: ${anyOf([item.owner])}.`
      : needs(act, [item.owner]);
  return {
    attest:
      closed ??
      (rule?.attestedBy === undefined
        ? 'No attestation can prove this check: it needs the evidence that is named above.'
        : needs('attest', [rule.attestedBy])),
    waive: closed ?? (item.waivable ? byOwner('waive') : 'This check may not be waived by anybody: it has to be proved.'),
    'not-applicable':
      closed ??
      (item.optional ? byOwner('not-applicable') : 'Nobody can declare this check not applicable: the checklist asks it of every release.'),
    revoke: closed ?? (view.revocable.length === 0 ? 'No exception stands that could be revoked.' : needs('revoke', signerRoles)),
  };
};
