import * as z from 'zod';
import { operatingActs } from '../../lib/api/operating-pages.ts';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type OperatingPage, operatingPage } from '../../lib/console/operating.ts';
import { operatingActsOf, seenOf } from '../../lib/console/operating-acts.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { ok, refuse } from '../../lib/outcome.ts';
import type { RunView } from '../../lib/query/view.ts';
import { readDraft } from './answer-draft.ts';
import { formPages } from './form-pages.ts';
import { isOwnRepeat, type OperatingRefused, sendOperatingAct } from './operating-sends.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf, readRunOf } from './reader.ts';
import { clockOf } from './reader-clock.ts';
import { type Attempt, recordForm, requestOf, type Stale, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

/** `seen`: what the page showed of the run. */
const nonceSchema = sealSchema.extend({ seen: z.string() });
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.operateRun>;
type Show = PageRequest<typeof pages.showOperating>;

/** The page on which people operate a run. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const operatingPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showOperating' | 'operateRun'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showOperating: async (request) => {
      const { params, query, caller } = request;
      const view = await readRunOf(parts, params.run, caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(params.run), person: caller.id, schema: formPages.operateRun.typed };
      const typed = await readDraft(deps, parts.mac, about, query.draft);
      return ok(await shownPage(parts, request, view.ok, names, { typed }));
    },
    operateRun: (request) =>
      recordForm(parts, request, names, {
        id: 'operateRun',
        seal: nonceSchema,
        path: pageOf(request.params.run),
        act: request.body.act,
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal) => refusedPage(parts, asked, { refusal }, names),
      }),
  };
};

const pageOf = (run: string): string => `/runs/${run}/operating`;

const stale = refuse('form-stale', 'The run has gone on since the page was shown.', {
  fix: 'Read where the run is now, and send the form again if it still fits.',
}).refused;

/** Records the act when the run still stands where the page showed it. */
const perform = async (parts: PeopleParts, request: Ask, { nonce }: Attempt<Nonce>, names: Names): Promise<Response | Stale> => {
  const { caller, body, env, params } = request;
  const view = await readRunOf(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, env.request), names(caller.id));
  if (nonce.seen !== seenOf(view.ok))
    return isOwnRepeat(view.ok, body, { by: caller.id, since: nonce.at }) ? redirect(`/runs/${params.run}`) : { stale, shownAt: nonce.at };
  const refused = await sendOperatingAct(parts.deps, { run: view.ok, form: body, request: requestOf(body.nonce) }, caller);
  return refused === undefined ? redirect(`/runs/${params.run}`) : refusedPage(parts, request, refused, names);
};

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: OperatingRefused, names: Names): Promise<Response> => {
  const { caller, env, body, params } = request;
  const typed = formPages.operateRun.typed.parse(body);
  const { refusal } = refused;
  if (refusal.type === 'sign-in-stale') return signInAgain(parts, request, names, { id: 'operateRun', path: pageOf(params.run), refusal });
  const view = await readRunOf(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed, ...refused });
};

type More = Pick<OperatingPage, 'typed' | 'refusal' | 'field'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session, params } = request;
  const now = parts.deps.clock.now();
  const acts = operatingActsOf(run, caller);
  const bound = { path: pageOf(params.run), person: caller.id, session, at: now.toISOString(), seen: seenOf(run) };
  // A page without a form needs none.
  const nonce = operatingActs.some((act) => acts[act] === null) ? await sealForm(parts, bound) : '';
  const clock = clockOf(parts.deps, caller.id);
  return pageResponse(
    operatingPage({ run, person: caller.id, roles: caller.roles, now, acts, nonce, clock, ...more }, names),
    more.refusal === undefined ? 200 : refusalStatus[more.refusal.type],
  );
};
