import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { byVerdict, notableCheck } from './checks.ts';
import { type Names, visible, withNames } from './format.ts';
import { type Markup, time } from './layout.ts';
import { said } from './said.ts';

/** The exceptions of the whole run so far: every report that people sign begins with them. */
export const runExceptions = (approval: ApprovalPage, names: Names): Markup => {
  const { exceptions, words, gates } = approval;
  const { checks, visits, resumed, labels, overridden } = exceptions;
  const isCovered = (gate: string): boolean => gates.some(({ id }) => id === gate);
  const place = ({ gate, title }: (typeof checks)[number]): Markup =>
    isCovered(gate) ? html`<a href="#gate-${gate}">${title}</a>` : html`${title}, outside of this report`;
  const none = checks.length + visits.length + resumed.length + labels.length + overridden.length === 0;
  return html`<section class="card" aria-labelledby="run-exceptions"><h2 id="run-exceptions">Exceptions of the whole run so far</h2>
${
  none
    ? html`<p>No check of any gate that was reached is failing, missing, waived or not applicable. No gate was rejected, and no incident was resumed.</p>`
    : html`<ul class="plain notable">${byVerdict(checks, ({ finding }) => finding.verdict).map((one) => notableCheck(one.finding, { run: approval.run, names, words }, place(one)))}</ul>
<ul>${visits.map(({ title, at, reason }) => html`<li>${title} ended on ${time(at)}: <bdi>${visible(withNames(reason, names))}</bdi></li>`)}
${resumed.map(({ title, at, by, reason }) => html`<li>An incident interrupted the run. ${names(by)} resumed it at ${title} on ${time(at)}. ${said(words, reason, names(by))}</li>`)}
${overridden.map(({ freeze, at, by, reasons }) => html`<li>The freeze <bdi>${freeze}</bdi> does not hold this run: ${by.map(names).join(' and ')} have overridden it, the last on ${time(at)}. ${reasons.map((reason, place) => said(words, reason, names(by[place] ?? '')))}</li>`)}
${labels.map((one) => html`<li>Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) was labelled ${one.label} by ${names(one.labelledBy ?? '')}. ${said(words, one.explanation, names(one.labelledBy ?? ''))}</li>`)}</ul>`
}</section>`;
};
