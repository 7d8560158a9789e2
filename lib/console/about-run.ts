import { html } from 'hono/html';
import type { Finding, RunView } from '../query/view.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { type Names, visible, withNames } from './format.ts';
import type { Markup } from './layout.ts';
import type { WordsByDigest } from './said.ts';

/** A run as its page shows it, at an instant. */
export type About = {
  readonly run: RunView;
  readonly names: Names;
  readonly words: WordsByDigest;
  readonly now: Date;
  readonly viewer: Pick<PersonCaller, 'id' | 'roles'>;
};

/** Where the check can be seen by itself, and supplied by a person. */
export const checkLink = (run: string, { check, title }: Pick<Finding, 'check' | 'title'>): Markup =>
  html`<a href="/runs/${run}/checks/${check}">${title}</a>`;

/** Sentences of ours, which may name people and quote reports. */
export const listed = (sentences: readonly string[], names: Names): Markup | '' =>
  sentences.length === 0
    ? ''
    : html`<ul>${sentences.map((sentence) => html`<li><bdi>${visible(withNames(sentence, names))}</bdi></li>`)}</ul>`;
