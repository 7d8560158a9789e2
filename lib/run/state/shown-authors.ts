import type { ApprovalLink } from '../../audit/approval-link.ts';
import type { Authorship } from '../../audit/events/approval.ts';
import type { Gate } from '../../checklist/definition.ts';
import { behind } from '../../folds/signers.ts';
import type { Dependencies } from '../../ports.ts';
import { type Authors, authorshipOf, readAuthors } from './authors.ts';
import type { GateInputs } from './gate-inputs.ts';

/** Who wrote the release, for who is asked to sign it. `known`: null where no list of commits says it. */
export type ShownAuthors = { readonly known: Authors | null; readonly reader: Authorship };

export const readShownAuthors = async (
  deps: Pick<Dependencies, 'trail' | 'evidence' | 'roster'>,
  { context, allChecks }: GateInputs,
  gate: Gate,
  link: ApprovalLink,
): Promise<ShownAuthors> => {
  const known = await readAuthors(deps, context, allChecks, gate);
  return { known, reader: authorshipOf(known, behind(link), deps.roster) };
};
