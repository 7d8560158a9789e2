import { sha256 } from '../canonical-json.ts';
import { scriptFile } from '../console-script.ts';
import { styleFile } from './style.ts';

/**
 * What a page shows, without what time alone changes: relative times, lengths that pass, sentences about when the page was made, and the
 * bounds of fields for times. Pictures and their stretches go, too: they move while a window is open, and what they show is listed beside
 * them. So do the nonces of forms, which are new in every page.
 */
const steady = (text: string): string =>
  text
    .replace(/<(span|time) class="(?:ago|passing|made)"[^>]*>[^<]*<\/\1>/g, '')
    .replace(/<meter\b[^>]*>[^<]*<\/meter>/g, '')
    // A picture holds marks that are pictures themselves.
    .replace(/<svg class="shape"[\s\S]*?<\/svg>/g, '')
    .replace(/<svg\b[\s\S]*?<\/svg>/g, '')
    .replace(/<p class="drawn">[\s\S]*?<\/p>/g, '')
    .replace(/<input\b[^>]* type="datetime-local"[^>]*>/g, '')
    .replace(/name="nonce" value="[^"]*"/g, '');

/** The place of the tag in the page, which the frame leaves empty. Text of others is escaped and cannot write it. */
const place = ' data-state=""';
const live = /<title>[\s\S]*?<\/title>|<main [^>]*data-state=""[\s\S]*<\/main>/g;

/**
 * The entity tag of a page's state, and the page with it. It derives from what the page shows to this person, so that whatever changes
 * there changes it. A new version of style or script changes it, too. No tag: for pages that are not kept current, and for refusals, which
 * stand at the address of another page.
 */
export const tagged = (text: string, status: number): { readonly page: string; readonly tag?: string } => {
  if (!text.includes(place)) return { page: text };
  if (status !== 200) return { page: text.replace(/ data-live="\w+" data-state=""/, '') };
  const state = steady((text.match(live) ?? []).join('\n').replace(/data-now="[^"]*"/, ''));
  const tag = `"${sha256(`${scriptFile}\n${styleFile}\n${state}`).slice(0, 32)}"`;
  return { page: text.replace(place, ` data-state=${tag}`), tag };
};

/** Whether the browser has this state already (RFC 9110, 13.1.2). Compression on the way may have made the tag weak. */
export const isKnown = (header: string | null, tag: string | null): boolean =>
  header !== null && tag !== null && header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
