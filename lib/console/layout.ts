import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { cut } from '../canonical-json.ts';
import { scriptFile } from '../console-script.ts';
import { asWords, formatInstant } from './format.ts';
import { withRelativeTimes } from './instants.ts';
import { tagged } from './live.ts';
import { contentSecurityPolicy, styleFile } from './style.ts';

/** Escaped text. Only `html` makes it; `raw` is used for what `html` has made already and nothing else (instants.ts). */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

export type Frame = {
  readonly title: string;
  /** Name of the signed-in person; null for pages before the sign-in. */
  readonly person: string | null;
  /** How much waits for the person, where the page knows it anyway. */
  readonly waiting?: number;
  /** The instant at which the page is made: it then says how long ago or how far ahead each instant is. */
  readonly now?: Date;
  /** Of a page to sign, and of one with long lists of instants: only deadlines are relative, too. */
  readonly isExact?: boolean;
  /** What the script does when the page has changed since: it shows the new state, or only says that there is one. */
  readonly live?: 'shows' | 'says';
  /** What the script can filter, as the label of its field. */
  readonly filter?: string;
  /** Of a page about a run: where people operate it, one key away. */
  readonly operate?: Operate | undefined;
};

/** Where people operate a run now: before T0 on one page, afterwards on that of the way back, which shows a rollback that has begun. */
export type Operate = { readonly run: string; readonly way: 'operate' | 'roll-back' | 'rollback' | 'windows' };

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230a58a6'/%3E%3Cpath d='M5 4h2v8H5zM9 4h2v8H9z' fill='white'/%3E%3C/svg%3E";

/** So many characters of a name stand beside the sign-out. */
const mostName = 40;

export const page = (frame: Frame, content: Markup): Markup => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${frame.title} · Holdpoint</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/styles/${styleFile}">
<script src="/assets/${scriptFile}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="top"><div>
<a class="brand" href="/runs"><span aria-hidden="true">◉</span> Holdpoint</a>
${
  frame.person === null
    ? ''
    : html`<nav aria-label="Main"><a href="/runs">Runs</a>
<a href="/inbox">Inbox${frame.waiting === undefined ? '' : html` <span class="${frame.waiting === 0 ? 'count none' : 'count'}">${frame.waiting}</span>`}</a>
<a href="/audit">Audit</a>
<a href="/metrics">Metrics</a>
<a href="/checklist">Checklist</a></nav>
<form method="post" action="/logout"><span class="who soft">${frame.person.length > mostName ? `${cut(frame.person, mostName)}…` : frame.person}</span> <button class="button quiet" type="submit">Sign out</button></form>`
}
</div></header>
<main id="content" tabindex="-1"${attributes(frame)}>
${aboveContent(frame)}${frame.now === undefined ? content : withRelativeTimes(content, frame.now, frame.isExact)}
</main>
<footer class="foot">Every answer and every verdict is an immutable audit event. A time without a zone is in UTC.</footer>
</body>
</html>`;

const attributes = ({ now, live, filter }: Frame): Markup =>
  html`${now === undefined ? '' : html` data-now="${now.toISOString()}"`}${live === undefined ? '' : html` data-live="${live}" data-state=""`}${filter === undefined ? '' : html` data-filter="${filter}"`}`;

/** A line for what the script says about the page, kept free from the beginning, and the one key to where a run is operated. */
const aboveContent = ({ live, operate }: Frame): Markup | '' =>
  live === undefined && operate === undefined
    ? ''
    : html`<div class="above soft">${live === undefined ? '' : html`<span id="live"></span>`}${operate === undefined ? '' : operateLink(operate)}</div>
`;

const ways: Readonly<Record<Operate['way'], readonly [string, string]>> = {
  operate: ['operating', 'Operate this run'],
  'roll-back': ['rollback', 'Roll back this run'],
  rollback: ['rollback', 'The rollback of this run'],
  windows: ['rollback', 'Windows and rollback'],
};

const operateLink = ({ run, way }: Operate): Markup => {
  const [page, words] = ways[way];
  return html`<a href="/runs/${run}/${page}" accesskey="o">${words}</a>`;
};

/** Headers of every page: no third party, no script but our own, no frame, no cache, no plain http, and no address passed on. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const pageResponse = async (markup: Markup, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  taggedResponse(String(await markup), status, headers);

/** A page that the script keeps current carries the tag of its state, in a header and for the script; a page that refuses a form does not. */
const taggedResponse = (text: string, status: number, headers: Readonly<Record<string, string>>): Response => {
  const { page: sent, tag } = tagged(text, status);
  return new Response(sent, { status, headers: { ...pageHeaders, ...(tag === undefined ? {} : { etag: tag }), ...headers } });
};

/** An instant for people, with the exact one for programs. */
export const time = (instant: string): Markup => html`<time datetime="${instant}">${formatInstant(instant)}</time>`;

/** An instant until which something must be done: exact and relative beside each other, to the second at the end. */
export const deadline = (instant: string, text = formatInstant(instant)): Markup =>
  html`<time class="deadline" datetime="${instant}">${text}</time>`;

/** The instant at which a page was made. */
export const madeAt = (now: Date): Markup =>
  html`<time class="passing" datetime="${now.toISOString()}">${formatInstant(now.toISOString())}</time>`;

export type Tone = 'good' | 'bad' | 'wait' | 'calm';
export const pill = (text: string, tone: Tone): Markup => html`<span class="pill ${tone}">${text}</span>`;

const verdictTones: Readonly<Record<string, Tone>> = {
  pass: 'good',
  fail: 'bad',
  error: 'bad',
  inconclusive: 'wait',
  missing: 'wait',
  waived: 'calm',
  'not-applicable': 'calm',
};
export const verdictTone = (verdict: string): Tone => verdictTones[verdict] ?? 'wait';
export const verdictPill = (verdict: string): Markup => pill(asWords(verdict), verdictTone(verdict));

export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 12);
