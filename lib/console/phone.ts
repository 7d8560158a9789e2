import { html } from 'hono/html';
import type { Markup } from './layout.ts';

/**
 * The page of a decision is read on a phone: its answers must end within two screens of 360 by 800 pixels. How high a part will be there is estimated
 * from its text, so that the server can fold what would push the answers further down.
 */

const signsInLine = 36;
const linePx = 21;
/** The title of a page is set larger, unless it is long. */
const titles = {
  usual: { signsInLine: 23, linePx: 28 },
  long: { signsInLine: 30, linePx: 20 },
  longest: { signsInLine: 33, linePx: 18 },
} as const;
/** Margins and paddings of a block of text, and around one that stands in a box. */
const blockPx = 5;
const boxPx = 22;

const folded = /<details\b(?:(?!<details\b)[\s\S])*?<\/details>/g;
const summaryOf = (details: string): string => /<summary>([\s\S]*?)<\/summary>/.exec(details)?.[1] ?? '';
/** A value stands in the line of its name. */
const blockEnds = /<\/?(?:p|li|div|section|h\d|ul|dl|label|summary|form|fieldset|table|tr)\b[^>]*>|<\/dd>|<br>/;

/** A fold within a text goes on in its line. */
const isInline = (details: string): boolean => /^<details class="(?:inline|rest)\b/.test(details);

/** Without what is folded, also within something folded; of each fold the line that opens it. */
const unfolded = (markup: string): string => {
  const rest = markup.replace(folded, (details) =>
    isInline(details) ? ` ▸ ${summaryOf(details)}` : `<summary>${summaryOf(details)}</summary>`,
  );
  return rest === markup ? markup : unfolded(rest);
};

/** Signs of most writing are about as wide as each other; capitals are wider, and those of Chinese, Japanese, Korean and pictures twice as wide. */
const widthOf = (word: string): number => {
  const wide = word.match(/[\u1100-\u11ff\u2e80-\uffef]|\p{Extended_Pictographic}/gu)?.length ?? 0;
  const capitals = word.match(/[A-Z@%&#]/g)?.length ?? 0;
  const widest = word.match(/[MW@%]/g)?.length ?? 0;
  return word.length + wide + 0.3 * capitals + 0.8 * widest;
};

/** How many lines a text takes: words stand behind each other, and one that is longer than a line begins in its own. */
const linesOf = (text: string, signs: number): number => {
  let [lines, used] = [1, 0];
  for (const word of text.split(/\s+/)) {
    const width = widthOf(word);
    if (used > 0 && used + 1 + width <= signs) used += 1 + width;
    else {
      if (used > 0) lines += 1;
      const further = Math.max(0, Math.ceil(width / signs) - 1);
      lines += further;
      used = width - further * signs;
    }
  }
  return lines;
};

const textHeight = (block: string, per: { readonly signsInLine: number; readonly linePx: number }): number => {
  const text = block
    .replace(/<[^>]+>/g, '')
    .replace(/&[#\w]+;/g, '.')
    .trim();
  return text === '' ? 0 : linesOf(text, per.signsInLine) * per.linePx + blockPx;
};

/** Texts of people keep their lines. */
const withLines = (markup: string): string => markup.replace(/<bdi>[\s\S]*?<\/bdi>/g, (own) => own.replaceAll('\n', '<br>'));

const boxesIn = (markup: string): number => markup.match(/<label class="choice"|<div class="note/g)?.length ?? 0;

/** How high some markup is on a phone, in pixels: an estimate that a test compares with a browser. */
export const heightOf = (markup: string): number => {
  const headings = [...markup.matchAll(/<h1(?: class="(long|longest)")?>[\s\S]*?<\/h1>/g)];
  const rest = withLines(unfolded(markup.replace(/<h1\b[\s\S]*?<\/h1>/g, '')));
  return (
    boxesIn(rest) * boxPx +
    headings.reduce((sum, [block, size]) => sum + textHeight(block, titles[size === 'long' || size === 'longest' ? size : 'usual']), 0) +
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
export const foldedItems = (
  others: readonly Markup[],
  summary: string | Markup = `and ${others.length} more`,
  kind = 'plain',
  fold = '',
): Markup | '' =>
  others.length === 0
    ? ''
    : html`<details${fold === '' ? '' : html` class="${fold}"`}><summary>${summary}</summary><ul${kind === '' ? '' : html` class="${kind}"`}>${others}</ul></details>`;
