import { html } from 'hono/html';
import type { LocalInstant } from '../notification.ts';
import type { Refusal } from '../outcome.ts';
import type { ReleaseChanges } from '../query/release-changes.ts';
import type { Role } from '../roles.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { describing, slipNote } from './form-field.ts';
import { asWords } from './format.ts';
import type { Filled } from './kept-text.ts';
import type { Markup } from './layout.ts';

/** What the form carries besides the approval, and the refusal of the form that was sent before it. */
export type Form = {
  readonly link: string;
  readonly nonce: string;
  /** All roles of the reader, who may be asked in one of them alone. */
  readonly roles: readonly Role[];
  readonly refusal?: Refusal;
  /** What was typed before, so that a refused form loses no text, and the field that was wrong. */
  readonly typed?: { readonly answer: string; readonly note: string } | undefined;
  readonly field?: AnswerField | undefined;
  /** Until when the person may answer, as their own clock shows it. */
  readonly until: LocalInstant;
  readonly now: Date;
  /** What is different from the last release. */
  readonly changes: ReleaseChanges;
};
/** The field to which a refusal belongs. */
export type AnswerField = 'answer' | 'confirmation' | 'note';

/** The three answers, the code of the report and the note. */
export const answerForm = (
  approval: ApprovalPage,
  form: Form,
): Markup => html`<form class="card answer" method="post" action="/approvals/${form.link}" autocomplete="off">
<h2 id="answer">Your answer</h2>
<fieldset>${slipNote('answer', saysIn(form, 'answer'))}<legend class="heard">Answer as ${asWords(approval.role)}</legend>
${choices(approval, form)}
</fieldset>
<div class="pair">${confirmation(approval.code, saysIn(form, 'confirmation'))}
<p><label class="field" for="note">Note, which everybody reads; needed unless you approve</label>${slipNote('note', saysIn(form, 'note'))}<textarea id="note" name="note" maxlength="2000"${describing('note', saysIn(form, 'note'), false)}>${form.typed?.note ?? ''}</textarea></p></div>
<input type="hidden" name="report" value="${approval.report}">
<input type="hidden" name="nonce" value="${form.nonce}">
<p><button class="button" type="submit">Record my answer</button></p>
<p class="soft">It needs a sign-in of the last 15 minutes. After a new one your text is still there.</p>
<details><summary>What is recorded</summary><p class="soft">The audit trail records your person id, your role, the time of your sign-in, whether you are an author of the release, and the digest of the report. Your name, your note and the network address from which you answer are stored separately and can be erased.</p></details>
</form>`;

/** The answers as they are chosen. */
export const choices = (approval: ApprovalPage, { typed }: Form): Markup =>
  html`${choicesOf(approval).map(([value, title, meaning]) => html`<label class="choice"><input type="radio" name="answer" value="${value}" required${typed?.answer === value ? html` checked` : ''}><span><strong>${title}</strong> ${meaning}</span></label>`)}`;

/** What was typed, for a page that no longer has the form. */
export const answerFields = (approval: ApprovalPage, { answer, note }: NonNullable<Form['typed']>): readonly Filled[] => [
  ['Answer', choicesOf(approval).find(([value]) => value === answer)?.[1] ?? answer],
  ['Note', note],
];

/** Every answer with its effect, so that people know it before they choose. */
const choicesOf = ({ onRejected, afterT0 }: ApprovalPage) =>
  [
    ['approved', 'Approve', afterT0 ? 'My role accepts the release as it runs.' : 'My role has no objection.'],
    ['changes-requested', 'Request changes', 'Something must be corrected first.'],
    [
      'rejected',
      'Reject',
      `${afterT0 ? 'My role does not accept the release as it runs.' : 'The release must not go on.'} One rejection ${onRejected === 'decision' ? 'opens a decision: operations roll the release back, or continue' : 'ends the run'}.`,
    ],
  ] as const;

const saysIn = ({ refusal, field }: Form, of: AnswerField): string | undefined => {
  if (refusal === undefined || field !== of) return undefined;
  return ownWords[refusal.type] ?? refusal.detail;
};
/** Shorter beside the field than what stands above the page. */
const ownWords: Readonly<Record<string, string>> = {
  'approval-note': 'Write what has to change.',
  'approval-confirmation': 'This is not the code of this report.',
};

const confirmation = (
  code: string,
  wrong: string | undefined,
): Markup => html`<p><label class="field" for="confirmation">To confirm, type the code of this report: <span class="code">${code}</span></label>
${slipNote('confirmation', wrong)}
<input class="short" type="text" id="confirmation" name="confirmation" required maxlength="20"${describing('confirmation', wrong, false)} autocapitalize="characters" spellcheck="false" autocomplete="off"></p>`;
