import { html } from 'hono/html';
import type { RunView } from '../query/view.ts';
import { describing, slipNote } from './form-field.ts';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';
import { type Forms, fieldId, formOf, lineField, saysFor, typedFor } from './rollback-forms.ts';

/** The forms that answer what is asked after a rollback. `powers`: those whose use the person can review. */
export const followUpForms = (forms: Forms, powers: RunView['followUps']): Markup => html`${causeForm(forms)}${reviewForm(forms, powers)}`;

const causeForm = (forms: Forms): Markup | '' =>
  formOf(
    forms,
    {
      act: 'cause',
      title: 'State the cause',
      does: 'Why had the release to be rolled back? The first statement counts, and the audit trail names it when it closes.',
      button: 'Record the cause',
      look: 'main',
    },
    'What was the cause?',
    {
      after: lineField(forms, { act: 'cause', field: 'link', label: 'Address of the fix (optional, https://…)', max: 500, type: 'url' }),
    },
  );

const reviewForm = (forms: Forms, powers: RunView['followUps']): Markup | '' => {
  const typed = typedFor(forms, 'review');
  const reviewed = fieldId('review', 'followUp');
  const wrong = (field: 'followUp' | 'verdict'): string | undefined => saysFor(forms, 'review', field);
  const verdict = (value: 'justified' | 'not-justified', title: string, meaning: string): Markup =>
    html`<label class="choice"><input type="radio" name="verdict" value="${value}" required${typed?.verdict === value ? html` checked` : ''}><span><strong>${title}</strong>${meaning}</span></label>`;
  return formOf(
    forms,
    {
      act: 'review',
      title: 'Review the use of an emergency power',
      does: 'Look at what was done and why. The first review counts. You cannot review what you did yourself.',
      button: 'Record the review',
      look: 'main',
    },
    'What did you look at, and what did you find?',
    {
      before: html`<p><label class="field" for="${reviewed}">What is reviewed</label>${slipNote(reviewed, wrong('followUp'))}<select id="${reviewed}" name="followUp" required${describing(reviewed, wrong('followUp'), false)}>${powers.length === 1 ? '' : html`<option value="">Choose one</option>`}${powers.map(({ id, title }) => html`<option value="${id}"${typed?.followUp === id ? html` selected` : ''}>${visible(title)}</option>`)}</select></p>
<fieldset id="${fieldId('review', 'verdict')}"><legend>Its use was</legend>${slipNote(fieldId('review', 'verdict'), wrong('verdict'))}${verdict('justified', 'Justified', 'The situation asked for it.')}${verdict('not-justified', 'Not justified', 'It was used without need. That stays in the record.')}</fieldset>`,
    },
  );
};
