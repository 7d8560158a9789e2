import { html } from 'hono/html';
import type { RunSummary } from '../ports.ts';
import { type Markup, page, pill, type Tone, time } from './layout.ts';

const outcomeTones: Readonly<Record<string, Tone>> = {
  'production-stable': 'good',
  running: 'calm',
  held: 'wait',
  cancelled: 'calm',
  superseded: 'calm',
  replaced: 'calm',
};
export const outcomePill = (outcome: string): Markup => pill(outcome.replaceAll('-', ' '), outcomeTones[outcome] ?? 'bad');

export type RunList = {
  readonly runs: readonly Omit<RunSummary, 'opener'>[];
  readonly next: string | null;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
};

/** Derived, and it says so: what a run really is stands on its own page, folded from its events. */
export const runsPage = (person: string, list: RunList): Markup =>
  page(
    { title: 'Runs', person },
    html`<h1>Runs</h1>
<p class="lead">One run is one walk of the production deployment checklist for one release, newest first.${filterText(list)}</p>
<div class="card">
${list.runs.length === 0 ? html`<p>No run yet. A pipeline starts one with <span class="mono">holdpoint start</span>.</p>` : table(list.runs)}
${list.next === null ? '' : html`<p><a href="/runs?${query(list)}">Older runs</a></p>`}
</div>`,
  );

const filterText = (list: RunList): string =>
  [
    list.service === undefined ? '' : ` Service ${list.service}.`,
    list.environment === undefined ? '' : ` Environment ${list.environment}.`,
  ].join('');

const query = (list: RunList): string =>
  new URLSearchParams(
    Object.entries({ service: list.service, environment: list.environment, cursor: list.next ?? undefined }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  ).toString();

const table = (runs: RunList['runs']): Markup => html`<table role="table">
<caption>Runs, newest first</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Release</th><th role="columnheader" scope="col">Environment</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Gate</th><th role="columnheader" scope="col">Started</th></tr></thead>
<tbody role="rowgroup">
${runs.map(
  (run) => html`<tr role="row">
<th role="rowheader" scope="row"><a href="/runs/${run.run}">${run.service} ${run.version}</a><br><span class="soft mono">${run.run}</span></th>
<td role="cell" data-name="Environment">${run.environment}</td>
<td role="cell" data-name="State">${outcomePill(run.outcome ?? 'running')}</td>
<td role="cell" data-name="Gate">${run.gate}</td>
<td role="cell" data-name="Started">${time(run.startedAt)}</td>
</tr>`,
)}
</tbody>
</table>`;
