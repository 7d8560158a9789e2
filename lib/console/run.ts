import { html } from 'hono/html';
import { hasPassed, isOpen, isOver } from '../query/gate-state.ts';
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
${currentState(run, names)}
${overview(run)}
<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl>
<dt>Started</dt><dd>${time(run.startedAt)} by ${names(run.starter)}</dd>
<dt>Planned T0</dt><dd>${run.plannedT0 === 'when-gates-pass' ? 'as soon as every gate before it has passed' : time(run.plannedT0)}</dd>
<dt>Commit</dt><dd class="mono">${run.commit}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${run.artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${artifact.digest}</span></li>`)}</ul></dd>
${run.changes.length === 0 ? '' : html`<dt>Changes</dt><dd>${run.changes.join(', ')}</dd>`}
<dt>Checklist</dt><dd>${run.definition.name} ${run.definition.version} <span class="mono">${shortDigest(run.definition.digest)}</span></dd>
<dt>Audit events</dt><dd>${run.events}${run.closed ? ', trail closed' : ''}</dd>
</dl>
<p class="soft">${counts(run)}</p></section>
${exceptions(run)}
${run.undeliveredMails.length === 0 ? '' : undelivered(run, names)}
${run.deployments.length === 0 ? '' : deployments(run)}
${run.observations.length === 0 ? '' : observations(run)}
${run.gates.map((gate) => gateSection(gate, names))}`,
  );

/** Where the run is and why, before everything else. */
const currentState = (run: RunView, names: Names): Markup | '' => {
  const gate = run.gates.find((candidate) => candidate.id === run.gate);
  if (gate === undefined) return '';
  const place = html`<a href="#gate-${gate.id}">${gate.title}</a>`;
  // Between two gates there is no gate to name.
  if (isOver(gate) && run.outcome === 'running') return '';
  const why = reasons(gate, names);
  if (gate.state === 'blocked') return html`<div class="note bad"><p><strong>Blocked at ${place}.</strong></p>${why}</div>`;
  if (gate.state === 'waiting') return html`<div class="note calm"><p><strong>Waiting at ${place}.</strong></p>${why}</div>`;
  return html`<div class="note ${outcomeTone(run.outcome)}"><p><strong>Run ended: ${asWords(run.outcome)}. Last gate: ${place}.</strong></p>${why}</div>`;
};

const counts = (run: RunView): string =>
  `Checks from the checklist document: ${Object.entries(run.checkCounts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`)
    .join(', ')}.`;

const overview = (run: RunView): Markup => html`<nav class="card" aria-label="Gates of this run"><ol class="steps">
${run.gates.map((gate) => html`<li><a href="#gate-${gate.id}">${gate.title}</a> ${gatePill(gate)}</li>`)}
</ol></nav>`;

/** What a reader must know before trusting the rest: deviations, and the notes of every report of this run. */
export const exceptions = ({ disclosures, deviations }: Pick<RunView, 'deviations' | 'disclosures'>): Markup | '' => {
  if (disclosures.length + deviations.length === 0) return '';
  return html`<section class="card" aria-labelledby="exceptions"><h2 id="exceptions">Deviations and notes</h2>
<ul>${deviations.map((deviation) => html`<li><span class="mono">${deviation.check}</span>: ${deviation.parameter} is <strong>${deviation.here}</strong>, the document asks for ${deviation.document}. ${deviation.reason} <span class="soft">Accepted by the ${asWords(deviation.approver)}.</span></li>`)}
${disclosures.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
};

const gateTone = (gate: GateView): Tone => {
  if (gate.state === 'blocked') return 'bad';
  if (isOver(gate)) return hasPassed(gate) ? 'good' : 'bad';
  return gate.state === 'waiting' ? 'wait' : 'calm';
};
const gatePill = (gate: GateView): Markup => pill(gate.state, gateTone(gate));

const reasons = (gate: GateView, names: Names): Markup | '' =>
  gate.reasons.length === 0 ? '' : html`<ul>${gate.reasons.map((reason) => html`<li>${withNames(reason, names)}</li>`)}</ul>`;

const gateSection = (gate: GateView, names: Names): Markup => html`<section class="card" aria-labelledby="gate-${gate.id}">
<div class="head"><h2 id="gate-${gate.id}">${gate.title}</h2>${gatePill(gate)}</div>
<p class="soft">${gate.openedAt === null ? 'Not opened yet.' : html`Opened ${time(gate.openedAt)}.`}${gate.settledAt === null ? '' : html` Ended ${time(gate.settledAt)}.`}${gate.due === null || isOver(gate) ? '' : html` Due ${time(gate.due)}.`}</p>
${reasons(gate, names)}
${gate.regressions.map((regression) => html`<p class="note bad">Regressed: <span class="mono">${regression.check}</span> became ${asWords(regression.verdict)} on ${time(regression.at)}.${regression.candidate ? ' Operations decide whether to roll back.' : ''}</p>`)}
${gate.checks.length === 0 ? '' : checks(gate, names)}
${gate.approvals.length === 0 ? '' : approvals(gate, names)}
</section>`;

/** The checks are unfolded where people must look now: at an open gate, and at one that ended without passing. */
const checks = (gate: GateView, names: Names): Markup => {
  const now = isOpen(gate) || (isOver(gate) && !hasPassed(gate));
  return html`<details${now ? html` open` : ''}><summary>${verdictCounts(gate.checks)}</summary>${checksTable(`Checks of ${gate.title}`, gate.checks, names)}</details>`;
};

type Approval = GateView['approvals'][number];

const answerTones: Readonly<Record<string, Tone>> = { approved: 'good', rejected: 'bad', 'changes-requested': 'wait' };
const answerPill = (gate: GateView, { invalidated, answer }: Approval): Markup =>
  invalidated
    ? pill('invalidated', 'calm')
    : pill(asWords(answer ?? (isOver(gate) ? 'not answered' : 'no answer yet')), answerTones[answer ?? ''] ?? 'wait');

const answerTime = (gate: GateView, { at, expires }: Approval): Markup | '' => {
  if (at !== null) return html` <span class="soft">${time(at)}</span>`;
  return isOver(gate) ? '' : html` <span class="soft">answer before ${time(expires)}</span>`;
};

const approvals = (gate: GateView, names: Names): Markup => html`<h3>Answers</h3>
<ul class="plain">${gate.approvals.map((approval) => html`<li>${answerPill(gate, approval)} ${asWords(approval.role)}: ${names(approval.person)}${answerTime(gate, approval)}${approval.round > 1 ? html` <span class="soft">round ${approval.round}</span>` : ''}</li>`)}</ul>`;

const undelivered = (
  run: RunView,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="undelivered"><h2 id="undelivered">Mails that did not arrive</h2>
<p>Tell these people in another way, and have their addresses corrected.</p>
<ul class="plain">${run.undeliveredMails.map((one) => html`<li>${pill(one.failure, 'bad')} ${time(one.at)} ${asWords(one.about)}: ${names(one.person)}</li>`)}</ul></section>`;

const deployments = (run: RunView): Markup => html`<section class="card" aria-labelledby="deployments"><h2 id="deployments">Deployment</h2>
<ul class="plain">${run.deployments.map((one) => html`<li>${time(one.at)} ${one.component} ${one.state} <span class="mono">${shortDigest(one.digest)}</span></li>`)}</ul></section>`;

const observations = (
  run: RunView,
): Markup => html`<section class="card" aria-labelledby="observations"><h2 id="observations">Observations</h2>
<ul class="plain">${run.observations.map((one) => html`<li>${pill(one.bad ? 'bad' : 'good', one.bad ? 'bad' : 'good')} ${time(one.observedAt)} ${one.kind} · ${one.subject}: ${one.summary}${one.label === null ? (one.bad ? html` <strong>not labelled yet</strong>` : '') : html` <span class="soft">labelled ${one.label}</span>`}</li>`)}</ul></section>`;
