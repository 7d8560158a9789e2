import type { Context } from 'hono';
import type * as z from 'zod';
import type { Identity } from '../api/identity.ts';
import { type Api, faultOf, type RequestContext, routerPath } from '../api/mount.ts';
import type { ApiFunction, Operation, ServedBy } from '../api/operation.ts';
import { pages } from '../api/pages.ts';
import { readBody, readFields } from '../api/parse.ts';
import { faultProblem, type Problem, problemOf } from '../api/problem.ts';
import { type Outcome, ok, type Refusal, refuse } from '../outcome.ts';
import type { Roster } from '../ports.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { type Names, withNames } from './format.ts';
import { pageHeaders, pageResponse } from './layout.ts';
import { isKnown } from './live.ts';
import { problemPage } from './message.ts';

export type PageRequest<O extends Operation> = {
  readonly params: z.output<O['params']>;
  readonly query: z.output<O['query']>;
  readonly body: O['body'] extends { kind: 'form'; schema: infer S extends z.ZodType } ? z.output<S> : undefined;
  readonly caller: PersonCaller;
  /** Random id of the browser's session. A form's nonce is bound to it. */
  readonly session: string;
  /** Of the script, which asks whether the page has changed: nobody opens it. A browser keeps no page, so it alone says what it has. */
  readonly isLook: boolean;
  readonly env: RequestContext;
};

/** The sign-in that returns to this page. `fresh`: the provider asks for the password again. */
export const loginPath = (path: string, fresh = false): string =>
  `/login?${new URLSearchParams({ next: path, ...(fresh ? { fresh: '1' } : {}) })}`;

export const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers } });

export const problemPageResponse = (
  problem: Problem,
  person: string | null,
  next = { href: '/runs', text: 'Go to the list of runs' },
): Promise<Response> => pageResponse(problemPage(problem, person, next), problem.status);

type PageContext = Context<{ Bindings: RequestContext }>;
type HandlePage<O extends Operation> = O['who'] extends 'signed-in'
  ? (request: PageRequest<O>) => Promise<Outcome<Response>>
  : (context: PageContext) => Promise<Response>;

/** One handler for every page that the function serves. A record without one of them does not compile. */
export type PageHandlers<F extends ApiFunction> = { readonly [Id in ServedBy<F, typeof pages>]: HandlePage<(typeof pages)[Id]> };

/** A form that came without a session. `id`: of the operation, `path`: of the page. */
type LateForm = { readonly id: string; readonly path: string; readonly params: unknown; readonly body: unknown };
/** Keeps what was typed into it, and returns the page that shows it after the sign-in; undefined where nothing is kept. */
export type KeepLate = (form: LateForm) => Promise<string | undefined>;
type Served = { readonly roster: Pick<Roster, 'person'>; readonly keepLate?: KeepLate };

/** Serves all pages of one function. The roster gives people their names in refusals. */
export const servePages = <F extends ApiFunction>(api: Api, name: F, { roster, keepLate }: Served, handlers: PageHandlers<F>): void => {
  const names: Names = (id) => roster.person(id)?.name ?? id;
  for (const [id, operation] of Object.entries<Operation>(pages)) {
    if (operation.function !== name) continue;
    const handler: unknown = handlers[id as keyof PageHandlers<F>];
    api.on(operation.method, routerPath(operation.path), (context) =>
      guarded(context, () =>
        operation.who === 'signed-in'
          ? signedInPage(operation, context, { names, keepLate }, handler as HandleSignedIn)
          : (handler as (context: PageContext) => Promise<Response>)(context),
      ),
    );
  }
};

type Serving = { readonly names: Names; readonly keepLate: KeepLate | undefined };
type HandleSignedIn = (request: PageRequest<Operation>) => Promise<Outcome<Response>>;

/**
 * One page for a signed-in person. A browser without a session is redirected to the sign-in when it reads; when it writes, the page says that
 * nothing was recorded. A bearer token opens no page: a page's forms are bound to a browser's session.
 */
const signedInPage = async (
  operation: Operation,
  context: PageContext,
  { names, keepLate }: Serving,
  handle: HandleSignedIn,
): Promise<Response> => {
  const { identity, request } = context.env;
  const url = new URL(context.req.url);
  const who = signedIn(identity);
  if (who.refused !== undefined) {
    if (who.refused.type !== 'unauthenticated')
      return problemPageResponse(problemOf(who.refused, request), null, { href: '/login?fresh=1', text: 'Sign in as somebody else' });
    if (context.req.method !== 'POST') return redirect(loginPath(`${url.pathname}${url.search}`));
    return lateForm(operation, context, who.refused, keepLate);
  }
  const input = await inputOf(operation, context.req.raw, context.req.param());
  // The page judges what stands in its address; only a field that is given twice comes here.
  const next =
    input.refused?.type === 'parameter-invalid' && url.search !== '' ? { href: url.pathname, text: 'Open the page without it' } : undefined;
  const outcome =
    input.refused === undefined
      ? await handle({
          ...input.ok,
          ...who.ok,
          isLook: context.req.raw.headers.has('if-none-match'),
          env: context.env,
        } as unknown as PageRequest<Operation>)
      : input;
  return outcome.refused === undefined
    ? unlessKnown(context.req.raw, outcome.ok)
    : problemPageResponse(problemOf(refusalWithNames(outcome.refused, names), request), names(who.ok.caller.id), next);
};

/** What people do where no text is kept. */
export const copyFirst = 'What was typed is not kept: go back in the browser to copy it. Then sign in and use the form on the page.';

/** Nothing is recorded from it. What was typed comes back after the sign-in where `keepLate` knows for whom the form was made. */
const lateForm = async (
  operation: Operation,
  context: PageContext,
  refusal: Refusal,
  keepLate: KeepLate | undefined,
): Promise<Response> => {
  const path = new URL(context.req.url).pathname;
  const input = await inputOf(operation, context.req.raw, context.req.param());
  const kept =
    keepLate === undefined || input.refused !== undefined
      ? undefined
      : await keepLate({ id: operation.id, path, params: input.ok.params, body: input.ok.body });
  const fix = kept === undefined ? copyFirst : 'Sign in again. What you typed is kept for an hour, for you alone; then send it again.';
  const problem = problemOf({ ...refusal, fix }, context.env.request);
  return problemPageResponse(problem, null, { href: loginPath(kept ?? path), text: 'Sign in' });
};

/** A browser that has the state of the page already gets no page. */
const unlessKnown = ({ method, headers }: Request, page: Response): Response =>
  method === 'GET' && isKnown(headers.get('if-none-match'), page.headers.get('etag'))
    ? new Response(null, { status: 304, headers: { ...pageHeaders, etag: page.headers.get('etag') ?? '' } })
    : page;

/** Signed-in people see names, not ids. */
const refusalWithNames = (refusal: Refusal, names: Names): Refusal => ({
  ...refusal,
  detail: withNames(refusal.detail, names),
  ...(refusal.got === undefined ? {} : { got: withNames(refusal.got, names) }),
  ...(refusal.expected === undefined ? {} : { expected: withNames(refusal.expected, names) }),
});

/** Rejects forms that another site sent. A fault is logged and shown as a page without the fault's text. */
const guarded = async (context: PageContext, serve: () => Promise<Response>): Promise<Response> => {
  try {
    if (context.env.identity.kind === 'unavailable')
      return await problemPageResponse(faultProblem('unavailable', context.env.request), null);
    const foreign = foreignForm(context.req.raw);
    return foreign === undefined ? await serve() : await problemPageResponse(problemOf(foreign, context.env.request), null);
  } catch (thrown) {
    context.env.fault(thrown);
    return problemPageResponse(faultOf(thrown, context.env.request), null);
  }
};

const signedIn = (identity: Identity): Outcome<{ readonly caller: PersonCaller; readonly session: string }> => {
  if (identity.kind === 'refused') return { refused: identity.refusal };
  if (identity.kind === 'caller' && identity.caller.kind === 'person' && identity.session !== null)
    return ok({ caller: identity.caller, session: identity.session });
  return refuse('unauthenticated', 'You are not signed in, or your session has ended. Nothing was recorded.', {
    fix: 'Sign in and try again.',
  });
};

/**
 * `Sec-Fetch-Site` says whether our own page sent the form. `Origin` does not: under `Referrer-Policy: no-referrer` it is null. The nonce would
 * stop a foreign form as well; this check comes first and names the cause.
 */
const foreignForm = (request: Request): Refusal | undefined => {
  const site = request.headers.get('sec-fetch-site');
  if (request.method !== 'POST' || site === null || site === 'same-origin') return undefined;
  return refuse('approval-nonce', 'The form was sent by another site. Nothing was recorded.', {
    got: site.slice(0, 20),
    expected: 'same-origin',
    fix: 'Open the page in this browser and use the form on it.',
  }).refused;
};

const inputOf = async (
  operation: Operation,
  request: Request,
  path: Record<string, string>,
): Promise<Outcome<{ params: unknown; query: unknown; body: unknown }>> => {
  const params = readFields(operation.params, Object.entries(path));
  if (params.refused !== undefined) return params;
  const query = readFields(operation.query, [...new URL(request.url).searchParams]);
  if (query.refused !== undefined) return query;
  const body = await readBody(operation.body, request);
  return body.refused === undefined ? ok({ params: params.ok, query: query.ok, body: body.ok.value }) : body;
};
