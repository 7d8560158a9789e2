import { html } from 'hono/html';
import { operatingActs } from '../api/operating-pages.ts';
import type { Refusal } from '../outcome.ts';
import type { About } from './about-run.ts';
import { currentState } from './current-state.ts';
import { operatingFields } from './filled-fields.ts';
import type { Names } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, madeAt, page } from './layout.ts';
import { operateOf } from './operate.ts';
import type { OperatingActs } from './operating-acts.ts';
import { type OperatingField, type OperatingForms, operatingForm, operatingTitle } from './operating-forms.ts';
import { refusalNote } from './refusal-note.ts';
import { outcomePill } from './runs.ts';
import { wordsIn } from './said.ts';

export type OperatingPage = Omit<OperatingForms, 'typed' | 'slip'> & {
  /** The roles of the person. */
  readonly roles: About['viewer']['roles'];
  readonly acts: OperatingActs;
  readonly typed?: OperatingForms['typed'];
  readonly refusal?: Refusal | undefined;
  /** The field to which the refusal belongs. */
  readonly field?: OperatingField | undefined;
};

/** What people can decide about a run before its deployment, and during an incident: one form for each act. */
export const operatingPage = (shown: OperatingPage, names: Names): Markup => {
  const { run, person, roles, now, refusal, acts, field, typed } = shown;
  const about: About = { run, names, words: wordsIn(run.words), now, viewer: { id: person, roles } };
  const refused = operatingActs.filter((act) => acts[act] !== null);
  const slip = refusal === undefined || field === undefined ? undefined : { field, says: refusal.detail };
  return page(
    {
      title: `${refusal === undefined ? '' : 'Not recorded: '}Operate ${run.service} ${run.version}`,
      person: names(person),
      now,
      live: 'shows',
      operate: operateOf(run, { id: person, roles }, 'operating'),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / Operate</p>
<div class="head"><h1>Operate ${run.service} ${run.version} in ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${refusal === undefined ? kept(shown) : refusalNote(refusal, names, refusedMore(shown))}
${currentState(about, 'operating')}
<p class="soft">As of ${madeAt(now)}. <a href="/runs/${run.run}/operating">Show the current state</a></p>
<div class="acts">${operatingActs.filter((act) => acts[act] === null).map((act) => operatingForm({ ...shown, typed, slip }, act, names))}
${
  refused.length === 0
    ? ''
    : html`<section class="card narrow" aria-labelledby="cannot"><h2 id="cannot">What you cannot do here now</h2>
<dl>${refused.map((act) => html`<dt>${operatingTitle(act)}</dt><dd>${acts[act] ?? ''}</dd>`)}</dl></section>`
}</div>`,
  );
};

const kept = ({ typed, acts }: OperatingPage): Markup | '' =>
  typed === undefined ? '' : keptNote(operatingFields(typed), acts[typed.act] === null ? typed.act : null);

/** The way to the form; everything that was typed where its form is gone. */
const refusedMore = ({ typed, acts, field }: OperatingPage): Markup | '' => {
  if (typed === undefined) return '';
  if (acts[typed.act] !== null) return wrote(operatingFields(typed));
  return field === undefined
    ? html`<p><a href="#${typed.act}">Go to the form</a></p>`
    : html`<p><a href="#${typed.act}-${field}">Correct it</a></p>`;
};
