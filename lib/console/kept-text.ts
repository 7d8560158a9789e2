import { html } from 'hono/html';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';

/** What stands in a field, with what the page calls the field. Undefined where the form has no such field. */
export type Filled = readonly [label: string, text: string | undefined];

/** What a person typed into a form that cannot be sent now, field by field, so that it is not lost. Fields that are empty are left out. */
export const wrote = (fields: readonly Filled[]): Markup | '' => {
  const filled = fields.filter(([, text = '']) => text.trim() !== '');
  return filled.length === 0
    ? ''
    : html`<p>It cannot be sent now. You wrote:</p><dl>${filled.map(([label, text = '']) => html`<dt>${label}</dt><dd class="said">“<bdi>${visible(text)}</bdi>”</dd>`)}</dl>`;
};

/** After a new sign-in. `form`: the id of the form that has the texts; null where it cannot be sent now. */
export const keptNote = (fields: readonly Filled[], form: string | null): Markup | '' => {
  if (form !== null)
    return html`<div class="note calm"><p><strong>Nothing is recorded yet.</strong> Your text is kept: <a href="#${form}">send it again</a>.</p></div>`;
  const typed = wrote(fields);
  return typed === '' ? '' : html`<div class="note">${typed}</div>`;
};
