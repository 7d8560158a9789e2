import { html } from 'hono/html';
import type { Problem } from '../api/problem.ts';
import { type Markup, page } from './layout.ts';

/** A refusal or fault for people: the content of the problem document as a page. */
export const problemPage = (problem: Problem, person: string | null, next: { readonly href: string; readonly text: string }): Markup =>
  page(
    { title: problem.title, person },
    html`<h1>${problem.title}</h1>
<div class="card narrow"><p>${problem.detail}</p>
${problem.got === undefined ? '' : html`<p class="soft">Got: ${problem.got}</p>`}
${problem.expected === undefined ? '' : html`<p class="soft">Expected: ${problem.expected}</p>`}
${problem.fix === undefined ? '' : html`<p>${problem.fix}</p>`}
<p><a class="button" href="${next.href}">${next.text}</a></p>
<p class="soft">Request: <span class="mono">${problem.instance}</span></p></div>`,
  );

export const signedOutPage = (): Markup =>
  page(
    { title: 'Signed out', person: null },
    html`<h1>Signed out</h1>
<div class="card narrow"><p>The session of this browser has ended. You may still be signed in at your identity provider.</p>
<p><a class="button" href="/login">Sign in again</a></p></div>`,
  );
