import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import type { ApprovalPage } from '../run/approval.ts';
import { type Markup, page, shortDigest, time } from './layout.ts';
import { linesTable } from './lines.ts';
import { exceptions, type Names } from './run.ts';

/** What the form carries beside the approval, and what went wrong with the form before it. */
export type Form = {
  readonly link: string;
  readonly nonce: string;
  readonly refusal?: Refusal;
  /** What was typed before, so that a slip costs no text. */
  readonly note?: string;
};

export const approvalPage = (approval: ApprovalPage, names: Names, form: Form): Markup =>
  page(
    { title: `${approval.title}: ${approval.service} ${approval.version}`, person: names(approval.person) },
    html`<p class="soft">Asked of ${names(approval.person)} as ${approval.role}${approval.round > 1 ? `, round ${approval.round}` : ''}</p>
<h1>${approval.title}: ${approval.service} ${approval.version} → ${approval.environment}</h1>
${form.refusal === undefined ? '' : refusalNote(form.refusal)}
${stateNote(approval, names)}
<div class="card"><dl>
<dt>Release</dt><dd>${approval.service} ${approval.version} to ${approval.environment}, <a href="/runs/${approval.run}">run <span class="mono">${approval.run}</span></a></dd>
<dt>Started by</dt><dd>${names(approval.starter)}</dd>
<dt>Commit</dt><dd class="mono">${approval.commit}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${approval.artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${shortDigest(artifact.digest)}</span></li>`)}</ul></dd>
<dt>Report</dt><dd class="mono">${approval.report}</dd>
<dt>Answer until</dt><dd>${time(approval.expires)}</dd>
</dl></div>
${exceptions(approval)}
${approval.gates.map((gate) => html`<section class="card" aria-labelledby="gate-${gate.id}"><h2 id="gate-${gate.id}">${gate.title}</h2>${linesTable(`Lines of ${gate.title}`, gate.lines)}</section>`)}
${approval.state === 'open' ? answerForm(approval, form) : ''}`,
  );

const refusalNote = (refusal: Refusal): Markup =>
  html`<div class="note bad" role="alert"><p><strong>Not recorded. ${refusal.detail}</strong></p>${refusal.expected === undefined ? '' : html`<p>Expected: ${refusal.expected}.</p>`}${refusal.fix === undefined ? '' : html`<p>${refusal.fix}</p>`}</div>`;

const answerWords: Readonly<Record<string, string>> = { approved: 'approved', rejected: 'rejected', 'sent-back': 'sent back' };

const stateNote = (approval: ApprovalPage, names: Names): Markup => {
  if (approval.state === 'open')
    return html`<div class="note calm"><p>Your answer is one of the answers that this gate needs. Opening this page has changed nothing. Read the report, then decide at its end.</p></div>`;
  if (approval.state === 'answered' && approval.answered !== null) {
    const { answer, at, person } = approval.answered;
    return html`<div class="note ${answer === 'approved' ? 'good' : 'bad'}"><p><strong>${names(person)} ${answerWords[answer] ?? answer} this on ${time(at)}.</strong></p><p>The answer is recorded and cannot be changed here.</p></div>`;
  }
  if (approval.state === 'voided')
    return html`<div class="note"><p><strong>The report has changed since this was asked.</strong></p><p>Answers to the old report no longer count. A new mail asks you again.</p></div>`;
  if (approval.state === 'expired')
    return html`<div class="note bad"><p><strong>The time to answer ended on ${time(approval.expires)}.</strong></p><p>No answer in time denies. The run's owner can see what happens next on the page of the run.</p></div>`;
  return html`<div class="note"><p><strong>This approval is closed.</strong></p><p>The gate was decided without needing this answer, or the run has ended.</p></div>`;
};

const answerForm = (
  approval: ApprovalPage,
  form: Form,
): Markup => html`<form class="card narrow" method="post" action="/approvals/${form.link}" autocomplete="off">
<h2>Your answer as ${approval.role}</h2>
<fieldset><legend>Answer</legend>
<label class="choice"><input type="radio" name="answer" value="approved" required><span><strong>Approve</strong>I have read the report; the release may go on as far as my role is concerned.</span></label>
<label class="choice"><input type="radio" name="answer" value="sent-back" required><span><strong>Send back</strong>Something must be put right first. The gate is held, the run lives.</span></label>
<label class="choice"><input type="radio" name="answer" value="rejected" required><span><strong>Reject</strong>The release shall not happen so. One rejection decides.</span></label>
</fieldset>
<p>Confirmation code of this report:<br><span class="code">${approval.code}</span></p>
<p><label class="field" for="confirmation">Type the code to say that you mean this report</label>
<input class="short" type="text" id="confirmation" name="confirmation" required maxlength="20" autocapitalize="characters" spellcheck="false" autocomplete="off"></p>
<p><label class="field" for="note">Note (optional)</label><textarea id="note" name="note" maxlength="2000">${form.note ?? ''}</textarea></p>
<input type="hidden" name="report" value="${approval.report}">
<input type="hidden" name="nonce" value="${form.nonce}">
<p><button class="button" type="submit">Record my answer</button></p>
<p class="soft">Your person id, role, sign-in time and the digest of the report become part of the audit trail. Your name and note are kept apart and can be erased.</p>
</form>`;
