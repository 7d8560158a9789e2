import { html } from 'hono/html';
import type { Finding } from '../query/view.ts';
import { type Markup, readable, verdictPill } from './layout.ts';

/** How a line was proved, in a word that people understand. */
const basisWords: Readonly<Record<string, string>> = {
  observed: 'observed on the running system',
  configured: 'read from the configuration',
  scaled: 'over a shortened window',
  attested: "a person's word",
  rehearsed: "a local person's word",
  waived: 'accepted exception',
  'not-applicable': 'declared not applicable',
};

/** The lines of one gate as a table; on a phone each row becomes a block, and the roles keep it a table for screen readers. */
export const linesTable = (caption: string, lines: readonly Finding[]): Markup => html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Line</th><th role="columnheader" scope="col">Verdict</th><th role="columnheader" scope="col">Reason</th><th role="columnheader" scope="col">Basis</th></tr></thead>
<tbody role="rowgroup">
${lines.map(row)}
</tbody>
</table>`;

const row = (finding: Finding): Markup => html`<tr role="row">
<th role="rowheader" scope="row">${finding.title}<br><span class="soft">${finding.words === finding.title ? '' : html`“${finding.words}” · `}<span class="mono">${finding.line}</span> · ${finding.owner}${finding.mode === 'observe' ? ' · shown only, never holds' : ''}</span></th>
<td role="cell" data-name="Verdict">${verdictPill(finding.verdict)}</td>
<td role="cell" data-name="Reason">${finding.reason}${finding.attempt > 1 ? html` <span class="soft">(attempt ${finding.attempt})</span>` : ''}${finding.goodUntil === null ? '' : html` <span class="soft">Good until ${readable(finding.goodUntil)}.</span>`}${subjects(finding)}</td>
<td role="cell" data-name="Basis">${finding.basis === null ? html`<span class="soft">no proof yet</span>` : html`${finding.basis}<br><span class="soft">${basisWords[finding.basis] ?? ''}</span>`}</td>
</tr>`;

const subjects = (finding: Finding): Markup | '' =>
  finding.subjects.length < 2
    ? ''
    : html`<ul class="plain soft">${finding.subjects.map((one) => html`<li>${verdictPill(one.verdict)} <span class="mono">${one.subject}</span>: ${one.reason}</li>`)}</ul>`;
