import type { ApprovalForm } from '../../lib/api/pages.ts';
import type { AnswerField } from '../../lib/console/approval.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { answerSchema } from '../../lib/run/commands/inputs.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { asTyped, type FormFields, type FormRefused, sendForm } from './form-sends.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

/** Why nothing was recorded, and the field that was wrong. */
export type AnswerRefused = FormRefused<AnswerField>;

/** Sends an answer to its command, after the schema that the command has. Undefined: it was recorded. */
export const sendAnswer = (
  deps: PeopleDependencies,
  { link, form }: { readonly link: string; readonly form: ApprovalForm },
  caller: PersonCaller,
): Promise<AnswerRefused | undefined> => {
  const { nonce: _, note, ...given } = form;
  const said = { ...given, note: asTyped(note) };
  return sendForm(ofAnswer, answerSchema, said, (input) => answerApproval(deps, { link, ...input }, caller));
};

const ofAnswer: FormFields<AnswerField> = {
  sentences: {
    answer: 'Choose one of the answers.',
    confirmation: 'Type the six characters of the code that stands above the field.',
    note: 'Write 2,000 characters at most.',
  },
  fields: { answer: 'answer', confirmation: 'confirmation', note: 'note' },
  refused: ({ type }) => (type === 'approval-note' ? 'note' : type === 'approval-confirmation' ? 'confirmation' : undefined),
};
