import { html } from 'hono/html';
import type { Markup } from './layout.ts';

/**
 * The page of a decision is read on a phone: its answers must end within two screens of 360 by 800 pixels. How high a part will be there is estimated
 * from its text, so that the server can fold what would push the answers further down.
 */

const signsInLine = 34;
const linePx = 21;
/** The title of a page is set larger. */
const title = { signsInLine: 23, linePx: 28 };
/** Margins and paddings of a block of text. */
const blockPx = 5;

const folded = /<details\b(?:(?!<details\b)[\s\S])*?<\/details>/g;
const summaryOf = (details: string): string => /<summary>([\s\S]*?)<\/summary>/.exec(details)?.[1] ?? '';
/** A value stands in the line of its name. */
const blockEnds = /<\/?(?:p|li|div|section|h\d|ul|dl|label|summary|form|fieldset|table|tr)\b[^>]*>|<\/dd>|<br>/;

/** Without what is folded, also within something folded; of each fold the line that opens it. */
const unfolded = (markup: string): string => {
  const rest = markup.replace(folded, (details) => `<p>${summaryOf(details)}</p>`);
  return rest === markup ? markup : unfolded(rest);
};

const textHeight = (block: string, per: { readonly signsInLine: number; readonly linePx: number }): number => {
  const { length } = block
    .replace(/<[^>]+>/g, '')
    .replace(/&[#\w]+;/g, '.')
    .trim();
  return length === 0 ? 0 : Math.ceil(length / per.signsInLine) * per.linePx + blockPx;
};

/** How high some markup is on a phone, in pixels: an estimate that a test compares with a browser. */
export const heightOf = (markup: string): number => {
  const titles = markup.match(/<h1>[\s\S]*?<\/h1>/g) ?? [];
  const rest = unfolded(markup.replace(/<h1>[\s\S]*?<\/h1>/g, ''));
  return (
    titles.reduce((sum, block) => sum + textHeight(block, title), 0) +
    rest.split(blockEnds).reduce((sum, block) => sum + textHeight(block, { signsInLine, linePx }), 0)
  );
};

/** The first items that fit into a height, and at least one; the others for a fold. */
export const fittingOnPhone = async <T>(
  items: readonly T[],
  roomPx: number,
  markupOf: (item: T) => Markup,
): Promise<{ readonly first: readonly T[]; readonly others: readonly T[] }> => {
  let used = 0;
  for (const [place, item] of items.entries()) {
    used += heightOf(String(await markupOf(item)));
    // A fold for the last one alone would be no lower than the item.
    if (used > roomPx && place > 0) return { first: items.slice(0, place), others: items.slice(place) };
  }
  return { first: items, others: [] };
};

/** A list whose further items are folded under their number. `summary`: what it says of them. */
export const foldedItems = (others: readonly Markup[], summary = `and ${others.length} more`, kind = 'plain'): Markup | '' =>
  others.length === 0 ? '' : html`<details><summary>${summary}</summary><ul class="${kind}">${others}</ul></details>`;
