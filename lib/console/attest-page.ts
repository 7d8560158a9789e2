import { html } from 'hono/html';
import { statementField } from '../api/attest-pages.ts';
import type { Refusal } from '../outcome.ts';
import { type Attestable, attestableBy, whyNotAttestable } from '../query/attestable.ts';
import type { Finding, RunView } from '../query/view.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { capital, counted } from '../wording.ts';
import { checkLink } from './about-run.ts';
import { describing, slipNote } from './form-field.ts';
import { type Names, visible, withNames } from './format.ts';
import { wrote } from './kept-text.ts';
import { type Markup, page, verdictPill } from './layout.ts';
import { namedText } from './named-text.ts';
import { operateOf } from './operate.ts';
import { refusalNote } from './refusal-note.ts';
import { titleIn } from './release.ts';
import { supplyTime } from './supply.ts';

/** Why a check was not attested, for beside its field. `before`: with which words the person has attested it already; null once they were erased. */
export type AttestSlip = { readonly says: string; readonly before?: string | null | undefined };
type AttestSlips = Readonly<Record<string, AttestSlip>>;

export type AttestPage = {
  readonly run: RunView;
  readonly caller: Pick<PersonCaller, 'id' | 'roles'>;
  readonly now: Date;
  readonly nonce: string;
  /** What was typed into a form that was not recorded, or not wholly, by check. */
  readonly typed?: Readonly<Record<string, string>> | undefined;
  readonly slips?: AttestSlips | undefined;
  /** What was recorded of the form. */
  readonly recorded?: readonly string[] | undefined;
  /** Why nothing of it was recorded. */
  readonly refusal?: Refusal | undefined;
};

/** All checks of a run that a person can attest now, each with a field of its own, and one button. */
export const attestPage = (shown: AttestPage, names: Names): Markup => {
  const { run, caller, now } = shown;
  const attestable = attestableBy(run, caller.roles, now);
  const failed = shown.refusal !== undefined || Object.keys(shown.slips ?? {}).length > 0;
  return page(
    {
      title: `${failed ? 'Not recorded: ' : ''}Attest checks of ${run.service} ${run.version}`,
      person: names(caller.id),
      now,
      live: 'shows',
      operate: operateOf(run, caller),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / Attest</p>
<h1>Attest checks of ${run.service} ${run.version} in ${run.environment}</h1>
${said(shown, attestable, names)}
${attestable.now.length === 0 ? nothing(attestable) : formOf(shown, attestable, names)}
${attestable.later.length === 0 ? '' : laterCard(run, attestable)}`,
  );
};

/** What became of the form that was sent, with the way to each field, and the texts of checks that have no field any more. */
const said = (shown: AttestPage, attestable: Attestable, names: Names): Markup => {
  const { run, typed = {}, slips = {}, recorded = [], refusal } = shown;
  const { fields } = attestable;
  const written = Object.keys(typed).filter((check) => typed[check]?.trim() !== '');
  const gone = written.filter((check) => !fields.some((one) => one.check === check));
  const lost = html`${gone.map((check) => withoutField(check, shown, attestable, names))}`;
  const done = recorded.length === 0 ? '' : html`<p>Recorded: ${recorded.map((check) => titleIn(run.gates, check)).join(', ')}.</p>`;
  if (refusal !== undefined) return html`${refusalNote(refusal, names, done)}${lost}`;
  const wrong = fields.filter(({ check }) => slips[check] !== undefined);
  if (wrong.length > 0)
    return html`<div class="note bad" role="alert"><p><strong>${counted(wrong.length, 'check')} not recorded.</strong> What you wrote is kept below.</p><ul>${wrong.map(({ check, title }) => html`<li><a href="#${statementField(check)}">${title}</a><br>${slipText(slips[check], names)}</li>`)}</ul>${done}</div>${lost}`;
  if (Object.keys(slips).length > 0)
    return html`<div class="note bad" role="alert"><p><strong>${recorded.length === 0 ? 'Nothing was recorded.' : 'Not all was recorded.'}</strong></p>${done}</div>${lost}`;
  if (written.length > 0) {
    const kept = written.length > gone.length ? html` Your text is kept: <a href="#attest">send it again</a>.` : '';
    const without =
      gone.length === 0
        ? ''
        : html`<p>${counted(gone.length, 'text')} of yours cannot be sent any more: ${gone.length === 1 ? 'it stands' : 'they stand'} below, with the reason.</p>`;
    return html`<div class="note calm"><p><strong>Nothing is recorded yet.</strong>${kept}</p>${without}</div>${lost}`;
  }
  return recorded.length === 0 ? html`` : html`<div class="note calm" role="status">${done}${left(attestable)}</div>`;
};

const left = ({ now }: Attestable): Markup =>
  html`<p>${now.length === 0 ? 'Nothing more waits for your attestation now.' : `${counted(now.length, 'check')} ${now.length === 1 ? 'is' : 'are'} left.`}</p>`;

const slipText = (slip: AttestSlip | undefined, names: Names): string => visible(withNames(slip?.says ?? '', names));

/** A text whose check has no field: why, and the text itself. */
const withoutField = (check: string, { run, typed = {}, slips = {} }: AttestPage, { now }: Attestable, names: Names): Markup => {
  const slip = slips[check] ?? {
    says: now.some((one) => one.check === check) ? 'It gets a field once those below are attested.' : whyNotAttestable(run, check),
  };
  const known = run.gates.flatMap(({ checks }) => checks).find((one) => one.check === check);
  const before = slip.before == null ? '' : html`<p>You have attested:</p><p class="said">“<bdi>${visible(slip.before)}</bdi>”</p>`;
  return html`<div class="note"><p><strong>${known === undefined ? check : checkLink(run.run, known)}</strong>: ${slipText(slip, names)}</p>${before}${wrote([['Statement', typed[check] ?? '']])}</div>`;
};

const nothing = ({ later }: Attestable): Markup =>
  html`<div class="card"><p><strong>Nothing waits for your attestation now.</strong></p><p class="soft">${later.length === 0 ? 'A check appears here when its gate is open and your role attests it.' : 'What you attest later stands below.'}</p></div>`;

const formOf = (shown: AttestPage, attestable: Attestable, names: Names): Markup => {
  const { run, nonce } = shown;
  const { fields } = attestable;
  const more = attestable.now.length - fields.length;
  return html`<form class="card attest" method="post" action="/runs/${run.run}/attest" autocomplete="off">
<h2 id="attest">${counted(fields.length, 'check')} to attest</h2>
<p>State in your own words what you have seen. Leave a field empty where you do not attest the check. Each statement is recorded by itself, and the report that people sign shows your name.</p>
<p class="soft" id="statement-hint">10 characters at least. What you write is kept apart from the trail and can be erased. To add a file, or a time until which it holds, open the page of the check.</p>
${fields.map((finding) => field(finding, shown, names))}
${more === 0 ? '' : html`<p class="soft">${counted(more, 'more check')} will follow once these are attested.</p>`}
<input type="hidden" name="nonce" value="${nonce}">
<p><button class="button" type="submit">Record my attestations</button></p>
</form>`;
};

const field = (finding: Finding, { run, typed = {}, slips = {} }: AttestPage, names: Names): Markup => {
  const { check, title, words, proof, verdict, reason, attempt } = finding;
  const id = statementField(check);
  const slip = slips[check];
  const wrong = slip === undefined ? undefined : withNames(slip.says, names);
  // Its id keeps a text in its place when a check before it is gone.
  return html`<p id="of-${check}"><label class="field" for="${id}">${title}</label>${verdict === 'missing' && attempt === 0 ? '' : html`${verdictPill(verdict)} <bdi>${visible(withNames(reason, names))}</bdi><br>`}${verdict === 'fail' ? contradicted : ''}<span class="soft">${words === title ? '' : html`The document says: “${words}”. `}${besideAttesting(proof)}<a href="/runs/${run.run}/checks/${check}">Its page</a></span>${slipNote(id, wrong)}<textarea class="brief-text" id="${id}" name="${id}" minlength="10" maxlength="2000"${described(id, wrong)}>${typed[check] ?? ''}</textarea></p>
`;
};

/** No attestation fails a check, so something else was sent for it that does. */
const contradicted = html`<strong>An attestation does not outweigh this.</strong> Have it corrected and sent again, or waive the check on its page.<br>`;

/** What proves the check beside an attestation: that the reader attests it is what the page is about. */
const besideAttesting = (proof: string): Markup | '' => {
  const more = proof.replace(/^The [a-z /-]+ attests it in their own words(?:, |\. ?)/, '');
  return more === '' ? '' : html`${namedText(capital(more.replace(/^or a /, 'or send a ')))} `;
};

/** One hint is that of all fields. */
const described = (id: string, wrong: string | undefined): Markup =>
  wrong === undefined ? html` aria-describedby="statement-hint"` : describing(id, wrong, false);

const laterCard = (run: RunView, { later }: Attestable): Markup =>
  html`<section class="card narrow" aria-labelledby="later"><h2 id="later">Later</h2><ul class="plain asked">${later.map(({ finding, supply }) => html`<li>${checkLink(run.run, finding)}: ${supplyTime(supply)}</li>`)}</ul></section>`;
