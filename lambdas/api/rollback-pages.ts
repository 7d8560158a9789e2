import * as z from 'zod';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { type RollbackAct, rollbackActs } from '../../lib/api/rollback-pages.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { actsOf } from '../../lib/console/rollback-acts.ts';
import { type RollbackPage, rollbackPage } from '../../lib/console/rollback-page.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { RunView } from '../../lib/query/view.ts';
import { roles } from '../../lib/roles.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { decidingDeputies } from '../../lib/run/state/deputies.ts';
import { readDraft } from './answer-draft.ts';
import { formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf, readRunOf } from './reader.ts';
import { isOwnRepeat, type RollbackRefused, sendAct } from './rollback-sends.ts';
import { type Attempt, recordForm, requestOf, type Stale, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

const nonceSchema = sealSchema.extend({
  /** By act: what the page showed that the act is about. */
  shown: z.partialRecord(z.enum(rollbackActs), z.string()),
});
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.answerRollback>;
type Show = PageRequest<typeof pages.showRollback>;

/** The page of the way back, and its forms. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const rollbackPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showRollback' | 'answerRollback'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showRollback: async (request) => {
      const { params, query, caller } = request;
      const run = await readRunOf(parts, params.run, caller);
      if (run.refused !== undefined) return run;
      const about = { link: pageOf(params.run), person: caller.id, schema: formPages.answerRollback.typed };
      const draft = await readDraft(deps, parts.mac, about, query.draft);
      return ok(await shownPage(parts, request, run.ok, names, { typed: draft }));
    },
    answerRollback: (request) =>
      recordForm(parts, request, names, {
        id: 'answerRollback',
        seal: nonceSchema,
        path: pageOf(request.params.run),
        act: request.body.act,
        perform: (asked, attempt) => perform(parts, asked, attempt, names),
        refused: (asked, refusal, shownAt) => refusedPage(parts, asked, { refusal, shownAt }, names),
      }),
  };
};

const pageOf = (run: string): string => `/runs/${run}/rollback`;

const viewerOf = ({ deps }: PeopleParts, { starter }: RunView, caller: PersonCaller) => ({
  ...caller,
  decides: decidingDeputies(deps.roster, { starter, now: deps.clock.now() }).some(({ deputy }) => deputy.id === caller.id),
});

const stale = (act: RollbackAct): Refusal =>
  refuse('form-stale', 'The run has gone on since the page was shown. Nothing was recorded.', {
    got: act,
    fix: 'Read what happens now, and decide again.',
  }).refused;

/** Records the act when what the page showed still holds; else shows what has changed, with the text that was typed. */
const perform = async (parts: PeopleParts, request: Ask, { nonce, isFirst }: Attempt<Nonce>, names: Names): Promise<Response | Stale> => {
  const { caller, params, body } = request;
  const { act, nonce: sealed } = body;
  const view = await readRunOf(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, request.env.request), names(caller.id));
  const about = nonce.shown[act];
  const current = actsOf(view.ok, viewerOf(parts, view.ok, caller))[act];
  const isStale = about === undefined || about !== current;
  if (isStale && isFirst && isOwnRepeat(view.ok, body, caller, nonce.at)) {
    // Its answer was lost: a reconciler that is asked twice changes nothing.
    await parts.deps.reconciler.request(params.run);
    return redirect(pageOf(params.run));
  }
  // Where others could send it now and this person may not, the command says why, and records the attempt.
  const isForbidden = current === undefined && actsOf(view.ok, anybody)[act] !== undefined;
  if (isStale && !isForbidden) return { stale: stale(act), shownAt: nonce.at };
  const sent = await sendAct(parts.deps, { run: params.run, form: body, request: requestOf(sealed) }, caller);
  return sent === undefined ? redirect(pageOf(params.run)) : refusedPage(parts, request, sent, names);
};

/** Somebody who holds every role and did not start the run. */
const anybody = { id: '', roles };

type Refused = RollbackRefused & { readonly shownAt?: string | undefined };

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: Refused, names: Names): Promise<Response> => {
  const { params, caller, env, body } = request;
  const { refusal } = refused;
  const typed = formPages.answerRollback.typed.parse(body);
  if (refusal.type === 'sign-in-stale')
    return signInAgain(parts, request, names, { id: 'answerRollback', path: pageOf(params.run), refusal });
  const run = await readRunOf(parts, params.run, caller);
  if (run.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, run.ok, names, { typed, ...refused });
};

type More = Pick<RollbackPage, 'typed' | 'refusal' | 'field' | 'shownAt'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session } = request;
  const now = parts.deps.clock.now();
  const acts = actsOf(run, viewerOf(parts, run, caller));
  const bound = { path: pageOf(run.run), person: caller.id, session, shown: acts, at: now.toISOString() };
  // A page without a form needs none.
  const nonce = Object.keys(acts).length === 0 ? '' : await sealForm(parts, bound);
  const page: RollbackPage = { run, caller, now, acts, nonce, ...more };
  return pageResponse(rollbackPage(page, names), more.refusal === undefined ? 200 : refusalStatus[more.refusal.type]);
};
