import * as z from 'zod';
import { checkActs } from '../../lib/api/check-pages.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { checkActsOf } from '../../lib/console/check-acts.ts';
import { type CheckPage, checkPage } from '../../lib/console/check-page.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';
import { type CheckView, readCheck } from '../../lib/query/check-view.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { readDraft } from './answer-draft.ts';
import { type CheckRefused, isOwnRepeat, sendCheckAct } from './check-sends.ts';
import { formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf } from './reader.ts';
import { type Attempt, recordForm, requestOf, type Stale, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

const nonceSchema = sealSchema.extend({
  /** How many events the lane of the check had on the page. */
  seen: z.int(),
});
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.decideCheck>;
type Show = PageRequest<typeof pages.showCheck>;
type Of = Pick<Ask, 'params'>;

/** The page of one check of a run, and its forms. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const checkPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showCheck' | 'decideCheck'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showCheck: async (request) => {
      const view = await readFor(parts, request, request.caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(request), person: request.caller.id, schema: formPages.decideCheck.typed };
      const draft = await readDraft(deps, parts.mac, about, request.query.draft);
      return ok(await shownPage(parts, request, view.ok, names, { typed: draft }));
    },
    decideCheck: (request) =>
      recordForm(parts, request, names, {
        id: 'decideCheck',
        seal: nonceSchema,
        path: pageOf(request),
        act: request.body.act,
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal, shownAt) => refusedPage(parts, asked, { refusal, shownAt }, names),
      }),
  };
};

const pageOf = ({ params }: Of): string => `/runs/${params.run}/checks/${params.check}`;

/** What people wrote is for people who hold a role. */
const readFor = ({ deps }: PeopleParts, { params }: Of, { roles }: PersonCaller): Promise<Outcome<CheckView>> =>
  readCheck(deps, params.run, params.check, roles.length > 0);

const stale = refuse('form-stale', 'The check has changed since the page was shown. Nothing was recorded.', {
  fix: 'Read what has changed, and send the form again if it still holds.',
}).refused;

/** Records the act when the check is as the page showed it; else shows what has changed, with the text that was typed. */
const perform = async (parts: PeopleParts, request: Ask, { nonce, isFirst }: Attempt<Nonce>, names: Names): Promise<Response | Stale> => {
  const { caller, body, env } = request;
  const view = await readFor(parts, request, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  const isChanged = view.ok.seen !== nonce.seen;
  const isRepeated = isChanged && isFirst && isOwnRepeat(view.ok, body.act, caller.id, nonce.at);
  if (isChanged && !isRepeated) return { stale, shownAt: nonce.at };
  const sent = await sendCheckAct(parts.deps, { ...request.params, form: body, request: requestOf(body.nonce) }, caller);
  return sent === undefined ? redirect(pageOf(request)) : refusedPage(parts, request, sent, names);
};

type Refused = CheckRefused & { readonly shownAt?: string | undefined };

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: Refused, names: Names): Promise<Response> => {
  const { caller, env, body } = request;
  const { refusal } = refused;
  const typed = formPages.decideCheck.typed.parse(body);
  if (refusal.type === 'sign-in-stale') return signInAgain(parts, request, names, { id: 'decideCheck', path: pageOf(request), refusal });
  const view = await readFor(parts, request, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed, ...refused });
};

type More = Pick<CheckPage, 'typed' | 'refusal' | 'field' | 'shownAt'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, view: CheckView, names: Names, more: More): Promise<Response> => {
  const { caller, session } = request;
  const now = parts.deps.clock.now();
  const acts = checkActsOf(view, caller);
  const bound = { path: pageOf(request), person: caller.id, session, seen: view.seen, at: now.toISOString() };
  // A page without a form needs none.
  const nonce = checkActs.some((act) => acts[act] === null) ? await sealForm(parts, bound) : '';
  return pageResponse(
    checkPage({ view, caller, now, acts, nonce, ...more }, names),
    more.refusal === undefined ? 200 : refusalStatus[more.refusal.type],
  );
};
