import { html } from 'hono/html';
import { carriedInWords } from '../query/carried.ts';
import { flappingInWords } from '../query/flapping.ts';
import type { Finding } from '../query/view.ts';
import { type Basis, noEvidence, type Verdict, verdictsByWeight } from '../verdict.ts';
import { counted } from '../wording.ts';
import { asWords, formatInstant, type Names, visible, withNames } from './format.ts';
import { type Markup, verdictPill } from './layout.ts';
import { type Author, explainedBy, said, saidBriefly, type WordsByDigest } from './said.ts';

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

/** The run that a page is about, and what its reader sees of people. */
export type Reader = { readonly run: string; readonly names: Names; readonly words: WordsByDigest };

/** The checks of one gate as a table, worst first. On a phone each row becomes a block; the roles keep it a table for screen readers. */
export const checksTable = (
  caption: string,
  checks: readonly Finding[],
  { run, names, words }: Reader,
): Markup => html`<table class="checks" role="table">
<caption class="heard">${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col">Verdict</th><th role="columnheader" scope="col">Reason</th><th role="columnheader" scope="col">Basis</th></tr></thead>
<tbody role="rowgroup">
${byOrder(checks).map((check) => row(check, names, words, run))}
</tbody>
</table>`;

/** Nothing of it has to be explained: no part was excepted, and no report about it says otherwise. */
export const hasSimplyPassed = ({ verdict, subjects, parts }: Finding): boolean =>
  verdict === 'pass' &&
  subjects.every((one) => one.verdict === 'pass') &&
  (parts?.listed ?? []).every(({ exception }) => exception === null);

/** Checks that have simply passed, as a list: a row of the table for each of them would be most of the page of a run. */
export const passedList = (caption: string, checks: readonly Finding[], { run, names, words }: Reader): Markup =>
  html`<ul class="plain passed" aria-label="${caption}">${checks.map((check) => html`<li>${linked(check, run)}<span>${reasonOf(check, names)}${flaps(check)}${attempt(check)}${goodUntil(check)}${quoted(check, names, words)}</span><span class="soft">${asWords(check.owner)}${check.basis === null ? '' : `, ${asWords(check.basis)}`}${carriedWords(check)}${information(check)}</span></li>`)}</ul>`;

/** The checks of a gate for those who sign them: what did not simply pass, then the others, folded under their number. */
export const foldedChecks = (
  { title, checks }: { readonly title: string; readonly checks: readonly Finding[] },
  reader: Reader,
): Markup => {
  const passed = checks.filter(hasSimplyPassed);
  const others = checks.filter((check) => !hasSimplyPassed(check));
  const open = others.length === 0 ? '' : checksTable(`Checks of ${title} that did not simply pass`, others, reader);
  if (passed.length === 0) return html`${open}`;
  const count = `${counted(passed.length, 'check')} passed`;
  return html`${open}<details><summary>${count}</summary>${passedList(`Checks of ${title} that passed`, passed, reader)}</details>`;
};

/** Who wrote what stands behind the reason of a verdict. */
const authorOf = ({ reason, statement }: Finding, names: Names): Author =>
  explainedBy(withNames(reason, names), names(statement?.by ?? ''));

/** What the person behind a verdict wrote. */
export const quoted = (finding: Finding, names: Names, words: WordsByDigest): Markup | '' =>
  said(words, finding.statement?.digest, authorOf(finding, names));

/** A reason is a sentence of ours that may quote a report. */
const reasonOf = (finding: Finding, names: Names): Markup => html`<bdi>${visible(withNames(finding.reason, names))}</bdi>`;

/** Where the reader can see the check by itself: the page of the run and the approval. */
const linked = ({ check, title }: Finding, run: string): Markup => html`<a href="/runs/${run}/checks/${check}">${title}</a>`;

const row = (finding: Finding, names: Names, words: WordsByDigest, run: string): Markup => html`<tr role="row">
<th role="rowheader" scope="row">${linked(finding, run)}<br><span class="soft">${finding.words === finding.title || finding.verdict === 'pass' ? '' : html`“${finding.words}” · `}${finding.verdict === 'pass' ? '' : html`<span class="mono">${finding.check}</span> · `}${asWords(finding.owner)}${information(finding)}</span></th>
<td role="cell">${verdictPill(finding.verdict)}</td>
<td role="cell">${reasonOf(finding, names)}${flaps(finding)}${attempt(finding)}${goodUntil(finding)}${quoted(finding, names, words)}${excepted(finding, names, words)}${subjects(finding, names)}</td>
<td role="cell" data-name="Basis">${finding.basis === null ? '' : html`${asWords(finding.basis)}${meaning(finding.basis)}${carried(finding)}`}</td>
</tr>`;

const meaning = (basis: Basis): Markup | '' =>
  basisMeanings[basis] === '' ? '' : html`<br><span class="soft">${basisMeanings[basis]}</span>`;

/** Evidence that was given once for the service, and not for this run. */
const carried = (finding: Finding): Markup | '' => {
  const words = carriedInWords(finding);
  return words === undefined ? '' : html`<br><span class="soft">${words}</span>`;
};
const carriedWords = (finding: Finding): string => {
  const words = carriedInWords(finding);
  return words === undefined ? '' : `, ${words}`;
};

const information = (finding: Finding): string =>
  finding.mode !== 'observe'
    ? ''
    : ` · for information only${finding.observeUntil === undefined ? '' : ` until ${finding.observeUntil.slice(0, 10)}`}`;

/** A check whose results alternate proves little, whichever came last. */
const flaps = (finding: Finding): Markup | '' => {
  const words = flappingInWords(finding);
  return words === undefined ? '' : html` <strong>${words}</strong>`;
};

/** The number of the attempt, unless the reason already names it. */
const attempt = ({ attempt, reason }: Finding): Markup | '' =>
  attempt > 1 && !reason.includes(`attempt ${attempt}`) ? html` <span class="soft">(attempt ${attempt})</span>` : '';

const goodUntil = ({ goodUntil, verdict }: Finding): Markup | '' =>
  goodUntil === null || verdict === 'waived' ? '' : html` <span class="soft">Good until ${formatInstant(goodUntil)}.</span>`;

/** Where every part passes the reason says so, and the page of the check lists them. */
const subjects = (finding: Finding, names: Names): Markup | '' =>
  finding.subjects.length < 2 || (finding.verdict === 'pass' && finding.subjects.every(({ verdict }) => verdict === 'pass'))
    ? ''
    : html`<ul class="plain soft">${byVerdict(finding.subjects, ({ verdict }) => verdict).map((one) => html`<li>${verdictPill(one.verdict)} <span class="mono">${visible(one.subject.replace(/^\*\//, ''))}</span>: <bdi>${visible(withNames(one.reason, names))}</bdi></li>`)}</ul>`;

/** What people wrote about the parts that they excepted. */
const excepted = ({ parts }: Finding, names: Names, words: WordsByDigest): Markup | '' => {
  const own = (parts?.listed ?? []).filter(({ exception }) => exception !== null);
  return own.length === 0
    ? ''
    : html`${own.map(({ subject, verdict, exception }) => html`<span class="said soft"><bdi>${visible(subject)}</bdi> is ${asWords(verdict)}${exception?.until == null ? '' : ` until ${formatInstant(exception.until)}`}.</span>${said(words, exception?.digest, names(exception?.by ?? ''))}`)}`;
};

const tally = (words: readonly string[]): string =>
  [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${asWords(word)}`).join(', ');

const byOrder = (checks: readonly Finding[]): Finding[] => byVerdict(checks, ({ verdict }) => verdict);

/** "6 checks: 1 missing, 4 pass, 1 for information only", worst first. A check that cannot block is never counted as a pass. */
export const verdictCounts = (checks: readonly Finding[]): string =>
  `${counted(checks.length, 'check')}: ${tally([
    ...byOrder(checks.filter(({ mode }) => mode === 'required')).map(({ verdict }) => verdict),
    ...checks.filter(({ mode }) => mode === 'observe').map(() => 'for information only'),
  ])}`;

type Gates = readonly { readonly id: string; readonly title: string; readonly checks: readonly Finding[] }[];

/** A check that did not simply pass, with what was written about it. `place` says where it stands. */
export const notableText = (finding: Finding, { run, names, words }: Reader, place: Markup): Markup =>
  html`<strong>${linked(finding, run)}:</strong> ${reasonOf(finding, names)}${finding.statement === null ? '' : html`. ${saidBriefly(words, finding.statement.digest, authorOf(finding, names))}`}${excepted(finding, names, words)} <span class="soft">${place}${information(finding)}</span>`;

/** Worst first. */
export const byVerdict = <T>(all: readonly T[], verdictOf: (one: T) => Verdict): T[] =>
  all.toSorted((a, b) => verdictsByWeight.indexOf(verdictOf(a)) - verdictsByWeight.indexOf(verdictOf(b)));

/** Which gates a report covers, and what its verdicts come from. */
export const reportScope = (gates: Gates): Markup => {
  const bases = tally(gates.flatMap(({ checks }) => checks.map(({ basis }) => basis ?? noEvidence)));
  return html`<p>It covers ${counted(gates.length, 'gate')}: ${gates.map(({ title }) => title).join(', ')}. <span class="soft">Basis: ${bases}.</span></p>`;
};
