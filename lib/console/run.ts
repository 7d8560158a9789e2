import { html } from 'hono/html';
import type { GateView, RunView } from '../query/view.ts';
import { type Markup, page, pill, shortDigest, type Tone, time } from './layout.ts';
import { linesTable } from './lines.ts';
import { outcomePill } from './runs.ts';

/** Names of people for their ids: only pages for signed-in people show names. */
export type Names = (person: string) => string;

export const runPage = (person: string, run: RunView, names: Names): Markup =>
  page(
    { title: `${run.service} ${run.version}`, person },
    html`<p class="soft"><a href="/runs">Runs</a> / <span class="mono">${run.run}</span></p>
<div class="head"><h1>${run.service} ${run.version} → ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${standing(run)}
<div class="card"><dl>
<dt>Started</dt><dd>${time(run.startedAt)} by ${names(run.starter)}</dd>
<dt>Planned T0</dt><dd>${run.plannedT0 === 'when-released' ? 'as soon as it is released' : time(run.plannedT0)}</dd>
<dt>Commit</dt><dd class="mono">${run.commit}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${run.artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${artifact.digest}</span></li>`)}</ul></dd>
${run.changes.length === 0 ? '' : html`<dt>Changes</dt><dd>${run.changes.join(', ')}</dd>`}
<dt>Checklist</dt><dd>${run.definition.name} ${run.definition.version} <span class="mono">${shortDigest(run.definition.digest)}</span></dd>
<dt>Audit events</dt><dd>${run.events}${run.closed ? ', trail closed' : ''}</dd>
</dl>
<p class="soft">${counts(run)}</p></div>
${exceptions(run)}
${run.gates.map((gate, place) => gateSection(gate, place + 1, names))}
${run.deployments.length === 0 ? '' : deployments(run)}
${run.observations.length === 0 ? '' : observations(run)}`,
  );

const standing = (run: RunView): Markup | '' => {
  const gate = run.gates.find((candidate) => candidate.id === run.gate);
  if (gate === undefined || gate.state === 'settled') return '';
  const tone = gate.state === 'held' ? 'bad' : 'calm';
  return html`<div class="note ${tone}"><p><strong>${gate.state === 'held' ? 'Held' : 'Waiting'} at ${gate.title}.</strong></p>${reasons(gate)}</div>`;
};

const counts = (run: RunView): string =>
  `The document's checks: ${Object.entries(run.checks)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`)
    .join(', ')}.`;

/** What a reader must know before believing the rest: shortened windows, deviations, notes. */
export const exceptions = (run: Pick<RunView, 'deviations' | 'notes' | 'waitScale' | 'local'>): Markup | '' => {
  const notes = [
    ...(run.waitScale > 1 ? [`Waiting windows are ${run.waitScale} times shorter than the document asks.`] : []),
    ...(run.local ? ['A local stage: attestations are rehearsed.'] : []),
    ...run.notes,
  ];
  if (notes.length + run.deviations.length === 0) return '';
  return html`<section class="card" aria-labelledby="exceptions"><h2 id="exceptions">Deviations and notes</h2>
<ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}
${run.deviations.map((deviation) => html`<li><span class="mono">${deviation.line}</span>: ${deviation.parameter} is ${deviation.here}, the document asks ${deviation.document}. ${deviation.reason} <span class="soft">Accepted by ${deviation.approver}.</span></li>`)}</ul></section>`;
};

const gateTones = (gate: GateView): Tone => {
  if (gate.state === 'held') return 'bad';
  if (gate.state === 'settled') return gate.outcome === 'released' ? 'good' : 'bad';
  return gate.state === 'waiting' ? 'wait' : 'calm';
};

const reasons = (gate: GateView): Markup | '' =>
  gate.reasons.length === 0 ? '' : html`<ul>${gate.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;

const gateSection = (gate: GateView, place: number, names: Names): Markup => html`<section class="card" aria-labelledby="gate-${gate.id}">
<div class="head"><h2 id="gate-${gate.id}">${place}. ${gate.title}</h2>${pill(gate.state === 'settled' ? (gate.outcome ?? 'settled') : gate.state, gateTones(gate))}</div>
<p class="soft">${gate.openedAt === null ? 'Not opened yet.' : html`Opened ${time(gate.openedAt)}.`}${gate.settledAt === null ? '' : html` Settled ${time(gate.settledAt)}.`}${gate.due === null || gate.state === 'settled' ? '' : html` Due ${time(gate.due)}.`}</p>
${gate.state === 'settled' ? '' : reasons(gate)}
${gate.regressions.map((regression) => html`<p class="note bad">Regressed: <span class="mono">${regression.line}</span> became ${regression.verdict} ${time(regression.at)}${regression.candidate ? ', a trigger candidate' : ''}.</p>`)}
${gate.lines.length === 0 ? '' : linesTable(`Lines of ${gate.title}`, gate.lines)}
${gate.approvals.length === 0 ? '' : approvals(gate, names)}
</section>`;

const approvals = (gate: GateView, names: Names): Markup => html`<h3>Answers</h3>
<ul class="plain">${gate.approvals.map((approval) => html`<li>${pill(approval.voided ? 'voided' : (approval.answer ?? 'asked'), approval.voided ? 'calm' : (answerTones[approval.answer ?? ''] ?? 'wait'))} ${approval.role}: ${names(approval.person)}${approval.at === null ? html` <span class="soft">until ${time(approval.expires)}</span>` : html` <span class="soft">${time(approval.at)}</span>`}${approval.round > 1 ? html` <span class="soft">round ${approval.round}</span>` : ''}</li>`)}</ul>`;
const answerTones: Readonly<Record<string, Tone>> = { approved: 'good', rejected: 'bad', 'sent-back': 'wait' };

const deployments = (run: RunView): Markup => html`<section class="card" aria-labelledby="deployments"><h2 id="deployments">Deployment</h2>
<ul class="plain">${run.deployments.map((one) => html`<li>${time(one.at)} ${one.component} ${one.state} <span class="mono">${shortDigest(one.digest)}</span></li>`)}</ul></section>`;

const observations = (
  run: RunView,
): Markup => html`<section class="card" aria-labelledby="observations"><h2 id="observations">Observations</h2>
<ul class="plain">${run.observations.map((one) => html`<li>${pill(one.bad ? 'bad' : 'good', one.bad ? 'bad' : 'good')} ${time(one.observedAt)} ${one.kind} · ${one.subject}: ${one.summary}${one.label === null ? (one.bad ? html` <strong>not labelled yet</strong>` : '') : html` <span class="soft">labelled ${one.label}</span>`}</li>`)}</ul></section>`;
