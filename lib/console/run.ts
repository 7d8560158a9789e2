import { html } from 'hono/html';
import type { GateView, RunView } from '../query/view.ts';
import { checksTable, verdictCounts } from './checks.ts';
import { asWords, type Names, withNames } from './format.ts';
import { type Markup, page, pill, shortDigest, type Tone, time } from './layout.ts';
import { outcomePill, outcomeTone } from './runs.ts';

export const runPage = (person: string, run: RunView, names: Names): Markup =>
  page(
    { title: `${run.service} ${run.version}`, person },
    html`<p class="soft"><a href="/runs">Runs</a> / <span class="mono">${run.run}</span></p>
<div class="head"><h1>${run.service} ${run.version} → ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${standing(run, names)}
${overview(run)}
<section class="card" aria-labelledby="release"><h2 id="release">What is released</h2><dl>
<dt>Started</dt><dd>${time(run.startedAt)} by ${names(run.starter)}</dd>
<dt>Planned T0</dt><dd>${run.plannedT0 === 'when-released' ? 'as soon as it is released' : time(run.plannedT0)}</dd>
<dt>Commit</dt><dd class="mono">${run.commit}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${run.artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${artifact.digest}</span></li>`)}</ul></dd>
${run.changes.length === 0 ? '' : html`<dt>Changes</dt><dd>${run.changes.join(', ')}</dd>`}
<dt>Checklist</dt><dd>${run.definition.name} ${run.definition.version} <span class="mono">${shortDigest(run.definition.digest)}</span></dd>
<dt>Audit events</dt><dd>${run.events}${run.closed ? ', trail closed' : ''}</dd>
</dl>
<p class="soft">${counts(run)}</p></section>
${exceptions(run)}
${run.deployments.length === 0 ? '' : deployments(run)}
${run.observations.length === 0 ? '' : observations(run)}
${run.gates.map((gate) => gateSection(gate, names))}`,
  );

/** Where the run stands and why, before everything else: also of a run that has ended. */
const standing = (run: RunView, names: Names): Markup | '' => {
  const gate = run.gates.find((candidate) => candidate.id === run.gate);
  if (gate === undefined) return '';
  const place = html`<a href="#gate-${gate.id}">${gate.title}</a>`;
  if (gate.settledAt !== null && run.outcome === 'running') return '';
  const why = reasons(gate, names);
  if (gate.state === 'blocked') return html`<div class="note bad"><p><strong>Blocked at ${place}.</strong></p>${why}</div>`;
  if (gate.state === 'waiting') return html`<div class="note calm"><p><strong>Waiting at ${place}.</strong></p>${why}</div>`;
  return html`<div class="note ${outcomeTone(run.outcome)}"><p><strong>The run ended as ${asWords(run.outcome)}, at ${place}.</strong></p>${why}</div>`;
};

const counts = (run: RunView): string =>
  `The document's checks: ${Object.entries(run.checkCounts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`)
    .join(', ')}.`;

const overview = (run: RunView): Markup => html`<nav class="card" aria-label="Gates of this run"><ol class="steps">
${run.gates.map((gate) => html`<li><a href="#gate-${gate.id}">${gate.title}</a> ${gatePill(gate)}</li>`)}
</ol></nav>`;

/** What a reader must know before believing the rest: deviations, and the notes of every report of this run. */
export const exceptions = ({ disclosures: notes, deviations }: Pick<RunView, 'deviations' | 'disclosures'>): Markup | '' => {
  if (notes.length + deviations.length === 0) return '';
  return html`<section class="card" aria-labelledby="exceptions"><h2 id="exceptions">Deviations and notes</h2>
<ul>${deviations.map((deviation) => html`<li><span class="mono">${deviation.check}</span>: ${deviation.parameter} is <strong>${deviation.here}</strong>, the document asks ${deviation.document}. ${deviation.reason} <span class="soft">Accepted by the ${asWords(deviation.approver)}.</span></li>`)}
${notes.map((note) => html`<li>${note}</li>`)}</ul></section>`;
};

const gateTone = (gate: GateView): Tone => {
  if (gate.state === 'blocked') return 'bad';
  if (gate.settledAt !== null) return gate.state === 'passed' ? 'good' : 'bad';
  return gate.state === 'waiting' ? 'wait' : 'calm';
};
const gatePill = (gate: GateView): Markup => pill(gate.state, gateTone(gate));

const reasons = (gate: GateView, names: Names): Markup | '' =>
  gate.reasons.length === 0 ? '' : html`<ul>${gate.reasons.map((reason) => html`<li>${withNames(reason, names)}</li>`)}</ul>`;

const gateSection = (gate: GateView, names: Names): Markup => html`<section class="card" aria-labelledby="gate-${gate.id}">
<div class="head"><h2 id="gate-${gate.id}">${gate.title}</h2>${gatePill(gate)}</div>
<p class="soft">${gate.openedAt === null ? 'Not opened yet.' : html`Opened ${time(gate.openedAt)}.`}${gate.settledAt === null ? '' : html` Settled ${time(gate.settledAt)}.`}${gate.due === null || gate.settledAt !== null ? '' : html` Due ${time(gate.due)}.`}</p>
${reasons(gate, names)}
${gate.regressions.map((regression) => html`<p class="note bad">Regressed: <span class="mono">${regression.check}</span> became ${asWords(regression.verdict)} ${time(regression.at)}${regression.candidate ? ', a trigger candidate' : ''}.</p>`)}
${gate.checks.length === 0 ? '' : checks(gate, names)}
${gate.approvals.length === 0 ? '' : approvals(gate, names)}
</section>`;

/** The checks of the gate that people look at now are open; those that lie behind or ahead are folded, and say what is in them. */
const checks = (gate: GateView, names: Names): Markup => {
  const now = gate.state === 'blocked' || gate.state === 'waiting' || (gate.settledAt !== null && gate.state !== 'passed');
  return html`<details${now ? html` open` : ''}><summary>${verdictCounts(gate.checks)}</summary>${checksTable(`Checks of ${gate.title}`, gate.checks, names)}</details>`;
};

type Approval = GateView['approvals'][number];

const answerTones: Readonly<Record<string, Tone>> = { approved: 'good', rejected: 'bad', 'changes-requested': 'wait' };
const answerPill = ({ invalidated: voided, answer }: Approval): Markup =>
  voided ? pill('invalidated', 'calm') : pill(asWords(answer ?? 'asked'), answerTones[answer ?? ''] ?? 'wait');

const approvals = (gate: GateView, names: Names): Markup => html`<h3>Answers</h3>
<ul class="plain">${gate.approvals.map((approval) => html`<li>${answerPill(approval)} ${asWords(approval.role)}: ${names(approval.person)}${approval.at === null ? html` <span class="soft">until ${time(approval.expires)}</span>` : html` <span class="soft">${time(approval.at)}</span>`}${approval.round > 1 ? html` <span class="soft">round ${approval.round}</span>` : ''}</li>`)}</ul>`;

const deployments = (run: RunView): Markup => html`<section class="card" aria-labelledby="deployments"><h2 id="deployments">Deployment</h2>
<ul class="plain">${run.deployments.map((one) => html`<li>${time(one.at)} ${one.component} ${one.state} <span class="mono">${shortDigest(one.digest)}</span></li>`)}</ul></section>`;

const observations = (
  run: RunView,
): Markup => html`<section class="card" aria-labelledby="observations"><h2 id="observations">Observations</h2>
<ul class="plain">${run.observations.map((one) => html`<li>${pill(one.bad ? 'bad' : 'good', one.bad ? 'bad' : 'good')} ${time(one.observedAt)} ${one.kind} · ${one.subject}: ${one.summary}${one.label === null ? (one.bad ? html` <strong>not labelled yet</strong>` : '') : html` <span class="soft">labelled ${one.label}</span>`}</li>`)}</ul></section>`;
