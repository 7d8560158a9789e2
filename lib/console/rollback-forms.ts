import { html } from 'hono/html';
import type { RollbackAct, RollbackForm } from '../api/rollback-pages.ts';
import type { RunView } from '../query/view.ts';
import { signerRoles } from '../roles.ts';
import { durationWords } from '../wording.ts';
import { describing, reasonField, type Slip, saysOf, slipNote } from './form-field.ts';
import { visible } from './format.ts';
import { type Markup, time, verdictPill } from './layout.ts';
import { type Acts, choosableStep, isDecisionOpen } from './rollback-acts.ts';
import { anyOf } from './rollback-now.ts';

type Rollback = NonNullable<RunView['rollback']>;
export type Typed = Omit<RollbackForm, 'nonce'>;
/** The field to which a refusal belongs. */
export type RollbackField = 'reason' | 'trigger' | 'evidence' | 'shown' | 'backupAt' | 'link' | 'followUp' | 'verdict';
export type Forms = {
  readonly run: RunView;
  readonly acts: Acts;
  readonly nonce: string;
  /** What was typed into a form that was not recorded, and the field that was wrong with what to say beside it. */
  readonly typed: Typed | undefined;
  readonly slip: Slip<RollbackField> | undefined;
  readonly isStarter: boolean;
  readonly isSigner: boolean;
};

/** The forms that the person can send now, the most urgent first. */
export const rollbackForms = (forms: Forms): Markup =>
  html`${decisionForms(forms)}${dataForms(forms)}${stepForms(forms)}${declareForm(forms)}`;

type Look = 'main' | 'plain' | 'danger';
type FormText = {
  readonly act: RollbackAct;
  readonly title: string;
  readonly does: Markup | string;
  readonly button: string;
  readonly look: Look;
};

/** Fields around the reason. */
type Fields = { readonly before?: Markup; readonly after?: Markup };

const none = html``;

export const typedFor = ({ typed }: Forms, act: RollbackAct): Typed | undefined => (typed?.act === act ? typed : undefined);

/** The id of a field on the page. */
export const fieldId = (act: RollbackAct, field: RollbackField): string => `${act}-${field.toLowerCase()}`;

/** What was wrong with a field of this form; undefined where nothing was. */
export const saysFor = (forms: Forms, act: RollbackAct, field: RollbackField): string | undefined =>
  typedFor(forms, act) === undefined ? undefined : saysOf(forms.slip, field);

type Line = {
  readonly act: RollbackAct;
  readonly field: 'evidence' | 'shown' | 'backupAt' | 'link';
  readonly label: string;
  readonly max: number;
  readonly type?: 'url';
};

/** A field with one line, which may stay empty. */
export const lineField = (forms: Forms, { act, field, label, max, type }: Line): Markup => {
  const id = fieldId(act, field);
  const says = saysFor(forms, act, field);
  return html`<p><label class="field" for="${id}">${label}</label>${slipNote(id, says)}<input type="${type ?? 'text'}" id="${id}" name="${field}" maxlength="${max}" spellcheck="false" value="${typedFor(forms, act)?.[field] ?? ''}"${describing(id, says, false)}></p>`;
};

const evidenceField = (forms: Forms, act: RollbackAct): Markup =>
  lineField(forms, { act, field: 'evidence', label: 'Ids of events of this run that show it (optional)', max: 700 });

const lookClass: Readonly<Record<Look, string>> = { main: 'button', plain: 'button plain', danger: 'button danger' };

/** One form with one button, which says what it does. Nothing where the person cannot send it now. */
export const formOf = (
  forms: Forms,
  { act, title, does, button, look }: FormText,
  reason: string,
  { before = none, after = none }: Fields = {},
): Markup | '' =>
  forms.acts[act] === undefined
    ? ''
    : html`<form class="card narrow" method="post" action="/runs/${forms.run.run}/rollback" autocomplete="off">
<h2 id="${act}">${title}</h2>
<p>${does}</p>
${before}
${reasonField({ id: fieldId(act, 'reason'), label: reason, typed: typedFor(forms, act)?.reason, says: saysFor(forms, act, 'reason') })}
${after}
<input type="hidden" name="act" value="${act}"><input type="hidden" name="nonce" value="${forms.nonce}">
<p><button class="${lookClass[look]}" type="submit">${button}</button></p>
</form>`;

const decisionForms = (forms: Forms): Markup | '' => {
  const { run, isStarter, isSigner } = forms;
  const { rollback } = run;
  if (rollback === null || !isDecisionOpen(run)) return '';
  const place = run.gates.find(({ id }) => id === rollback.interrupted)?.title ?? 'the interrupted gate';
  const { target } = rollback;
  const towards =
    target === null ? 'the last stable version' : target.level === 'withdraw' ? 'the removal of the service' : visible(target.version);
  const back = formOf(
    forms,
    {
      act: 'roll-back',
      title: 'Roll back',
      does: html`The steps below begin at once and lead to <bdi>${towards}</bdi>. This cannot be taken back.`,
      button: `Roll ${run.version} back now`,
      look: 'main',
    },
    'Why is it rolled back?',
  );
  const go = formOf(
    forms,
    {
      act: 'continue',
      title: 'Continue',
      does: html`${run.version} stays, and the run goes on at ${place} with its time and evidence. ${extensionText(rollback)}It needs a sign-in of the last 15 minutes: if yours is older you sign in again, and your text is kept.`,
      button: `Continue with ${run.version}`,
      look: 'plain',
    },
    'Why is it safe to continue?',
  );
  const starter = isStarter && isSigner ? startersNote(`decide to continue. It takes another person: ${anyOf(signerRoles)}`) : '';
  return html`${back}${go}${starter}`;
};

/** After the cap of a review: how long incidents may extend it when people continue. */
const extensionText = ({ waits }: Rollback): Markup | '' =>
  waits?.extension == null
    ? ''
    : html`Incidents can extend the review for ${durationWords(waits.extension.seconds)} from your decision, then people decide again. If it has not passed by ${time(waits.extension.until)}, the run ends as not stable. `;

const startersNote = (what: string): Markup => html`<div class="note calm"><p>You started this run, so you cannot ${what}.</p></div>`;

/** What the run knows of the backup, and of what was written since. */
const backupOf = ({ gates, rollback }: RunView): Markup => {
  const known = gates.flatMap(({ checks }) => checks).find(({ check }) => check === rollback?.waits?.backup);
  const at = known?.subjects.at(-1)?.at;
  return html`<dl><dt>Backup before the deployment</dt><dd>${known === undefined ? 'The run knows of none.' : html`${verdictPill(known.verdict)} ${known.title}${at === undefined ? '' : html`, stated on ${time(at)}`}`}</dd>
<dt>Written since</dt><dd>${writesText(rollback?.waits?.writes ?? null)} What was written since the backup is lost when it is restored.</dd></dl>`;
};

type Writes = NonNullable<NonNullable<RunView['rollback']>['waits']>['writes'];
const writesText = (known: Writes): Markup => {
  if (known === null || known.writes === null || known.since === null || known.until === null)
    return html`<strong>Unknown</strong>: ${visible(known?.detail ?? 'nobody counted')}. Look into the database before you restore.`;
  return html`<strong>${known.writes}</strong> at least, from ${time(known.since)} to ${time(known.until)}, by the metric ${visible(known.detail)}: the backup is older than its statement.`;
};

const dataForms = (forms: Forms): Markup | '' => {
  const { run, acts, isStarter } = forms;
  if (run.rollback?.waits?.for !== 'data') return '';
  if (acts.keep === undefined) return isStarter ? startersNote('decide about the data. Another holder of the role can do that') : '';
  const keep = formOf(
    forms,
    {
      act: 'keep',
      title: 'Keep the data',
      does: 'The database stays as it is, and the rollback goes on with the next step.',
      button: 'Keep the data as it is',
      look: 'main',
    },
    'Why can it be kept?',
  );
  const restore = formOf(
    forms,
    {
      act: 'restore',
      title: 'Restore the data',
      does: 'The database is restored from the backup. What was written since is lost, and this cannot be taken back.',
      button: 'Restore the data from the backup',
      look: 'danger',
    },
    'Why is it restored?',
    {
      before: lineField(forms, {
        act: 'restore',
        field: 'backupAt',
        label: 'Time of the backup (optional, such as 2026-03-02T03:00:00Z)',
        max: 40,
      }),
    },
  );
  return html`<section class="card" aria-labelledby="data"><h2 id="data">Data</h2>${backupOf(run)}</section>${keep}${restore}`;
};

const stepForms = (forms: Forms): Markup | '' => {
  const { rollback } = forms.run;
  const step = rollback === null ? undefined : choosableStep(rollback);
  if (rollback === null || step === undefined) return '';
  const isUndo = step.attempt?.action === 'undo';
  const what = isUndo ? 'accepting requests again' : stepName(rollback, step.id);
  const hidden = html`<input type="hidden" name="step" value="${step.id}">`;
  const retry = formOf(
    forms,
    {
      act: 'retry',
      title: 'Try again',
      does: 'The step is requested again, and what it did is proved from outside again.',
      button: `Try ${what} again`,
      look: 'main',
    },
    'What has changed since the last attempt?',
    { before: hidden },
  );
  const byHand = formOf(
    forms,
    {
      act: 'by-hand',
      title: 'Done by hand',
      does: 'You have carried out the step yourself. Holdpoint proves it from outside where that is possible; otherwise the evidence that you name counts.',
      button: `Record ${what} as done by hand`,
      look: forms.acts.retry === undefined ? 'main' : 'plain',
    },
    'What did you do?',
    {
      before: html`${hidden}${evidenceField(forms, 'by-hand')}`,
    },
  );
  const end = formOf(
    forms,
    {
      act: 'end',
      ...(rollback.steps.every(({ attempts }) => attempts === 0) ? endsUnbegun(rollback) : endsUnproved),
      look: 'danger',
    },
    'Why is it ended, and who takes over?',
    { before: hidden },
  );
  return html`${retry}${byHand}${end}`;
};

const endsUnproved = {
  title: 'End the rollback',
  does: 'The rollback ends here although the step is not proved. Before that, new requests are accepted again. The environment stays reserved until the running version is read back.',
  button: 'End the rollback unproved',
} as const;

const endsUnbegun = ({ isDrill }: Rollback) => {
  const what = isDrill ? 'drill' : 'rollback';
  const after = isDrill ? 'It counts as no rehearsal; another drill can be started.' : 'The run ends, and people take over.';
  return {
    title: `End the ${what}`,
    does: `No step has begun, so nothing was changed: what runs now goes on running. ${after}`,
    button: `End the ${what} without a step`,
  };
};

const stepName = ({ steps }: Rollback, id: string): string => `step ${steps.findIndex((step) => step.id === id) + 1}`;

const declareForm = (forms: Forms): Markup | '' => {
  const { run } = forms;
  const typed = typedFor(forms, 'declare');
  const triggerId = fieldId('declare', 'trigger');
  const wrongTrigger = saysFor(forms, 'declare', 'trigger');
  const isFirst = run.rollback === null || run.rollback.decision?.decision === 'continue';
  const decided = run.rollback?.decision?.decision === 'roll-back';
  const form = formOf(
    forms,
    {
      act: 'declare',
      title: isFirst ? 'Declare a trigger' : 'Declare another trigger',
      does: isFirst
        ? 'The run is interrupted, people on duty are paged, and a decision is asked for within five minutes.'
        : 'It is added to the triggers of this rollback.',
      button: 'Declare the trigger',
      look: 'plain',
    },
    'What do you see?',
    {
      before: html`<p><label class="field" for="${triggerId}">Trigger</label>${slipNote(triggerId, wrongTrigger)}<select id="${triggerId}" name="trigger" required${describing(triggerId, wrongTrigger, false)}><option value="">Choose one</option>${run.rollbackTriggers.map(({ id, title }) => html`<option value="${id}"${typed?.trigger === id ? html` selected` : ''}>${title}</option>`)}</select></p>
${lineField(forms, { act: 'declare', field: 'shown', label: 'What shows it: ids of rows, a query, a link (data corruption needs this or the next field)', max: 500 })}
${evidenceField(forms, 'declare')}`,
      after: decided
        ? html``
        : html`<label class="choice"><input type="checkbox" name="decide" value="yes"${typed?.decide === 'yes' ? html` checked` : ''}><span><strong>And decide for the rollback now</strong>${run.version} is rolled back at once, without waiting for anybody else.</span></label>`,
    },
  );
  if (form === '' || isFirst || typed !== undefined) return form;
  return html`<details><summary>Declare another trigger</summary>${form}</details>`;
};
