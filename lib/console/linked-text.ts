import { html } from 'hono/html';
import { visible } from './format.ts';
import type { Markup } from './layout.ts';

/** An address that stands by itself: not in an attribute or a word. It ends before signs that no address has and before those that turn text around. */
const address = /(?<=^|[\s([“„«])https:\/\/[^\s<>"'`{}|\\^“”«»\p{Cc}\p{Cf}\u2028\u2029]+/gu;
/** What ends a sentence and not an address. */
const trailing = /[.,;:!?)\]]+$/;

/**
 * Text of others with its https addresses as links. The address is shown as the browser would ask for it: a host with signs beyond ASCII in Punycode, so
 * that nobody takes it for another one. An address with a user name, which could pass for a host, stays text.
 */
export const linkedText = (text: string): Markup => {
  const parts: Markup[] = [];
  let from = 0;
  for (const found of text.matchAll(address)) {
    const written = found[0].replace(trailing, '');
    const url = httpsUrl(written);
    if (url === undefined) continue;
    parts.push(html`${visible(text.slice(from, found.index))}<a href="${url}" rel="noopener noreferrer">${url}</a>`);
    from = found.index + written.length;
  }
  return html`${parts}${visible(text.slice(from))}`;
};

const httpsUrl = (written: string): string | undefined => {
  if (!URL.canParse(written)) return undefined;
  const { protocol, username, password, hostname, href } = new URL(written);
  const isPlain = protocol === 'https:' && username === '' && password === '' && /^[\w.-]+$|^\[[\da-f:]+\]$/.test(hostname);
  return isPlain ? href : undefined;
};
