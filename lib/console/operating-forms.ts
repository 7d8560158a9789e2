import { html } from 'hono/html';
import type { OperatingAct, OperatingForm } from '../api/operating-pages.ts';
import type { LocalInstant } from '../notification.ts';
import type { RunView } from '../query/view.ts';
import { isFieldTime, lastFieldTime } from './field-time.ts';
import { describing, reasonField, type Slip, saysOf, slipNote } from './form-field.ts';
import { type Names, visible } from './format.ts';
import { deadline, type Markup } from './layout.ts';
import { inBothZones } from './mail-text.ts';
import { freezesFor } from './operating-acts.ts';
import { said, wordsIn } from './said.ts';

export type TypedOperating = Omit<OperatingForm, 'nonce'>;
/** The field to which a refusal belongs. */
export type OperatingField = 'reason' | 't0' | 'freeze';
/** An instant as the reader's clock shows it. */
export type Clock = (instant: string) => LocalInstant;

export type OperatingForms = {
  readonly run: RunView;
  /** Id of the reader. */
  readonly person: string;
  readonly now: Date;
  readonly nonce: string;
  readonly clock: Clock;
  /** What was typed into a form that was not recorded, and the field that was wrong with what to say beside it. */
  readonly typed: TypedOperating | undefined;
  readonly slip: Slip<OperatingField> | undefined;
};

type FormText = { readonly title: string; readonly does: string; readonly reason: string; readonly button: string; readonly ends: boolean };

const texts: Readonly<Record<OperatingAct, FormText>> = {
  resume: {
    title: 'Resume the run',
    does: 'The incident is over, and the run goes on at the gate that it interrupted.',
    reason: 'Why can the run go on?',
    button: 'Resume the run',
    ends: false,
  },
  end: {
    title: 'End the run',
    does: 'The incident ends the run. This cannot be taken back.',
    reason: 'Why does the run end?',
    button: 'End the run',
    ends: true,
  },
  recall: {
    title: 'Recall the requests',
    does: 'The requests of the open gate are taken back, and the answers to them no longer count. Nobody is asked until somebody asks again. Everybody who was asked gets a mail.',
    reason: 'Why are they recalled?',
    button: 'Recall the requests',
    ends: false,
  },
  'ask-again': {
    title: 'Ask again',
    does: 'Everybody is asked anew, with a new mail.',
    reason: 'Why are they asked again?',
    button: 'Ask again',
    ends: false,
  },
  reschedule: {
    title: 'Move T0',
    does: 'The deployment starts at another time. Approvals for the present T0 no longer count: the run goes back to go / no-go, and people are asked again.',
    reason: 'Why is T0 moved?',
    button: 'Move T0',
    ends: false,
  },
  'override-freeze': {
    title: 'Override a freeze',
    does: 'The freeze then does not hold this run; other runs wait as before. It takes two people who did not start the run: an operations lead, and a technical lead or product owner. It needs a sign-in of the last 15 minutes; if yours is older you sign in again, and your text is kept.',
    reason: 'Why must the release not wait for the end of the freeze?',
    button: 'Override the freeze',
    ends: false,
  },
  cancel: {
    title: 'Cancel the run',
    does: 'The run ends, and its release is not deployed. This cannot be taken back: another release needs another run.',
    reason: 'Why is it cancelled?',
    button: 'Cancel the run',
    ends: true,
  },
};

export const operatingTitle = (act: OperatingAct): string => texts[act].title;

const fieldsOf: Readonly<Partial<Record<OperatingAct, (forms: OperatingForms, names: Names) => Markup>>> = {
  reschedule: (forms) => t0Fields(forms),
  'override-freeze': (forms, names) => freezeField(forms, names),
};

/** The form of one act, with what was typed into it before. */
export const operatingForm = (forms: OperatingForms, act: OperatingAct, names: Names): Markup => {
  const { title, does, reason, button, ends } = texts[act];
  return html`<form class="card narrow" method="post" action="/runs/${forms.run.run}/operating" autocomplete="off">
<h2 id="${act}">${title}</h2>
<p>${does}</p>
${fieldsOf[act]?.(forms, names) ?? ''}
${reasonField({ id: `${act}-reason`, label: reason, typed: typedFor(forms, act)?.reason, says: slipFor(forms, act, 'reason') })}
<input type="hidden" name="act" value="${act}"><input type="hidden" name="nonce" value="${forms.nonce}">
<p><button class="${ends ? 'button danger' : 'button'}" type="submit">${button}</button></p>
</form>`;
};

const typedFor = ({ typed }: OperatingForms, act: OperatingAct): TypedOperating | undefined => (typed?.act === act ? typed : undefined);
const slipFor = (forms: OperatingForms, act: OperatingAct, field: OperatingField): string | undefined =>
  typedFor(forms, act) === undefined ? undefined : saysOf(forms.slip, field);

/** A time by the reader's clock or UTC; and where one is planned, also none. */
const t0Fields = (forms: OperatingForms): Markup => {
  const { run, clock } = forms;
  const typed = typedFor(forms, 'reschedule');
  const wrong = slipFor(forms, 'reschedule', 't0');
  const { zone } = clock(forms.now.toISOString());
  const value = typed?.t0 ?? '';
  // What a field for date and time cannot show is kept as text.
  const type =
    value === '' || isFieldTime(value)
      ? html` type="datetime-local" max="${lastFieldTime}"`
      : html` type="text" maxlength="60" spellcheck="false"`;
  const isFree = run.plannedT0 === 'when-released';
  const released = typed?.when === 'when-released';
  return html`<dl><dt>Planned T0 now</dt><dd>${isFree ? 'as soon as every gate before it has passed' : deadline(run.plannedT0, inBothZones(clock(run.plannedT0)))}</dd></dl>
${
  isFree
    ? html`<input type="hidden" name="when" value="instant">`
    : html`<fieldset><legend>When is T0?</legend><label class="choice"><input type="radio" name="when" value="instant"${released ? '' : html` checked`}><span><strong>At the time below</strong></span></label>
<label class="choice"><input type="radio" name="when" value="when-released"${released ? html` checked` : ''}><span><strong>As soon as every gate before it has passed</strong></span></label></fieldset>`
}
<p><label class="field" for="reschedule-t0">New T0${zone === 'UTC' ? ' (UTC)' : ''}</label>${slipNote('reschedule-t0', wrong)}<input id="reschedule-t0" name="t0"${isFree ? html` required` : ''}${type} value="${value}"${describing('reschedule-t0', wrong)}><span class="soft hint" id="reschedule-t0-hint"><span class="made">When this page was made it was ${inBothZones(clock(forms.now.toISOString()))}.${run.latestT0 === null ? '' : ` T0 could be planned until ${inBothZones(clock(run.latestT0))}.`}</span></span></p>
${
  zone === 'UTC'
    ? html`<input type="hidden" name="zone" value="UTC">`
    : html`<p><label class="field" for="reschedule-zone">Whose clock shows this time?</label><select id="reschedule-zone" name="zone">${[zone, 'UTC'].map((one) => html`<option value="${one}"${typed?.zone === one ? html` selected` : ''}>${one === zone ? `Mine: ${zone}` : one}</option>`)}</select></p>`
}`;
};

/** Which freeze, until when it lasts, and who has asked already. */
const freezeField = (forms: OperatingForms, names: Names): Markup => {
  const { run, person, clock } = forms;
  const freezes = freezesFor(run, { id: person });
  const typed = typedFor(forms, 'override-freeze');
  const wrong = slipFor(forms, 'override-freeze', 'freeze');
  const span = ({ from, to }: RunView['freezes'][number]): string => `${inBothZones(clock(from))} until ${inBothZones(clock(to))}`;
  const asked = run.freezeOverrides.filter((one) => !one.approved && freezes.some(({ name }) => name === one.freeze));
  const words = wordsIn(run.words);
  const [first] = freezes;
  return html`<dl>${freezes.map((one) => html`<dt>Freeze</dt><dd><bdi>${visible(one.name)}</bdi> (<bdi>${visible(one.reason)}</bdi>), ${span(one)}</dd>`)}
${asked.map(({ freeze, by, at, reasons }) => html`<dt>Asked for</dt><dd>${by.map(names).join(' and ')} wanted <bdi>${visible(freeze)}</bdi> overridden on <time datetime="${at}">${inBothZones(clock(at))}</time>. ${reasons.map((reason, place) => said(words, reason, by.length === 1 ? { as: 'Reason' } : names(by[place] ?? '')))}</dd>`)}</dl>
${
  freezes.length === 1 && first !== undefined
    ? html`${slipNote('override-freeze-freeze', wrong)}<input type="hidden" name="freeze" value="${first.name}">`
    : html`<p><label class="field" for="override-freeze-freeze">Which freeze?</label>${slipNote('override-freeze-freeze', wrong)}<select id="override-freeze-freeze" name="freeze" required${describing('override-freeze-freeze', wrong)}><option value="">Choose one</option>${freezes.map(({ name }) => html`<option value="${name}"${typed?.freeze === name ? html` selected` : ''}>${visible(name)}</option>`)}</select><span class="soft hint" id="override-freeze-freeze-hint">Each needs an override of its own.</span></p>`
}`;
};
