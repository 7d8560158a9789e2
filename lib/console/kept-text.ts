import { html } from 'hono/html';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';

/** What a person typed into a form that cannot be sent now, so that it is not lost. */
export const wrote = (text: string): Markup | '' =>
  text.trim() === '' ? '' : html`<p>It cannot be sent now. You wrote:</p><p class="said">“<bdi>${visible(text)}</bdi>”</p>`;

/** After a new sign-in. `form`: the id of the form that has the text; null where it cannot be sent now. */
export const keptNote = (text: string, form: string | null): Markup | '' =>
  form === null
    ? text.trim() === ''
      ? ''
      : html`<div class="note">${wrote(text)}</div>`
    : html`<div class="note calm"><p><strong>Nothing is recorded yet.</strong> Your text is kept: <a href="#${form}">send it again</a>.</p></div>`;
