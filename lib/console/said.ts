import { html } from 'hono/html';
import { cut } from '../canonical-json.ts';
import type { RunView, RunWords } from '../query/view.ts';
import type { Words } from '../run/state/words.ts';
import { counted } from '../wording.ts';
import { formatInstant, visible } from './format.ts';
import type { Markup } from './layout.ts';
import { linkedText } from './linked-text.ts';

/** What people wrote, by digest: of a run's view or of an approval page. */
export type WordsByDigest = ReadonlyMap<string, Words>;

const wordsOf = ({ text, salt, erasedAt }: RunWords): Words =>
  text === null || salt === null ? { text: null, salt: null, erasedAt } : { text, salt, erasedAt: null };

/** The words of a run's view by their digest; none where the reader is not shown them. */
export const wordsIn = (words: RunView['words']): WordsByDigest => new Map((words ?? []).map((one) => [one.digest, wordsOf(one)]));

/** Words of a person, in quotation marks and isolated, so that no text can pass for ours or for another person's. */
const textOf = (words: Words): Markup =>
  words.text === null
    ? html`<span class="soft">(the text was erased${words.erasedAt === null ? '' : ` on ${formatInstant(words.erasedAt)}`})</span>`
    : html`“<bdi>${linkedText(words.text)}</bdi>”`;

/** Who wrote a text. Where the words before it name the person, it says what the text is instead: no name stands there twice. */
export type Author = string | { readonly as: 'Cause' | 'Note' | 'Reason' | 'Review' };

/** Of a text that explains a sentence: the sentence may name the person already. */
export const explainedBy = (sentence: string, name: string): Author => (name !== '' && sentence.includes(name) ? { as: 'Reason' } : name);

const lead = (author: Author): string => (typeof author === 'string' ? `${author} wrote` : author.as);

/** A text with its author. Nothing where the reader is not shown words, or where the text was left out of a long list. */
export const said = (words: WordsByDigest, digest: string | null | undefined, author: Author): Markup | '' => {
  const found = digest == null ? undefined : words.get(digest);
  return found === undefined ? '' : html`<span class="said">${lead(author)}: ${textOf(found)}</span>`;
};

/** How much of a text stands on a page that is read on a phone, in characters; so many lines of it at most. */
const mostBrief = 140;
const mostBriefLines = 4;

/** Where a text is folded: between two lines or two words, and not within an address, which would be no link then. */
const foldAt = (text: string, most: number): number => {
  const lines = text.split('\n');
  let [end, taken] = [0, 0];
  for (const line of lines.slice(0, mostBriefLines)) {
    const next = end + line.length + (taken === 0 ? 0 : 1);
    if (next > most) break;
    [end, taken] = [next, taken + 1];
  }
  if (taken > 0) return end;
  const blank = text.lastIndexOf(' ', most);
  if (blank > most / 3) return blank;
  const [word = ''] = text.slice(blank + 1).split(/\s/, 1);
  return word.includes('://') ? Math.max(blank, 0) : cut(text, most).length;
};

/** The two parts of a text of which only the beginning stands unfolded; undefined where the whole of it is short. */
const folded = (text: string, most: number): { readonly beginning: string; readonly rest: string } | undefined => {
  const plain = text.replace(/\r\n?/g, '\n');
  if (plain.length <= most && plain.split('\n').length <= mostBriefLines) return undefined;
  const at = foldAt(plain, most);
  return { beginning: plain.slice(0, at), rest: plain.slice(at) };
};

/** The beginning of a long text with its author; undefined where the whole is short. */
export const beginningOf = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | undefined => {
  const parts = folded((digest == null ? undefined : words.get(digest))?.text ?? '', mostBrief);
  return parts === undefined ? undefined : html`${author} wrote: “<bdi>${visible(parts.beginning.split('\n').join(' '))}</bdi>…”`;
};

/** Names of AWS resources, of which the last part tells people which one it is. */
const resource = /\barn:aws[\w-]*:[^\s"',()]*[:/]([\w.@+-]+)/g;

/** What a feed or a CI job says of something: as much of it as tells a person what it is, and the whole behind a fold. */
export const foreignBriefly = (text: string): Markup => {
  const short = shortened(text.replace(resource, '$1'), mostBrief);
  return short === text
    ? html`<bdi>${visible(text)}</bdi>`
    : html`<bdi>${visible(short)}</bdi> <details class="rest"><summary>whole text</summary><bdi>${visible(text)}</bdi></details>`;
};

const mostShort = 60;

/** A sentence of which only the beginning has room. */
export const cutShort = (text: string): string => shortened(text, mostShort);

export const shortened = (text: string, most: number): string => (text.length > most ? `${cut(text, most)}…` : text);

/** The first words of a text with its author; undefined where the reader is not shown them. */
export const saidShortly = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | undefined => {
  const text = (digest == null ? undefined : words.get(digest))?.text;
  return text == null ? undefined : html`${author} wrote: “<bdi>${visible(cutShort(text.split('\n').join(' ')))}</bdi>”`;
};

/** `most`: characters that stand unfolded. `each`: what a line of the text is, of a text that is a list. */
export type Briefly = { readonly most?: number; readonly each?: string };

/**
 * As `said`; of a text that is long on a phone the beginning, and the rest behind a fold that says how much it is. Where a screen is wide the whole of it
 * stands there.
 */
export const saidBriefly = (
  words: WordsByDigest,
  digest: string | null | undefined,
  author: Author,
  { most = mostBrief, each }: Briefly = {},
): Markup | '' => {
  const parts = folded((digest == null ? undefined : words.get(digest))?.text ?? '', most);
  if (parts === undefined) return said(words, digest, author);
  const { beginning, rest } = parts;
  const isLine = rest.startsWith('\n');
  const count = rest.split('\n').length - (isLine ? 1 : 0);
  const more = beginning === '' ? '' : 'more ';
  const much = each === undefined ? counted(rest.trim().length, `${more}character`) : counted(count, `${more}${each}`);
  // A line break of its own where the rest follows at once, and none where a fold is between them.
  const join = isLine ? html`<span class="wide">\n</span>` : '';
  const text = isLine ? rest.slice(1) : rest;
  return html`<span class="said">${lead(author)}: “<bdi>${linkedText(beginning)}</bdi><span class="cut">${beginning === '' ? '' : '…”'}</span><details class="rest narrow-only"><summary>${beginning === '' ? much : `and ${much}`}</summary><span class="cut">${beginning === '' ? '' : '“…'}</span>${join}<bdi>${linkedText(text)}</bdi>”</details></span>`;
};
