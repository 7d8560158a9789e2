import { isType } from '../audit/event.ts';
import { currentRound, foldRounds, signerOf } from '../folds/approval-rounds.ts';
import { roleSchema } from '../roles.ts';
import { computedRule } from './kind.ts';
import { chosen } from './parameter-words.ts';

export const signed = computedRule({
  kind: 'signed/1',
  description: 'A person of a role approved the gate report.',
  parameters: { role: roleSchema },
  words: { role: chosen('signed by') },
  bounds: {},
  lanes: ['approval'],
  supplier: 'signatures',
  basis: 'attested',
  lasting: true,
  concernedBy: (_rule, event) =>
    isType('approval.answered')(event) ||
    isType('approval.invalidated')(event) ||
    isType('approval.recalled')(event) ||
    isType('approval.overtaken')(event),
  judge: ({ role }, { entry, lanes }) => {
    if (entry === undefined) return undefined;
    const round = currentRound(foldRounds(lanes.approval, entry));
    const answer =
      round === undefined || round.invalidated !== undefined || round.recalled !== undefined ? undefined : signerOf(round, role);
    if (answer === undefined) return undefined;
    const { person, report, for: principal } = answer.event.data;
    const who = principal === undefined ? person : `${person} for ${principal}`;
    return { verdict: 'pass', reason: `approved by ${who} on report ${report.slice(0, 12)}` };
  },
});
