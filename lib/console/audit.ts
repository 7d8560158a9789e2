import { html } from 'hono/html';
import type { SearchForm } from '../api/console-pages.ts';
import type { AnsweredEvent } from '../api/responses.ts';
import { aboutEvent, partsOfEvent } from '../query/event-words.ts';
import { eventPage } from '../query/inbox-of-service.ts';
import { outcomeNames } from '../query/outcome-names.ts';
import { runsSearched } from '../query/search-events.ts';
import { counted } from '../wording.ts';
import { fitting } from './fitting.ts';
import { describing, options, slipNote } from './form-field.ts';
import { eventWords, type Names, visible, withNames } from './format.ts';
import { type Markup, type Operate, page, time } from './layout.ts';
import { wrongNote } from './refusal-note.ts';

export type SearchField = Exclude<keyof SearchForm, 'cursor'>;
export type AuditPage = {
  readonly person: string;
  readonly form: SearchForm;
  readonly services: readonly string[];
  readonly types: readonly string[];
  readonly people: readonly { readonly id: string; readonly name: string }[];
  /** The fields that were wrong, with what to say beside each. */
  readonly slips: Readonly<Partial<Record<SearchField, string>>>;
  /** What was wrong with the address beside them. */
  readonly says?: string | undefined;
  /** Of a search in one run: where people operate it. */
  readonly operate?: Operate | undefined;
  /** Null where nothing was searched. */
  readonly found: {
    readonly events: readonly AnsweredEvent[];
    readonly next: string | null;
    readonly searched?: readonly string[] | undefined;
  } | null;
};

/** The search for audit events: a form whose fields stand in the address, and what it found. */
export const auditPage = (shown: AuditPage, names: Names): Markup =>
  page(
    { title: 'Audit', person: names(shown.person), filter: 'Filter these events', operate: shown.operate },
    html`<h1>Audit</h1>
${wrongNote(shown.says)}
<p class="lead">Every event is recorded once and never changed. Search one run, or the newest runs of one service. To find what one person did, search one service after the other.</p>
${formOf(shown)}
${shown.found === null ? nothingYet(shown) : results(shown, shown.found, names)}`,
  );

const nothingYet = ({ slips, says }: AuditPage): Markup =>
  Object.keys(slips).length > 0 || says !== undefined
    ? html``
    : html`<div class="card"><p><strong>Nothing is searched yet.</strong></p><p class="soft">Name a run to see all of its events, or a service to search its newest runs, ${runsSearched} a page. A check, a person or a time narrows what is shown.</p></div>`;

const formOf = ({ form, services, types, people, slips }: AuditPage): Markup => {
  const field = (name: SearchField, label: string, more: Markup): Markup =>
    html`<p><label class="field" for="${name}">${label}</label>${slipNote(name, slips[name])}${more}</p>`;
  const wrong = (name: SearchField): Markup => describing(name, slips[name], false);
  const text = (name: SearchField, label: string, hint = ''): Markup =>
    field(
      name,
      label,
      html`<input type="text" id="${name}" name="${name}" maxlength="300" spellcheck="false" autocomplete="off" placeholder="${hint}" value="${form[name] ?? ''}"${wrong(name)}>`,
    );
  const choice = (name: SearchField, label: string, values: readonly string[]): Markup =>
    field(
      name,
      label,
      html`<select id="${name}" name="${name}"${wrong(name)}><option value="">any</option>${options(values, form[name])}</select>`,
    );
  const isNarrowed = (['type', 'outcome', 'lane', 'from', 'to'] as const).some(
    (name) => (form[name] ?? '') !== '' || slips[name] !== undefined,
  );
  return html`<form class="card search" method="get" action="/audit">
<div class="fields ids">${text('run', 'Run', '20261127-080000-…')}${choice('service', 'or service', services)}${field('actor', 'Who', html`<input type="text" id="actor" name="actor" list="people" maxlength="300" spellcheck="false" autocomplete="off" placeholder="person or CI job" value="${form.actor ?? ''}"${wrong('actor')}><datalist id="people">${people.map(({ id, name }) => html`<option value="${id}">${visible(name)}</option>`)}</datalist>`)}${text('check', 'Check', 'no-regressions')}</div>
<details${isNarrowed ? html` open` : ''}><summary>Type, outcome, time</summary>
<div class="fields">${choice('type', 'Type', types)}${choice('outcome', 'Outcome', outcomeNames)}${text('lane', 'Lane', 'check/phase-1')}${text('from', 'From (UTC)', '2026-11-27 08:00')}${text('to', 'Before (UTC)', '2026-11-28 08:00')}</div></details>
<p><button class="button" type="submit">Search</button></p>
</form>`;
};

/** Bytes of the page for the list. */
const room = 60_000;

const results = ({ form }: AuditPage, { events, next, searched }: NonNullable<AuditPage['found']>, names: Names): Markup => {
  const shown = fitting(events, room, ({ scope, lane, data }) => [scope, lane, scope, lane, aboutEvent(data)]);
  const left = events.length - shown.length;
  const where =
    searched === undefined
      ? ''
      : `This page of the search reads ${counted(searched.length, 'run')} of the service${form.cursor === undefined ? ', and the service itself' : ''}.`;
  return html`<section class="card" aria-labelledby="found"><h2 id="found">${events.length === 0 ? 'No event found' : `${counted(shown.length, 'event')}${next === null && form.cursor === undefined ? '' : ' on this page'}`}</h2>
${where === '' && left === 0 ? '' : html`<p class="soft">${[where, left === 0 ? '' : `${left} more have no room on this page; the download has them.`].filter((part) => part !== '').join(' ')}</p>`}
${events.length === 0 && next !== null ? html`<p>Nothing fits here; older events may.</p>` : ''}
${shown.length === 0 ? '' : table(shown, names)}
<p class="jump">${next === null ? '' : html`<a class="button quiet" href="/audit?${addressOf(form, next)}">More events</a>`}<a class="button quiet" href="/audit/export?${addressOf(form, form.cursor)}" download>Download as JSON Lines</a></p></section>`;
};

const table = (
  events: readonly AnsweredEvent[],
  names: Names,
): Markup => html`<table class="events"><caption class="heard">Events that were found</caption>
<thead><tr><th scope="col">When</th><th scope="col">Event</th><th scope="col">About</th><th scope="col">Who</th><th scope="col">Where</th></tr></thead>
<tbody>${events.map((event) => row(event, names))}</tbody></table>`;

const row = (event: AnsweredEvent, names: Names): Markup => {
  const { at, type, data, actor, scope, lane, seq } = event;
  return html`<tr><td>${time(at)}</td><th scope="row"><a href="${eventPage(event)}">${eventWords(type)}</a></th><td data-name="About">${about(data, names)}</td><td data-name="Who"><bdi>${visible(names(actor.id))}</bdi></td><td data-name="Where" class="mono">${place(scope)} <bdi>${visible(lane)}</bdi>#${seq}</td></tr>`;
};

const about = (data: AnsweredEvent['data'], names: Names): Markup | '' => {
  const members: Readonly<Record<string, unknown>> = data;
  const { named, said, more } = partsOfEvent(members);
  // A source is a name like that of a check.
  const isName = more !== undefined && more === members.source;
  const parts = [machine(named), said === undefined ? '' : html`${visible(said)}`, isName ? machine(more) : sentence(more, names)];
  return html`${parts.filter((part) => part !== '').map((part, place) => html`${place === 0 ? '' : ', '}${part}`)}`;
};

const machine = (text: string | undefined): Markup | '' =>
  text === undefined ? '' : html`<span class="mono"><bdi>${visible(text)}</bdi></span>`;
const sentence = (text: string | undefined, names: Names): Markup | '' =>
  text === undefined ? '' : html`<bdi>${visible(withNames(text, names))}</bdi>`;

/** The run of a scope as a link; another scope by its name. */
export const place = (scope: string): Markup => {
  const run = /^(?:run|late)\/([0-9A-Za-z-]+)$/.exec(scope)?.[1];
  return run === undefined ? html`<bdi>${visible(scope)}</bdi>` : html`<a href="/runs/${run}">${run}</a>`;
};

/** The filters as they stand in an address; fields that are empty are left out. */
export const addressOf = ({ cursor: _, ...form }: SearchForm, cursor: string | undefined): string =>
  new URLSearchParams(
    Object.fromEntries(
      Object.entries({ ...form, cursor: cursor ?? '' }).filter(([, value]) => value !== undefined && value !== ''),
    ) as Record<string, string>,
  ).toString();
