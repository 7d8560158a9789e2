import { html } from 'hono/html';
import { authorWords } from '../query/author-words.ts';
import type { ReleaseChanges } from '../query/release-changes.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { ShownAuthors } from '../run/state/shown-authors.ts';
import { counted } from '../wording.ts';
import { answerPill, askedName } from './answers.ts';
import { changesOf } from './approval-state.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, time } from './layout.ts';
import { foldedItems } from './phone.ts';
import { rollbackRow } from './release.ts';
import { releaseChangesRow, releaseDifferences } from './release-changes.ts';
import { saidBriefly } from './said.ts';
import { plannedT0 } from './schedule.ts';

/** The pipeline sent it, so it is no word of the person who started the job. */
const starter = 'CI';

/** What is released and why, who wrote it, what is new, and who has answered. */
export const releaseSection = (approval: ApprovalPage, names: Names, changes: ReleaseChanges): Markup => {
  const { words } = approval;
  return html`<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl class="brief">
${fact('Reason', saidBriefly(words, approval.said.why, starter))}
<dt>Risk, impact</dt><dd>${asWords(approval.risk)}, ${asWords(approval.impact)}</dd>
${fact('Changes', saidBriefly(words, approval.said.changes, starter))}
<dt>Planned T0</dt><dd>${plannedT0(approval.plannedT0)}</dd>
${rollbackRow(approval.target)}
${releaseChangesRow(changes)}
${authorsRow(approval, names)}
${fact('Requested by', saidBriefly(words, approval.said.requestedBy, starter))}
${sinceSigned(approval)}
${sinceRound(approval, names)}
<dt id="answers">Answers so far</dt><dd>${answersSoFar(approval, names)}</dd>
</dl>${releaseDifferences(changes, approval)}</section>`;
};

const fact = (name: string, value: Markup | ''): Markup | '' => (value === '' ? '' : html`<dt>${name}</dt><dd>${value}</dd>`);

const mostAuthors = 5;

/** Who wrote the release, of whom not everybody may sign alone. The accounts that stand for nobody in the roster are named with the digests. */
const authorsRow = ({ authors }: ApprovalPage, names: Names): Markup | '' => {
  if (authors === undefined) return '';
  if (authors.known === null) return html`<dt>Authors</dt><dd>not known, so nobody is asked</dd>`;
  const { people, others, isUnnamed } = authors.known;
  const left = people.length - mostAuthors;
  const named = [...people.slice(0, mostAuthors).map(names), ...(left > 0 ? [`${left} more, named below`] : [])];
  return html`<dt>Authors</dt><dd>${authorWords({ people: named, others: others.length, isUnnamed })}${readerNote(authors)}</dd>`;
};

const mostOthers = 50;

/** Everybody whom the row of the release does not name. */
export const furtherAuthors = ({ authors }: ApprovalPage, names: Names): Markup => {
  const people = authors?.known?.people ?? [];
  return html`${people.length > mostAuthors ? html`<dt>Authors in the roster</dt><dd>${people.map(names).join(', ')}</dd>` : ''}${othersRow(authors?.known?.others ?? [])}`;
};

const othersRow = (others: readonly string[]): Markup | '' => {
  const left = others.length - mostOthers;
  return others.length === 0
    ? ''
    : html`<dt>Authors not in the roster</dt><dd>${others.slice(0, mostOthers).map((one, place) => html`${place === 0 ? '' : ', '}<bdi>${visible(one)}</bdi>`)}${left > 0 ? ` and ${left} more` : ''}</dd>`;
};

const readerNote = ({ reader }: ShownAuthors): Markup | '' => {
  if (reader === 'no') return '';
  const why = reader === 'yes' ? 'You are among them' : 'It is not known whether you are among them';
  return html`. <span class="soft">${why}: your approval counts only beside that of somebody who is not.</span>`;
};

const mostChanged = 3;

/** What is new for somebody who signed an earlier gate of the same run. */
const sinceSigned = ({ lastSigned, exceptions: { checks }, run }: ApprovalPage): Markup | '' => {
  if (lastSigned === null) return '';
  const changed = checks.filter(({ finding }) => lastSigned.changed.includes(finding.check));
  const more = lastSigned.events === 0 ? '' : `${counted(lastSigned.events, 'other exception')} below`;
  const which =
    changed.length === 0
      ? html`${more === '' ? 'no exception is new or changed' : more}`
      : html`new or changed: ${firstOf(changed.map(({ finding }) => html`<a href="/runs/${run}/checks/${finding.check}">${finding.title}</a> (${asWords(finding.verdict)})`))}${more === '' ? '' : `; ${more}`}`;
  return html`<dt>Since you approved ${lastSigned.title}</dt><dd>${time(lastSigned.at)}: ${which}</dd>`;
};

/** The first few in a sentence, the others behind a fold. */
const firstOf = (items: readonly Markup[]): Markup => {
  const inSentence = (some: readonly Markup[]): Markup => html`${some.map((one, place) => html`${place === 0 ? '' : ', '}${one}`)}`;
  const left = items.length - mostChanged;
  return left <= 1
    ? inSentence(items)
    : html`${inSentence(items.slice(0, mostChanged))} <details class="inline"><summary>and ${left} more</summary>${inSentence(items.slice(mostChanged))}</details>`;
};

const sinceRound = ({ changedBefore, round }: ApprovalPage, names: Names): Markup | '' =>
  changedBefore === null
    ? ''
    : html`<dt>Changed since round ${round - 1}</dt><dd>The answers of round ${round - 1} were invalidated on ${time(changedBefore.at)}. ${changesOf(changedBefore, names)}</dd>`;

type Answered = ApprovalPage['answers'][number];

/** The answers of this and earlier rounds. Nobody has to ask colleagues what they answered. Who has not answered stands in one line. */
const answersSoFar = (approval: ApprovalPage, names: Names): Markup => {
  const { answers, round, words } = approval;
  const isWaiting = (one: Answered): boolean => one.answer === null && one.round === round && !one.invalidated && !one.recalled;
  // What asked for a change or said no is read by everybody, whatever became of its round.
  const isFolded = (one: Answered): boolean => one.round < round && (one.answer === null || one.answer === 'approved');
  const [first, ...others] = answers.filter(isWaiting);
  const waiting =
    first === undefined
      ? ''
      : html`<li>${answerPill(first)} ${[first, ...others].map((one, place) => html`${place === 0 ? '' : ', '}${asWords(one.role)}: ${askedName(one, names)}`)}</li>`;
  const item = (one: Answered): Markup =>
    html`<li>${answerPill(one)} ${asWords(one.role)}: ${askedName(one, names)}${one.at === null ? '' : html` <span class="soft">${time(one.at)}</span>`}${one.round > 1 ? html` <span class="soft">round ${one.round}</span>` : ''}${saidBriefly(words, one.note, names(one.person))}</li>`;
  const given = answers.filter((one) => !isWaiting(one) && !isFolded(one));
  const before = answers.filter(isFolded);
  return html`<ul class="plain">${given.map(item)}${waiting}${before.length === 0 ? '' : html`<li>${foldedItems(before.map(item), earlierRounds(before))}</li>`}</ul>`;
};

/** "Earlier rounds, which count no more: 1 approved, 2 not answered". */
const earlierRounds = (before: readonly Answered[]): string => {
  const approved = before.filter(({ answer }) => answer !== null).length;
  const counts = [
    ...(approved === 0 ? [] : [`${approved} approved`]),
    ...(approved === before.length ? [] : [`${before.length - approved} not answered`]),
  ];
  return `Earlier rounds, which count no more: ${counts.join(', ')}`;
};
