import { html } from 'hono/html';
import { type Problem, problemType } from '../api/problem.ts';
import { type Markup, page } from './layout.ts';

/** Where got and expected make one plain sentence. */
const sentences: Readonly<Record<string, (got: string, expected: string) => string>> = {
  [problemType('approval-not-invited')]: (got, expected) => `It was sent to ${expected}, and you are signed in as ${got}.`,
};

const compared = ({ type, got, expected }: Problem): Markup => {
  const sentence = sentences[type];
  if (sentence !== undefined && got !== undefined && expected !== undefined) return html`<p>${sentence(got, expected)}</p>`;
  return html`${got === undefined ? '' : html`<p class="soft">Got: ${got}</p>`}
${expected === undefined ? '' : html`<p class="soft">Expected: ${expected}</p>`}`;
};

/** What the page is about for a person, where the title of the problem says it to a program. */
const headings: Readonly<Record<string, string>> = {
  [problemType('unauthenticated')]: 'Sign in to go on',
  [problemType('route-unknown')]: 'Page not found',
};

/** A program asks for a route; a person has followed a link or typed an address. */
const contentOf = (problem: Problem): Markup =>
  problem.type === problemType('route-unknown')
    ? html`<p>Holdpoint has no page at <span class="mono">${problem.got ?? 'this address'}</span>. The link may be incomplete or of an older version.</p>`
    : html`<p>${problem.detail}</p>
${compared(problem)}
${problem.fix === undefined ? '' : html`<p>${problem.fix}</p>`}`;

/** A refusal or fault for people: the content of the problem document as a page. */
export const problemPage = (problem: Problem, person: string | null, next: { readonly href: string; readonly text: string }): Markup => {
  const heading = headings[problem.type] ?? problem.title;
  return page(
    { title: heading, person },
    html`<h1>${heading}</h1>
<div class="card narrow">${contentOf(problem)}
<p><a class="button" href="${next.href}">${next.text}</a></p>
<p class="soft">If you ask operations about this, name the request <span class="mono">${problem.instance}</span>.</p></div>`,
  );
};

export const signedOutPage = (): Markup =>
  page(
    { title: 'Signed out', person: null },
    html`<h1>Signed out</h1>
<div class="card narrow"><p>The session of this browser has ended. You may still be signed in at your identity provider.</p>
<p><a class="button" href="/login">Sign in again</a></p></div>`,
  );
