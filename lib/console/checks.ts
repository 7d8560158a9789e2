import { html } from 'hono/html';
import type { Finding } from '../query/view.ts';
import { asWords, formatInstant, type Names, withNames } from './format.ts';
import { type Markup, verdictPill } from './layout.ts';

/** How a check was proved, in words that people understand. */
const basisWords: Readonly<Record<string, string>> = {
  observed: 'measured, not claimed',
  configured: 'read from the configuration',
  scaled: 'less than the document asks, see the deviations',
  attested: "a person's word",
  rehearsed: "an invented local person's word",
  waived: 'accepted exception',
  'not-applicable': 'declared not to concern this release',
};

/** What a reader must see first: what says no, then what was let through. A plain pass comes last. */
const order = ['error', 'fail', 'inconclusive', 'missing', 'waived', 'not-applicable', 'pass'];

/** The checks of one gate as a table; on a phone each row becomes a block, and the roles keep it a table for screen readers. */
export const checksTable = (
  caption: string,
  checks: readonly Finding[],
  names: Names,
  said: Said = {},
): Markup => html`<table class="lines" role="table">
<caption class="heard">${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col">Verdict</th><th role="columnheader" scope="col">Reason</th><th role="columnheader" scope="col">Basis</th></tr></thead>
<tbody role="rowgroup">
${checks.map((check) => row(check, names, said[check.check]))}
</tbody>
</table>`;

/** What people wrote, by the check that it is about. */
type Said = Readonly<Record<string, string>>;

const quoted = (words: string | undefined): Markup | '' => (words === undefined ? '' : html`<br>“${words}”`);

const row = (finding: Finding, names: Names, words: string | undefined): Markup => html`<tr role="row">
<th role="rowheader" scope="row">${finding.title}<br><span class="soft">${finding.words === finding.title ? '' : html`“${finding.words}” · `}<span class="mono">${finding.check}</span> · ${asWords(finding.owner)}${observed(finding)}</span></th>
<td role="cell" data-name="Verdict">${verdictPill(finding.verdict)}</td>
<td role="cell" data-name="Reason">${withNames(finding.reason, names)}${attempt(finding)}${goodUntil(finding)}${quoted(words)}${subjects(finding, names)}</td>
<td role="cell" data-name="Basis">${finding.basis === null ? html`<span class="soft">no proof yet</span>` : html`${asWords(finding.basis)}<br><span class="soft">${basisWords[finding.basis] ?? ''}</span>`}</td>
</tr>`;

const observed = (finding: Finding): string => (finding.mode === 'observe' ? ' · shown only, never holds' : '');

/** Said once: a pass after a failure says it in its reason. */
const attempt = ({ attempt, reason }: Finding): Markup | '' =>
  attempt > 1 && !reason.includes(`attempt ${attempt}`) ? html` <span class="soft">(attempt ${attempt})</span>` : '';

const goodUntil = ({ goodUntil, verdict }: Finding): Markup | '' =>
  goodUntil === null || verdict === 'waived' ? '' : html` <span class="soft">Good until ${formatInstant(goodUntil)}.</span>`;

const subjects = (finding: Finding, names: Names): Markup | '' =>
  finding.subjects.length < 2
    ? ''
    : html`<ul class="plain soft">${finding.subjects.map((one) => html`<li>${verdictPill(one.verdict)} <span class="mono">${one.subject.replace(/^\*\//, '')}</span>: ${withNames(one.reason, names)}</li>`)}</ul>`;

const tally = (words: readonly string[]): string =>
  [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${asWords(word)}`).join(', ');

const byOrder = (checks: readonly Finding[]): Finding[] => checks.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));

/** "6 checks: 1 missing, 4 pass, 1 shown only", worst first. A check that never holds is never counted as a pass. */
export const verdictCounts = (checks: readonly Finding[]): string =>
  `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}: ${tally([
    ...byOrder(checks.filter(({ mode }) => mode === 'required')).map(({ verdict }) => verdict),
    ...checks.filter(({ mode }) => mode === 'observe').map(() => 'shown only'),
  ])}`;

type Gates = readonly { readonly id: string; readonly title: string; readonly checks: readonly Finding[] }[];

/** A report at one glance: how many checks say what and on which basis, and every check that is no plain pass, worst first. */
export const reportSummary = (gates: Gates, names: Names, said: Said): Markup => {
  const checks = gates.flatMap((gate) => gate.checks);
  const notable = byOrder(checks.filter(({ verdict }) => verdict !== 'pass'));
  const gateOf = (finding: Finding) => gates.find((gate) => gate.checks.includes(finding));
  return html`<section class="card" aria-labelledby="glance"><h2 id="glance">The report at a glance</h2>
<p><strong>${verdictCounts(checks)}.</strong> <span class="soft">Basis: ${tally(checks.map(({ basis }) => basis ?? 'no proof yet'))}.</span></p>
${
  notable.length === 0
    ? html`<p>Every check is a plain pass: nothing is failing, missing, waived or declared not applicable.</p>`
    : html`<ul class="plain notable">${notable.map((finding) => html`<li>${verdictPill(finding.verdict)} <span><strong>${finding.title}</strong>: ${withNames(finding.reason, names)}${quoted(said[finding.check])} <span class="soft"><a href="#gate-${gateOf(finding)?.id}">${gateOf(finding)?.title}</a>${observed(finding)}</span></span></li>`)}</ul>`
}</section>`;
};
