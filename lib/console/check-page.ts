import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import type { Attempt, CheckView, ExceptionView } from '../query/check-view.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { capital, counted, durationWords } from '../wording.ts';
import { checkLink } from './about-run.ts';
import type { CheckActs } from './check-acts.ts';
import { type CheckField, type CheckForms, checkForms, checkFormTitle, type TypedCheck } from './check-forms.ts';
import { quoted } from './checks.ts';
import { eventsLink } from './events-link.ts';
import { evidencePage } from './evidence-page.ts';
import { checkFields } from './filled-fields.ts';
import { fitting } from './fitting.ts';
import { asWords, formatInstant, type Names, visible, withNames } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, page, pill, type Tone, time, verdictPill } from './layout.ts';
import { namedText } from './named-text.ts';
import { operateOf } from './operate.ts';
import { refusalNote } from './refusal-note.ts';
import { titleIn } from './release.ts';
import { said } from './said.ts';
import { supplyText } from './supply.ts';

export type CheckPage = {
  readonly view: CheckView;
  readonly caller: Pick<PersonCaller, 'id' | 'roles'>;
  readonly now: Date;
  readonly acts: CheckActs;
  readonly nonce: string;
  readonly typed?: TypedCheck | undefined;
  readonly refusal?: Refusal | undefined;
  /** The field that was wrong. */
  readonly field?: CheckField | undefined;
  /** Set when the check has changed since the page with the form was shown at this instant. */
  readonly shownAt?: string | undefined;
};

/** One check of a run: what it asks, what was sent for it, and what the person can do about it. */
export const checkPage = (shown: CheckPage, names: Names): Markup => {
  const { view, caller, now, acts, nonce, typed, refusal, field } = shown;
  const { run, gate, item, finding } = view;
  const slip = refusal === undefined || field === undefined ? undefined : { field, says: withNames(refusal.detail, names) };
  const forms: CheckForms = { view, acts, nonce, now, typed, slip };
  return page(
    {
      title: `${refusal === undefined ? '' : 'Not recorded: '}${item.title}, ${run.service} ${run.version}`,
      person: names(caller.id),
      now,
      live: 'shows',
      operate: operateOf(run, caller),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / <a href="/runs/${run.run}#gate-${gate.id}">${gate.title}</a></p>
<div class="head"><h1>${item.title}</h1>${verdictPill(finding.verdict)}</div>
<p class="soft">Check <span class="mono">${item.id}</span> of ${run.service} ${run.version} in ${run.environment}. Owner: ${asWords(item.owner)}.</p>
${refusal === undefined ? kept(shown) : refusalNote(refusal, names, refusedMore(shown, names))}
${verdictCard(view, names)}
${jumps(acts)}
${ruleCard(view)}
${partsCard(view, names)}
${exceptionsCard(view, names)}
${attemptsCard(view, names)}
${checkForms(forms)}`,
  );
};

const verdictCard = ({ finding, words }: CheckView, names: Names): Markup => {
  const { reason, basis, goodUntil, attempt, flapping, mode, observeUntil } = finding;
  return html`<section class="card" aria-labelledby="verdict"><h2 id="verdict">Why</h2><dl>
<dt>Reason</dt><dd><bdi>${visible(withNames(reason, names))}</bdi>${quoted(finding, names, words)}</dd>
${mode === 'observe' ? html`<dt>Mode</dt><dd>for information only: it blocks nothing${observeUntil === undefined ? '' : html` until ${time(observeUntil)}`}</dd>` : ''}
${basis === null ? '' : html`<dt>Basis</dt><dd>${asWords(basis)}</dd>`}
${attempt > 0 ? html`<dt>Attempt</dt><dd>${attempt}</dd>` : ''}
${flapping === undefined ? '' : html`<dt>Flapping</dt><dd>${flapping.join(', ')}: its results alternated in this run, so the last one proves little.</dd>`}
${goodUntil === null ? '' : html`<dt>Good until</dt><dd>${time(goodUntil)}</dd>`}</dl></section>`;
};

const jumps = (acts: CheckActs): Markup | '' => {
  const open = (['attest', 'waive', 'not-applicable', 'revoke'] as const).filter((act) => acts[act] === null);
  return open.length === 0
    ? ''
    : html`<p class="jump">${open.map((act) => html`<a class="button quiet" href="#${act}">${checkFormTitle(act)}</a>`)}</p>`;
};

const ruleCard = (view: CheckView): Markup => {
  const { item, rule, supply } = view;
  // Its own words say already that a person attests it, and who.
  const isAttested = rule?.attestedBy !== undefined && rule.thresholds.every(({ deviation }) => deviation === undefined);
  return html`<section class="card" aria-labelledby="rule"><h2 id="rule">What it asks</h2>
<p>${item.words === item.title ? '' : html`The document says: “${item.words}”. `}${namedText(item.proof)}</p>
${rule === null || isAttested ? '' : html`<p>${namedText(rule.asks)}</p>`}
${
  rule === null || isAttested || rule.thresholds.length === 0
    ? ''
    : html`<h3>Thresholds</h3><ul>${rule.thresholds.map(
        ({ text, deviation }) =>
          html`<li>${visible(text)}${deviation === undefined ? '' : html` <strong>Deviation:</strong> ${visible(deviation.says)}. <bdi>${visible(deviation.reason)}</bdi> <span class="soft">Accepted by the ${asWords(deviation.approver)}.</span>`}</li>`,
      )}</ul>`
}
<dl><dt>Evidence</dt><dd>${supplyText(supply)}${followed(view)}</dd>
${item.after === null ? '' : html`<dt>Made after</dt><dd>${asWords(item.after.replace('.', ' '))}</dd>`}
<dt>Maximum age</dt><dd>${item.maxAgeSeconds === null ? 'as long as the run' : durationWords(item.maxAgeSeconds)}</dd>
<dt>Controls</dt><dd>${item.controls.join(', ')}</dd></dl></section>`;
};

/** The checks from which it is computed. */
const followed = ({ run, supply }: CheckView): Markup | '' =>
  supply.checks.length === 0
    ? ''
    : html`<ul class="plain">${supply.checks.map((check) => html`<li>${checkLink(run.run, { check, title: titleIn(run.gates, check) })}</li>`)}</ul>`;

/** Bytes of the page for each list. */
const rooms = { parts: 16_500, exceptions: 23_000, facts: 18_000 } as const;

const partsCard = ({ finding: { parts } }: CheckView, names: Names): Markup | '' => {
  if (parts === undefined) return '';
  const shown = fitting(parts.listed, rooms.parts, ({ subject, reason }) => [subject, reason]);
  const passed = parts.listed.filter(({ verdict }) => verdict === 'pass').length;
  const more = parts.listed.length - shown.length;
  return html`<section class="card" aria-labelledby="parts"><h2 id="parts">Parts</h2>
<p>${passed} of ${parts.listed.length} pass.${more > 0 ? ` ${more} more are not shown.` : ''}${parts.leftOut > 0 ? ` The evidence has ${parts.leftOut} more, which are not listed one by one; no exception can be made for them.` : ''}</p>
<ul class="plain notable">${shown.map((part) => html`<li>${verdictPill(part.verdict)} <span><strong><bdi>${visible(part.subject)}</bdi></strong>: <bdi>${visible(withNames(part.reason, names))}</bdi></span></li>`)}</ul></section>`;
};

const kinds: Readonly<Record<ExceptionView['kind'], string>> = {
  waiver: 'Waiver',
  'not-applicable': 'Not applicable',
  revocation: 'Revocation',
};
const states: Readonly<Record<string, Tone>> = { stands: 'calm', ended: 'bad', revoked: 'wait', replaced: 'wait' };

/** Those that stand first, then the newest; in the order in which they were made. */
const shownExceptions = ({ exceptions, words }: CheckView): readonly ExceptionView[] => {
  const important = exceptions.toReversed().sort((a, b) => Number(b.state === 'stands') - Number(a.state === 'stands'));
  const kept = new Set(fitting(important, rooms.exceptions, ({ subject, reason }) => [subject ?? '', words.get(reason)?.text ?? '']));
  return exceptions.filter((one) => kept.has(one));
};

const exceptionsCard = (view: CheckView, names: Names): Markup | '' => {
  const { exceptions, words, run } = view;
  const shown = shownExceptions(view);
  const more = exceptions.length - shown.length;
  return exceptions.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="made"><h2 id="made">Exceptions</h2>
${more === 0 ? '' : html`<p class="soft">${more} more are not shown here: ${eventsLink(run.run, laneOf(view), 'search the events of this check')}.</p>`}
<ul class="plain notable">${shown.map(
        (one) =>
          html`<li>${pill(one.state ?? 'revocation', states[one.state ?? ''] ?? 'calm')} <span><strong>${kinds[one.kind]}</strong> of ${one.subject === null ? 'the whole check' : html`<bdi>${visible(one.subject)}</bdi>`} by ${names(one.by)} as ${asWords(one.role)}, ${time(one.at)}${one.until === null ? '' : html`, until ${time(one.until)}`}.${said(words, one.reason, { as: 'Reason' })}</span></li>`,
      )}</ul></section>`;
};

const attemptsCard = ({ attempts, attemptsLeftOut, run, item }: CheckView, names: Names): Markup => {
  // The one that decides stands first, then the newest: nobody should search for the reason of a verdict.
  const important = attempts.toReversed().sort((a, b) => Number(b.decides) - Number(a.decides));
  const detailed = new Set(
    fitting(important, rooms.facts, ({ facts, decidingFacts }) => [...decidingFacts, ...facts].flatMap(({ name, value }) => [name, value])),
  );
  return html`<section class="card" aria-labelledby="attempts"><h2 id="attempts">Attempts</h2>
${attempts.length === 0 ? html`<p>Nothing has been sent for this check yet.</p>` : ''}
${attemptsLeftOut === 0 ? '' : html`<p class="soft">${attemptsLeftOut} earlier ones are not shown here: ${eventsLink(run.run, laneOf({ item }), 'search the events of this check')}.</p>`}
<ol class="plain attempts">${important.map((one) => attempt(one, detailed.has(one) ? one.facts : [], detailed.has(one) ? one.decidingFacts : [], names))}</ol></section>`;
};

const laneOf = ({ item }: Pick<CheckView, 'item'>): string => `check/${item.gate ?? ''}/${item.id}`;

const reason = (one: Attempt, names: Names): Markup => html`<bdi>${visible(withNames(one.reason, names))}</bdi>`;

const attempt = (one: Attempt, facts: Attempt['facts'], deciding: Attempt['facts'], names: Names): Markup =>
  html`<li class="${one.decides ? 'decides' : ''}"><p>${verdictPill(one.verdict)} <strong>Attempt ${one.attempt}</strong> of <span class="mono">${visible(one.subject.replace(/^\*\//, ''))}</span>, made ${time(one.madeAt)}.${one.decides ? html` <strong>This one decides.</strong>` : one.counts ? '' : html` <span class="soft">No longer counts.</span>`}</p>
<p>${one.decides && deciding.length === 0 ? html`<mark>${reason(one, names)}</mark>` : reason(one, names)}</p>
${deciding.length === 0 ? '' : html`<dl class="deciding" aria-label="Facts that decide">${deciding.map(({ name, value }) => html`<dt>${visible(capital(name))}</dt><dd><mark><bdi>${visible(value)}</bdi></mark></dd>`)}</dl>`}
${fileOf(one)}<details><summary>${deciding.length === 0 ? 'Facts' : 'Other facts'} of attempt ${one.attempt}</summary><dl><dt>Judged</dt><dd>${time(one.judgedAt)}</dd><dt>${one.by === null ? 'Made by' : 'Stated by'}</dt><dd>${one.by === null ? visible(one.producer) : names(one.by)}</dd>${one.evidence === null ? '' : html`<dt>Event</dt><dd class="mono">${one.evidencePage === null ? one.evidence : html`<a href="${one.evidencePage}">${one.evidence}</a>`}</dd>`}${facts.map(({ name, value }) => html`<dt>${visible(capital(name))}</dt><dd><bdi>${visible(value)}</bdi></dd>`)}</dl></details></li>`;

/** What came with an attestation, as it was kept. */
const fileOf = ({ file }: Attempt): Markup | '' =>
  file === null
    ? ''
    : html`<p>With it came <a href="${evidencePage(file)}">a file</a> <span class="soft">(${file.mediaType}, ${counted(file.bytes, 'byte')}, sha256 <span class="mono">${file.digest}</span>).</span></p>
`;

/** After a new sign-in. */
const kept = ({ typed, acts }: CheckPage): Markup | '' =>
  typed === undefined ? '' : keptNote(checkFields(typed), acts[typed.act] === null ? typed.act : null);

/** What has changed since, and the way to the field; everything that was typed where its form is gone. */
const refusedMore = ({ view, typed, acts, field, shownAt }: CheckPage, names: Names): Markup => {
  const since = shownAt === undefined ? [] : changesSince(view, shownAt, names);
  const changes = since.length === 0 ? '' : html`<p>Since the page was shown:</p><ul>${since.map((one) => html`<li>${one}</li>`)}</ul>`;
  if (typed === undefined) return html`${changes}`;
  if (acts[typed.act] !== null) return html`${changes}${wrote(checkFields(typed))}`;
  const target = field === undefined ? typed.act : `${typed.act}-${field}`;
  return html`${changes}<p><a href="#${target}">${field === undefined ? 'Go to the form' : 'Correct it'}</a></p>`;
};

const changesSince = ({ attempts, exceptions }: CheckView, at: string, names: Names): readonly string[] => [
  ...attempts
    .filter(({ judgedAt }) => judgedAt >= at)
    .map(
      ({ judgedAt, verdict, by }) =>
        `${formatInstant(judgedAt)}: ${by === null ? 'evidence' : `an attestation by ${names(by)}`} was judged ${asWords(verdict)}.`,
    ),
  ...exceptions
    .filter((one) => one.at >= at)
    .map((one) => `${formatInstant(one.at)}: ${kinds[one.kind].toLowerCase()} of ${one.subject ?? 'the whole check'} by ${names(one.by)}.`),
];
