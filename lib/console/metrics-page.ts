import { html } from 'hono/html';
import { nameSchema } from '../fields.ts';
import { type Metrics, type MetricsGroup, mostRuns } from '../query/metrics.ts';
import { counted } from '../wording.ts';
import { brief } from './form-field.ts';
import { type Markup, page, time } from './layout.ts';
import { figureText, lengthText } from './lengths.ts';
import { wrongNote } from './refusal-note.ts';

/** Weeks over which figures are shown. */
const metricsPeriods = [4, 12, 52] as const;
const usualPeriod = 12;
/** More groups would make the page too large; the command line and the API have all. */
const mostGroups = 24;
/** A median of fewer releases is shown with the remark that it says little. */
const few = 5;

/** The figures about releases, for each service and environment side by side. `says`: what was wrong with the address. */
export const metricsPage = (person: string, metrics: Metrics, service: string | undefined, says?: string): Markup => {
  const { groups, weeks, from, to } = metrics;
  const shown = groups.slice(0, mostGroups);
  return page(
    { title: 'Metrics', person },
    html`<h1>Metrics</h1>
${wrongNote(says)}
<p class="lead">How often releases reach each environment, how long that takes, and how often one has to be taken back: from ${time(from)} until ${time(to)}, computed from recorded runs.${service === undefined ? '' : html` Service ${service}. <a href="/metrics?weeks=${weeks}">Show all services</a>`}</p>
<nav class="jump" aria-label="Period">${metricsPeriods.map((one) => html`<a class="button quiet" href="/metrics?${new URLSearchParams({ weeks: String(one), ...(service === undefined ? {} : { service }) })}"${one === weeks ? html` aria-current="page"` : ''}>${one} weeks</a>`)}</nav>
${limits(metrics)}
${groups.length === 0 ? empty(metrics) : shown.map((group, place) => groupSection(group, place))}
${groups.length > shown.length ? html`<p class="soft">${groups.length - shown.length} more are not shown: <span class="mono">holdpoint metrics --service SERVICE</span></p>` : ''}
${definitions}`,
  );
};

type MetricsAsked = { readonly service?: string | undefined; readonly weeks?: string | undefined };

/** What an address asks for; a wrong one gets the figures of all services or of the usual period, and says so. */
export const metricsAsked = ({
  service = '',
  weeks = '',
}: MetricsAsked): { readonly service?: string; readonly weeks: number; readonly says?: string } => {
  const period = weeks === '' ? usualPeriod : metricsPeriods.find((one) => String(one) === weeks);
  const isService = nameSchema.safeParse(service).success;
  const wrong = [
    ...(service === '' || isService ? [] : [`No service has the name “${brief(service)}”. These are the figures of all.`]),
    ...(period === undefined ? [`There is no period of “${brief(weeks)}” weeks: choose 4, 12 or 52. These are the figures of 12.`] : []),
  ];
  return {
    ...(isService ? { service } : {}),
    weeks: period ?? usualPeriod,
    ...(wrong.length === 0 ? {} : { says: wrong.join(' ') }),
  };
};

const limits = ({ more, withoutMilestones }: Metrics): Markup =>
  html`${
    more
      ? html`<div class="note"><p>There are more runs than the ${mostRuns} newest. Only those are counted, so the figures of a long period are too low.</p></div>`
      : ''
  }${
    withoutMilestones === 0
      ? ''
      : html`<div class="note"><p>${counted(withoutMilestones, 'run')} of the period ${withoutMilestones === 1 ? 'was' : 'were'} listed by an older version of Holdpoint and ${withoutMilestones === 1 ? 'is' : 'are'} not counted. To count ${withoutMilestones === 1 ? 'it' : 'them'}, invoke the function <span class="mono">event-sweep</span> with <span class="mono">{"rebuild": true}</span>.</p></div>`
  }`;

const empty = ({ weeks }: Metrics): Markup =>
  html`<div class="card"><p><strong>No release in these ${weeks} weeks.</strong> Figures appear once people have decided about a release at go / no-go, and more of them once it is deployed. A CI job begins with <span class="mono">holdpoint start</span>.</p></div>`;

const groupSection = (group: MetricsGroup, place: number): Markup => {
  const { service, environment, deployments, weekly, waits } = group;
  return html`<section class="card" aria-labelledby="group-${place}"><h2 id="group-${place}">${service} in ${environment}</h2>
<dl class="figures">
<div><dt>Deployment frequency</dt><dd><strong>${frequency(deployments, weekly.length)}</strong><span class="soft">${counted(deployments, 'deployment')} in ${counted(weekly.length, 'week')}</span></dd></div>
<div><dt>Lead time from the start</dt><dd>${median(group.leadTime, 'deployment')}</dd></div>
<div><dt>Change failure rate</dt><dd>${failureRate(group)}</dd></div>
<div><dt>Time to restore</dt><dd>${median(group.restore, 'rollback')}</dd></div>
<div><dt>Start to go / no-go</dt><dd>${median(group.goTime, 'decision')}</dd></div>
</dl>
${picture(group)}
${waits.length === 0 ? '' : html`<h3>Time that ${service} waited for people in ${environment}</h3><dl>${waits.map((wait) => html`<dt>${wait.title ?? wait.gate}</dt><dd>${lengthText(wait.seconds)} <span class="soft">median of ${wait.of}${remark(wait.of)}</span></dd>`)}</dl>`}
</section>`;
};

const remark = (of: number): string => (of < few ? ': too few to tell' : '');

const none = (of: string): Markup => html`<strong>none yet</strong><span class="soft">no ${of} in this period</span>`;

const median = (span: MetricsGroup['leadTime'], of: string): Markup =>
  span === null
    ? none(of)
    : html`<strong>${lengthText(span.seconds)}</strong><span class="soft">median of ${counted(span.of, of)}${remark(span.of)}</span>`;

/** How often something was deployed, in words. */
export const frequency = (deployments: number, weeks: number): string =>
  deployments === 0
    ? 'none'
    : deployments >= weeks
      ? `${figureText(deployments / weeks)} a week`
      : `one in ${counted(weeks / deployments, 'week', 'weeks', figureText(weeks / deployments))}`;

const failureRate = ({ changeFailure: { failed, decided, open } }: MetricsGroup): Markup => {
  const still = open === 0 ? '' : `; ${open} not judged to the end yet`;
  return decided === 0
    ? html`<strong>not known yet</strong><span class="soft">no deployment was judged to the end${still}</span>`
    : html`<strong>${figureText((failed * 100) / decided)} %</strong><span class="soft">${failed} of ${counted(decided, 'deployment')}${remark(decided)}${still}</span>`;
};

const height = 64;

/** Deployments week by week; those that failed from below. */
const picture = ({ weekly, service, environment }: MetricsGroup): Markup => {
  const most = Math.max(1, ...weekly.map(({ deployments }) => deployments));
  const width = 100 / weekly.length;
  const bar = (kind: string, place: number, count: number): Markup | '' =>
    count === 0
      ? ''
      : html`<rect class="${kind}" x="${Math.round(place * width * 100) / 100}%" y="${20 + height - (count * height) / most}" width="${Math.round(width * 80) / 100}%" height="${(count * height) / most}"/>`;
  const failed = weekly.reduce((sum, one) => sum + one.failed, 0);
  const all = weekly.reduce((sum, one) => sum + one.deployments, 0);
  return html`<figure class="plot"><svg width="100%" height="${height + 40}" role="img" aria-label="Deployments of ${service} in ${environment} week by week: ${all}, of which ${failed} failed; ${most} in a week at most. The list below has the numbers.">
<line class="base" x1="0" y1="${20 + height}" x2="100%" y2="${20 + height}"/>
${weekly.map(({ deployments, failed: bad }, place) => html`${bar('bar', place, deployments)}${bar('bar bad', place, bad)}`)}
<text class="tick" x="0" y="12">${most} in a week</text><text class="tick" x="0" y="${height + 36}">${weekly[0]?.from.slice(0, 10) ?? ''}</text><text class="tick" x="100%" y="${height + 36}" text-anchor="end">now</text>
</svg>${failed === 0 ? '' : html`<p class="soft">Bars: all deployments; the lower part of a bar shows those that failed.</p>`}<details><summary>Deployments of ${service} in ${environment} by week</summary>${
    all === 0
      ? html`<p>None.</p>`
      : html`<ul>${weekly.filter((one) => one.deployments > 0).map((one) => html`<li>week from ${time(one.from)}: ${counted(one.deployments, 'deployment')}${one.failed === 0 ? '' : `, ${one.failed} failed`}</li>`)}</ul>`
  }</details></figure>`;
};

const dora = html`<a href="https://dora.dev/guides/dora-metrics-four-keys/" rel="noopener noreferrer">DORA</a>`;

const definitions = html`<section class="card" aria-labelledby="meaning"><h2 id="meaning">What the figures mean</h2>
<p>The first four are those of ${dora} (dora.dev), as far as Holdpoint records what they need.</p>
<dl><dt>Deployment frequency</dt><dd>How often a release reached the environment: its T0 has come, and its deployment was finished or had to be taken back.</dd>
<dt>Lead time for changes</dt><dd>DORA counts from the commit; Holdpoint does not record when commits were made, so what is shown counts from the start of the run to the finished deployment, and is shorter.</dd>
<dt>Change failure rate</dt><dd>The share of the deployments whose run has ended that were rolled back, escalated, not stable, or ended as an incident; superseded ones count as not failed.</dd>
<dt>Time to restore</dt><dd>From the opening of the decision about a rollback until the earlier version was back and verified; rollbacks that were not verified are not among them.</dd>
<dt>Start to go / no-go</dt><dd>From the start of the run until people decided to release it.</dd>
<dt>Time waited for people</dt><dd>How long each gate at which people sign was open, all its visits together, of the releases that people decided to release.</dd></dl>
<p class="soft">Each is a median, which one long release does not move. The same as JSON: <span class="mono">GET /v1/metrics</span> or <span class="mono">holdpoint metrics --json</span>.</p></section>`;
