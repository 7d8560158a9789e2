import { html } from 'hono/html';
import { type OperatingAct, type OperatingForm, operatingActs } from '../api/operating-pages.ts';
import type { Refusal } from '../outcome.ts';
import type { RunView } from '../query/view.ts';
import { type About, currentState } from './current-state.ts';
import { type Names, visible } from './format.ts';
import { type Markup, madeAt, page } from './layout.ts';
import { operateOf } from './operate.ts';
import type { OperatingActs } from './operating-acts.ts';
import { refusalNote } from './refusal-note.ts';
import { outcomePill } from './runs.ts';
import { wordsIn } from './said.ts';

export type OperatingPage = {
  readonly run: RunView;
  readonly person: string;
  readonly now: Date;
  readonly acts: OperatingActs;
  readonly nonce: string;
  /** What was typed into a form that was not recorded. */
  readonly typed?: Omit<OperatingForm, 'nonce'> | undefined;
  readonly refusal?: Refusal | undefined;
  /** What is wrong with the reason. */
  readonly slip?: string | undefined;
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
    does: 'The requests of the open gate are taken back, and the answers to them count no more. Nobody is asked until somebody asks again. Everybody who was asked gets a mail.',
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
  cancel: {
    title: 'Cancel the run',
    does: 'The run ends, and its release is not deployed. This cannot be taken back: another release needs another run.',
    reason: 'Why is it cancelled?',
    button: 'Cancel the run',
    ends: true,
  },
};

/** What people can decide about a run before its deployment, and during an incident: one form for each act. */
export const operatingPage = (shown: OperatingPage, names: Names): Markup => {
  const { run, person, now, refusal, acts } = shown;
  const about: About = { run, names, words: wordsIn(run.words), now };
  const refused = operatingActs.filter((act) => acts[act] !== null);
  return page(
    {
      title: `${refusal === undefined ? '' : 'Not recorded: '}Operate ${run.service} ${run.version}`,
      person: names(person),
      now,
      live: 'shows',
      operate: operateOf(run, 'operating'),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / Operate</p>
<div class="head"><h1>Operate ${run.service} ${run.version} in ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${refusal === undefined ? '' : refusalNote(refusal, names)}
${currentState(about)}
<p class="soft">As of ${madeAt(now)}. <a href="/runs/${run.run}/operating">Show the current state</a></p>
${operatingActs.filter((act) => acts[act] === null).map((act) => formOf(shown, act))}
${
  refused.length === 0
    ? ''
    : html`<section class="card narrow" aria-labelledby="cannot"><h2 id="cannot">What you cannot do here now</h2>
<dl>${refused.map((act) => html`<dt>${texts[act].title}</dt><dd>${acts[act] ?? ''}</dd>`)}</dl></section>`
}
<p class="soft">T0 is moved with <span class="mono">holdpoint reschedule</span>, and a freeze is overridden with <span class="mono">holdpoint override-freeze</span>. A release that is deployed is taken back on <a href="/runs/${run.run}/rollback">the page of the rollback</a>.</p>`,
  );
};

const formOf = ({ run, nonce, typed, slip }: OperatingPage, act: OperatingAct): Markup => {
  const { title, does, reason, button, ends } = texts[act];
  const own = typed?.act === act;
  const wrong = own && slip !== undefined;
  return html`<form class="card narrow" method="post" action="/runs/${run.run}/operating" autocomplete="off">
<h2 id="${act}">${title}</h2>
<p>${does}</p>
<p><label class="field" for="${act}-reason">${reason}</label>${wrong ? html`<span class="slip" id="${act}-slip">${visible(slip)}</span>` : ''}<textarea id="${act}-reason" name="reason" required minlength="10" maxlength="2000" aria-describedby="${wrong ? `${act}-slip ` : ''}${act}-hint"${wrong ? html` aria-invalid="true"` : ''}>${own ? typed.reason : ''}</textarea><span class="soft hint" id="${act}-hint">10 characters at least. It is kept apart from the trail and can be erased.</span></p>
<input type="hidden" name="act" value="${act}"><input type="hidden" name="nonce" value="${nonce}">
<p><button class="${ends ? 'button danger' : 'button'}" type="submit">${button}</button></p>
</form>`;
};
