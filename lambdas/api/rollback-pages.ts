import * as z from 'zod';
import { idempotent } from '../../lib/api/idempotent.ts';
import { type pages, type RollbackAct, rollbackActs, rollbackFormSchema } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type Acts, actsOf } from '../../lib/console/rollback-acts.ts';
import { type RollbackPage, rollbackPage } from '../../lib/console/rollback-page.ts';
import { loginPath, type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { readRun, readRunWithWords } from '../../lib/query/run-view.ts';
import type { RunView } from '../../lib/query/view.ts';
import { roles } from '../../lib/roles.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { keepDraft, readDraft } from './answer-draft.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { isOwnRepeat, sendAct } from './rollback-sends.ts';

/** How long a form is valid. After that the person opens the page again. */
const formSeconds = 3600;

const nonceSchema = z.strictObject({
  id: z.string(),
  run: z.string(),
  person: z.string(),
  session: z.string(),
  /** By act: what the page showed that the act is about. */
  shown: z.partialRecord(z.enum(rollbackActs), z.string()),
  at: z.iso.datetime(),
  exp: z.int(),
});
type Nonce = z.infer<typeof nonceSchema>;

const typedSchema = z.object(rollbackFormSchema.omit({ nonce: true }).shape);

type Ask = PageRequest<typeof pages.answerRollback>;
type Show = PageRequest<typeof pages.showRollback>;
type Names = (id: string) => string;

/** The page of the way back, and its forms. Reading changes nothing; a form records one act by the same command as API and CLI. */
export const rollbackPages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showRollback' | 'answerRollback'> => {
  const { deps } = parts;
  const names: Names = (id) => deps.roster.person(id)?.name ?? id;
  return {
    showRollback: async (request) => {
      const { params, query, caller } = request;
      const run = await readFor(parts, params.run, caller);
      if (run.refused !== undefined) return run;
      const draft = await readDraft(deps, parts.mac, { link: pageOf(params.run), person: caller.id, schema: typedSchema }, query.draft);
      return ok(await shownPage(parts, request, run.ok, names, { typed: draft }));
    },
    answerRollback: async (request) => {
      const nonce = await verifyValue(parts.mac, 'form', nonceSchema, request.body.nonce);
      const { nonce: sealed, ...typed } = request.body;
      if (nonce === undefined || !isOwn(nonce, request)) return { refused: wrongForm };
      if (nonce.exp * 1000 <= deps.clock.now().getTime()) return ok(await refusedPage(parts, request, { refusal: wrongForm }, names));
      // A refused act must not use up the form: only a recorded one is stored under the nonce.
      const first = await idempotent(
        deps,
        sha256(`form\n${sealed}\n${typed.act}`),
        sha256(canonical({ run: request.params.run, person: request.caller.id, ...typed })),
        () => perform(parts, request, { nonce, isFirst: true }, names),
        (status) => status === 303,
      );
      if (first.refused?.type === 'idempotency-in-progress') return ok(await beingRecorded(request, first.refused, names));
      // The same form with another text: it was recorded once, and the page says what has changed since.
      return first.refused?.type === 'idempotency-key-reused' ? ok(await perform(parts, request, { nonce, isFirst: false }, names)) : first;
    },
  };
};

const pageOf = (run: string): string => `/runs/${run}/rollback`;

/** What people wrote is for people who hold a role. */
const readFor = ({ deps }: PeopleParts, run: string, { roles }: PersonCaller): Promise<Outcome<RunView>> =>
  roles.length > 0 ? readRunWithWords(deps, run) : readRun(deps, run);

const isOwn = ({ run, person, session }: Nonce, request: Ask): boolean =>
  run === request.params.run && person === request.caller.id && session === request.session;

const wrongForm = refuse(
  'approval-nonce',
  'The form belongs to another person, session or run, or it is older than an hour. Nothing was recorded.',
  {
    got: 'a form of another page, or an expired one',
    expected: 'a form on the page of the rollback as it is now',
    fix: 'Open the page of the rollback again and use its form.',
  },
).refused;

const stale = (act: RollbackAct): Refusal =>
  refuse('form-stale', 'The run has gone on since the page was shown. Nothing was recorded.', {
    got: act,
    fix: 'Read what happens now, and decide again.',
  }).refused;

/** Records the act when what the page showed still holds; else shows what has changed, with the text that was typed. */
const perform = async (parts: PeopleParts, request: Ask, { nonce, isFirst }: Attempt, names: Names): Promise<Response> => {
  const { caller, params, body } = request;
  const { act, nonce: sealed } = body;
  const view = await readFor(parts, params.run, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(view.refused, request.env.request), names(caller.id));
  const about = nonce.shown[act];
  const current = actsOf(view.ok, caller)[act];
  const isStale = about === undefined || about !== current;
  if (isStale && isFirst && isOwnRepeat(view.ok, body, caller, nonce.at)) {
    // Its answer was lost: a reconciler that is asked twice changes nothing.
    await parts.deps.reconciler.request(params.run);
    return redirect(pageOf(params.run));
  }
  // Where others could send it now and this person may not, the command says why, and records the attempt.
  const isForbidden = current === undefined && actsOf(view.ok, anybody)[act] !== undefined;
  if (isStale && !isForbidden) return refusedPage(parts, request, { refusal: stale(act), shownAt: nonce.at }, names);
  const sent = await sendAct(parts.deps, { run: params.run, form: body, request: sha256(`form\n${sealed}`) }, caller);
  return sent.refused === undefined ? redirect(pageOf(params.run)) : refusedPage(parts, request, { refusal: sent.refused }, names);
};

type Attempt = { readonly nonce: Nonce; readonly isFirst: boolean };
/** Somebody who holds every role and did not start the run. */
const anybody = { id: '', roles };

type Refused = { readonly refusal: Refusal; readonly shownAt?: string };

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, { refusal, shownAt }: Refused, names: Names): Promise<Response> => {
  const { params, caller, env, body } = request;
  const typed = typedSchema.parse(body);
  if (refusal.type === 'sign-in-stale') {
    const draft = await keepDraft(parts.deps, parts.mac, { link: pageOf(params.run), person: caller.id }, typed);
    const kept = { ...refusal, fix: 'Sign in again. Your text is kept for an hour; then send it again.' };
    const next = loginPath(`${pageOf(params.run)}?${new URLSearchParams({ draft })}`, true);
    return problemPageResponse(problemOf(kept, env.request), names(caller.id), { href: next, text: 'Sign in again' });
  }
  const run = await readFor(parts, params.run, caller);
  if (run.refused !== undefined) return problemPageResponse(problemOf(refusal, env.request), names(caller.id));
  return shownPage(parts, request, run.ok, names, { typed, refusal, shownAt });
};

type More = Pick<RollbackPage, 'typed' | 'refusal' | 'shownAt'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, run: RunView, names: Names, more: More): Promise<Response> => {
  const { caller, session } = request;
  const now = parts.deps.clock.now();
  const acts = actsOf(run, caller);
  const nonce = await newNonce(parts, { run: run.run, person: caller.id, session, shown: acts, at: now.toISOString() });
  const page: RollbackPage = { run, caller, now, acts, nonce, ...more };
  return pageResponse(rollbackPage(page, names), more.refusal === undefined ? 200 : refusalStatus[more.refusal.type]);
};

/** A page without a form needs none. */
const newNonce = async (
  { mac, deps }: PeopleParts,
  bound: Omit<Nonce, 'id' | 'exp' | 'shown'> & { readonly shown: Acts },
): Promise<string> =>
  Object.keys(bound.shown).length === 0
    ? ''
    : signValue(mac, 'form', { id: deps.random.token(12), ...bound, exp: Math.floor(Date.parse(bound.at) / 1000) + formSeconds });

/** A second click while the first is under way: the page says so in words for people, and leads back. */
const beingRecorded = ({ params, caller, env }: Ask, refusal: Refusal, names: Names): Promise<Response> => {
  const said = {
    ...refusal,
    detail: 'Your form is being recorded.',
    got: 'the same form a second time',
    expected: 'the form once',
    fix: 'Open the page of the rollback again in a moment. It then shows what was recorded.',
  };
  const back = { href: pageOf(params.run), text: 'Open the rollback again' };
  return problemPageResponse({ ...problemOf(said, env.request), title: 'Being recorded' }, names(caller.id), back);
};
