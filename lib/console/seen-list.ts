import { html } from 'hono/html';
import type { ReviewsView } from '../query/reviews-view.ts';
import type { SeenView } from '../query/seen-view.ts';
import { eventsLink } from './events-link.ts';
import { fitting } from './fitting.ts';
import { type Names, visible, withNames } from './format.ts';
import { type Markup, pill, time } from './layout.ts';
import type { ReviewActs } from './review-acts.ts';
import { labelForm, labelMeanings, type ReviewForms } from './review-forms.ts';
import { foreignBriefly, said } from './said.ts';

/** Bytes of the page for the texts of the list; a form takes some two thousand more. */
const room = 12_000;
/** More forms would make the page too large. Those without a label come first, so the next one gets a form when one is labelled. */
export const mostForms = 6;

/** The observations of which the page has a form: bad ones, those without a label first. */
export const withForms = (seen: readonly SeenView[]): readonly SeenView[] => seen.filter(({ bad }) => bad).slice(0, mostForms);

/** Every observation with its time, what people said about it, and the form to label it. */
export const seenSection = (
  { seen, seenLeftOut, words, run, finishedAt }: ReviewsView,
  forms: ReviewForms,
  acts: ReviewActs,
  names: Names,
): Markup => {
  const wordsOf = (digest: string | null): string => (digest === null ? '' : (words.get(digest)?.text ?? ''));
  const listed = fitting(seen, room, ({ observation, subject, summary, words: own, explanation }) => [
    observation,
    subject,
    summary,
    wordsOf(own),
    wordsOf(explanation),
  ]);
  const more = seen.length - listed.length + seenLeftOut;
  const formed = acts.label === null ? new Set(withForms(seen)) : new Set<SeenView>();
  const isShort = seenLeftOut > 0 || seen.some((one) => one.bad && !(formed.has(one) && listed.includes(one)));
  return html`<section class="card" aria-labelledby="seen"><h2 id="seen">Observations and alarms</h2>
${seen.length === 0 ? empty(finishedAt) : ''}
${acts.label === null || !seen.some(({ bad }) => bad) ? '' : html`<p class="soft">${acts.label}</p>`}
${formed.size === 0 ? '' : labelMeanings}
<ul class="plain notable">${listed.map((one) => html`<li id="seen-${one.number ?? visibleId(one)}">${statePill(one)} <span>${about(one, words, names)}${formed.has(one) ? labelForm(forms, one) : ''}</span></li>`)}</ul>
${more === 0 ? '' : html`<p class="soft">${more} more are not shown here: ${eventsLink(run.run, 'observation', 'search the observations of this run')}.</p>`}
${acts.label === null && isShort ? html`<p class="soft">Label those without a form with <span class="mono">holdpoint label ${run.run} OBSERVATION</span>, or here once the first are labelled.</p>` : ''}
</section>`;
};

const visibleId = ({ observation }: SeenView): string => observation.replace(/[^a-zA-Z0-9-]/g, '-');

const empty = (finishedAt: string | null): Markup =>
  html`<p>Nothing was observed yet. ${finishedAt === null ? 'What is seen before the deployment has finished does not count for the reviews.' : 'Silence proves nothing: report what you see, also when all is well.'}</p>
<p class="soft">Observations come from the feeds (CloudWatch alarms, ECS, RDS, Lambda, AWS Health), from Holdpoint's event bus, from <span class="mono">POST /v1/runs/RUN/observations</span>, and from the form below.</p>`;

/** The state in words; the colour only repeats it. */
const statePill = ({ bad, label, notCounted }: SeenView): Markup => {
  if (!bad) return pill('good', 'good');
  if (label === null) return notCounted === null ? pill('no label', 'bad') : pill('not counted', 'calm');
  return label === 'true' ? pill('true', 'bad') : pill(label, 'calm');
};

export const labelled = ({ label, labelledBy }: SeenView, names: Names): string =>
  `labelled ${label ?? 'nothing'} by ${labelledBy === null ? 'nobody' : names(labelledBy)}`;

const about = (one: SeenView, words: ReviewsView['words'], names: Names): Markup => {
  const own = one.words === null ? '' : said(words, one.words, one.by === null ? 'A person' : names(one.by));
  const text =
    one.words === null
      ? foreignBriefly(`${one.subject}${one.where === null ? '' : ` (${one.where})`}: ${one.summary}`)
      : own === ''
        ? html`seen by a person`
        : own;
  return html`${one.number === null ? '' : html`<strong>${one.number}</strong> · `}${one.kind}, ${time(one.seenAt)}${one.observedAt > one.seenAt ? html` <span class="soft">(it claims ${time(one.observedAt)})</span>` : ''}: ${text}${redText(one)}
<span class="soft"><span class="mono">${visible(one.observation)}</span>${one.notCounted === null ? '' : html`. Not counted: <bdi>${visible(withNames(one.notCounted, names))}</bdi>`}</span>${one.announced === null ? '' : said(words, one.announced.reason, names(one.announced.by))}${
    one.label === null
      ? ''
      : html`<span class="soft said">${labelled(one, names)}${one.labelledAt === null ? '' : html`, ${time(one.labelledAt)}`}.</span>${said(words, one.explanation, { as: 'Reason' })}`
  }`;
};

const redText = ({ kind, bad, clearedAt, unknownSince, notCounted }: SeenView): Markup | '' => {
  if (kind !== 'alarm' || !bad) return '';
  if (clearedAt !== null) return html`. OK again ${time(clearedAt)}`;
  if (unknownSince !== null) return html`. <strong>Not OK again</strong>, and in an unknown state since ${time(unknownSince)}`;
  return notCounted === null ? html`. <strong>Still red</strong>` : '';
};
