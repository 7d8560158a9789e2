import { html } from 'hono/html';
import type { ReviewAct, ReviewForm } from '../api/review-pages.ts';
import { observationKinds } from '../fields.ts';
import type { SeenView } from '../query/seen-view.ts';
import { fieldTime, isFieldTime, lastFieldTime } from './field-time.ts';
import { describing, reasonField, type Slip, saysOf, slipNote } from './form-field.ts';
import { asWords } from './format.ts';
import type { Markup } from './layout.ts';

export type TypedReview = Omit<ReviewForm, 'nonce'>;
/** The field to which a refusal belongs. */
export type ReviewField = 'label' | 'reason' | 'kind' | 'bad' | 'subject' | 'summary' | 'observedAt';

export type ReviewForms = {
  readonly run: string;
  readonly nonce: string;
  readonly now: Date;
  /** What was typed into a form that was not recorded, and the field that was wrong with what to say beside it. */
  readonly typed: TypedReview | undefined;
  readonly slip: Slip<ReviewField> | undefined;
};

const typedFor = ({ typed }: ReviewForms, act: ReviewAct, observation?: string): TypedReview | undefined =>
  typed?.act === act && (observation === undefined || typed.observation === observation) ? typed : undefined;

/** The id of a field on the page. */
export const fieldId = (act: ReviewAct, field: ReviewField, number: number | null = null): string =>
  act === 'observe' ? `observe-${field.toLowerCase()}` : `label-${number ?? 0}-${field}`;

const choices = [
  { label: 'true', title: 'True', says: 'Something was wrong, as it says.' },
  { label: 'false', title: 'False', says: 'Nothing was wrong: the alarm or the report was mistaken.' },
  { label: 'explained', title: 'Explained', says: 'It happened, and it is no fault of the release: a planned restart, a test.' },
] as const;

/** Once above the list: every observation has the same choices. */
export const labelMeanings: Markup = html`<p class="soft">${choices.map(({ title, says }) => html`<strong>${title}:</strong> ${says} `)}</p>`;

/** In place, beside the observation. Folded, because a list of alarms has a form for each. */
export const labelForm = (forms: ReviewForms, { observation, number, label }: SeenView): Markup => {
  const typed = typedFor(forms, 'label', observation);
  const slip = typed === undefined ? undefined : forms.slip;
  const [choice, reason] = [fieldId('label', 'label', number), fieldId('label', 'reason', number)];
  return html`<details${typed === undefined ? '' : html` open`}><summary>${label === null ? 'Label it' : 'Label it anew'} <span class="heard">(observation ${number})</span></summary>
<form method="post" action="/runs/${forms.run}/reviews" autocomplete="off">
<fieldset id="${choice}"><legend>What was it?</legend>${slipNote(choice, saysOf(slip, 'label'))}${choices.map(
    (one) =>
      html`<label class="choice"><input type="radio" name="label" value="${one.label}" required${typed?.label === one.label ? html` checked` : ''}><strong>${one.title}</strong></label>`,
  )}</fieldset>
${reasonField({ id: reason, label: 'How do you know?', typed: typed?.reason, says: saysOf(slip, 'reason') })}
<input type="hidden" name="act" value="label"><input type="hidden" name="observation" value="${observation}"><input type="hidden" name="nonce" value="${forms.nonce}">
<p><button class="button" type="submit">Record the label</button></p>
</form></details>`;
};

export const observeForm = (forms: ReviewForms): Markup => {
  const typed = typedFor(forms, 'observe');
  const slip = typed === undefined ? undefined : forms.slip;
  const id = (field: ReviewField): string => fieldId('observe', field);
  const text = (field: 'subject' | 'summary', title: string, hint: string, most: number): Markup =>
    html`<p><label class="field" for="${id(field)}">${title}</label>${slipNote(id(field), saysOf(slip, field))}<input type="text" id="${id(field)}" name="${field}" required maxlength="${most}" value="${typed?.[field] ?? ''}"${describing(id(field), saysOf(slip, field))}><span class="soft hint" id="${id(field)}-hint">${hint}</span></p>`;
  return html`<form class="card narrow" method="post" action="/runs/${forms.run}/reviews" autocomplete="off">
<h2 id="observe">Report an observation</h2>
<p>What you saw of the running release. A bad one blocks the reviews until an operations lead labels it; a good one shows that somebody looked.</p>
<fieldset id="${id('bad')}"><legend>What did you see?</legend>${slipNote(id('bad'), saysOf(slip, 'bad'))}
<label class="choice"><input type="radio" name="bad" value="yes" required${typed?.bad === 'yes' ? html` checked` : ''}><span><strong>Something was wrong</strong></span></label>
<label class="choice"><input type="radio" name="bad" value="no"${typed?.bad === 'no' ? html` checked` : ''}><span><strong>All was well</strong></span></label></fieldset>
<p><label class="field" for="${id('kind')}">Of which kind is it?</label>${slipNote(id('kind'), saysOf(slip, 'kind'))}<select id="${id('kind')}" name="kind"${describing(id('kind'), saysOf(slip, 'kind'), false)}>${observationKinds.map(
    (kind) => html`<option value="${kind}"${(typed?.kind ?? 'other') === kind ? html` selected` : ''}>${asWords(kind)}</option>`,
  )}</select></p>
${text('subject', 'Where did you see it?', 'The component or page, or the name of the alarm. 200 characters at most.', 200)}
${text('summary', 'What was it?', '300 characters at most. It is kept apart from the trail and can be erased.', 300)}
${timeField(forms, typed, slip)}
<input type="hidden" name="act" value="observe"><input type="hidden" name="nonce" value="${forms.nonce}">
<p><button class="button" type="submit">Report it</button></p>
</form>`;
};

const timeField = ({ now }: ReviewForms, typed: TypedReview | undefined, slip: ReviewForms['slip']): Markup => {
  const id = fieldId('observe', 'observedAt');
  const value = typed?.observedAt ?? fieldTime(now);
  // What a field for date and time cannot show is kept as text.
  const type = isFieldTime(value)
    ? html` type="datetime-local" max="${lastFieldTime}"`
    : html` type="text" maxlength="60" spellcheck="false"`;
  return html`<p><label class="field" for="${id}">When did you see it (UTC)?</label>${slipNote(id, saysOf(slip, 'observedAt'))}<input id="${id}" name="observedAt" required${type} value="${value}"${describing(id, saysOf(slip, 'observedAt'), false)}></p>`;
};
