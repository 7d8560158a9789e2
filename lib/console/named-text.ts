import { html } from 'hono/html';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';

/** A sentence of ours about names that people write somewhere: what a terminal shows with backticks stands in the type of code. */
export const namedText = (sentence: string): Markup =>
  html`${visible(sentence)
    .split('`')
    .map((part, place) => (place % 2 === 1 ? html`<code>${part}</code>` : part))}`;
