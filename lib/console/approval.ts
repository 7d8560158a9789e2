import { html } from 'hono/html';
import { counted } from '../canonical-json.ts';
import type { LocalInstant } from '../notification.ts';
import type { Refusal } from '../outcome.ts';
import { authorWords } from '../query/author-words.ts';
import type { ReleaseChanges } from '../query/release-changes.ts';
import type { ApprovalPage, ShownAuthors } from '../run/commands/show-approval.ts';
import type { Invalidation } from '../run/state/invalidation.ts';
import { answerPill, askedName } from './answers.ts';
import { inBothZones } from './approval-mails.ts';
import { foldedChecks, reportScope, verdictCounts } from './checks.ts';
import { describing, slipNote } from './form-field.ts';
import { asWords, type Names, visible } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { deadline, type Markup, page, time } from './layout.ts';
import { refusalNote } from './refusal-note.ts';
import { foldedExceptions, identifiers, rollbackRow } from './release.ts';
import { nothingToCompare, releaseChangesRow, releaseDifferences } from './release-changes.ts';
import { foldedEvidence } from './report-evidence.ts';
import { runExceptions } from './report-exceptions.ts';
import { said } from './said.ts';
import { plannedT0 } from './schedule.ts';

/** What the form carries besides the approval, and the refusal of the form that was sent before it. */
export type Form = {
  readonly link: string;
  readonly nonce: string;
  readonly refusal?: Refusal;
  /** What was typed before, so that a refused form loses no text, and the field that was wrong. */
  readonly typed?: { readonly answer: string; readonly note: string } | undefined;
  readonly field?: AnswerField | undefined;
  /** Until when the person may answer, as their own clock shows it. */
  readonly until: LocalInstant;
  readonly now: Date;
  /** What is different from the last release. */
  readonly changes: ReleaseChanges;
};
/** The field to which a refusal belongs. */
export type AnswerField = 'answer' | 'confirmation' | 'note';

/**
 * What a decision needs stands first: the release and why, the exceptions, who has answered, until when, and the answers. Everything that
 * passed and what only machines compare is folded below.
 */
export const approvalPage = (approval: ApprovalPage, names: Names, form: Form): Markup => {
  const { words } = approval;
  return page(
    {
      title: `${form.refusal === undefined ? '' : 'Not recorded: '}${approval.title}: ${approval.service} ${approval.version}`,
      person: names(approval.person),
      now: form.now,
      isExact: true,
      live: 'says',
      operate: approval.afterT0 ? { run: approval.run, isBeforeT0: false } : undefined,
    },
    html`<p class="soft">To ${names(approval.person)} as ${asWords(approval.role)}${approval.for === null ? '' : `, deputy of ${names(approval.for)}`}${approval.round > 1 ? `, round ${approval.round}` : ''}</p>
<h1>${approval.title}: ${approval.service} ${approval.version} → ${approval.environment}</h1>
${form.refusal === undefined ? '' : refusalNote(form.refusal, names, wayToField(approval, form))}
${stateNote(approval, names, form.until)}
${form.refusal === undefined && form.typed !== undefined && form.typed.note !== '' ? keptNote(form.typed.note, approval.state === 'open' ? 'answer' : null) : ''}
${releaseSection(approval, names, form.changes)}
${runExceptions(approval, names)}
${foldedExceptions(approval)}
${changedSince(approval, names)}
${approval.state === 'open' ? answerForm(approval, form) : ''}
<section class="card" aria-labelledby="report"><h2 id="report">Report</h2>
<p><strong>${verdictCounts(approval.gates.flatMap((gate) => gate.checks))}.</strong> <a href="/runs/${approval.run}">The run</a>, started by ${names(approval.starter)}</p>
<details><summary>Every check of the report</summary>${reportScope(approval.gates)}${approval.gates.map(
      (gate) => html`<h3>${gate.title}</h3>${foldedChecks(gate, { run: approval.run, names, words })}`,
    )}${foldedEvidence(approval.run, approval.evidence)}</details>
${identifiers(approval, html`<dt>Report</dt><dd class="mono">${approval.report}</dd>${othersRow(approval)}${nothingToCompare(form.changes)}`)}</section>`,
  );
};

/** The pipeline sent it, so it is no word of the person who started the job. */
const starter = 'CI';

const releaseSection = (approval: ApprovalPage, names: Names, changes: ReleaseChanges): Markup => {
  const { words } = approval;
  return html`<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl class="brief">
${fact('Reason', said(words, approval.said.why, starter))}
<dt>Risk, impact</dt><dd>${approval.risk}, ${approval.impact}</dd>
${fact('Changes', said(words, approval.said.changes, starter))}
<dt>Planned T0</dt><dd>${plannedT0(approval.plannedT0)}</dd>
${rollbackRow(approval.target)}
${releaseChangesRow(changes)}
${authorsRow(approval, names)}
${fact('Requested by', said(words, approval.said.requestedBy, starter))}
${sinceSigned(approval)}
<dt id="answers">Answers so far</dt><dd>${answersSoFar(approval, names)}</dd>
</dl>${releaseDifferences(changes, approval)}</section>`;
};

/** Who wrote the release, of whom not everybody may sign alone. The accounts that stand for nobody in the roster are named with the digests. */
const authorsRow = ({ authors }: ApprovalPage, names: Names): Markup | '' => {
  if (authors === undefined) return '';
  if (authors.known === null) return html`<dt>Authors</dt><dd>not known, so nobody is asked</dd>`;
  const { people, others, isUnnamed } = authors.known;
  return html`<dt>Authors</dt><dd>${authorWords({ people: people.map(names), others: others.length, isUnnamed })}${readerNote(authors)}</dd>`;
};

const mostOthers = 50;

const othersRow = ({ authors }: ApprovalPage): Markup | '' => {
  const others = authors?.known?.others ?? [];
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

/** What is new for somebody who signed an earlier gate of the same run. */
const sinceSigned = ({ lastSigned, exceptions: { checks }, run }: ApprovalPage): Markup | '' => {
  if (lastSigned === null) return '';
  const changed = checks.filter(({ finding }) => lastSigned.changed.includes(finding.check));
  const more = lastSigned.events === 0 ? '' : `${counted(lastSigned.events, 'other exception')} below`;
  const which =
    changed.length === 0
      ? html`${more === '' ? 'no exception is new or changed' : more}`
      : html`new or changed: ${changed.map(({ finding }, place) => html`${place === 0 ? '' : ', '}<a href="/runs/${run}/checks/${finding.check}">${finding.title}</a> (${asWords(finding.verdict)})`)}${more === '' ? '' : `; ${more}`}`;
  return html`<dt>Since you approved ${lastSigned.title}</dt><dd>${time(lastSigned.at)}: ${which}</dd>`;
};

const fact = (name: string, value: Markup | ''): Markup | '' => (value === '' ? '' : html`<dt>${name}</dt><dd>${value}</dd>`);

/** Who changed what, and when. */
const changesOf = ({ changes, target, t0, overridden, resumed, authors }: Invalidation, names: Names): Markup =>
  html`<ul>${t0 === null ? '' : html`<li>Planned T0: ${plannedT0(t0.is)}, before ${plannedT0(t0.was)}; moved on ${time(t0.at)} by ${names(t0.by)}</li>`}
${target === null ? '' : html`<li>Target of a rollback: <bdi>${visible(target.is ?? 'none')}</bdi>, before <bdi>${visible(target.was ?? 'none')}</bdi></li>`}
${overridden.map(({ freeze, at, by }) => html`<li>Freeze <bdi>${visible(freeze)}</bdi>: overridden on ${time(at)} by ${by.map(names).join(' and ')}</li>`)}
${resumed.map(({ title, at, by }) => html`<li>Incident: resumed at ${title} on ${time(at)} by ${names(by)}</li>`)}
${authors ? html`<li>Authors: others than before</li>` : ''}
${changes.map(({ title, event }) =>
  event === null
    ? html`<li>${title}: changed by the passing of time</li>`
    : html`<li>${title}: ${event.what} on ${time(event.at)} by ${event.by.kind === 'person' ? names(event.by.id) : event.by.kind === 'ci' ? 'a CI job' : 'Holdpoint'}</li>`,
)}</ul>`;

const changedSince = ({ changedBefore, round }: ApprovalPage, names: Names): Markup | '' =>
  changedBefore === null
    ? ''
    : html`<section class="card" aria-labelledby="changed"><h2 id="changed">Changed since round ${round - 1}</h2>
<p>The answers of round ${round - 1} were invalidated on ${time(changedBefore.at)}.</p>${changesOf(changedBefore, names)}</section>`;

/** The answers of this and earlier rounds. Nobody has to ask colleagues what they answered. Who has not answered stands in one line. */
const answersSoFar = ({ answers, words, round }: ApprovalPage, names: Names): Markup => {
  const isWaiting = (one: ApprovalPage['answers'][number]): boolean =>
    one.answer === null && one.round === round && !one.invalidated && !one.recalled;
  const [first, ...others] = answers.filter(isWaiting);
  const waiting =
    first === undefined
      ? ''
      : html`<li>${answerPill(first)} ${[first, ...others].map((one, place) => html`${place === 0 ? '' : ', '}${asWords(one.role)}: ${askedName(one, names)}`)}</li>`;
  return html`<ul class="plain">${answers.filter((one) => !isWaiting(one)).map((one) => html`<li>${answerPill(one)} ${asWords(one.role)}: ${askedName(one, names)}${one.at === null ? '' : html` <span class="soft">${time(one.at)}</span>`}${one.round > 1 ? html` <span class="soft">round ${one.round}</span>` : ''}${said(words, one.note, names(one.person))}</li>`)}${waiting}</ul>`;
};

/** The way to the field that was wrong; the note where its form is gone. */
const wayToField = ({ state }: ApprovalPage, { typed, field }: Form): Markup | '' => {
  if (state !== 'open') return typed === undefined || typed.note === '' ? '' : wrote(typed.note);
  const words = field === undefined ? 'Go to the form' : field === 'confirmation' ? 'Type the code again' : 'Correct it';
  return html`<p><a href="#${field === 'note' || field === 'confirmation' ? field : 'answer'}">${words}</a></p>`;
};

const answerWords: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  'changes-requested': 'requested changes to',
};

const stateNote = (approval: ApprovalPage, names: Names, until: LocalInstant): Markup => {
  if (approval.state === 'open')
    return html`<div class="note calm"><p><strong>Answer before ${deadline(approval.expires, inBothZones(until))}</strong>, <a href="#answer">below</a>.</p></div>`;
  if (approval.state === 'answered' && approval.answered !== null) {
    const { answer, at, person } = approval.answered;
    return html`<div class="note ${answer === 'approved' ? 'good' : 'bad'}"><p><strong>${names(person)} ${answerWords[answer] ?? answer} this report on ${time(at)}.</strong></p><p>The answer is in the audit trail and cannot be changed.</p></div>`;
  }
  if (approval.state === 'invalidated') return invalidatedNote(approval, names);
  if (approval.state === 'expired')
    return html`<div class="note bad"><p><strong>The time to answer ended on ${time(approval.expires)}.</strong></p><p>A missing answer denies: the gate does not pass. The <a href="/runs/${approval.run}">page of the run</a> shows what happens next.</p></div>`;
  if (approval.state === 'recalled' && approval.recalled !== null) return recalledNote(approval, approval.recalled, names);
  if (approval.state === 'superseded' && approval.superseded !== null) return supersededNote(approval.run, approval.superseded);
  return html`<div class="note"><p><strong>This request is closed.</strong></p><p>The gate was decided without this answer, an incident interrupted it, or the run has ended. The <a href="/runs/${approval.run}">page of the run</a> shows which.</p></div>`;
};

const recalledNote = ({ run, words }: ApprovalPage, recall: NonNullable<ApprovalPage['recalled']>, names: Names): Markup =>
  html`<div class="note"><p><strong>${recall.by === null ? html`<a href="/runs/${recall.newer}">A newer run</a> asks for the same approvals, so this request ended on ${time(recall.at)}` : html`${names(recall.by)} recalled this request on ${time(recall.at)}`}. Nothing has to be answered.</strong></p>${recall.by === null ? '' : html`<p>${said(words, recall.reason, names(recall.by))}</p>`}<p>If people are asked again, they get a new mail. The <a href="/runs/${run}">page of the run</a> shows what it is waiting for.</p></div>`;

const supersededNote = (run: string, { run: by, version, at }: NonNullable<ApprovalPage['superseded']>): Markup =>
  html`<div class="note"><p><strong>This release was superseded by ${version === null ? 'a newer release' : html`version <bdi>${visible(version)}</bdi>`} on ${time(at)}. The request is withdrawn.</strong></p><p>Nothing has to be answered: <a href="/runs/${by}">the newer run</a> has taken the environment over. The <a href="/runs/${run}">page of this run</a> lists what was not reached.</p></div>`;

const invalidatedNote = ({ answered, invalidated, run }: ApprovalPage, names: Names): Markup => {
  const before =
    answered === null
      ? ''
      : html`<p>${names(answered.person)} ${answerWords[answered.answer] ?? answered.answer} the earlier report on ${time(answered.at)}. That answer stays in the audit trail and no longer counts.</p>`;
  const changes = invalidated === null ? '' : html`<p>What has changed:</p>${changesOf(invalidated, names)}`;
  return html`<div class="note"><p><strong>This request is invalidated: the report has changed since it was sent.</strong></p>${before}${changes}<p>The checks below are the current ones. If the gate still needs an answer, Holdpoint asks again with a new mail. The <a href="/runs/${run}">page of the run</a> shows it.</p></div>`;
};

const answerForm = (
  approval: ApprovalPage,
  form: Form,
): Markup => html`<form class="card narrow" method="post" action="/approvals/${form.link}" autocomplete="off">
<h2 id="answer">Your answer</h2>
<fieldset>${slipNote('answer', saysIn(form, 'answer'))}<legend class="heard">Answer as ${asWords(approval.role)}</legend>
${choicesOf(approval).map(([value, title, meaning]) => html`<label class="choice"><input type="radio" name="answer" value="${value}" required${form.typed?.answer === value ? html` checked` : ''}><span><strong>${title}</strong> ${meaning}</span></label>`)}
</fieldset>
${confirmation(approval.code, saysIn(form, 'confirmation'))}
<p><label class="field" for="note">Note, which everybody reads; needed unless you approve</label>${slipNote('note', saysIn(form, 'note'))}<textarea id="note" name="note" maxlength="2000"${describing('note', saysIn(form, 'note'), false)}>${form.typed?.note ?? ''}</textarea></p>
<input type="hidden" name="report" value="${approval.report}">
<input type="hidden" name="nonce" value="${form.nonce}">
<p><button class="button" type="submit">Record my answer</button></p>
<p class="soft">It needs a sign-in of the last 15 minutes. After a new one your text is still there.</p>
<details><summary>What is recorded</summary><p class="soft">The audit trail records your person id, your role, the time of your sign-in, whether you are an author of the release, and the digest of the report. Your name, your note and the network address from which you answer are stored separately and can be erased.</p></details>
</form>`;

/** Every answer with its effect, so that people know it before they choose. */
const choicesOf = ({ onRejected, afterT0 }: ApprovalPage) =>
  [
    ['approved', 'Approve', afterT0 ? 'My role accepts the release as it runs.' : 'My role has no objection.'],
    ['changes-requested', 'Request changes', 'Something must be corrected first.'],
    [
      'rejected',
      'Reject',
      `${afterT0 ? 'My role does not accept the release as it runs.' : 'The release must not go on.'} One rejection ${onRejected === 'decision' ? 'opens a decision: operations roll the release back, or continue' : 'ends the run'}.`,
    ],
  ] as const;

const saysIn = ({ refusal, field }: Form, of: AnswerField): string | undefined => {
  if (refusal === undefined || field !== of) return undefined;
  return ownWords[refusal.type] ?? refusal.detail;
};
/** Shorter beside the field than what stands above the page. */
const ownWords: Readonly<Record<string, string>> = {
  'approval-note': 'Write what has to change.',
  'approval-confirmation': 'This is not the code of this report.',
};

const confirmation = (
  code: string,
  wrong: string | undefined,
): Markup => html`<p><label class="field" for="confirmation">To confirm, type the code of this report: <span class="code">${code}</span></label>
${slipNote('confirmation', wrong)}
<input class="short" type="text" id="confirmation" name="confirmation" required maxlength="20"${describing('confirmation', wrong, false)} autocapitalize="characters" spellcheck="false" autocomplete="off"></p>`;
