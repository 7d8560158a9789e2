import { html } from 'hono/html';
import type { DeploymentWindow } from '../query/deployment-windows.ts';
import type { RunView } from '../query/view.ts';
import { operatingRoles } from '../roles.ts';
import { passing } from './instants.ts';
import { deadline, type Markup, pill, time } from './layout.ts';
import { lengthText } from './lengths.ts';
import { passedWords } from './relative.ts';
import { budgetNames } from './rollback.ts';
import { anyOf } from './rollback-now.ts';
import { command } from './supply.ts';

/** A run after T0 that no rollback interrupts: how long it is watched, and what a rollback would have to keep where none was decided about before. */
export const readyToRollBack = (run: RunView, now: Date, mayDeclare: boolean): Markup | '' =>
  !goesOn(run) || run.rollbackTriggers.length === 0
    ? ''
    : html`${windows(run, now)}${run.rollback === null ? targets(run, mayDeclare) : ''}`;

/** After a decision to continue the run goes on in the window that it was in. */
const goesOn = ({ rollback }: RunView): boolean =>
  rollback === null || (rollback.decision?.decision === 'continue' && rollback.waits === null);

const windows = (run: RunView, now: Date): Markup =>
  html`<section class="card" aria-labelledby="windows"><h2 id="windows">Windows of the deployment</h2><ul class="plain budgets windows">${run.deploymentWindows.map((one) => windowItem(one, now))}</ul></section>
`;

const targets = (run: RunView, mayDeclare: boolean): Markup =>
  html`<section class="card" aria-labelledby="idle"><h2 id="idle">Time targets of a rollback</h2>
<p class="soft">None is running: they begin with a trigger.</p>
<ul class="plain budgets">${run.rollbackBudgets.map(({ budget, limitSeconds }) => html`<li>${pill('not running', 'calm')} <strong>${budgetNames[budget]}</strong> <meter min="0" max="${limitSeconds}" value="0" aria-label="${budgetNames[budget]}">0 s</meter> <span>0 of ${lengthText(limitSeconds)}</span></li>`)}</ul>
<p>To begin a rollback, ${mayDeclare ? html`declare a trigger with <a href="#declare">the form below</a>, or with:` : html`${anyOf(operatingRoles)} declares a trigger here, or with:`}${command(`holdpoint rollback ${run.run} --trigger TRIGGER --reason TEXT`)}</p></section>`;

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

const windowItem = ({ title, from, to, endedAt }: DeploymentWindow, now: Date): Markup => {
  if (endedAt !== null)
    return html`<li>${pill('over', 'calm')} <strong>${title}</strong> <meter min="0" max="1" value="1" aria-label="${title}">over</meter> <span>ended ${time(endedAt)}</span></li>`;
  if (from === null || to === null || from > now.toISOString())
    return html`<li>${pill('ahead', 'calm')} <strong>${title}</strong> <meter min="0" max="1" value="0" aria-label="${title}">ahead</meter> <span>${from === null ? 'not begun' : html`begins ${deadline(from)}`}</span></li>`;
  const limitSeconds = secondsBetween(from, to);
  const seconds = secondsBetween(from, now.toISOString());
  return html`<li>${pill('running', 'wait')} <strong>${title}</strong> <meter min="0" max="${limitSeconds}" value="${Math.min(seconds, limitSeconds)}" aria-label="${title}" data-since="${from}">${Math.floor(seconds)} s</meter> <span>${passing(passedWords(seconds, limitSeconds, true), { since: from, limitSeconds })}<br>until ${deadline(to)}</span></li>`;
};
