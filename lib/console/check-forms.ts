import { html } from 'hono/html';
import type { CheckAct, CheckForm } from '../api/check-pages.ts';
import { mostAttested } from '../fields.ts';
import type { CheckView } from '../query/check-view.ts';
import { wholeCheck } from '../query/check-view.ts';
import { counted } from '../wording.ts';
import type { CheckActs } from './check-acts.ts';
import { fieldTime, isFieldTime, lastFieldTime } from './field-time.ts';
import { fitting } from './fitting.ts';
import { describing, reasonField, type Slip, saysOf, slipNote } from './form-field.ts';
import { asWords, visible } from './format.ts';
import type { Markup } from './layout.ts';
import { lengthText } from './lengths.ts';

export type TypedCheck = Omit<CheckForm, 'nonce' | 'file'>;
/** The field to which a refusal belongs. */
export type CheckField = 'reason' | 'until' | 'subject' | 'file';
export type CheckForms = {
  readonly view: CheckView;
  readonly acts: CheckActs;
  readonly nonce: string;
  readonly now: Date;
  /** What was typed into a form that was not recorded, and the field that was wrong with what to say beside it. */
  readonly typed: TypedCheck | undefined;
  readonly slip: Slip<CheckField> | undefined;
};

type FormText = { readonly act: CheckAct; readonly title: string; readonly does: string; readonly reason: string; readonly button: string };

const texts: Readonly<Record<CheckAct, FormText>> = {
  attest: {
    act: 'attest',
    title: 'Attest',
    does: 'You state in your own words that the check holds, and what you have seen. The report that people sign shows your name.',
    reason: 'What have you seen?',
    button: 'Record my attestation',
  },
  waive: {
    act: 'waive',
    title: 'Waive',
    does: 'Until the time that you give, the release goes on although this check has not passed. Every report shows the waiver with your name and reason. It needs a sign-in of the last 15 minutes; if yours is older you sign in again, and your text is kept.',
    reason: 'Why may the release go on without it?',
    button: 'Record the waiver',
  },
  'not-applicable': {
    act: 'not-applicable',
    title: 'Declare not applicable',
    does: 'This release does not have what the check asks about. If bad evidence arrives, the declaration no longer counts. It needs a sign-in of the last 15 minutes; if yours is older you sign in again, and your text is kept.',
    reason: 'Why does it not concern this release?',
    button: 'Record that it is not applicable',
  },
  revoke: {
    act: 'revoke',
    title: 'Revoke',
    does: 'From now on the evidence of the check decides again. A gate that passed because of the exception is blocked again.',
    reason: 'Why does the exception no longer count?',
    button: 'Revoke it now',
  },
};

export const checkFormTitle = (act: CheckAct): string => texts[act].title;

/** The forms that the person can send now; what the person cannot do is said in one sentence each. */
export const checkForms = (forms: CheckForms): Markup => {
  const order = ['attest', 'waive', 'not-applicable', 'revoke'] as const;
  const refused = order.filter((act) => forms.acts[act] !== null);
  return html`<div class="acts">${order.filter((act) => forms.acts[act] === null).map((act) => formOf(forms, texts[act]))}${
    refused.length === 0
      ? ''
      : html`<section class="card narrow" aria-labelledby="cannot"><h2 id="cannot">What you cannot do here</h2>
<dl>${refused.map((act) => html`<dt>${texts[act].title}</dt><dd>${visible(forms.acts[act] ?? '')}</dd>`)}</dl></section>`
  }</div>`;
};

const formOf = (forms: CheckForms, { act, title, does, reason, button }: FormText): Markup => {
  const { view, nonce } = forms;
  const typed = forms.typed?.act === act ? forms.typed : undefined;
  const slip = typed === undefined ? undefined : forms.slip;
  return html`<form class="card narrow" method="post" action="/runs/${view.run.run}/checks/${view.item.id}"${act === 'attest' ? html` enctype="multipart/form-data"` : ''} autocomplete="off">
<h2 id="${act}">${title}</h2>
<p>${does}</p>
${subjectField(forms, act, typed)}
${reasonField({ id: `${act}-reason`, label: reason, typed: typed?.reason, says: saysOf(slip, 'reason') })}
${act === 'attest' ? fileField(slip) : ''}
${act === 'waive' || act === 'attest' ? untilField(forms, act, typed) : ''}
<input type="hidden" name="act" value="${act}"><input type="hidden" name="nonce" value="${nonce}">
<p><button class="${act === 'revoke' ? 'button danger' : 'button'}" type="submit">${button}</button></p>
</form>`;
};

const longestWaiverSeconds = 90 * 86_400;

/** What an attestation shows. A browser keeps no file for a form that comes back. */
const fileField = (slip: Slip<CheckField> | undefined): Markup => {
  const wrong = saysOf(slip, 'file');
  return html`<p><label class="field" for="attest-file">A file that shows it, if there is one</label>${slipNote('attest-file', wrong)}<input id="attest-file" name="file" type="file" data-most="${mostAttested}" accept=".png,.jpg,.jpeg,.pdf,.txt,.md,.csv,.json,.log"${describing('attest-file', wrong)}><span class="soft hint" id="attest-file-hint">A picture, a PDF or a text of at most ${mostAttested / 1024 / 1024} MB. It is kept as long as the evidence. Secrets are taken out of a text; a picture and a PDF are kept as they are. If the form comes back, choose the file again.</span></p>`;
};

type Until = { readonly label: string; readonly hint: string; readonly seconds: number | null };

const untilOf = ({ item }: CheckView, act: 'waive' | 'attest'): Until => {
  if (act === 'attest')
    return {
      label: 'Valid until when (UTC)? Leave it empty if it stays so.',
      hint: `${item.maxAgeSeconds === null ? '' : `Within ${lengthText(item.maxAgeSeconds)}, for which the check takes it. `}Then the check fails again at once.`,
      seconds: item.maxAgeSeconds,
    };
  const seconds = item.maxWaiverSeconds ?? longestWaiverSeconds;
  return {
    label: 'Until when (UTC)?',
    hint: `Within ${counted(Math.floor(seconds / 86_400), 'day')}. Then the check fails again at once.`,
    seconds,
  };
};

const untilField = ({ view, now, slip }: CheckForms, act: 'waive' | 'attest', typed: TypedCheck | undefined): Markup => {
  const { label, hint, seconds } = untilOf(view, act);
  const id = `${act}-until`;
  const value = typed?.until ?? '';
  const wrong = typed === undefined ? undefined : saysOf(slip, 'until');
  // What a field for date and time cannot show is kept as text.
  const isText = value !== '' && !isFieldTime(value);
  const limits = isText
    ? html` type="text" maxlength="60" spellcheck="false"`
    : html` type="datetime-local" min="${fieldTime(new Date(now.getTime() + 60_000))}" max="${seconds === null ? lastFieldTime : fieldTime(new Date(now.getTime() + seconds * 1000))}"`;
  return html`<p><label class="field" for="${id}">${label}</label>${slipNote(id, wrong)}<input id="${id}" name="until"${act === 'waive' ? html` required` : ''}${limits} value="${value}"${describing(id, wrong)}><span class="soft hint" id="${id}-hint">${hint}</span></p>`;
};

/** Which part it is about; nothing where there is only the whole check. */
const subjectField = ({ view, slip, acts }: CheckForms, act: CheckAct, typed: TypedCheck | undefined): Markup | '' => {
  if (act === 'attest') return '';
  const parts = view.finding.parts?.listed ?? [];
  const choices =
    act === 'revoke'
      ? view.revocable.filter((name) => name !== wholeCheck).map((subject) => ({ subject, verdict: '' }))
      : parts.filter(({ verdict }) => (act === 'waive' ? verdict !== 'pass' : verdict === 'inconclusive' || verdict === 'not-applicable'));
  if (choices.length === 0 || acts[act] !== null) return '';
  // Each stands there twice, in the option and in its text.
  const shown = fitting(choices, 10_000, ({ subject }) => [subject, subject]);
  const more = choices.length - shown.length;
  const whole = act === 'revoke' ? 'Every exception of the check' : 'The whole check';
  const wrong = typed === undefined ? undefined : saysOf(slip, 'subject');
  const id = `${act}-subject`;
  return html`<p><label class="field" for="${id}">What is it about?</label>${slipNote(id, wrong)}<select id="${id}" name="subject"${describing(id, wrong)}><option value="">${whole}</option>${shown.map(
    ({ subject, verdict }) =>
      html`<option value="${subject}"${typed?.subject === subject ? html` selected` : ''}>${visible(subject)}${verdict === '' ? '' : `: ${asWords(verdict)}`}</option>`,
  )}</select><span class="soft hint" id="${id}-hint">${act === 'revoke' ? 'The exceptions that stand.' : 'Of a part, every other part must still pass.'}${more === 0 ? '' : ` ${more} more have no room here: name them with --subject on the command line.`}</span></p>`;
};
