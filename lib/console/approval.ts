import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { answerFields, answerForm, choices, type Form } from './answer-form.ts';
import { furtherAuthors, releaseSection } from './approval-release.ts';
import { stateNote } from './approval-state.ts';
import { foldedChecks, reportScope, verdictCounts } from './checks.ts';
import { asWords, type Names } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, page } from './layout.ts';
import { wayOf } from './operate.ts';
import { heightOf } from './phone.ts';
import { refusalNote } from './refusal-note.ts';
import { identifiers } from './release.ts';
import { nothingToCompare } from './release-changes.ts';
import { foldedEvidence } from './report-evidence.ts';
import { fewestPx, leastPx, runExceptions } from './report-exceptions.ts';
import { shortened } from './said.ts';

export type { AnswerField, Form } from './answer-form.ts';

/** Where the answers end on a phone, in pixels: two screens of 800, less what an estimate may be wrong by. */
const answersEndPx = 1580;
/** The bar of the site, the line of the script, and what stands around the answers: their card and its title, and the card of the exceptions with its title. */
const aroundPx = 300;

/** Characters of a name; the roster has the whole of it. Fewer where that makes room for two lines. */
const mostName = 60;
const mostNameCrowded = 20;
const twoLinesPx = 40;

/**
 * What a decision needs stands first: the release and why, who has answered, what changed, the exceptions, until when, and the answers. Everything that
 * passed and what only machines compare is folded below. The release and the exceptions share what the two screens of a phone leave: what has no room is
 * folded under a line that says how much it is.
 */
export const approvalPage = async (approval: ApprovalPage, named: Names, form: Form): Promise<Awaited<Markup>> => {
  const namesOf =
    (most: number): Names =>
    (id) =>
      shortened(named(id), most);
  // Where nothing can be answered, no answer has to be near.
  const heightAbove = async (names: Names): Promise<number> =>
    approval.state === 'open' ? heightOf(String(await headOf(approval, names, form))) : 0;
  const isCrowded = (await heightAbove(namesOf(mostName))) - (await heightAbove(namesOf(mostNameCrowded))) >= twoLinesPx;
  const names = namesOf(isCrowded ? mostNameCrowded : mostName);
  const head = headOf(approval, names, form);
  const roomPx = answersEndPx - aroundPx - (await heightAbove(names)) - heightOf(String(await choices(approval, form)));
  const wanted = roomPx - (await leastPx(approval, names, roomPx));
  const release = await releaseSection(approval, names, form.changes, { wanted, most: roomPx - fewestPx });
  const exceptions = runExceptions(approval, names, roomPx - heightOf(String(release)));
  return page(
    {
      title: `${form.refusal === undefined ? '' : 'Not recorded: '}${approval.title}: ${approval.service} ${approval.version}`,
      person: isCrowded ? shortened(names(approval.person), 16) : names(approval.person),
      now: form.now,
      isExact: true,
      live: 'says',
      // Of a request that is closed, the run may have ended: there is the page then, and perhaps nothing to begin.
      operate: approval.afterT0 ? { run: approval.run, way: approval.state === 'open' ? wayOf(form) : 'windows' } : undefined,
    },
    html`${head}
${release}
${await exceptions}
${approval.state === 'open' ? answerForm(approval, form) : ''}
${reportSection(approval, names, form)}`,
  );
};

const headOf = (approval: ApprovalPage, names: Names, form: Form): Markup =>
  html`<p class="soft">To ${names(approval.person)} as ${asWords(approval.role)}${approval.for === null ? '' : `, deputy of ${names(approval.for)}`}${approval.round > 1 ? `, round ${approval.round}` : ''}</p>
${title(approval)}
${form.refusal === undefined ? '' : refusalNote(form.refusal, names, wayToField(approval, form))}
${stateNote(approval, names, form.until)}
${form.refusal === undefined && form.typed !== undefined ? keptNote(answerFields(approval, form.typed), approval.state === 'open' ? 'answer' : null) : ''}`;

/** So many characters are set smaller on a phone, and so many in the size of its small print. */
const longTitle = 50;
const longestTitle = 120;

const title = ({ title: gate, service, version, environment }: ApprovalPage): Markup => {
  const words = `${gate}: ${service} ${version} → ${environment}`;
  const size = words.length > longestTitle ? 'longest' : words.length > longTitle ? 'long' : '';
  return html`<h1${size === '' ? '' : html` class="${size}"`}>${words}</h1>`;
};

const reportSection = (approval: ApprovalPage, names: Names, { changes }: Form): Markup => {
  const { run } = approval;
  // What was written about an exception stands above, once: a page of every line stays below 100 KB.
  const shownAbove = new Set(approval.exceptions.checks.flatMap(({ finding }) => finding.statement?.digest ?? []));
  const words = new Map([...approval.words].filter(([digest]) => !shownAbove.has(digest)));
  return html`<section class="card" aria-labelledby="report"><h2 id="report">Report</h2>
<p><strong>${verdictCounts(approval.gates.flatMap((gate) => gate.checks))}.</strong> <a href="/runs/${run}">The run</a>, started by ${names(approval.starter)}</p>
<details><summary>Every check of the report</summary>${reportScope(approval.gates)}${approval.gates.map(
    (gate) => html`<h3>${gate.title}</h3>${foldedChecks(gate, { run, names, words })}`,
  )}${foldedEvidence(run, approval.evidence)}</details>
${identifiers(approval, html`<dt>Report</dt><dd class="mono">${approval.report}</dd>${furtherAuthors(approval, names)}${nothingToCompare(changes)}`)}</section>`;
};

/** The way to the field that was wrong; everything that was typed where its form is gone. */
const wayToField = (approval: ApprovalPage, { typed, field }: Form): Markup | '' => {
  if (approval.state !== 'open') return typed === undefined ? '' : wrote(answerFields(approval, typed));
  const words = field === undefined ? 'Go to the form' : field === 'confirmation' ? 'Type the code again' : 'Correct it';
  return html`<p><a href="#${field === 'note' || field === 'confirmation' ? field : 'answer'}">${words}</a></p>`;
};
