import { html } from 'hono/html';
import { cut } from '../canonical-json.ts';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';

/** What the fields of every form have in common: what was wrong stands beside the field, and screen readers read it with the hint. */

/** The field that was wrong, with what to say beside it. */
export type Slip<Field extends string> = { readonly field: Field; readonly says: string };

/** What was wrong with this field; undefined where nothing was. */
export const saysOf = <Field extends string>(slip: Slip<Field> | undefined, field: Field): string | undefined =>
  slip?.field === field ? slip.says : undefined;

/** What was wrong, for beside the field with this id. */
export const slipNote = (id: string, says: string | undefined): Markup | '' =>
  says === undefined ? '' : html`<span class="slip" id="${id}-slip">${visible(says)}</span>`;

/** The attributes by which the field with this id names its slip, and its hint where it has one. */
export const describing = (id: string, says: string | undefined, hasHint = true): Markup => {
  const names = [...(says === undefined ? [] : [`${id}-slip`]), ...(hasHint ? [`${id}-hint`] : [])].join(' ');
  return html`${says === undefined ? '' : html` aria-invalid="true"`}${names === '' ? '' : html` aria-describedby="${names}"`}`;
};

type Reason = { readonly id: string; readonly label: string; readonly typed: string | undefined; readonly says: string | undefined };

/** The words with which a person acts: every act that is recorded asks for them. */
export const reasonField = ({ id, label, typed = '', says }: Reason): Markup =>
  html`<p><label class="field" for="${id}">${label}</label>${slipNote(id, says)}<textarea id="${id}" name="reason" required minlength="10" maxlength="2000"${describing(id, says)}>${typed}</textarea><span class="soft hint" id="${id}-hint">10 characters at least. It is kept apart from the trail and can be erased.</span></p>`;

/** The options of a choice. A value that is no choice, or no longer one, still stands in the field. */
export const options = (values: readonly string[], given: string | undefined, wordsOf = (value: string): string => value): Markup =>
  html`${withGiven(values, given).map((value) => html`<option value="${value}"${value === given ? html` selected` : ''}>${visible(brief(wordsOf(value)))}</option>`)}`;

const withGiven = (values: readonly string[], given: string | undefined): readonly string[] =>
  given === undefined || given === '' || values.includes(given) ? values : [...values, given];

/** Names have 64 characters at most. */
const mostShown = 80;
/** What somebody typed into an address, as a sentence can repeat it. */
export const brief = (text: string): string => (text.length > mostShown ? `${cut(text, mostShown)}…` : text);
