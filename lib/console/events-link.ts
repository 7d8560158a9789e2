import { html } from 'hono/html';
import type { Markup } from './layout.ts';

/** A link to the audit events of a run, on the page that searches them: a browser's session reads no API. `lane`: only those of lanes that begin so. */
export const eventsLink = (run: string, lane: string | null, words: string): Markup =>
  html`<a href="/audit?${new URLSearchParams({ run, ...(lane === null ? {} : { lane }) })}">${words}</a>`;
