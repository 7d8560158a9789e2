import * as z from 'zod';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { reviewActs } from '../../lib/api/review-pages.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { reviewActsOf } from '../../lib/console/review-acts.ts';
import { type ReviewsPage, reviewsPage } from '../../lib/console/reviews-page.ts';
import { withForms } from '../../lib/console/seen-list.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';
import { type ReviewsView, readReviews } from '../../lib/query/reviews-view.ts';
import type { SeenView } from '../../lib/query/seen-view.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { readDraft } from './answer-draft.ts';
import { formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf } from './reader.ts';
import { isOwnLabel, type ReviewRefused, sendReviewAct } from './review-sends.ts';
import { type Attempt, recordForm, requestOf, type Stale, sealForm, sealSchema } from './sealed-form.ts';

const nonceSchema = sealSchema.extend({
  /** The observations that had a form, each with the label that the page showed. */
  shown: z.array(z.string()),
});
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.answerReviews>;
type Show = PageRequest<typeof pages.showReviews>;

/** The page of the reviews of a run, and its forms. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const reviewPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showReviews' | 'answerReviews'> => {
  const names = namesOf(parts.deps);
  return {
    showReviews: async (request) => {
      const { params, query, caller } = request;
      const view = await readFor(parts, params.run, caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(params.run), person: caller.id, schema: formPages.answerReviews.typed };
      const typed = await readDraft(parts.deps, parts.mac, about, query.draft);
      return ok(await shownPage(parts, request, view.ok, names, { typed }));
    },
    answerReviews: (request) =>
      recordForm(parts, request, names, {
        id: 'answerReviews',
        seal: nonceSchema,
        path: pageOf(request.params.run),
        act: request.body.act,
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal) => refusedPage(parts, asked, { refusal }, names),
      }),
  };
};

const pageOf = (run: string): string => `/runs/${run}/reviews`;

/** What people wrote is for people who hold a role. */
const readFor = ({ deps }: PeopleParts, run: string, { roles }: PersonCaller): Promise<Outcome<ReviewsView>> =>
  readReviews(deps, run, roles.length > 0);

const stale = refuse('form-stale', 'Somebody has labelled this observation since the page was shown. Nothing was recorded.', {
  fix: 'Read the label, and send the form again if you know better: the last label counts.',
}).refused;

const stateOf = ({ observation, labelEvent }: SeenView): string => sha256(`${observation}\n${labelEvent ?? ''}`).slice(0, 12);

/** Records the act when the observation has the label that the page showed; else shows the label that it has now, with the text that was typed. */
const perform = async (parts: PeopleParts, request: Ask, { nonce, isFirst }: Attempt<Nonce>, names: Names): Promise<Response | Stale> => {
  const { caller, body, env, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  const about = body.act === 'label' ? view.ok.seen.find(({ observation }) => observation === body.observation) : undefined;
  const isChanged = about !== undefined && !nonce.shown.includes(stateOf(about));
  if (isChanged && !(isFirst && isOwnLabel(about, body, caller.id, nonce.at))) return { stale, shownAt: nonce.at };
  const sent = await sendReviewAct(parts.deps, { run: params.run, form: body, request: requestOf(body.nonce) }, caller);
  return sent === undefined ? redirect(pageOf(params.run)) : refusedPage(parts, request, sent, names);
};

/** The page as it is now, with what was wrong and what the person typed. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: ReviewRefused, names: Names): Promise<Response> => {
  const { caller, env, body, params } = request;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refused.refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed: formPages.answerReviews.typed.parse(body), ...refused });
};

type More = Pick<ReviewsPage, 'typed' | 'refusal' | 'field'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, view: ReviewsView, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const acts = reviewActsOf(view.run, caller);
  const bound = { path: pageOf(params.run), person: caller.id, session, shown: withForms(view.seen).map(stateOf), at: now.toISOString() };
  // A page without a form needs none.
  const nonce = reviewActs.some((act) => acts[act] === null) ? await sealForm(parts, bound) : '';
  return pageResponse(
    reviewsPage({ view, caller, now, acts, nonce, ...more }, names),
    more.refusal === undefined ? 200 : refusalStatus[more.refusal.type],
  );
};
