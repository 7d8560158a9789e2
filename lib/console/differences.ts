import { html } from 'hono/html';
import type { Difference } from '../query/diff-words.ts';
import { fitting } from './fitting.ts';
import { visible, withoutTicks } from './format.ts';
import type { Markup } from './layout.ts';

const signs = { '+': ['added', 'plus'], '-': ['removed', 'minus'], '~': ['changed', 'tilde'] } as const;

/** Differences one below the other, each with a sign and its word. `rest`: where the ones are that have no room. */
export const differenceList = (differences: readonly Difference[], room: number, rest: string): Markup => {
  const shown = fitting(differences, room, ({ text, changes }) => [text, ...changes]);
  const more = differences.length - shown.length;
  return html`<ul class="plain diff">${shown.map(
    ({ sign, check, text, changes }) =>
      html`<li class="${signs[sign][1]}"><span class="sign" aria-hidden="true">${sign === '-' ? '−' : sign}</span><span><span class="heard">${signs[sign][0]}: </span><bdi>${visible(withoutTicks(text))}</bdi>${check === null ? '' : html` <code class="soft">${check}</code>`}${changes.length === 0 ? '' : html`<ul class="plain">${changes.map((change) => html`<li class="soft"><bdi>${visible(withoutTicks(change))}</bdi></li>`)}</ul>`}</span></li>`,
  )}</ul>${more === 0 ? '' : html`<p class="soft">${more} more have no room here: <span class="mono">${rest}</span></p>`}`;
};
