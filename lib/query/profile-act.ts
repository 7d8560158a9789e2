import { flawOfAnswer } from '../folds/profile.ts';
import { profileRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import type { ProfileView } from './profile-view.ts';

/** What a person can answer to the open proposal: the answers, or one sentence that says why none. The command decides. */
export type ProfileActs = { readonly may: readonly ('approved' | 'rejected')[]; readonly why: string | null };

export const profileActsOf = (
  { open, outdated }: Pick<ProfileView, 'open' | 'outdated'>,
  { id, roles }: Pick<PersonCaller, 'id' | 'roles'>,
): ProfileActs => {
  const none = (why: string | null): ProfileActs => ({ may: [], why });
  if (open === null) return none(null);
  const own = profileRoles.filter((role) => roles.includes(role));
  if (own.length === 0) return none(`It takes a technical lead and an operations lead; you are ${roles.join(', ') || 'in no role'}.`);
  const flaw = flawOfAnswer({ ...open, state: 'open', answers: open.answers as never }, { by: id, roles: own });
  if (flaw === 'own') return none('You proposed it, so two other people answer.');
  if (flaw === 'again') return none('You have answered it.');
  if (flaw !== undefined) return none(`Another person has approved it in your role. It waits for the ${open.needs ?? 'other role'}.`);
  return outdated
    ? { may: ['rejected'], why: 'It cannot be approved: the checklist has changed since, so the same file must be proposed again first.' }
    : { may: ['approved', 'rejected'], why: null };
};
