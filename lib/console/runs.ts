import { html } from 'hono/html';
import { nameSchema } from '../fields.ts';
import { isDeciding, type RunSummary } from '../ports.ts';
import { isRunState, type RunState, runStates } from '../query/run-states.ts';
import { standsSince, waitsInWords } from '../query/waits-words.ts';
import { describing, options, slipNote } from './form-field.ts';
import { asWords } from './format.ts';
import { type Markup, page, pill, type Tone, time } from './layout.ts';
import { wrongNote } from './refusal-note.ts';

const outcomeTones: Readonly<Record<string, Tone>> = {
  'production-stable': 'good',
  running: 'calm',
  cancelled: 'calm',
  // Neither stable nor failed.
  superseded: 'calm',
};
export const outcomeTone = (outcome: string): Tone => outcomeTones[outcome] ?? 'bad';
export const outcomePill = (outcome: string): Markup => pill(asWords(outcome), outcomeTone(outcome));

type Listed = RunSummary & { readonly gateTitle: string };
const filterNames = ['service', 'environment', 'state'] as const;
type FilterName = (typeof filterNames)[number];
type RunFilter = Readonly<Partial<Record<FilterName, string | undefined>>>;
type Slips = Readonly<Partial<Record<FilterName, string>>>;

const sentences: Readonly<Record<FilterName, string>> = {
  service: 'No service has such a name.',
  environment: 'No environment has such a name.',
  state: 'Choose one of the states.',
};

/** The filters that count, and what is wrong with those that do not. A service that the stage no longer has may still have runs. */
export const runsFilterOf = (
  given: RunFilter,
): { readonly service?: string; readonly environment?: string; readonly state?: RunState; readonly slips: Slips } => {
  const { service = '', environment = '', state = '' } = given;
  const isName = (text: string): boolean => nameSchema.safeParse(text).success;
  const wrong = filterNames.filter((name) => {
    const value = given[name] ?? '';
    return value !== '' && !(name === 'state' ? isRunState(value) : isName(value));
  });
  return {
    ...(isName(service) ? { service } : {}),
    ...(isName(environment) ? { environment } : {}),
    ...(isRunState(state) ? { state } : {}),
    slips: Object.fromEntries(wrong.map((name) => [name, sentences[name]])),
  };
};

export type RunList = {
  readonly runs: readonly Listed[];
  /** Runs that wait for a rollback decision, wherever they stand in the list: they come first. */
  readonly deciding?: readonly Listed[];
  readonly next: string | null;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly state?: RunState | undefined;
  /** The filters as they were sent, and what was wrong with them. */
  readonly given?: RunFilter;
  readonly slips?: Slips;
  /** What was wrong with the address beside them. */
  readonly says?: string | undefined;
  /** The services of the stage, each with its environments. */
  readonly environments: Readonly<Record<string, readonly string[]>>;
};

/** The list is built from summaries. The page of a run is folded from its events and is always current. */
export const runsPage = (person: string, list: RunList, now: Date): Markup =>
  page(
    { title: 'Runs', person, now, live: 'shows', filter: 'Filter the runs' },
    html`<h1>Runs</h1>
${wrongNote(list.says)}
${deciding(list)}
<p class="lead">Each run takes one release through the production deployment checklist. The newest run comes first.${profileLink(list)}</p>
${filters(list)}
<div class="card">
${list.runs.length === 0 && (list.deciding ?? []).length > 0 ? html`<p>No other run.</p>` : list.runs.length === 0 ? none(list) : table(list.runs, 'Runs, newest first')}
${list.next === null ? '' : html`<p><a href="/runs?${query(list)}">Older runs</a></p>`}
</div>`,
  );

/** Of the one service whose runs are listed. */
const profileLink = ({ service, environments }: RunList): Markup | '' => {
  const [only, ...others] = Object.keys(environments);
  const shown = service ?? (others.length === 0 ? only : undefined);
  return shown === undefined ? '' : html` <a href="/services/${shown}/profile">Profile of ${shown}</a>`;
};

const deciding = ({ deciding: runs = [] }: RunList): Markup | '' =>
  runs.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="deciding"><h2 id="deciding">Waiting for a rollback decision</h2>${table(runs, 'Runs that wait for a rollback decision')}</section>`;

const none = (list: RunList): Markup =>
  list.service === undefined && list.environment === undefined && list.state === undefined
    ? html`<p>There is no run yet. A CI job starts one with <span class="mono">holdpoint start</span>.</p>`
    : html`<p>${list.next === null ? 'No run matches.' : 'None of the newest runs matches: older ones may.'} <a href="/runs">Show all runs</a></p>`;

/** Service and environment only where there is something to choose. */
const filters = ({ environments, given = {}, slips = {} }: RunList): Markup => {
  const services = Object.keys(environments).sort();
  const names = [...new Set(Object.values(environments).flat())].sort();
  const choice = (name: FilterName, label: string, values: readonly string[]): Markup =>
    html`<p><label class="field" for="${name}">${label}</label>${slipNote(name, slips[name])}<select id="${name}" name="${name}"${describing(name, slips[name], false)}><option value="">all</option>${options(values, given[name], name === 'state' ? asWords : undefined)}</select></p>`;
  const places =
    services.length * names.length < 2 && (given.service ?? '') === '' && (given.environment ?? '') === ''
      ? ''
      : html`${choice('service', 'Service', services)}${choice('environment', 'Environment', names)}`;
  return html`<form class="card search few" method="get" action="/runs"><div class="fields">${places}${choice('state', 'State', runStates)}<p><button class="button" type="submit">Show</button></p></div></form>`;
};

const statePill = (run: RunSummary): Markup =>
  isDeciding(run)
    ? html`${pill('decision open', 'bad')}<br><a href="/runs/${run.run}/rollback">Decide now</a>`
    : outcomePill(run.outcome ?? (run.blocked ? 'blocked' : 'running'));

/** Where it stands, and what supplies what is open there; of an ended run the last gate. */
const waits = (run: Listed): Markup => {
  if (run.outcome !== null) return html`<span class="soft">nothing; it ended at</span> ${run.gateTitle}`;
  const soft = run.waits === null ? 'the next gate, which opens in a moment' : 'not listed yet: its page says what';
  return html`<strong>${run.gateTitle}</strong><br>${waitsInWords(run) ?? html`<span class="soft">${soft}</span>`}`;
};

/** Entries of older versions do not say it. */
const since = (run: Listed): Markup => {
  const at = standsSince(run);
  return at === null ? html`<span class="soft">not listed yet</span>` : time(at);
};

const query = (list: RunList): string =>
  new URLSearchParams(
    Object.entries({ service: list.service, environment: list.environment, state: list.state, cursor: list.next ?? undefined }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  ).toString();

const table = (runs: RunList['runs'], caption: string): Markup => html`<table class="runs" role="table">
<caption class="heard">${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Release</th><th role="columnheader" scope="col">Environment</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Waits for</th><th role="columnheader" scope="col">Since</th></tr></thead>
<tbody role="rowgroup">
${runs.map(
  (run) => html`<tr role="row">
<th role="rowheader" scope="row"><a href="/runs/${run.run}">${run.service} ${run.version}</a><br><span class="soft mono">${run.run}</span><br><span class="soft">started ${time(run.startedAt)}</span></th>
<td role="cell" data-name="Environment">${run.environment}</td>
<td role="cell" data-name="State">${statePill(run)}</td>
<td role="cell" data-name="Waits for">${waits(run)}</td>
<td role="cell" data-name="Since">${since(run)}</td>
</tr>`,
)}
</tbody>
</table>`;
