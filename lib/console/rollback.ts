import { html } from 'hono/html';
import { carrier } from '../query/rollback-view.ts';
import { triggerWords } from '../query/trigger-words.ts';
import type { RunView } from '../query/view.ts';
import { counted } from '../wording.ts';
import { inStead } from './answers.ts';
import { eventsLink } from './events-link.ts';
import { asWords, eventWords, type Names, visible, withNames } from './format.ts';
import { passing } from './instants.ts';
import { type Markup, pill, type Tone, time } from './layout.ts';
import { passedWords } from './relative.ts';
import { notReadBack, withdrawn } from './release.ts';
import { foreignBriefly, said, type WordsByDigest } from './said.ts';

type Rollback = NonNullable<RunView['rollback']>;
type Step = Rollback['steps'][number];

/** Whether new requests are stopped, while a rollback that was decided goes on. */
export const requestsNote = ({ requestsStopped, decision }: Rollback, isEnded: boolean): Markup | '' => {
  if (requestsStopped) return stoppedNote;
  return !isEnded && decision?.decision === 'roll-back' ? html`<p class="soft">New requests are not stopped now.</p>` : '';
};

const stoppedNote: Markup = html`<p class="note wait"><strong>New requests are stopped now, or may be.</strong> They are accepted again before health is verified.</p>`;

type WithRollback = { readonly rollback: Rollback; readonly gates: RunView['gates'] };

/** The way back of a run on its page: why, who decided, the running budgets, the six steps with their proofs. */
export const rollbackSection = (
  { rollback, gates }: WithRollback,
  names: Names,
  words: WordsByDigest,
): Markup => html`<section class="card" aria-labelledby="rollback">
<h2 id="rollback">Rollback</h2>
${rollback.requestsStopped ? stoppedNote : ''}
${triggersList(rollback, names, words)}
<p>${decisionText({ rollback, gates }, names)}</p>
${budgetsList(rollback)}
${stepsTable(rollback, names)}
</section>`;

export const triggersSection = (
  { rollback, gates }: WithRollback,
  names: Names,
  words: WordsByDigest,
): Markup => html`<section class="card" aria-labelledby="triggers">
<h2 id="triggers">${rollback.triggers.length === 1 ? 'Trigger' : 'Triggers'} and decision</h2>
${rollback.triggers.length === 0 ? html`<p>${withoutTrigger({ rollback, gates })}</p>` : triggersList(rollback, names, words, true)}
<p>${decisionText({ rollback, gates }, names)}</p>
${rollback.data === null ? '' : html`<p>${pill(rollback.data.choice === 'keep' ? 'data kept' : 'data restored', 'calm')} decided ${rollback.data.by === null ? 'by silence: nobody answered in time' : html`by ${names(rollback.data.by)}`}, ${time(rollback.data.at)}.</p>`}
</section>`;

/** Why people were asked: its gate was rejected, or incidents have extended it for as long as they may. */
const withoutTrigger = ({ rollback, gates }: WithRollback): string => {
  if (rollback.isDrill) return 'It is a drill, and its first step has not begun.';
  const place = gates.find(({ id }) => id === rollback.interrupted)?.title;
  return `No trigger was recorded: people were asked because of what came of ${place ?? 'a gate'}.`;
};

const triggersList = (rollback: Rollback, names: Names, words: WordsByDigest, linked = false): Markup =>
  html`<ul class="plain">${rollback.triggers.map(
    (one) =>
      html`<li>${pill('trigger', 'bad')} <strong>${one.title}</strong>, ${time(one.at)}${one.by === null ? html`: ${triggerWords(one, names)}, ${foreignBriefly(one.detail ?? '')}` : html`, ${triggerWords(one, names)}`}${said(words, one.reason, { as: 'Reason' })}${linked ? evidenceLinks(rollback, one.evidence) : ''}</li>`,
  )}</ul>`;

/** Links to the events on this page: a browser's session reads no API. */
const evidenceLinks = ({ events }: Rollback, evidence: readonly string[]): Markup | '' => {
  const found = events.filter(({ id }) => evidence.includes(id));
  const missing = evidence.length - found.length;
  return evidence.length === 0
    ? ''
    : html`<ul class="plain">${found.map(({ id, type, at }) => html`<li>Evidence: <a href="#event-${id}">${eventWords(type)}</a>, ${time(at)}</li>`)}${missing === 0 ? '' : html`<li class="soft">Evidence that is not listed here: ${missing}</li>`}</ul>`;
};

/** What the run did not release is left as it runs. */
export const targetSection = ({ target }: Rollback, artifacts: RunView['artifacts']): Markup | '' => {
  if (target === null) return '';
  const version =
    target.level === 'withdraw'
      ? html`none: ${withdrawn}`
      : html`<strong><bdi>${visible(target.version)}</bdi></strong> <span class="soft">${asWords(target.level)}</span>${notReadBack(target)}`;
  return html`<section class="card" aria-labelledby="target"><h2 id="target">Target of the rollback</h2><dl>
<dt>Version</dt><dd>${version}</dd>
${target.run === null ? '' : html`<dt>Run</dt><dd><a href="/runs/${target.run}"><span class="mono">${target.run}</span></a></dd>`}
${target.components.length === 0 ? '' : html`<dt>Components</dt><dd><ul class="plain">${target.components.map(({ component, digest, reference }) => html`<li>${component} <span class="mono">${digest}</span>${reference === null ? '' : html` <span class="soft">deployed as <bdi>${visible(reference)}</bdi></span>`}${artifacts.some((one) => one.component === component) ? '' : html` <span class="soft">left as it runs, because this run does not release it</span>`}</li>`)}</ul></dd>`}
</dl></section>`;
};

const ways: Readonly<Record<string, string>> = {
  person: 'by',
  'with-trigger': 'with the trigger, by',
  silence: 'by silence: nobody answered in time',
  'by-itself': 'without a question: the stage file or the drill decides',
};

const decisionText = ({ rollback: { decision, interrupted, isDrill }, gates }: WithRollback, names: Names): Markup => {
  if (decision === null && isDrill) return html`${pill('drill', 'calm')} Nobody is asked to decide: the rollback is rehearsed.`;
  const where = interrupted === null ? '' : ` at ${gates.find(({ id }) => id === interrupted)?.title ?? interrupted}`;
  if (decision === null)
    return html`${pill('open', 'wait')} <strong>Nobody has decided yet.</strong> The run was interrupted${where}: roll back, or continue there.`;
  const who =
    decision.by === null
      ? decision.how === 'with-trigger'
        ? 'with AWS credentials alone, with the trigger'
        : (ways[decision.how] ?? decision.how)
      : `${ways[decision.how] ?? 'by'} ${inStead(decision.by, decision.for, names)}`;
  return html`${pill(decision.decision === 'roll-back' ? 'roll back' : 'continue', 'calm')} decided ${who}, ${time(decision.at)}. The run was interrupted${where}.`;
};

const tones: Readonly<Record<Step['outcome'], Tone>> = {
  open: 'calm',
  done: 'good',
  kept: 'good',
  'not-applicable': 'calm',
  failed: 'bad',
};

export const stepsSection = (rollback: Rollback, names: Names): Markup => html`<section class="card" aria-labelledby="steps">
<h2 id="steps">Steps</h2>${stepsTable(rollback, names, true)}</section>`;

const stepsTable = (
  rollback: Rollback,
  names: Names,
  linked = false,
): Markup => html`<table class="checks" role="table"><caption class="heard">Steps of the rollback</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Step</th><th role="columnheader" scope="col">Outcome</th><th role="columnheader" scope="col">What was seen</th><th role="columnheader" scope="col">When</th></tr></thead>
<tbody role="rowgroup">${rollback.steps.map(
  (
    step,
    place,
  ) => html`<tr role="row"><th role="rowheader" scope="row">${place + 1}. ${step.title}</th><td role="cell" data-name="Outcome">${outcomeOf(rollback, step)}</td>
<td role="cell" data-name="What was seen">${seenOf(rollback, step, names, linked)}</td>
<td role="cell" data-name="When">${step.endedAt === null ? (step.startedAt === null ? '' : html`since ${time(step.startedAt)}`) : time(step.endedAt)}</td></tr>`,
)}</tbody></table>`;

const outcomeOf = ({ waits }: Rollback, { id, outcome, startedAt }: Step): Markup => {
  if (waits?.step === id && waits.for === 'function') return pill('under way', 'wait');
  if (waits?.step === id) return pill('waits', 'bad');
  return pill(outcome === 'open' && startedAt === null ? 'not started' : asWords(outcome), tones[outcome]);
};

const attemptsOf = ({ attempts, attempt }: Step): string => {
  if (attempts === 0) return '';
  const by = attempt === null || attempt.by === 'none' ? '' : ` by ${carrier(attempt.by)}`;
  return `${counted(attempts, 'attempt')}${by}`;
};

const seenOf = (rollback: Rollback, step: Step, names: Names, linked: boolean): Markup | '' => {
  const { proof, reason, chosen } = step;
  const proved = proof === null ? '' : html` <span class="soft">Proved from outside on ${time(proof.at)}.</span>`;
  const chose =
    chosen === null ? '' : html` <span class="soft">${names(chosen.by)} chose ${asWords(chosen.choice)} on ${time(chosen.at)}.</span>`;
  const attempts = attemptsOf(step);
  const seen = proof?.detail ?? reason ?? '';
  if (seen === '' && attempts === '' && chosen === null) return '';
  return html`<bdi>${visible(withNames(seen, names))}</bdi>${attempts === '' ? '' : html` <span class="soft">${attempts}.</span>`}${linked ? html`${proved}${chose}${evidenceLinks(rollback, proof?.evidence ?? [])}` : ''}`;
};

type BudgetView = Rollback['budgets'][number];
export const budgetNames: Readonly<Record<BudgetView['budget'], string>> = {
  decision: 'Decision',
  execution: 'Steps 1 to 4',
  verification: 'Verification',
  total: 'All together',
};

const isRunning = ({ until, over }: BudgetView): boolean => until === null && !over;

const budgetPill = (one: BudgetView): Markup => {
  if (one.over) return pill('not reached', 'bad');
  if (!one.met) return pill('exceeded', 'bad');
  return isRunning(one) ? pill('running', 'wait') : pill('met', 'good');
};

/** How much of a budget has passed, and is left or was exceeded. Without script a running one is as old as the page. */
const passedOf = (one: BudgetView): Markup | string => {
  const { seconds, limitSeconds, since } = one;
  const words = passedWords(seconds, limitSeconds, isRunning(one));
  return isRunning(one) ? passing(words, { since, limitSeconds }) : words;
};

const budgetsList = ({ budgets }: Rollback): Markup | '' =>
  budgets.length === 0
    ? ''
    : html`<ul class="plain">${budgets.map((one) => html`<li>${budgetPill(one)} ${budgetNames[one.budget]}: ${passedOf(one)}</li>`)}</ul>`;

export const budgetsSection = ({ budgets }: Rollback): Markup | '' =>
  budgets.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="budgets"><h2 id="budgets">Time</h2><ul class="plain budgets">${budgets.map(
        (one) =>
          html`<li>${budgetPill(one)} <strong>${budgetNames[one.budget]}</strong> <meter min="0" max="${one.limitSeconds}" high="${one.limitSeconds * 0.8}" optimum="0" value="${Math.min(one.seconds, one.limitSeconds)}" aria-label="${budgetNames[one.budget]}"${isRunning(one) ? html` data-since="${one.since}"` : ''}>${one.seconds} s</meter> <span>${passedOf(one)}</span></li>`,
      )}</ul></section>`;

/** The events that are named above, with what reads them whole. */
export const namedEvents = (run: string, { events }: Rollback): Markup | '' =>
  events.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="events"><h2 id="events">Events that are named here</h2>
<ul class="plain">${events.map(({ id, type, lane, at, detail }) => html`<li id="event-${id}">${time(at)} <strong>${eventWords(type)}</strong>${detail === '' ? '' : html`: <bdi>${visible(detail)}</bdi>`}<br><span class="soft">Event <span class="mono">${id}</span>: ${eventsLink(run, lane, 'find it in the audit search')}</span></li>`)}</ul></section>`;
