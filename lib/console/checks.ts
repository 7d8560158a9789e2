import { html } from 'hono/html';
import type { Finding } from '../query/view.ts';
import type { Basis } from '../verdict.ts';
import { asWords, formatInstant, type Names, withNames } from './format.ts';
import { type Markup, verdictPill } from './layout.ts';

/** What a basis means, where it is weaker than a measurement and the verdict does not say why. */
const basisMeanings: Readonly<Record<Basis, string>> = {
  measured: '',
  configured: 'read from the template',
  shortened: 'over a shorter time than the document asks for',
  attested: 'a person states it',
  simulated: 'an invented local person states it',
  waived: '',
  'not-applicable': '',
};

/** What a reader must see first: checks that are not satisfied, then exceptions, then checks that passed. */
const order = ['error', 'fail', 'inconclusive', 'missing', 'waived', 'not-applicable', 'pass'];

/** The checks of one gate as a table. On a phone each row becomes a block; the roles keep it a table for screen readers. */
export const checksTable = (
  caption: string,
  checks: readonly Finding[],
  names: Names,
  statements: Statements = {},
): Markup => html`<table class="checks" role="table">
<caption class="heard">${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col">Verdict</th><th role="columnheader" scope="col">Reason</th><th role="columnheader" scope="col">Basis</th></tr></thead>
<tbody role="rowgroup">
${checks.map((check) => row(check, names, statements[check.check]))}
</tbody>
</table>`;

/** What people wrote about a check, by its id. */
type Statements = Readonly<Record<string, string>>;

const quoted = (statement: string | undefined): Markup | '' => (statement === undefined ? '' : html`<br>“${statement}”`);

const row = (finding: Finding, names: Names, statement: string | undefined): Markup => html`<tr role="row">
<th role="rowheader" scope="row">${finding.title}<br><span class="soft">${finding.words === finding.title ? '' : html`“${finding.words}” · `}<span class="mono">${finding.check}</span> · ${asWords(finding.owner)}${information(finding)}</span></th>
<td role="cell" data-name="Verdict">${verdictPill(finding.verdict)}</td>
<td role="cell" data-name="Reason">${withNames(finding.reason, names)}${attempt(finding)}${goodUntil(finding)}${quoted(statement)}${subjects(finding, names)}</td>
<td role="cell" data-name="Basis">${finding.basis === null ? html`<span class="soft">no evidence yet</span>` : html`${asWords(finding.basis)}${meaning(finding.basis)}`}</td>
</tr>`;

const meaning = (basis: Basis): Markup | '' =>
  basisMeanings[basis] === '' ? '' : html`<br><span class="soft">${basisMeanings[basis]}</span>`;

const information = (finding: Finding): string => (finding.mode === 'observe' ? ' · for information only' : '');

/** The number of the attempt, unless the reason already names it. */
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

/** "6 checks: 1 missing, 4 pass, 1 for information only", worst first. A check that cannot block is never counted as a pass. */
export const verdictCounts = (checks: readonly Finding[]): string =>
  `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}: ${tally([
    ...byOrder(checks.filter(({ mode }) => mode === 'required')).map(({ verdict }) => verdict),
    ...checks.filter(({ mode }) => mode === 'observe').map(() => 'for information only'),
  ])}`;

type Gates = readonly { readonly id: string; readonly title: string; readonly checks: readonly Finding[] }[];

/** A report in short: how many checks have which verdict and basis, and every check that did not simply pass, worst first. */
export const reportSummary = (gates: Gates, names: Names, statements: Statements): Markup => {
  const checks = gates.flatMap((gate) => gate.checks);
  const notable = byOrder(checks.filter(({ verdict }) => verdict !== 'pass'));
  const gateOf = (finding: Finding) => gates.find((gate) => gate.checks.includes(finding));
  return html`<section class="card" aria-labelledby="summary"><h2 id="summary">Summary of the report</h2>
<p><strong>${verdictCounts(checks)}.</strong> <span class="soft">Basis: ${tally(checks.map(({ basis }) => basis ?? 'no evidence yet'))}.</span></p>
${
  notable.length === 0
    ? html`<p>Every check passed. No check is failing, missing, waived or not applicable.</p>`
    : html`<ul class="plain notable">${notable.map((finding) => html`<li>${verdictPill(finding.verdict)} <span><strong>${finding.title}</strong>: ${withNames(finding.reason, names)}${quoted(statements[finding.check])} <span class="soft"><a href="#gate-${gateOf(finding)?.id}">${gateOf(finding)?.title}</a>${information(finding)}</span></span></li>`)}</ul>`
}</section>`;
};
