import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { recordRefusal } from './refusals.ts';
import { type ApprovalPage, openLink, type ReadDependencies } from './show-approval.ts';

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
 * which links were passed on. It decides nothing. What nobody signed in for is in the log only, so a scanner cannot write to the trail.
 */
export const noteLink = async (
  deps: ReadDependencies & Pick<Dependencies, 'trail' | 'clock'>,
  { link }: { readonly link: string },
  caller: PersonCaller,
): Promise<void> => {
  const found = await openLink(deps, link, caller);
  if (found.ok === undefined) {
    if (found.context !== undefined) await recordRefusal(deps, found.context, caller, 'open an approval request', found.refused);
    return;
  }
  const { context, page } = found.ok;
  const no = refusalOf(page);
  if (no !== undefined) await recordRefusal(deps, context, caller, `open the approval request ${page.gate}`, no);
};

const refusalOf = ({ state, round }: ApprovalPage): Refusal | undefined => {
  const detail = words[state];
  if (detail === undefined) return undefined;
  const { refused } = refuse('approval-closed', detail, { got: `the link of round ${round}`, expected: 'the link of an open request' });
  return refused;
};
