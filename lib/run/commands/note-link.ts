import { sha256 } from '../../canonical-json.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { visitOf } from '../state/gate-entries.ts';
import { actorOf } from '../state/run-context.ts';
import { recordRefusalOnce } from './refusals.ts';
import { type ApprovalPage, openLink, type ReadDependencies } from './show-approval.ts';

/** The page after an answer shows the link again: within this time the person has opened nothing. */
const afterAnswerMs = 60_000;

/** What a signed-in person learns of a link that leads to no answer any more. */
const words: Partial<Record<ApprovalPage['state'], string>> = {
  expired: 'A link was opened after the time to answer had ended.',
  closed: 'A link was opened after the gate was decided.',
  superseded: 'A link was opened after a newer run had withdrawn the request.',
  recalled: 'A link was opened after the request was recalled, or a newer run asked for the same approvals.',
  invalidated: 'A link was opened whose report has changed since.',
};

/**
 * Records that a signed-in person opened a link that is somebody else's, or that leads to no answer any more: an auditor sees who was late and
 * which links were passed on. It decides nothing, and is recorded once for each person, request and what became of it, so that a browser which
 * opens links ahead does not fill the trail. What nobody signed in for is in the log only, so a scanner cannot write to the trail.
 */
export const noteLink = async (
  deps: ReadDependencies & Pick<Dependencies, 'trail' | 'clock'>,
  { link }: { readonly link: string },
  caller: PersonCaller,
): Promise<void> => {
  const actor = actorOf(caller);
  const found = await openLink(deps, link, caller);
  if (found.ok === undefined) {
    const { context, refused } = found;
    if (context !== undefined)
      await recordRefusalOnce(deps, context, { actor, action: 'open an approval request', refused, once: sha256(link) });
    return;
  }
  const { context, page, entry } = found.ok;
  const refused = refusalOf(page, caller, deps.clock.now());
  const once = [visitOf(entry), page.round, page.role, page.state].join('/');
  if (refused !== undefined)
    await recordRefusalOnce(deps, context, { actor, action: `open the approval request ${page.gate}`, refused, once });
};

const refusalOf = ({ state, round, role, answered }: ApprovalPage, caller: PersonCaller, now: Date): Refusal | undefined => {
  const got = `the link of round ${round}`;
  if (state === 'answered' && answered !== null) {
    const isOwn = answered.person === caller.id;
    if (isOwn && now.getTime() - Date.parse(answered.at) < afterAnswerMs) return undefined;
    const who = isOwn ? 'the person themselves' : answered.person;
    return refuse('approval-answered', `A link was opened whose request for ${role} had been answered by ${who} at ${answered.at}.`, {
      got,
    }).refused;
  }
  const detail = words[state];
  return detail === undefined ? undefined : refuse('approval-closed', detail, { got, expected: 'the link of an open request' }).refused;
};
