import type { CheckForm } from '../api/check-pages.ts';
import type { OperatingForm } from '../api/operating-pages.ts';
import type { ReviewForm } from '../api/review-pages.ts';
import type { RollbackForm } from '../api/rollback-pages.ts';
import type { RunView } from '../query/view.ts';
import { asWords } from './format.ts';
import type { Filled } from './kept-text.ts';

/** What stands in the fields of each form, for a page that no longer has the form. */

type Typed<Form> = Omit<Form, 'nonce' | 'act'>;

export const rollbackFields = (
  { rollbackTriggers, followUps }: Pick<RunView, 'rollbackTriggers' | 'followUps'>,
  typed: Typed<RollbackForm>,
): readonly Filled[] => [
  ['Reason', typed.reason],
  ['Trigger', titleIn(rollbackTriggers, typed.trigger)],
  ['What shows it', typed.shown],
  ['Ids of events that show it', typed.evidence],
  ['Decide for the rollback now', typed.decide],
  ['Time of the backup', typed.backupAt],
  ['Address of the fix', typed.link],
  ['What is reviewed', titleIn(followUps, typed.followUp)],
  ['Its use was', typed.verdict === undefined ? undefined : asWords(typed.verdict)],
];

const titleIn = (listed: readonly { readonly id: string; readonly title: string }[], id: string | undefined): string | undefined =>
  listed.find((one) => one.id === id)?.title ?? id;

export const operatingFields = ({ reason, when, t0, zone, freeze }: Typed<OperatingForm>): readonly Filled[] => [
  ['Reason', reason],
  ['New T0', when === 'when-released' ? 'as soon as every gate before it has passed' : t0],
  // A zone is chosen beforehand: without a time it says nothing.
  ['Whose clock shows this time', when === 'when-released' || (t0 ?? '') === '' ? undefined : zone],
  ['Freeze', freeze],
];

export const checkFields = ({ reason, subject, until }: Typed<CheckForm>): readonly Filled[] => [
  ['Reason', reason],
  ['What it is about', subject],
  ['Until when (UTC)', until],
];

export const reviewFields = (typed: Typed<ReviewForm>): readonly Filled[] => [
  ['What was it', typed.label],
  ['How you know', typed.reason],
  ['What you saw', typed.bad === 'yes' ? 'Something was wrong' : typed.bad === 'no' ? 'All was well' : typed.bad],
  ['Kind', typed.kind === undefined ? undefined : asWords(typed.kind)],
  ['Where you saw it', typed.subject],
  ['What it was', typed.summary],
  ['When you saw it (UTC)', typed.observedAt],
];
