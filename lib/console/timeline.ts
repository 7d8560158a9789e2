import { html } from 'hono/html';
import { incidentId, isOver } from '../query/gate-state.ts';
import { triggerWords } from '../query/trigger-words.ts';
import type { GateView, RunView, RunWords } from '../query/view.ts';
import { counted } from '../wording.ts';
import { type About, checkLink } from './about-run.ts';
import { askedName, inStead } from './answers.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, time } from './layout.ts';
import { titleIn } from './release.ts';

/** What happened in a run, newest first: who comes back to a run looks for what has changed since. */

type Moment = { readonly at: string; readonly what: Markup };

/** So many stand unfolded. */
const mostUnfolded = 12;
/** So many stand on the page: the audit search has all. */
const mostShown = 40;

export const timeline = ({ run, names }: About): Markup => {
  const all = momentsOf(run, names).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const shown = all.slice(0, mostShown);
  const [first, rest] = [shown.slice(0, mostUnfolded), shown.slice(mostUnfolded)];
  const left = all.length - shown.length;
  return html`<section class="card" aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<p class="soft">Newest first. <a href="/audit?run=${run.run}">Search all ${counted(run.events, 'audit event')} of this run</a></p>
${list(first)}${rest.length === 0 ? '' : html`<details><summary>${rest.length} earlier</summary>${list(rest)}</details>`}${left === 0 ? '' : html`<p class="soft">${left} older ones are not shown here: the audit search has them.</p>`}</section>`;
};

const list = (moments: readonly Moment[]): Markup =>
  html`<ol class="plain moments">${moments.map(({ at, what }) => html`<li>${time(at)}<span>${what}</span></li>`)}</ol>`;

const momentsOf = (run: RunView, names: Names): readonly Moment[] => [
  { at: run.startedAt, what: html`Started by <strong>${names(run.starter)}</strong>` },
  ...run.rescheduled.map(({ at, by }) => ({ at, what: html`T0 moved by <strong>${names(by)}</strong>` })),
  ...run.freezeOverrides.map(({ at, by, freeze, approved }) => ({
    at,
    what: html`Override of the freeze <bdi>${visible(freeze)}</bdi> ${approved ? 'approved' : 'asked for'} by <strong>${by.map(names).join(' and ')}</strong>`,
  })),
  ...run.gates.flatMap((gate) => [...visitsOf(gate), ...answersOf(gate, names), ...regressionsOf(run.run, gate)]),
  ...(run.words ?? []).flatMap((one) => writtenOf(run, one, names)),
  ...run.deployments.map(({ at, component, state }) => ({
    at,
    what: html`Deployment of <bdi>${visible(component)}</bdi> reported as ${state}`,
  })),
  ...wayBackOf(run, names),
  ...run.followUps.flatMap(({ title, answer }) =>
    answer === null ? [] : [{ at: answer.at, what: html`${title}: answered by <strong>${names(answer.by)}</strong>` }],
  ),
  ...(run.endedAt === null ? [] : [{ at: run.endedAt, what: html`<strong>Run ended: ${asWords(run.outcome)}</strong>` }]),
];

const place = ({ id, title }: GateView): Markup => html`<a href="#gate-${id}">${title}</a>`;

const visitsOf = (gate: GateView): readonly Moment[] => [
  ...gate.earlier.flatMap(({ openedAt, settledAt, outcome }) => [
    { at: openedAt, what: html`${place(gate)} opened` },
    ...(settledAt === null ? [] : [{ at: settledAt, what: html`${place(gate)} ${asWords(outcome ?? 'interrupted')}` }]),
  ]),
  ...(gate.openedAt === null ? [] : [{ at: gate.openedAt, what: html`${place(gate)} opened${gate.earlier.length > 0 ? ' again' : ''}` }]),
  ...(gate.settledAt === null || !isOver(gate)
    ? []
    : [
        {
          at: gate.settledAt,
          what: html`${place(gate)} <strong>${gate.id === incidentId && gate.state === 'passed' ? 'resumed' : asWords(gate.state)}</strong>`,
        },
      ]),
];

const answersOf = (gate: GateView, names: Names): readonly Moment[] =>
  gate.approvals.flatMap((one) =>
    one.at === null || one.answer === null
      ? []
      : [
          {
            at: one.at,
            what: html`${place(gate)}: ${asWords(one.answer)} by <strong>${askedName(one, names)}</strong> as ${asWords(one.role)}`,
          },
        ],
  );

const regressionsOf = (run: string, gate: GateView): readonly Moment[] =>
  gate.regressions.map(({ at, check, verdict }) => ({
    at,
    what: html`${place(gate)} regressed: ${checkLink(run, { check, title: titleIn([gate], check) })} became ${asWords(verdict)}`,
  }));

/** What people decided about checks and the run, and wrote why. Of the others another list of the view has who and when. */
const written: Readonly<Partial<Record<RunWords['kind'], string>>> = {
  waiver: 'waived',
  'not-applicable': 'declared not applicable',
  'exception-revocation': 'exception revoked',
  'cancellation-reason': 'Cancelled',
  'approval-recall': 'Requests recalled, or asked again',
  'incident-decision': 'Incident decided',
};

const writtenOf = ({ run, gates }: RunView, { kind, at, by, check }: RunWords, names: Names): readonly Moment[] => {
  const words = written[kind];
  if (words === undefined) return [];
  const about = check === null ? html`` : html`${checkLink(run, { check, title: titleIn(gates, check) })} `;
  return [{ at, what: html`${about}${words}${by === null ? '' : html` by <strong>${names(by)}</strong>`}` }];
};

const wayBackOf = ({ rollback }: RunView, names: Names): readonly Moment[] => {
  if (rollback === null) return [];
  const { triggers, decision, data, steps } = rollback;
  const byWhom = (by: string | null, without: string, principal: string | null = null): Markup =>
    by === null ? html`${without}` : html`by <strong>${inStead(by, principal, names)}</strong>`;
  return [
    ...triggers.map((one) => ({
      at: one.at,
      what: html`<strong>Rollback trigger</strong> “${one.title}” ${triggerWords(one, names)}`,
    })),
    ...(decision === null
      ? []
      : [
          {
            at: decision.at,
            what: html`Decided to <strong>${asWords(decision.decision)}</strong> ${byWhom(decision.by, 'without a person', decision.for)}`,
          },
        ]),
    ...(data === null ? [] : [{ at: data.at, what: html`Decided to ${data.choice} the data ${byWhom(data.by, 'by silence')}` }]),
    ...steps.flatMap(({ title, endedAt, outcome }) =>
      endedAt === null ? [] : [{ at: endedAt, what: html`Step “${title}” of the rollback: ${asWords(outcome)}` }],
    ),
  ];
};
