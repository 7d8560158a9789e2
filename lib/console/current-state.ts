import { html } from 'hono/html';
import { hasEnded, isOver } from '../query/gate-state.ts';
import type { GateView, RunView, RunWords } from '../query/view.ts';
import { type About, listed } from './about-run.ts';
import { asWords, type Names } from './format.ts';
import { deadline, type Markup, time } from './layout.ts';
import { outcomeTone } from './runs.ts';
import { saidBriefly } from './said.ts';
import { keptBy, waitsFor } from './waits-for.ts';

/** What people wrote when they ended, resumed or stopped the run, and why changes were requested or the release was rejected. */
const decisionKinds: readonly RunWords['kind'][] = [
  'approval-note',
  'incident-decision',
  'rollback-reason',
  'rollback-evidence',
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
  if (kind === 'rollback-evidence') return `What shows “${titleIn(triggers)}”`;
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
    : html`<ul class="plain">${own.map((one) => html`<li><span class="soft">${decisionTitle(one, run)}, ${time(one.at)}.</span> ${saidBriefly(words, one.digest, names(one.by ?? ''))}</li>`)}</ul>`;
};

/** Where the run is and why, before everything else. `on`: the page of the run also says what supplies each check; where people decide about the run their forms come sooner. */
export const currentState = (about: About, on: 'run' | 'operating'): Markup | '' => {
  const { run, names } = about;
  const gate = run.gates.find((candidate) => candidate.id === run.gate);
  if (gate === undefined) return '';
  const place = html`<a href="${on === 'run' ? '' : `/runs/${run.run}`}#gate-${gate.id}">${gate.title}</a>`;
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
  return html`<div class="note ${gate.state === 'blocked' ? 'bad' : 'calm'}"><p><strong>${gate.state === 'blocked' ? 'Blocked' : 'Waiting'} at ${place}.</strong>${until(gate, about)}</p>${on === 'run' ? waitsFor(gate, about) : keptBy(gate, about)}${words}</div>`;
};

/** Until when the gate waits. */
const until = ({ due }: GateView, { now }: About): Markup | '' => {
  if (due === null) return '';
  return Date.parse(due) > now.getTime() ? html` Due ${deadline(due)}.` : html` Was due ${deadline(due)}.`;
};

/** Whether the note belongs to an answer of the last visit that still counts. */
const isStanding = (gate: GateView, digest: string): boolean => {
  const last = Math.max(0, ...gate.approvals.map(({ entry }) => entry));
  return gate.approvals.some((one) => one.note === digest && one.entry === last && !one.invalidated);
};

export const reasons = (gate: GateView, names: Names): Markup | '' => listed(gate.reasons, names);
