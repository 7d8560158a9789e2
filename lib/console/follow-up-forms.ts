import { html } from 'hono/html';
import type { RunView } from '../query/view.ts';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';
import { type Forms, formOf, typedFor } from './rollback-forms.ts';

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
      after: html`<p><label class="field" for="link">Address of the fix (optional, https://…)</label><input type="url" id="link" name="link" maxlength="500" spellcheck="false" value="${typedFor(forms, 'cause')?.link ?? ''}"></p>`,
    },
  );

const reviewForm = (forms: Forms, powers: RunView['followUps']): Markup | '' => {
  const typed = typedFor(forms, 'review');
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
      before: html`<p><label class="field" for="followUp">What is reviewed</label><select id="followUp" name="followUp" required>${powers.length === 1 ? '' : html`<option value="">Choose one</option>`}${powers.map(({ id, title }) => html`<option value="${id}"${typed?.followUp === id ? html` selected` : ''}>${visible(title)}</option>`)}</select></p>
<fieldset><legend>Its use was</legend>${verdict('justified', 'Justified', 'The situation asked for it.')}${verdict('not-justified', 'Not justified', 'It was used without need. That stays in the record.')}</fieldset>`,
    },
  );
};
