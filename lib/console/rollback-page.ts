import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import { hasEnded } from '../query/gate-state.ts';
import type { RunView } from '../query/view.ts';
import { operatingRoles, signerRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { decisionTitle } from './current-state.ts';
import { rollbackFields } from './filled-fields.ts';
import { followUpForms } from './follow-up-forms.ts';
import { followUpsSection } from './follow-ups.ts';
import { type Names, withNames } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, madeAt, page, time } from './layout.ts';
import { operateOf } from './operate.ts';
import { readyToRollBack } from './ready-to-roll-back.ts';
import { refusalNote } from './refusal-note.ts';
import { budgetsSection, namedEvents, requestsNote, stepsSection, targetSection, triggersSection } from './rollback.ts';
import { type Acts, reviewable } from './rollback-acts.ts';
import { fieldId, type RollbackField, rollbackForms, type Typed } from './rollback-forms.ts';
import { anyOf, changesSince, nowNote } from './rollback-now.ts';
import { outcomePill } from './runs.ts';
import { said, wordsIn } from './said.ts';

export type RollbackPage = {
  readonly run: RunView;
  readonly caller: Pick<PersonCaller, 'id' | 'roles'>;
  readonly now: Date;
  readonly acts: Acts;
  readonly nonce: string;
  /** The form that was not recorded: what was typed, why, and since when the run has gone on where that was the reason. */
  readonly typed?: Typed | undefined;
  readonly refusal?: Refusal | undefined;
  /** The field that was wrong. */
  readonly field?: RollbackField | undefined;
  readonly shownAt?: string | undefined;
};

/** The way back of a run: what happens now, what the person can do, and everything that was recorded about it. */
export const rollbackPage = (shown: RollbackPage, names: Names): Markup => {
  const { run, caller, now, acts, refusal } = shown;
  const { rollback } = run;
  const words = wordsIn(run.words);
  return page(
    {
      title: `${refusal === undefined ? '' : 'Not recorded: '}Rollback of ${run.service} ${run.version}`,
      person: names(caller.id),
      now,
      live: 'shows',
      operate: operateOf(run, caller, 'rollback'),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / Rollback</p>
<div class="head"><h1>Rollback of ${run.service} ${run.version} in ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${refusal === undefined ? kept(shown) : refusalNote(refusal, names, refusedMore(shown, names))}
${nowNote(run, names, jumps(acts))}
<p class="soft">As of ${madeAt(now)}. <a href="/runs/${run.run}/rollback">Show the current state</a></p>
${rollback === null ? '' : html`${requestsNote(rollback, hasEnded(run))}${budgetsSection(rollback)}${triggersSection({ rollback, gates: run.gates }, names, words)}`}
${readyToRollBack(run, now, Object.hasOwn(acts, 'declare'))}
${followUpsSection(run, names, words)}
${formsOf(shown, names)}
${rollback === null ? '' : html`${targetSection(rollback, run.artifacts)}${stepsSection(rollback, names)}${written(run, names)}${namedEvents(run.run, rollback)}`}`,
  );
};

const writtenKinds = ['rollback-decision', 'rollback-step', 'rollback-data'];

/** Why people decided as they did; the reasons of the triggers stand with them. */
const written = (run: RunView, names: Names): Markup | '' => {
  const { words } = run;
  const own = (words ?? []).filter(({ kind }) => writtenKinds.includes(kind));
  const texts = wordsIn(words);
  return own.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="written"><h2 id="written">What people wrote</h2>
<ul class="plain">${own.map((one) => html`<li><span class="soft">${decisionTitle(one, run)}, ${time(one.at)}.</span> ${said(texts, one.digest, names(one.by ?? ''))}</li>`)}</ul></section>`;
};

const jumpWords = {
  'roll-back': 'Roll back',
  continue: 'Continue',
  keep: 'Keep the data',
  restore: 'Restore the data',
  retry: 'Try again',
  'by-hand': 'Done by hand',
  end: 'End the rollback',
  cause: 'State the cause',
  review: 'Review',
} as const;

/** To the forms that the moment asks for. */
const jumps = (acts: Acts): Markup | '' => {
  const open = Object.entries(jumpWords).filter(([act]) => Object.keys(acts).includes(act));
  return open.length === 0
    ? ''
    : html`<p class="jump">${open.map(([act, words]) => html`<a class="button quiet" href="#${act}">${words}</a>`)}</p>`;
};

const formsOf = ({ run, caller, acts, nonce, typed, refusal, field }: RollbackPage, names: Names): Markup | '' => {
  const isStarter = caller.id === run.starter;
  const isSigner = signerRoles.some((role) => caller.roles.includes(role));
  const slip = refusal === undefined || field === undefined ? undefined : { field, says: withNames(refusal.detail, names) };
  const forms = { run, acts, nonce, typed, slip, isStarter, isSigner };
  // A deputy may hold no role of their own.
  const mayAct = Object.keys(acts).length > 0 || isSigner || operatingRoles.some((role) => caller.roles.includes(role));
  return mayAct
    ? html`<div class="acts">${followUpForms(forms, reviewable(run, caller))}${rollbackForms(forms)}</div>`
    : html`<p class="soft">You can read this page. Acting on it takes ${anyOf([...new Set([...operatingRoles, ...signerRoles])])}.</p>`;
};

/** After a new sign-in. */
const kept = ({ run, typed, acts }: RollbackPage): Markup | '' =>
  typed === undefined ? '' : keptNote(rollbackFields(run, typed), acts[typed.act] === undefined ? null : typed.act);

/** What has changed, and everything that was typed where its form is gone. */
const refusedMore = ({ run, typed, acts, field, shownAt }: RollbackPage, names: Names): Markup => {
  const changes = shownAt === undefined ? [] : changesSince(run, shownAt, names);
  const target = typed === undefined || field === undefined ? typed?.act : fieldId(typed.act, field);
  const again =
    typed === undefined || acts[typed.act] === undefined
      ? ''
      : html`<p><a href="#${target}">${field === undefined ? 'Go to the form' : 'Correct it'}</a></p>`;
  return html`${changes.length === 0 ? '' : html`<p>Since the page was shown:</p><ul>${changes.map((one) => html`<li>${one}</li>`)}</ul>`}${again === '' && typed !== undefined ? wrote(rollbackFields(run, typed)) : again}`;
};
