import { html } from 'hono/html';
import type { OperatingAct } from '../api/operating-pages.ts';
import { authorWords } from '../query/author-words.ts';
import { hasEnded, hasPassed, incidentId, isOpen, isOver, isRequestOver, unlabelled } from '../query/gate-state.ts';
import type { GateView, RunView, RunWords } from '../query/view.ts';
import { counted } from '../wording.ts';
import { type About, checkLink } from './about-run.ts';
import { answerPill, askedName } from './answers.ts';
import { checksTable, hasSimplyPassed, passedList, verdictCounts } from './checks.ts';
import { currentState, reasons, wordsAt } from './current-state.ts';
import { eventsLink } from './events-link.ts';
import { followUpsSection } from './follow-ups.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { gatePill, gatesPicture } from './gates-picture.ts';
import { deadline, type Markup, page, pill, shortDigest, time, verdictPill } from './layout.ts';
import { operateOf } from './operate.ts';
import { openActs, ownActs } from './operating-acts.ts';
import { foldedExceptions, identifiers, rollbackRow, titleIn } from './release.ts';
import { rollbackSection } from './rollback.ts';
import { actsOf, isDecisionOpen } from './rollback-acts.ts';
import { nowNote } from './rollback-now.ts';
import { outcomePill } from './runs.ts';
import { foreignBriefly, saidBriefly, wordsIn } from './said.ts';
import { plannedT0, schedule } from './schedule.ts';
import { timeline } from './timeline.ts';

export const runPage = (viewer: About['viewer'], run: RunView, names: Names, now: Date): Markup => {
  const words = wordsIn(run.words);
  const about: About = { run, names, words, now, viewer };
  return page(
    {
      title: `${run.service} ${run.version}`,
      person: names(viewer.id),
      now,
      live: 'shows',
      filter: 'Filter the checks',
      operate: operateOf(run, viewer),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <span class="mono">${run.run}</span></p>
<div class="head"><h1>${run.service} ${run.version} → ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${rollbackLink(about)}
${isDecisionOpen(run) ? '' : currentState(about, 'run')}
${operatingLink(about)}
${reviewsLink(run)}
${gatesPicture(run)}
<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl>
<dt>Started</dt><dd>${time(run.startedAt)} by ${names(run.starter)}</dd>
<dt>Risk</dt><dd>${asWords(run.risk)}, impact ${asWords(run.impact)}</dd>
<dt>Planned T0</dt><dd>${plannedT0(run.plannedT0)}</dd>
${schedule(run, names, words)}
${rollbackRow(run.rollbackTarget)}
${run.supersededBy === null ? '' : superseded(run, run.supersededBy)}
${fromStart(about)}
${authors(run, names)}
<dt>Audit events</dt><dd>${run.events}${run.closed ? ', trail closed' : ''}</dd>
${run.leftOut.length === 0 ? '' : html`<dt>Not shown here</dt><dd><ul class="plain">${run.leftOut.map(({ list, count, events }) => html`<li>${leftOutWords(run.gates, count, list)}: ${eventsLink(run.run, new URLSearchParams(events.split('?')[1]).get('lane'), 'search their events')}</li>`)}</ul></dd>`}
</dl>${foldedExceptions(run)}${identifiers(run)}
<p class="soft">${counts(run)}</p></section>
${timeline(about)}
${run.rollback === null ? '' : rollbackSection({ rollback: run.rollback, gates: run.gates }, names, words)}
${followUpsSection(run, names, words)}
${run.undeliveredMails.length === 0 ? '' : undelivered(run, names)}
${run.deployments.length === 0 ? '' : deployments(run)}
${run.observations.length === 0 ? '' : observations(about)}
${run.gates.map((gate) => gateSection(gate, about))}`,
  );
};

/** `phase-1 no-regressions subjects` with the titles of the gate and the check. */
const leftOutWords = (gates: RunView['gates'], count: number, list: string): string => {
  const [first = '', ...rest] = list.replace(/s$/, count === 1 ? '' : 's').split(' ');
  const gate = gates.find(({ id }) => id === first);
  if (gate === undefined) return `${count} of ${list}`;
  const check = gate.checks.find((one) => one.check === rest[0]);
  return `${count} ${rest.slice(check === undefined ? 0 : 1).join(' ')} of ${(check ?? gate).title}`;
};

/** Neither stable nor failed: what nobody has judged is named. */
const superseded = ({ run, gates, unreached }: RunView, by: string): Markup =>
  html`<dt>Superseded by</dt><dd><a href="/runs/${by}"><span class="mono">${by}</span></a>, which has taken the environment over.${unreached.length === 0 ? '' : html` Not reached: ${unreached.map((check, place) => html`${place === 0 ? '' : ', '}${checkLink(run, { check, title: titleIn(gates, check) })}`)}.`}</dd>`;

/** First on the page while a decision is open: then it says all that the state of the gate would say. */
const rollbackLink = (about: About): Markup | '' => {
  const { run, names, viewer } = about;
  const href = `/runs/${run.run}/rollback`;
  const acts = actsOf(run, viewer);
  const button = (mayAct: boolean, words: string): Markup =>
    html`<p><a class="button${mayAct ? '' : ' plain'}" href="${href}">${mayAct ? words : 'Show the rollback'}</a></p>`;
  if (isDecisionOpen(run))
    return nowNote(run, names, html`${button('roll-back' in acts || 'continue' in acts, 'Decide now')}${wordsOfRun(about)}`);
  if (run.followUps.some(({ answer }) => answer === null))
    return html`<div class="note wait"><p><strong>The release was rolled back, and something is still to be answered.</strong></p>${button('cause' in acts || 'review' in acts, 'Answer now')}</div>`;
  if (run.rollback !== null && run.rollback.decision?.decision !== 'continue')
    return html`<p><a class="button plain" href="${href}">Show the rollback</a></p>`;
  return 'declare' in acts ? html`<p><a class="button plain" href="${href}">Roll back…</a></p>` : '';
};

const wordsOfRun = (about: About): Markup | '' => wordsAt(about, (one) => one.gate === null);

const actWords: Readonly<Record<OperatingAct, string>> = {
  resume: 'resume it after the incident',
  end: 'end it by the incident',
  recall: 'recall the requests',
  'ask-again': 'ask for the approvals again',
  reschedule: 'move T0',
  'override-freeze': 'override a freeze',
  cancel: 'cancel it',
};

/** What people can decide now about a run beside its checks, its approvals and the way back. */
const operatingLink = ({ run, viewer }: About): Markup | '' => {
  const own = ownActs(run, viewer);
  const words = (own.length > 0 ? own : openActs(run)).map((act) => actWords[act]);
  const last = words.at(-1);
  if (last === undefined) return '';
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
  const href = `/runs/${run.run}/operating`;
  return own.length > 0
    ? html`<p class="soft"><a href="${href}">Operate this run</a> to ${list}.</p>`
    : html`<p class="soft">Others can ${list}. <a href="${href}">See who</a></p>`;
};

/** Once something is deployed, what is seen of it counts, and alarms wait for a label. */
const reviewsLink = (run: RunView): Markup | '' => {
  if (run.deployments.length === 0 && hasEnded(run)) return '';
  if (run.deployments.length === 0)
    return html`<p class="soft"><a href="/runs/${run.run}/reviews">Monitoring and reviews</a> begin after the deployment.</p>`;
  const open = hasEnded(run) ? 0 : unlabelled(run).length;
  return html`<p><a class="button plain" href="/runs/${run.run}/reviews">Monitoring, reviews and observations${open === 0 ? '' : `: ${open} without a label`}</a></p>`;
};

/** The pipeline sent these texts, so they are no words of the person who started the job. */
const startTitles: readonly (readonly [RunWords['kind'], string])[] = [
  ['release-reason', 'Reason'],
  ['changes', 'Changes'],
  ['requested-by', 'Requested by'],
];

const fromStart = ({ run, words }: About): Markup =>
  html`${startTitles.flatMap(([kind, title]) =>
    (run.words ?? [])
      .filter((one) => one.kind === kind)
      .map(
        ({ digest }) =>
          html`<dt>${title}</dt><dd>${saidBriefly(words, digest, 'The CI job that started the run', kind === 'changes' ? { each: 'change' } : {})}</dd>`,
      ),
  )}`;

const authors = ({ authors: known }: RunView, names: Names): Markup | '' => {
  if (known === null) return '';
  return html`<dt>Authors</dt><dd>${authorWords({ people: known.people.map(names), others: known.others, isUnnamed: known.unnamed })}</dd>`;
};

const counts = (run: RunView): string =>
  `Checks from the checklist document: ${Object.entries(run.checkCounts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`)
    .join(', ')}.`;

const gateSection = (gate: GateView, about: About): Markup => html`<section class="card" aria-labelledby="gate-${gate.id}">
<div class="head"><h2 id="gate-${gate.id}">${gate.title}</h2>${gatePill(gate)}</div>
<p class="soft">${gate.openedAt === null ? 'Not opened yet.' : html`Opened ${time(gate.openedAt)}.`}${gate.settledAt === null ? '' : html` Ended ${time(gate.settledAt)}.`}${gate.due === null || isOver(gate) ? '' : html` Due ${deadline(gate.due)}.`}</p>
${gate.id === about.run.gate ? '' : reasons(gate, about.names)}
${gate.id === incidentId ? wordsAt(about, (one) => one.gate === gate.id) : ''}
${earlier(gate, about.names)}
${gate.regressions.map((regression) => html`<p class="note bad">Regressed: ${checkLink(about.run.run, { check: regression.check, title: titleIn([gate], regression.check) })} became ${asWords(regression.verdict)} on ${time(regression.at)}.${regression.candidate ? ' Operations decide whether to roll back.' : ''}</p>`)}
${gate.checks.length === 0 ? '' : checks(gate, about)}
${gate.approvals.length === 0 ? '' : approvals(gate, about)}
</section>`;

const earlier = ({ earlier: visits }: GateView, names: Names): Markup | '' =>
  visits.length === 0
    ? ''
    : html`<h3>Earlier visits</h3><ul class="plain">${visits.map((visit) => html`<li>${pill(visit.outcome ?? 'interrupted', visit.outcome === 'passed' ? 'calm' : 'bad')} opened ${time(visit.openedAt)}${visit.settledAt === null ? '' : html`, ended ${time(visit.settledAt)}`}: <bdi>${visible(withNames(visit.reason, names))}</bdi></li>`)}</ul>`;

/** The checks are unfolded where people must look now: at an open gate, and at one that ended without passing. */
const checks = (gate: GateView, { run, names, words }: About): Markup => {
  const now = isOpen(gate) || (isOver(gate) && !hasPassed(gate));
  // Of a gate that is ahead there is nothing to say of most checks, and it would be half of the page.
  const nothingYet = gate.state === 'ahead' ? gate.checks.filter(({ verdict }) => verdict === 'missing') : [];
  const passed = gate.checks.filter(hasSimplyPassed);
  const judged = gate.checks.filter((check) => !nothingYet.includes(check) && !passed.includes(check));
  const reader = { run: run.run, names, words };
  return html`<details${now ? html` open` : ''}><summary>${verdictCounts(gate.checks)}</summary>${
    judged.length === 0 ? '' : checksTable(`Checks of ${gate.title} that did not simply pass`, judged, reader)
  }${passed.length === 0 ? '' : html`<p>${verdictPill('pass')} ${counted(passed.length, 'check')}</p>${passedList(`Checks of ${gate.title} that passed`, passed, reader)}`}${nothingYet.length === 0 ? '' : html`<p>No evidence yet: ${nothingYet.map((check, place) => html`<span class="one">${checkLink(run.run, check)}${place === nothingYet.length - 1 ? '.' : ', '}</span>`)}</p>`}</details>`;
};

type Approval = GateView['approvals'][number];

const answerTime = (gate: GateView, { at, expires, invalidated, entry }: Approval): Markup | '' => {
  if (at !== null) return html` <span class="soft">${time(at)}</span>`;
  return isRequestOver(gate, { entry }) || invalidated ? '' : html` <span class="soft">answer before ${deadline(expires)}</span>`;
};

/** Where the gate was visited again, and where people were asked again. */
const asked = (gate: GateView, { entry, round }: Approval): string =>
  [gate.earlier.length > 0 ? `visit ${entry}` : '', round > 1 ? `round ${round}` : ''].filter((part) => part !== '').join(', ');

const approvals = (gate: GateView, { names, words }: About): Markup => html`<h3>Approvals</h3>
<ul class="plain">${gate.approvals.map((approval) => html`<li>${answerPill({ ...approval, over: isRequestOver(gate, approval) })} ${asWords(approval.role)}: ${askedName(approval, names)}${answerTime(gate, approval)} <span class="soft">${asked(gate, approval)}</span>${saidBriefly(words, approval.note, { as: 'Note' })}</li>`)}</ul>`;

const undelivered = (
  run: RunView,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="undelivered"><h2 id="undelivered">Mails that did not arrive</h2>
<p>Tell these people in another way, and have their addresses corrected.</p>
<ul class="plain">${run.undeliveredMails.map((one) => html`<li>${pill(one.failure, 'bad')} ${time(one.at)} ${asWords(one.about)}: ${names(one.person)}</li>`)}</ul></section>`;

const deployments = (run: RunView): Markup => html`<section class="card" aria-labelledby="deployments"><h2 id="deployments">Deployment</h2>
<ul class="plain">${run.deployments.map((one) => html`<li>${time(one.at)} <bdi>${visible(one.component)}</bdi>: ${one.state} <span class="mono">${shortDigest(one.digest)}</span></li>`)}</ul></section>`;

/** A person's own words stand where a feed's text would. */
const seen = ({ run, names, words }: About, one: RunView['observations'][number]): Markup | '' =>
  one.words === null
    ? foreignBriefly(`${one.subject}: ${one.summary}`)
    : saidBriefly(words, one.words, names((run.words ?? []).find(({ digest }) => digest === one.words)?.by ?? ''));

const explained = ({ run, names, words }: About, observation: string): Markup | '' => {
  const last = (run.words ?? []).findLast((one) => one.kind === 'label-explanation' && one.observation === observation);
  return last === undefined ? '' : saidBriefly(words, last.digest, names(last.by ?? ''));
};

const announcedWords = ({ run, names, words }: About, { announced }: RunView['observations'][number]): Markup | '' =>
  saidBriefly(words, announced, names((run.words ?? []).find(({ digest }) => digest === announced)?.by ?? ''));

/** So many observations stand on the page of the run: those without a label, then the newest. The page of the reviews has the others. */
const mostObservations = 12;

const shownObservations = (run: RunView): RunView['observations'] => {
  const open = unlabelled(run);
  const others = run.observations.filter((one) => !open.includes(one));
  const shown = new Set([
    ...open.slice(-mostObservations),
    ...(open.length < mostObservations ? others.slice(open.length - mostObservations) : []),
  ]);
  return run.observations.filter((one) => shown.has(one));
};

const observations = (
  about: About,
): Markup => html`<section class="card" aria-labelledby="observations"><h2 id="observations">Observations</h2>
<ul class="plain">${shownObservations(about.run).map((one) => html`<li>${pill(one.bad ? 'bad' : 'good', one.bad ? 'bad' : 'good')} ${time(one.observedAt)} ${one.kind} · <span class="mono">${one.observation}</span> · ${seen(about, one)}${one.setAside !== null ? html` <span class="soft">counts for nothing: <bdi>${visible(withNames(one.setAside, about.names))}</bdi></span> ${announcedWords(about, one)}` : one.label === null ? (one.bad ? html` <strong>not labelled yet</strong>` : '') : html` <span class="soft">labelled ${one.label}</span> ${explained(about, one.observation)}`}</li>`)}</ul>${about.run.observations.length <= mostObservations ? '' : html`<p><a href="/runs/${about.run.run}/reviews#seen">All ${counted(about.run.observations.length, 'observation')}</a></p>`}</section>`;
