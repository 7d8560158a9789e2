import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import { type Names, visible, withNames } from './format.ts';
import type { Markup } from './layout.ts';

/** Above a page whose address asked for something that there is not: what was wrong, and what is shown. */
export const wrongNote = (says: string | undefined): Markup | '' =>
  says === undefined ? '' : html`<div class="note bad" role="alert"><p><strong>${visible(says)}</strong></p></div>`;

/** Above a page whose form was refused: what was wrong, what was expected, and what to do. */
export const refusalNote = ({ detail, expected, fix }: Refusal, names: Names, more: Markup | '' = ''): Markup =>
  html`<div class="note bad" role="alert"><p><strong>Not recorded. ${visible(withNames(detail, names))}</strong></p>${expected === undefined ? '' : html`<p>Expected: ${visible(withNames(expected, names))}.</p>`}${fix === undefined ? '' : html`<p>${fix}</p>`}${more}</div>`;
