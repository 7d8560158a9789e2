import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { Invalidation } from '../run/state/invalidation.ts';
import { answerPill, askedName } from './answers.ts';
import { foldedChecks, reportSummary } from './checks.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, page, time } from './layout.ts';
import { refusalNote } from './refusal-note.ts';
import { exceptions, identifiers, rollbackRow } from './release.ts';
import { runExceptions } from './report-exceptions.ts';
import { said } from './said.ts';
import { plannedT0 } from './schedule.ts';

/** What the form carries besides the approval, and the refusal of the form that was sent before it. */
export type Form = {
  readonly link: string;
  readonly nonce: string;
  readonly refusal?: Refusal;
  /** The note that was typed before, so that a refused form loses no text. */
  readonly note?: string;
  /** The answer that was chosen before. */
  readonly answer?: string | undefined;
};

export const approvalPage = (approval: ApprovalPage, names: Names, form: Form): Markup => {
  const { words } = approval;
  // The pipeline sent it, so it is no word of the person who started the job.
  const starter = 'The CI job that started the run';
  return page(
    {
      title: `${form.refusal === undefined ? '' : 'Not recorded: '}${approval.title}: ${approval.service} ${approval.version}`,
      person: names(approval.person),
    },
    html`<p class="soft">Approval request to ${names(approval.person)} as ${asWords(approval.role)}${approval.for === null ? '' : `, deputy of ${names(approval.for)}`}${approval.round > 1 ? `, round ${approval.round}` : ''}</p>
<h1>${approval.title}: ${approval.service} ${approval.version} → ${approval.environment}</h1>
${form.refusal === undefined ? '' : refusalNote(form.refusal, names, codeIsWrong(form.refusal) ? html`<p><a href="#confirmation">Type the code again</a></p>` : '')}
${stateNote(approval, names)}
${runExceptions(approval, names)}
${changedSince(approval, names)}
<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl>
<dt>Version</dt><dd><strong>${approval.service} ${approval.version}</strong> to ${approval.environment}</dd>
<dt>Run</dt><dd><a href="/runs/${approval.run}"><span class="mono">${approval.run}</span></a></dd>
${fact('Reason', said(words, approval.said.why, starter))}
<dt>Risk, impact</dt><dd>${approval.risk}, ${approval.impact}</dd>
${fact('Changes', said(words, approval.said.changes, starter))}
<dt>Planned T0</dt><dd>${plannedT0(approval.plannedT0)}</dd>
${rollbackRow(approval.target)}
<dt>Started by</dt><dd>${names(approval.starter)}</dd>
${fact('Requested by', said(words, approval.said.requestedBy, starter))}
<dt>Answer before</dt><dd><strong>${time(approval.expires)}</strong></dd>
</dl>${identifiers(approval, html`<dt>Report</dt><dd class="mono">${approval.report}</dd>`)}</section>
${answersSoFar(approval, names)}
${reportSummary(approval.gates)}
${exceptions(approval)}
${approval.gates.map((gate) => html`<section class="card" aria-labelledby="gate-${gate.id}"><h2 id="gate-${gate.id}">${gate.title}</h2>${foldedChecks(gate, { run: approval.run, names, words })}</section>`)}
${approval.state === 'open' ? answerForm(approval, form) : ''}`,
  );
};

const fact = (name: string, value: Markup | ''): Markup | '' => (value === '' ? '' : html`<dt>${name}</dt><dd>${value}</dd>`);

/** Who changed what, and when. */
const changesOf = ({ changes, target }: Invalidation, names: Names): Markup =>
  html`<ul>${target === null ? '' : html`<li>Target of a rollback: <bdi>${visible(target.is ?? 'none')}</bdi>, before <bdi>${visible(target.was ?? 'none')}</bdi></li>`}${changes.map(
    ({ title, event }) =>
      event === null
        ? html`<li>${title}: changed by the passing of time</li>`
        : html`<li>${title}: ${event.what} on ${time(event.at)} by ${event.by.kind === 'person' ? names(event.by.id) : event.by.kind === 'ci' ? 'a CI job' : 'Holdpoint'}</li>`,
  )}</ul>`;

const changedSince = ({ changedBefore, round }: ApprovalPage, names: Names): Markup | '' =>
  changedBefore === null
    ? ''
    : html`<section class="card" aria-labelledby="changed"><h2 id="changed">Changed since round ${round - 1}</h2>
<p>The answers of round ${round - 1} were invalidated on ${time(changedBefore.at)}.</p>${changesOf(changedBefore, names)}</section>`;

/** The answers of this and earlier rounds. Nobody has to ask colleagues what they answered. */
const answersSoFar = ({ answers, words }: ApprovalPage, names: Names): Markup =>
  html`<section class="card" aria-labelledby="answers"><h2 id="answers">Approvals so far</h2>
<ul class="plain">${answers.map((one) => html`<li>${answerPill(one)} ${asWords(one.role)}: ${askedName(one, names)}${one.at === null ? '' : html` <span class="soft">${time(one.at)}</span>`}${one.round > 1 ? html` <span class="soft">round ${one.round}</span>` : ''}${said(words, one.note, names(one.person))}</li>`)}</ul></section>`;

const codeIsWrong = (refusal: Refusal | undefined): boolean => refusal?.type === 'approval-confirmation';

const answerWords: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  'changes-requested': 'requested changes to',
};

const stateNote = (approval: ApprovalPage, names: Names): Markup => {
  if (approval.state === 'open')
    return html`<div class="note calm"><p><strong>Your answer is needed.</strong> Read the report, then <a href="#answer">answer at the end of this page</a> with the code <strong class="mono">${approval.code}</strong>. Opening this page changes nothing.</p></div>`;
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

const recalledNote = ({ run, words }: ApprovalPage, { by, at, reason }: NonNullable<ApprovalPage['recalled']>, names: Names): Markup =>
  html`<div class="note"><p><strong>${names(by)} recalled this request on ${time(at)}. Nothing has to be answered.</strong></p><p>${said(words, reason, names(by))}</p><p>If people are asked again, they get a new mail. The <a href="/runs/${run}">page of the run</a> shows what it is waiting for.</p></div>`;

const supersededNote = (run: string, { run: by, version, at }: NonNullable<ApprovalPage['superseded']>): Markup =>
  html`<div class="note"><p><strong>This release was superseded by ${version === null ? 'a newer release' : html`version <bdi>${visible(version)}</bdi>`} on ${time(at)}. The request is withdrawn.</strong></p><p>Nothing has to be answered: <a href="/runs/${by}">the newer run</a> has taken the environment over. The <a href="/runs/${run}">page of this run</a> lists what was not reached.</p></div>`;

const invalidatedNote = ({ answered, invalidated, run }: ApprovalPage, names: Names): Markup => {
  const before =
    answered === null
      ? ''
      : html`<p>${names(answered.person)} ${answerWords[answered.answer] ?? answered.answer} the earlier report on ${time(answered.at)}. That answer stays in the audit trail and counts no more.</p>`;
  const changes = invalidated === null ? '' : html`<p>Changed by ${time(invalidated.at)}:</p>${changesOf(invalidated, names)}`;
  return html`<div class="note"><p><strong>This request is invalidated: the report has changed since it was sent.</strong></p>${before}${changes}<p>The checks below are the current ones. If the gate still needs an answer, Holdpoint asks again with a new mail. The <a href="/runs/${run}">page of the run</a> shows it.</p></div>`;
};

const answerForm = (
  approval: ApprovalPage,
  form: Form,
): Markup => html`<form class="card narrow" method="post" action="/approvals/${form.link}" autocomplete="off">
<h2 id="answer">Your answer as ${asWords(approval.role)}</h2>
<fieldset><legend>Answer</legend>
${choicesOf(approval).map(([value, title, meaning]) => html`<label class="choice"><input type="radio" name="answer" value="${value}" required${form.answer === value ? html` checked` : ''}><span><strong>${title}</strong>${meaning}</span></label>`)}
</fieldset>
<p id="code">Code of this report:<br><span class="code">${approval.code}</span></p>
${confirmation(codeIsWrong(form.refusal))}
<p><label class="field" for="note">Note, needed to request changes or to reject; everybody who works with the release reads it</label>${form.refusal?.type === 'approval-note' ? html`<span class="slip" id="no-note">Write what has to change.</span>` : ''}<textarea id="note" name="note" maxlength="2000"${form.refusal?.type === 'approval-note' ? html` aria-invalid="true" aria-describedby="no-note"` : ''}>${form.note ?? ''}</textarea></p>
<input type="hidden" name="report" value="${approval.report}">
<input type="hidden" name="nonce" value="${form.nonce}">
<p><button class="button" type="submit">Record my answer</button></p>
<p class="soft">The audit trail records your person id, your role, the time of your sign-in and the digest of the report. Your name and your note are stored separately and can be erased.</p>
</form>`;

/** Every answer with its effect, so that people know it before they choose. */
const choicesOf = ({ onRejected, afterT0 }: ApprovalPage) =>
  [
    [
      'approved',
      'Approve',
      afterT0
        ? 'I have read the report, and my role accepts the release as it runs. The gate passes when every role has approved.'
        : 'I have read the report, and my role has no objection. The release goes on when every role has approved.',
    ],
    [
      'changes-requested',
      'Request changes',
      'Something must be corrected first. The gate is blocked, but the run does not end. You are asked again when a check of the report has new evidence, a new attestation or a new waiver.',
    ],
    [
      'rejected',
      'Reject',
      `${afterT0 ? 'My role does not accept the release as it runs.' : 'The release must not go on.'} One rejection is enough: it ${onRejected === 'decision' ? 'opens a decision: operations roll the release back, or continue' : 'ends the run'}.`,
    ],
  ] as const;

const confirmation = (
  wrong: boolean,
): Markup => html`<p><label class="field" for="confirmation">Type the code to confirm that you mean this report</label>
${wrong ? html`<span class="slip" id="slip">This is not the code of this report.</span>` : ''}
<input class="short" type="text" id="confirmation" name="confirmation" required maxlength="20" aria-describedby="code${wrong ? ' slip' : ''}"${wrong ? html` aria-invalid="true"` : ''} autocapitalize="characters" spellcheck="false" autocomplete="off"></p>`;
