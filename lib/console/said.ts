import { html } from 'hono/html';
import { cut } from '../canonical-json.ts';
import type { RunView, RunWords } from '../query/view.ts';
import type { Words } from '../run/state/words.ts';
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

/** A text with its author. Nothing where the reader is not shown words, or where the text was left out of a long list. */
export const said = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | '' => {
  const found = digest == null ? undefined : words.get(digest);
  return found === undefined ? '' : html`<span class="said">${author} wrote: ${textOf(found)}</span>`;
};

const mostBrief = 140;
const mostBriefLines = 4;

/** The beginning of a long text with its author; undefined where the whole is short. */
export const beginningOf = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | undefined => {
  const text = (digest == null ? undefined : words.get(digest))?.text ?? '';
  const lines = text.split('\n');
  if (text.length <= mostBrief && lines.length <= mostBriefLines) return undefined;
  return html`${author} wrote: “<bdi>${visible(cut(lines.slice(0, mostBriefLines).join(' '), mostBrief))}</bdi>…”`;
};

const mostShort = 60;

/** A sentence of which only the beginning has room. */
export const cutShort = (text: string): string => (text.length > mostShort ? `${cut(text, mostShort)}…` : text);

/** The first words of a text with its author; undefined where the reader is not shown them. */
export const saidShortly = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | undefined => {
  const text = (digest == null ? undefined : words.get(digest))?.text;
  return text == null ? undefined : html`${author} wrote: “<bdi>${visible(cutShort(text.split('\n').join(' ')))}</bdi>”`;
};

/** As `said`; of a long text the beginning, and the whole of it behind a fold. */
export const saidBriefly = (words: WordsByDigest, digest: string | null | undefined, author: string): Markup | '' => {
  const beginning = beginningOf(words, digest, author);
  const whole = said(words, digest, author);
  return beginning === undefined ? whole : html`<details class="inline"><summary>${beginning}</summary>${whole}</details>`;
};
