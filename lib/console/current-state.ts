import { html } from 'hono/html';
import { counted } from '../canonical-json.ts';
import { hasEnded, isOver } from '../query/gate-state.ts';
import type { Finding, GateView, RunView, RunWords } from '../query/view.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { deadline, type Markup, time, verdictPill } from './layout.ts';
import { outcomeTone } from './runs.ts';
import { said, type WordsByDigest } from './said.ts';

/** A run as its page shows it, at an instant. */
export type About = { readonly run: RunView; readonly names: Names; readonly words: WordsByDigest; readonly now: Date };

/** What people wrote when they ended, resumed or stopped the run, and why changes were requested or the release was rejected. */
const decisionKinds: readonly RunWords['kind'][] = [
  'approval-note',
  'incident-decision',
  'rollback-reason',
  'rollback-decision',
  'rollback-step',
  'rollback-data',
  'cancellation-reason',
  'approval-recall',
];

export const decisionTitle = ({ kind, role, check }: RunWords, { rollback, rollbackTriggers }: RunView): string => {
  const triggers = [...(rollback?.triggers ?? []).map(({ trigger: id, title }) => ({ id, title })), ...rollbackTriggers];
  const titleIn = (list: readonly { readonly id: string; readonly title: string }[]): string =>
    list.find(({ id }) => id === check)?.title ?? check ?? '';
  if (kind === 'incident-decision') return 'Incident';
  if (kind === 'rollback-reason') return `Rollback trigger “${titleIn(triggers)}”`;
  if (kind === 'rollback-decision') return 'Rollback decision';
  if (kind === 'rollback-step') return `Rollback step “${titleIn(rollback?.steps ?? [])}”`;
  if (kind === 'rollback-data') return 'Data of the rollback';
  if (kind === 'approval-recall') return 'Recall of the requests, or asking again';
  return kind === 'cancellation-reason' ? 'Cancellation' : `Answer as ${asWords(role ?? '')}`;
};

/** Nothing where nobody decided anything at this gate. */
export const wordsAt = ({ run, names, words }: About, fits: (one: RunWords) => boolean): Markup | '' => {
  const own = (run.words ?? []).filter((one) => decisionKinds.includes(one.kind) && fits(one));
  return own.length === 0
    ? ''
    : html`<ul class="plain">${own.map((one) => html`<li><span class="soft">${decisionTitle(one, run)}, ${time(one.at)}.</span> ${said(words, one.digest, names(one.by ?? ''))}</li>`)}</ul>`;
};

/** Where the run is and why, before everything else. */
export const currentState = (about: About): Markup | '' => {
  const { run, names } = about;
  const gate = run.gates.find((candidate) => candidate.id === run.gate);
  if (gate === undefined) return '';
  const place = html`<a href="#gate-${gate.id}">${gate.title}</a>`;
  const isEnded = hasEnded(run);
  // Between two gates there is no gate to name.
  if (isOver(gate) && run.outcome === 'running') return '';
  // What ended the run stands first: a rejection at this gate, a cancellation or a trigger. Else the requests for changes that still count.
  const words = wordsAt(about, (one) =>
    one.gate === gate.id ? one.kind !== 'approval-note' || isStanding(gate, one.digest) : one.gate === null,
  );
  if (isEnded)
    return html`<div class="note ${outcomeTone(run.outcome)}"><p><strong>Run ended: ${asWords(run.outcome)}. Last gate: ${place}.</strong></p>${reasons(gate, names)}${words}</div>`;
  if (gate.state !== 'blocked' && gate.state !== 'waiting') return '';
  return html`<div class="note ${gate.state === 'blocked' ? 'bad' : 'calm'}"><p><strong>${gate.state === 'blocked' ? 'Blocked' : 'Waiting'} at ${place}.</strong>${until(gate, about)}</p>${waitsFor(gate, about)}${words}</div>`;
};

/** Until when the gate waits. */
const until = ({ due }: GateView, { now }: About): Markup | '' => {
  if (due === null) return '';
  return Date.parse(due) > now.getTime() ? html` Due ${deadline(due)}.` : html` Was due ${deadline(due)}.`;
};

const isOpenCheck = ({ verdict, mode }: Finding): boolean => mode === 'required' && !['pass', 'waived', 'not-applicable'].includes(verdict);

/** What the gate waits for: checks that evidence spoke against one by one, those that nobody has supplied yet by their owner, and the rest. */
const waitsFor = (gate: GateView, { run, names }: About): Markup => {
  const open = gate.checks.filter(isOpenCheck);
  const missing = open.filter(({ verdict }) => verdict === 'missing');
  const judged = open.filter(({ verdict }) => verdict !== 'missing');
  const others = gate.reasons.filter((reason) => !open.some(({ title }) => reason.startsWith(`${title}: `)));
  const owners = [...new Set(missing.map(({ owner }) => owner))];
  return html`<ul class="plain">${judged.map((check) => html`<li>${verdictPill(check.verdict)} <span>${checkLink(run.run, check)}: <bdi>${visible(withNames(check.reason, names))}</bdi></span></li>`)}
${owners.map((owner) => {
  const own = missing.filter((check) => check.owner === owner);
  return html`<li>${verdictPill('missing')} <span>${asWords(owner)}, ${counted(own.length, 'check')}: ${own.map((check, place) => html`${place === 0 ? '' : ', '}${checkLink(run.run, check)}`)}</span></li>`;
})}</ul>${listed(others, names)}${
    missing.length === 0
      ? ''
      : html`<p class="soft">Send reports with <span class="mono">holdpoint evidence ${run.run} REPORT</span>. What a person states, waives or declares not applicable is recorded on the page of the check.</p>`
  }`;
};

/** Where the check can be seen by itself, and supplied by a person. */
export const checkLink = (run: string, { check, title }: Pick<Finding, 'check' | 'title'>): Markup =>
  html`<a href="/runs/${run}/checks/${check}">${title}</a>`;

/** Whether the note belongs to an answer of the last visit that still counts. */
const isStanding = (gate: GateView, digest: string): boolean => {
  const last = Math.max(0, ...gate.approvals.map(({ entry }) => entry));
  return gate.approvals.some((one) => one.note === digest && one.entry === last && !one.invalidated);
};

export const reasons = (gate: GateView, names: Names): Markup | '' => listed(gate.reasons, names);

const listed = (sentences: readonly string[], names: Names): Markup | '' =>
  sentences.length === 0
    ? ''
    : html`<ul>${sentences.map((sentence) => html`<li><bdi>${visible(withNames(sentence, names))}</bdi></li>`)}</ul>`;
