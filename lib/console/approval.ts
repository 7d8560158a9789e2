import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { checksTable, reportSummary } from './checks.ts';
import { asWords, type Names, withNames } from './format.ts';
import { type Markup, page, shortDigest, time } from './layout.ts';
import { exceptions } from './run.ts';

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
    {
      title: `${form.refusal === undefined ? '' : 'Not recorded: '}${approval.title}: ${approval.service} ${approval.version}`,
      person: names(approval.person),
    },
    html`<p class="soft">Asked of ${names(approval.person)} as ${asWords(approval.role)}${approval.round > 1 ? `, round ${approval.round}` : ''}</p>
<h1>${approval.title}: ${approval.service} ${approval.version} → ${approval.environment}</h1>
${form.refusal === undefined ? '' : refusalNote(form.refusal, names)}
${stateNote(approval, names)}
<section class="card" aria-labelledby="release"><h2 id="release">What is released</h2><dl>
<dt>Release</dt><dd><strong>${approval.service} ${approval.version}</strong> to ${approval.environment}, <a href="/runs/${approval.run}">run <span class="mono">${approval.run}</span></a></dd>
${approval.why === undefined ? '' : html`<dt>Why</dt><dd>${approval.why}</dd>`}
<dt>Risk, impact</dt><dd>${approval.risk}, ${approval.impact}</dd>
${approval.changes.length === 0 ? '' : html`<dt>Changes</dt><dd>${approval.changes.join(', ')}</dd>`}
<dt>Planned T0</dt><dd>${approval.plannedT0 === 'when-released' ? 'as soon as it is released' : time(approval.plannedT0)}</dd>
<dt>Commit</dt><dd class="mono">${approval.commit}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${approval.artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${artifact.digest}</span></li>`)}</ul></dd>
<dt>Started by</dt><dd>${names(approval.starter)}${approval.requestedBy === undefined ? '' : `, asked for by ${approval.requestedBy}`}</dd>
<dt>Checklist</dt><dd>${approval.definition.name} ${approval.definition.version} <span class="mono">${shortDigest(approval.definition.digest)}</span></dd>
<dt>Report</dt><dd class="mono">${approval.report}</dd>
<dt>Answer until</dt><dd><strong>${time(approval.expires)}</strong></dd>
</dl></section>
${reportSummary(approval.gates, names, approval.statements)}
${exceptions(approval)}
${approval.gates.map((gate) => html`<section class="card" aria-labelledby="gate-${gate.id}"><h2 id="gate-${gate.id}">${gate.title}</h2>${checksTable(`Checks of ${gate.title}`, gate.checks, names, approval.statements)}</section>`)}
${approval.state === 'open' ? answerForm(approval, form) : ''}`,
  );

const codeIsWrong = (refusal: Refusal | undefined): boolean => refusal?.type === 'approval-confirmation';

const refusalNote = (refusal: Refusal, names: Names): Markup =>
  html`<div class="note bad" role="alert"><p><strong>Not recorded. ${withNames(refusal.detail, names)}</strong></p>${refusal.expected === undefined ? '' : html`<p>Expected: ${withNames(refusal.expected, names)}.</p>`}${refusal.fix === undefined ? '' : html`<p>${refusal.fix}</p>`}${codeIsWrong(refusal) ? html`<p><a href="#confirmation">Type the code again</a></p>` : ''}</div>`;

const answerWords: Readonly<Record<string, string>> = { approved: 'approved', rejected: 'rejected', 'changes-requested': 'sent back' };

const stateNote = (approval: ApprovalPage, names: Names): Markup => {
  if (approval.state === 'open')
    return html`<div class="note calm"><p>Your answer is one of the answers that this gate needs. Opening this page has changed nothing. Read the report, then <a href="#answer">answer at its end</a>, with the code <strong class="mono">${approval.code}</strong>.</p></div>`;
  if (approval.state === 'answered' && approval.answered !== null) {
    const { answer, at, person } = approval.answered;
    return html`<div class="note ${answer === 'approved' ? 'good' : 'bad'}"><p><strong>${names(person)} ${answerWords[answer] ?? answer} this on ${time(at)}.</strong></p><p>The answer is recorded and cannot be changed here.</p></div>`;
  }
  if (approval.state === 'invalidated')
    return html`<div class="note"><p><strong>The report has changed since this was asked.</strong></p><p>Answers to the old report no longer count; the checks below are those of now. A new mail asks you again.</p></div>`;
  if (approval.state === 'expired')
    return html`<div class="note bad"><p><strong>The time to answer ended on ${time(approval.expires)}.</strong></p><p>No answer in time denies. The run's owner can see what happens next on the page of the run.</p></div>`;
  return html`<div class="note"><p><strong>This approval is closed.</strong></p><p>The gate was decided without needing this answer, or the run has ended.</p></div>`;
};

const answerForm = (
  approval: ApprovalPage,
  form: Form,
): Markup => html`<form class="card narrow" method="post" action="/approvals/${form.link}" autocomplete="off">
<h2 id="answer">Your answer as ${asWords(approval.role)}</h2>
<fieldset><legend>Answer</legend>
${choicesOf(approval).map(([value, title, meaning]) => html`<label class="choice"><input type="radio" name="answer" value="${value}" required><span><strong>${title}</strong>${meaning}</span></label>`)}
</fieldset>
<p id="code">Code of this report:<br><span class="code">${approval.code}</span></p>
${confirmation(codeIsWrong(form.refusal))}
<p><label class="field" for="note">Note (optional)</label><textarea id="note" name="note" maxlength="2000">${form.note ?? ''}</textarea></p>
<input type="hidden" name="report" value="${approval.report}">
<input type="hidden" name="nonce" value="${form.nonce}">
<p><button class="button" type="submit">Record my answer</button></p>
<p class="soft">Your person id, role, sign-in time and the digest of the report become part of the audit trail. Your name and note are kept apart and can be erased.</p>
</form>`;

/** What each answer does, said before it is given. */
const choicesOf = ({ onRejected }: ApprovalPage) =>
  [
    [
      'approved',
      'Approve',
      'I have read the report; as far as my role is concerned the release goes on. It does when every role has approved.',
    ],
    [
      'changes-requested',
      'Send back',
      'Something must be put right first. The gate is held and the run lives; you are asked again when a check of the report was proved, attested or waived anew.',
    ],
    [
      'rejected',
      'Reject',
      `The release shall not go on. One rejection decides for everybody: ${onRejected === 'end' ? 'it ends the run' : 'it opens an incident, in which operations decide'}.`,
    ],
  ] as const;

const confirmation = (
  wrong: boolean,
): Markup => html`<p><label class="field" for="confirmation">Type the code to say that you mean this report</label>
${wrong ? html`<span class="slip" id="slip">That was not the code of this report.</span>` : ''}
<input class="short" type="text" id="confirmation" name="confirmation" required maxlength="20" aria-describedby="code${wrong ? ' slip' : ''}"${wrong ? html` aria-invalid="true"` : ''} autocapitalize="characters" spellcheck="false" autocomplete="off"></p>`;
