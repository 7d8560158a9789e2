import { html } from 'hono/html';
import { type ChecklistGrouping, type ChecklistLine, type ChecklistView, checklistGroupings } from '../query/checklist-view.ts';
import { counted, durationWords } from '../wording.ts';
import { differenceList } from './differences.ts';
import { describing, slipNote } from './form-field.ts';
import { asWords, visible } from './format.ts';
import { type Markup, page, pill, shortDigest, time } from './layout.ts';
import { namedText } from './named-text.ts';
import { wrongNote } from './refusal-note.ts';

/** What was typed into the form of the comparison, and what was wrong with it. */
type Typed = { readonly diff: string; readonly says: string };

/** The checklist as people read it, by phase, owner or control, and how it differs from another one. Unfolded it is 40 screens of a phone. `says`: what was wrong with the address. */
export const checklistPage = (
  person: string,
  view: ChecklistView,
  { typed, says }: { readonly typed?: Typed; readonly says?: string | undefined } = {},
): Markup =>
  page(
    { title: `Checklist ${view.version}`, person, filter: 'Filter the items' },
    html`<div class="head"><h1>${visible(view.name)}</h1>${view.isCurrent ? pill('current', 'good') : pill('older', 'calm')}</div>
${wrongNote(says)}${typed === undefined ? '' : html`<div class="note bad" role="alert"><p><strong>Not compared. ${typed.says}</strong></p><p><a href="#diff-field">Correct it</a></p></div>`}
<p class="lead">Version ${visible(view.version)}: ${counted(view.count - view.own, 'item')} from the document and ${view.own} of Holdpoint's own.${view.service === null ? '' : html` <a href="/services/${view.service}/profile">Profile of ${view.service}</a>, which gives it`}</p>
<dl><dt>Digest</dt><dd><span class="mono" title="${view.digest}">${shortDigest(view.digest)}</span></dd></dl>
<nav class="jump" aria-label="Grouping">${checklistGroupings.map((one) => html`<a class="button ${one === view.by ? '' : 'quiet'} small" href="/checklist?${address(view, one)}"${one === view.by ? html` aria-current="page"` : ''}>by ${one}</a>`)}</nav>
${compareForm(view, typed)}
${diffCard(view)}
${sectionsOf(view)}`,
  );

const address = ({ digest, isCurrent, diff }: ChecklistView, by: ChecklistGrouping): string =>
  new URLSearchParams({ by, ...(isCurrent ? {} : { digest }), ...(diff === null ? {} : { diff: diff.from }) }).toString();

const diffCard = ({ diff, digest }: ChecklistView): Markup | '' =>
  diff === null
    ? ''
    : html`<section class="card" aria-labelledby="diff"><h2 id="diff">What has changed since ${visible(diff.version)} (<span class="mono">${shortDigest(diff.from)}</span>)</h2>
${diff.differences.length === 0 ? html`<p>${diff.from === digest ? 'It is the same checklist.' : 'The items are the same; gates or windows differ.'}</p>` : differenceList(diff.differences, 20_000, `holdpoint checklist diff ${diff.from} ${digest}`)}</section>`;

const compareForm = (
  { by, digest, isCurrent }: ChecklistView,
  typed: Typed | undefined,
): Markup => html`<details class="card slim"${typed === undefined ? '' : html` open`}><summary><h2>Compare with another one</h2></summary><form method="get" action="/checklist">
<p><label class="field" for="diff-field">Digest of the other checklist</label>${slipNote('diff-field', typed?.says)}<input type="text" id="diff-field" name="diff" maxlength="300" spellcheck="false" autocomplete="off" required value="${typed?.diff ?? ''}"${describing('diff-field', typed?.says)}><span class="soft hint" id="diff-field-hint">64 signs, of which the first 12 are enough. The page of a run names the digest of its checklist.</span></p>
<input type="hidden" name="by" value="${by}">${isCurrent ? '' : html`<input type="hidden" name="digest" value="${digest}">`}
<p><button class="button" type="submit">Compare</button></p></form></details>`;

/** Controls are many and have short names. */
const sectionsOf = (view: ChecklistView): Markup => {
  const all = view.sections.map(({ name, lines }, place) => section(view, name, lines, place));
  return view.by === 'control' ? html`<div class="cards">${all}</div>` : html`${all}`;
};

const section = (view: ChecklistView, name: string, lines: readonly ChecklistLine[], place: number): Markup =>
  html`<details class="card slim"><summary><h2 id="section-${place}">${visible(view.by === 'owner' ? asWords(name) : name)}</h2> <span class="soft">${counted(lines.length, 'item')}</span></summary>
${view.by === 'control' ? html`<ul class="plain lines">${lines.map(brief)}</ul>` : html`<ol class="plain lines">${lines.map(line)}</ol>`}</details>`;

/** Under a control a line stands as often as it serves one, so it is short there. */
const brief = ({ id, words, owner, mode }: ChecklistLine): Markup =>
  html`<li>${visible(words)} <span class="soft mono">${id}</span> <span class="soft">${asWords(owner)}${mode === 'observe' ? ', observed' : ''}</span></li>`;

const line = (one: ChecklistLine): Markup => {
  const { id, words, owner, asks, thresholds, evidence, maxAgeSeconds, controls, deviations } = one;
  return html`<li id="${id}"><p><strong>${visible(words)}</strong> ${modePill(one)}</p>
<p class="soft"><span class="mono">${id}</span>, ${asWords(owner)}, ${evidence.length === 0 ? 'no evidence is sent' : `proved by ${evidence.join(', ')}`}${maxAgeSeconds === null ? '' : `, at most ${durationWords(maxAgeSeconds)} old`}, ${controls.join(', ')}</p>
${asks === null ? '' : html`<p>${namedText(asks)}${thresholds.length === 0 ? '' : html` <span class="soft">${visible(short(thresholds.join('; ')))}</span>`}</p>`}
${deviations.map(({ says, reason, approver }) => html`<p class="note"><strong>Deviation:</strong> ${visible(says)}. <bdi>${visible(reason)}</bdi> <span class="soft">Accepted by the ${asWords(approver)}.</span></p>`)}</li>`;
};

/** Features and their paths can be many; the page of a check lists them all. */
const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

const modePill = ({ mode, observeUntil, optional, source }: ChecklistLine): Markup =>
  html`${
    mode === 'observe'
      ? html`${pill('observed', 'calm')}${observeUntil === undefined ? '' : html` <span class="soft">until ${time(observeUntil)}</span>`}`
      : pill(optional ? 'conditional' : 'required', 'calm')
  }${source === 'document' ? '' : html` ${pill(source === 'profile' ? 'of the profile' : 'of Holdpoint', 'calm')}`}`;
