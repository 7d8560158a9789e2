import { html } from 'hono/html';
import type { RunView } from '../query/view.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { type Markup, pill, type Tone, time } from './layout.ts';
import { said, type WordsByDigest } from './said.ts';

type Rollback = NonNullable<RunView['rollback']>;

/** The way back of a run: why, who decided, the running budgets, the six steps with their proofs. */
export const rollbackSection = (
  rollback: Rollback,
  names: Names,
  words: WordsByDigest,
): Markup => html`<section class="card" aria-labelledby="rollback">
<h2 id="rollback">Rollback</h2>
${rollback.requestsStopped ? html`<p class="note wait"><strong>New requests are stopped now.</strong> They are accepted again before health is verified.</p>` : ''}
<ul class="plain">${rollback.triggers.map((one) => html`<li>${pill('trigger', 'bad')} <strong>${one.title}</strong>, ${time(one.at)}${one.by === null ? html`: measured, <bdi>${visible(one.detail ?? '')}</bdi>` : html`, declared by ${names(one.by)}`}${said(words, one.reason, names(one.by ?? ''))}</li>`)}</ul>
<p>${decisionText(rollback, names)}</p>
${budgetsTable(rollback)}
${stepsTable(rollback, names)}
</section>`;

const ways: Readonly<Record<string, string>> = {
  person: 'by',
  'with-trigger': 'with the trigger, by',
  silence: 'by silence: nobody answered in time',
  'by-itself': 'by the profile: this trigger decides itself',
};

const decisionText = ({ decision, interrupted }: Rollback, names: Names): Markup => {
  const where = interrupted === null ? '' : html` at <span class="mono">${interrupted}</span>`;
  if (decision === null)
    return html`${pill('open', 'wait')} <strong>Nobody has decided yet.</strong> The run was interrupted${where}: roll back, or continue there.`;
  const who = decision.by === null ? (ways[decision.how] ?? decision.how) : `${ways[decision.how] ?? 'by'} ${names(decision.by)}`;
  return html`${pill(decision.decision === 'roll-back' ? 'roll back' : 'continue', 'calm')} decided ${who}, ${time(decision.at)}. The run was interrupted${where}.`;
};

const tones: Readonly<Record<Rollback['steps'][number]['outcome'], Tone>> = {
  open: 'calm',
  done: 'good',
  kept: 'good',
  'not-applicable': 'calm',
  failed: 'bad',
};

const stepsTable = (
  { steps }: Rollback,
  names: Names,
): Markup => html`<table class="checks"><caption class="heard">Steps of the rollback</caption>
<thead><tr><th scope="col">Step</th><th scope="col">Outcome</th><th scope="col">What was seen</th><th scope="col">When</th></tr></thead>
<tbody>${steps.map(
  (
    step,
    place,
  ) => html`<tr><th scope="row">${place + 1}. ${step.title}</th><td data-name="Outcome">${pill(asWords(step.outcome), tones[step.outcome])}</td>
<td data-name="Seen"><bdi>${visible(withNames(step.proof?.detail ?? step.reason ?? '', names))}</bdi>${step.attempts > 1 ? html` <span class="soft">${step.attempts} attempts</span>` : ''}</td>
<td data-name="When">${step.endedAt === null ? (step.startedAt === null ? '' : html`since ${time(step.startedAt)}`) : time(step.endedAt)}</td></tr>`,
)}</tbody></table>`;

const minutes = (seconds: number): string => (seconds % 60 === 0 && seconds >= 60 ? `${seconds / 60} min` : `${seconds} s`);

const budgetsTable = ({ budgets }: Rollback): Markup | '' =>
  budgets.length === 0
    ? ''
    : html`<ul class="plain">${budgets.map(
        ({ budget, seconds, limitSeconds, until, met }) =>
          html`<li>${pill(met ? (until === null ? 'running' : 'met') : 'exceeded', met ? (until === null ? 'wait' : 'good') : 'bad')} ${budget}: ${seconds} s of ${minutes(limitSeconds)}</li>`,
      )}</ul>`;
