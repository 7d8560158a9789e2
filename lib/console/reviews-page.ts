import { html } from 'hono/html';
import type { Refusal } from '../outcome.ts';
import { hasEnded } from '../query/gate-state.ts';
import type { ReviewsView } from '../query/reviews-view.ts';
import type { SeenView } from '../query/seen-view.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { counted } from '../wording.ts';
import { reviewFields } from './filled-fields.ts';
import { asWords, formatInstant, type Names, withNames } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, madeAt, page, time } from './layout.ts';
import { operateOf } from './operate.ts';
import { refusalNote } from './refusal-note.ts';
import type { ReviewActs } from './review-acts.ts';
import { fieldId, observeForm, type ReviewField, type ReviewForms, type TypedReview } from './review-forms.ts';
import { windowSection } from './review-window.ts';
import { outcomePill } from './runs.ts';
import { plannedT0 } from './schedule.ts';
import { labelled, seenSection } from './seen-list.ts';

export type ReviewsPage = {
  readonly view: ReviewsView;
  readonly caller: Pick<PersonCaller, 'id' | 'roles'>;
  readonly now: Date;
  readonly acts: ReviewActs;
  readonly nonce: string;
  readonly typed?: TypedReview | undefined;
  readonly refusal?: Refusal | undefined;
  /** The field that was wrong. */
  readonly field?: ReviewField | undefined;
};

/** The windows in which a release is watched and judged after its deployment, and what people say about what was seen. */
export const reviewsPage = (shown: ReviewsPage, names: Names): Markup => {
  const { view, caller, now, acts, nonce, typed, refusal, field } = shown;
  const { run, windows } = view;
  const slip = refusal === undefined || field === undefined ? undefined : { field, says: withNames(refusal.detail, names) };
  const forms: ReviewForms = { run: run.run, nonce, now, typed, slip };
  return page(
    {
      title: `${refusal === undefined ? '' : 'Not recorded: '}Reviews of ${run.service} ${run.version}`,
      person: names(caller.id),
      now,
      live: 'shows',
      operate: operateOf(run, caller),
    },
    html`<p class="soft"><a href="/runs">Runs</a> / <a href="/runs/${run.run}"><span class="mono">${run.run}</span></a> / Reviews</p>
<div class="head"><h1>Reviews of ${run.service} ${run.version} in ${run.environment}</h1>${outcomePill(run.outcome)}</div>
${refusal === undefined ? kept(shown) : refusalNote(refusal, names, refusedMore(shown, names))}
${nowNote(view)}
<p class="soft">As of ${madeAt(now)}. <a href="/runs/${run.run}/reviews">Show the current state</a></p>
<p class="jump">${windows.map(({ gate }) => html`<a class="button quiet" href="#window-${gate.id}">${gate.title}</a>`)}<a class="button quiet" href="#seen">Observations</a>${acts.observe === null ? html`<a class="button quiet" href="#observe">Report one</a>` : ''}</p>
${windows.map((window) => windowSection(window, run.run, now, names))}
${seenSection(view, forms, acts, names)}
${acts.observe === null ? observeForm(forms) : html`<section class="card narrow" aria-labelledby="observe"><h2 id="observe">Report an observation</h2><p>${acts.observe}</p></section>`}`,
  );
};

/** What a person must know first: whether a window runs, and whether something waits for people. */
const nowNote = (view: ReviewsView): Markup => {
  const { run, windows, finishedAt, seen } = view;
  const open = seen.filter(isOpen);
  if (hasEnded(run))
    return html`<div class="note calm"><p><strong>The run has ended: ${asWords(run.outcome)}.</strong> This is what was measured and seen${finishedAt === null ? ', and no window began' : ''}.</p></div>`;
  if (finishedAt === null)
    return html`<div class="note calm"><p><strong>No window has begun.</strong> ${windows.map(({ gate }) => gate.title).join(', ')} begin when the deployment of every component is reported as finished. T0 is planned for ${plannedT0(run.plannedT0)}${run.plannedT0 === 'when-released' ? '' : ', so not before that'}. Until then the pictures are empty.</p></div>`;
  if (open.length > 0)
    return html`<div class="note wait"><p><strong>${counted(open.length, 'bad observation')} ${open.length === 1 ? 'waits' : 'wait'} for a label.</strong> No review passes before an operations lead says what ${open.length === 1 ? 'it was' : 'each was'}.</p><p><a href="#seen">Go to ${open.length === 1 ? 'it' : 'them'}</a></p></div>`;
  const running = windows.filter(({ ends, gate }) => ends !== null && gate.settledAt === null);
  return html`<div class="note calm"><p><strong>Nothing waits for a label.</strong> ${running.map(({ gate, ends }) => html`${gate.title} ${ends !== null && ends > view.asOf ? 'ends' : 'ended'} ${ends === null ? '' : time(ends)}. `)}</p></div>`;
};

/** Bad, counted, and nobody has said what it was. */
const isOpen = ({ bad, label, notCounted }: SeenView): boolean => bad && label === null && notCounted === null;

/** The way to the field; everything that was typed where its form is gone; and what the label is now. */
const refusedMore = (shown: ReviewsPage, names: Names): Markup | '' => {
  const { typed, field, refusal } = shown;
  if (typed === undefined) return '';
  const about = aboutOf(shown, typed);
  const isStale = refusal?.type === 'form-stale' && about?.label != null;
  const since = isStale
    ? html`<p>${labelled(about, names)}${about.labelledAt === null ? '' : `, ${formatInstant(about.labelledAt)}`}.</p>`
    : '';
  if (isGone(shown, typed)) return html`${since}${wrote(reviewFields(typed))}`;
  const target =
    typed.act === 'observe'
      ? field === undefined
        ? 'observe'
        : fieldId('observe', field)
      : fieldId('label', field ?? 'reason', about?.number);
  return html`${since}<p><a href="#${target}">${field === undefined ? 'Go to the form' : 'Correct it'}</a></p>`;
};

/** After a new sign-in. */
const kept = (shown: ReviewsPage): Markup | '' => {
  const { typed } = shown;
  if (typed === undefined) return '';
  const form = typed.act === 'observe' ? 'observe' : fieldId('label', 'reason', aboutOf(shown, typed)?.number);
  return keptNote(reviewFields(typed), isGone(shown, typed) ? null : form);
};

const aboutOf = ({ view }: ReviewsPage, { act, observation }: TypedReview): SeenView | undefined =>
  act === 'label' ? view.seen.find((one) => one.observation === observation) : undefined;

/** Whether the page has no form any more for what was typed. */
const isGone = (shown: ReviewsPage, typed: TypedReview): boolean =>
  shown.acts[typed.act] !== null || (typed.act === 'label' && (aboutOf(shown, typed)?.number ?? null) === null);
