import { html } from 'hono/html';
import { isOver } from '../query/gate-state.ts';
import type { Chart, Stretch, Stroke } from '../query/review-charts.ts';
import type { ReviewWindow } from '../query/reviews-view.ts';
import { counted } from '../wording.ts';
import { listed } from './about-run.ts';
import { eventsLink } from './events-link.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { gatePill } from './gates-picture.ts';
import { passing } from './instants.ts';
import { deadline, type Markup, time, verdictPill } from './layout.ts';
import { lengthText } from './lengths.ts';
import type { Frame } from './plot.ts';
import { passedWords } from './relative.ts';
import { seenPicture } from './seen-picture.ts';
import { figureNames, seriesPicture, valueText } from './series-picture.ts';

/** One window: when it is, what counts in it, what was measured and seen, and what its gate says. */
export const windowSection = (
  window: ReviewWindow,
  run: string,
  now: Date,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="window-${window.gate.id}">
<div class="head"><h2 id="window-${window.gate.id}">${window.gate.title}</h2>${gatePill(window.gate)}</div>
${when(window, now)}
${isOver(window.gate) ? '' : listed(otherReasons(window), names)}
${window.drawn === null ? '' : pictures(window, run, now)}
${lines(window, run, names)}
</section>`;

/** What keeps the gate beside its checks, which are listed below with their reasons. */
const otherReasons = ({ gate, lines: all }: ReviewWindow): readonly string[] =>
  gate.reasons.filter((reason) => !all.some(({ finding }) => reason.replace(/^re-opened: /, '').startsWith(`${finding.title}: `)));

const anchors: Readonly<Record<ReviewWindow['anchor'], string>> = {
  'deployment.finished': 'when the deployment of every component is finished',
  'stable-since':
    'when the deployment is finished, and anew at the end of each incident: a bad observation that nobody labelled false or explained',
};

const when = ({ begins, ends, seconds, passedSeconds, anchor, anew, cap, drawn, gate }: ReviewWindow, now: Date): Markup => {
  const length = lengthText(seconds);
  if (begins === null)
    return html`<p>${drawn === null ? '' : html`<strong>It does not run: an alarm is not OK again.</strong> `}It lasts ${length}, and begins ${anchors[anchor]}.</p>`;
  const isDone = ends !== null && Date.parse(ends) <= now.getTime();
  const isRunning = ends !== null && !isDone;
  return html`<dl><dt>${Date.parse(begins) <= now.getTime() ? 'Began' : 'Begins'}</dt><dd>${time(begins)}${anew === null ? '' : html` <span class="soft">started anew by <span class="mono"><bdi>${visible(anew.observation)}</bdi></span> (${anew.kind})</span>`}</dd>
<dt>${isDone ? 'Ended' : 'Ends'}</dt><dd>${ends === null ? 'not known yet' : deadline(ends)}</dd>
<dt>So far</dt><dd><meter min="0" max="${seconds}" value="${Math.min(passedSeconds, seconds)}" aria-label="How much of the window is over"${isRunning ? html` data-since="${begins}"` : ''}>${passedSeconds} s</meter> ${isRunning ? passing(passedWords(passedSeconds, seconds, true), { since: begins, limitSeconds: seconds }) : passedWords(passedSeconds, seconds, false)}</dd>
${gate.settledAt === null ? '' : html`<dt>Decided</dt><dd>${time(gate.settledAt)}: ${asWords(gate.state)}</dd>`}
${cap === null ? '' : html`<dt>At the latest</dt><dd>${time(cap)} <span class="soft">then people decide, whatever starts it anew</span></dd>`}</dl>`;
};

const lines = ({ lines: all, gate }: ReviewWindow, run: string, names: Names): Markup =>
  all.length === 0
    ? html`<p>No check belongs to this window.</p>`
    : html`<h3>${gate.title}: what it asks</h3><ul class="plain notable">${all.map(
        ({ finding, thresholds }) =>
          html`<li>${verdictPill(finding.verdict)} <span><strong><a href="/runs/${run}/checks/${finding.check}">${finding.title}</a></strong><span class="said"><bdi>${visible(withNames(finding.reason, names))}</bdi>${finding.mode === 'observe' ? html` <span class="soft">For information only.</span>` : ''}</span>${thresholds.length === 0 || finding.verdict === 'not-applicable' ? '' : html`<span class="said soft">${thresholds.map(({ text }) => visible(text)).join('; ')}</span>`}</span></li>`,
      )}</ul>`;

const pictures = (window: ReviewWindow, run: string, now: Date): Markup => {
  const { charts, unmeasured, reportsLeftOut, probes, begins, ends, drawn } = window;
  if (drawn === null) return html``;
  const frame: Frame = {
    window: drawn,
    begins: begins === null ? null : Date.parse(begins),
    ends: ends === null ? null : Date.parse(ends),
    now: now.getTime(),
  };
  const content = html`${unmeasured.map((series) => fedBy(series, run))}
${charts.length === 0 && unmeasured.length === 0 ? html`<p class="soft">No series was measured in this window, and no check of it asks for one. What counts are the observations.</p>` : ''}
<div class="plots">${seenPicture(window, frame)}${charts.map((chart) => seriesPicture(chart, frame, window.bad))}</div>
${reportsLeftOut === 0 ? '' : html`<p class="soft">${counted(reportsLeftOut, 'earlier report')} not drawn: ${eventsLink(run, 'measurement', 'search the figures of this run')}.</p>`}
${probes.length === 0 ? '' : html`<p class="soft">Holdpoint's own looks that are recorded here: ${probes.map(({ probe, passed, notGood, notGoodLeftOut }) => html`<span class="mono">${visible(probe)}</span>: ${passed} passed, ${notGood.length + notGoodLeftOut} not good. `)}Looks are recorded when they differ and every half hour.</p>`}
${numbers(window, run)}`;
  return isOver(window.gate) ? html`<details><summary>Pictures and numbers of ${window.gate.title}</summary>${content}</details>` : content;
};

const fedBy = (series: string, run: string): Markup =>
  html`<div class="note calm"><p><strong>Nothing was measured of <span class="mono">${series}</span> in this window yet.</strong> ${
    series.startsWith('read-')
      ? 'Holdpoint reads the metrics of the stage file itself when the window is over.'
      : html`Let a probe write the series, and send it; it may be sent again while it grows:`
  }</p>${series.startsWith('read-') ? '' : html`<p class="mono command">holdpoint probe URL --for DURATION --name ${series} --output ${series}.series.json</p><p class="mono command">holdpoint evidence ${run} ${series}.series.json --type series --source ${series} --commit SHA</p>`}</div>`;

/** More rows than a person compares by eye; the events hold the others. */
const mostRows = 24;

/** The same as the pictures, for those who do not see them. */
const numbers = ({ charts, rate }: ReviewWindow, run: string): Markup => {
  const rows = rowsOf(charts);
  const shown = rows.slice(-mostRows);
  const gaps = charts.flatMap((chart) => chart.gaps.map((gap) => ({ ...gap, of: `${figureNames[chart.figure]} of ${chart.series}` })));
  const perStretch = rate.filter(({ all }) => all > 0);
  return html`<details><summary>Numbers of the pictures</summary>
${
  rows.length === 0
    ? html`<p>Nothing was measured.</p>`
    : html`${sourcesOf(shown).map(
        ([first, ...others]) =>
          html`<p><span class="mono">${first.series}</span>, ${visible(first.stroke.source)}${first.stroke.component === null ? '' : `, ${visible(first.stroke.component)}`}:</p><ul>${[first, ...others].map(({ stretch, figures }) => html`<li>${time(iso(stretch.from))}, ${lengthText((stretch.to - stretch.from) / 1000)}: ${figures.join(', ')}; ${counted(stretch.points, 'point')}</li>`)}</ul>`,
      )}`
}
${rows.length > shown.length ? html`<p class="soft">${counted(rows.length - shown.length, 'earlier row is', 'earlier rows are')} not shown.</p>` : ''}
${gaps.length === 0 ? '' : html`<p>Not measured:</p><ul>${gaps.slice(0, mostRows).map(({ from, to, of }) => html`<li>${of}: from ${time(iso(from))} for ${lengthText((to - from) / 1000)}</li>`)}</ul><p class="soft">Of a series those gaps are recorded that are longer than every later one, and those in which a whole stretch has no point.</p>`}
${perStretch.length === 0 ? '' : html`<p class="drawn">Observations: ${perStretch.map(({ from, all, bad }, place) => html`${place === 0 ? '' : '; '}${time(iso(from))}: ${all}${bad === 0 ? '' : `, ${bad} bad`}`)}.</p>`}
<p class="soft">Every figure is an event: ${eventsLink(run, 'measurement', 'search the figures of this run')}.</p></details>`;
};

const iso = (at: number): string => new Date(at).toISOString();

type Row = { readonly stretch: Stretch; readonly stroke: Stroke; readonly series: string; readonly figures: readonly string[] };

/** The rows of each source together: they share its name. */
const sourcesOf = (rows: readonly Row[]): readonly (readonly [Row, ...Row[]])[] => {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.series, row.stroke.source, row.stroke.component]);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [row]);
    else own.push(row);
  }
  return [...groups.values()];
};

/** The figures of a stretch of a report stand in one row. */
const rowsOf = (charts: readonly Chart[]): readonly Row[] => {
  const rows = new Map<string, Row>();
  for (const { series, figure, strokes } of charts)
    for (const stroke of strokes)
      for (const stretch of stroke.stretches) {
        const key = `${stroke.report} ${stretch.from} ${stretch.to}`;
        const figures = [...(rows.get(key)?.figures ?? []), `${asWords(figure)} ${valueText(figure, stretch.value)}`];
        rows.set(key, { stretch, stroke, series, figures });
      }
  return [...rows.values()].sort((a, b) => a.stretch.from - b.stretch.from);
};
