import { html } from 'hono/html';
import type { CheckEvidence, GivenEvidence } from '../run/state/report-evidence.ts';
import { counted } from '../wording.ts';
import { type Markup, shortDigest } from './layout.ts';

/** Every check of a report with the evidence that counts, by its digest, folded under one line. */
export const foldedEvidence = (run: string, checks: readonly CheckEvidence[]): Markup | '' => {
  const given = checks.filter(({ given }) => given.length > 0);
  if (checks.length === 0) return '';
  const pieces = new Set(given.flatMap((one) => one.given.map(({ digest }) => digest)));
  const without = checks.length - given.length;
  return html`<details><summary>${counted(pieces.size, 'piece', 'pieces')} of evidence, by digest</summary>
<ul class="plain evidence">${given.map((one) => item(run, one))}</ul>${without === 0 ? '' : html`<p class="soft">${counted(without, 'check')} without evidence of ${without === 1 ? 'its' : 'their'} own: what counts for ${without === 1 ? 'it' : 'them'} stands in the audit trail, or is missing.</p>`}</details>`;
};

const item = (run: string, { check, title, given, more }: CheckEvidence): Markup =>
  html`<li>${title}: ${given.map((one, place) => html`${place === 0 ? '' : ', '}${download(run, one)}`)}${more === 0 ? '' : html`, <a href="/runs/${run}/checks/${check}">${more} more</a>`}</li>`;

/** The address has the whole digest. */
const download = (run: string, { digest, type, service }: GivenEvidence): Markup =>
  html`${type} <a class="mono" href="/audit/evidence/${digest}?${new URLSearchParams(service === null ? { run } : { service }).toString()}">${shortDigest(digest)}</a>`;
