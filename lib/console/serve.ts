import type { Context } from 'hono';
import type * as z from 'zod';
import type { Identity } from '../api/identity.ts';
import { type Api, faultOf, type RequestContext, routerPath } from '../api/mount.ts';
import type { Operation } from '../api/operation.ts';
import { readBody, readFields } from '../api/parse.ts';
import { faultProblem, type Problem, problemOf } from '../api/problem.ts';
import { type Outcome, ok, type Refusal, refuse } from '../outcome.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { type Names, withNames } from './format.ts';
import { pageResponse } from './layout.ts';
import { problemPage } from './message.ts';

export type PageRequest<O extends Operation> = {
  readonly params: z.output<O['params']>;
  readonly query: z.output<O['query']>;
  readonly body: O['body'] extends { kind: 'form'; schema: infer S extends z.ZodType } ? z.output<S> : undefined;
  readonly caller: PersonCaller;
  /** Random id of the browser's session: a form's nonce is bound to it. */
  readonly session: string;
  readonly env: RequestContext;
};

/** The sign-in that leads back to a page. `fresh`: even when the person is still signed in at the provider. */
export const loginPath = (path: string, fresh = false): string =>
  `/login?${new URLSearchParams({ next: path, ...(fresh ? { fresh: '1' } : {}) })}`;

export const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers } });

export const problemPageResponse = (
  problem: Problem,
  person: string | null,
  next = { href: '/runs', text: 'Go to the list of runs' },
): Promise<Response> => pageResponse(problemPage(problem, person, next), problem.status);

/**
 * Serves one page to a signed-in person. A browser without a session is redirected to the sign-in for a GET; a POST is refused, because
 * its form is lost. Bearer tokens open no page: the forms of a page are bound to a browser's session.
 */
export const mountPage = <O extends Operation>(
  api: Api,
  operation: O,
  names: Names,
  handle: (request: PageRequest<O>) => Promise<Outcome<Response>>,
): void => {
  api.on(operation.method, routerPath(operation.path), (context) =>
    guarded(context, async () => {
      const { identity, request } = context.env;
      const url = new URL(context.req.url);
      const who = signedIn(identity);
      if (who.refused !== undefined) {
        if (who.refused.type !== 'unauthenticated')
          return problemPageResponse(problemOf(who.refused, request), null, { href: '/login?fresh=1', text: 'Sign in as another person' });
        if (context.req.method !== 'POST') return redirect(loginPath(`${url.pathname}${url.search}`));
        return problemPageResponse(problemOf(who.refused, request), null, { href: loginPath(url.pathname), text: 'Sign in' });
      }
      const input = await inputOf(operation, context.req.raw, context.req.param());
      const outcome =
        input.refused === undefined ? await handle({ ...input.ok, ...who.ok, env: context.env } as unknown as PageRequest<O>) : input;
      return outcome.refused === undefined
        ? outcome.ok
        : problemPageResponse(problemOf(refusalWithNames(outcome.refused, names), request), names(who.ok.caller.id));
    }),
  );
};

/** Signed-in people see names, not ids. */
const refusalWithNames = (refusal: Refusal, names: Names): Refusal => ({
  ...refusal,
  detail: withNames(refusal.detail, names),
  ...(refusal.got === undefined ? {} : { got: withNames(refusal.got, names) }),
  ...(refusal.expected === undefined ? {} : { expected: withNames(refusal.expected, names) }),
});

/** Refuses forms of other sites. A fault becomes a page without details; the operators' log has them. */
export const guarded = async (context: Context<{ Bindings: RequestContext }>, serve: () => Promise<Response>): Promise<Response> => {
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
 * Browsers say in `Sec-Fetch-Site` which site a form came from. `Origin` does not help: under `Referrer-Policy: no-referrer` it is null.
 * The nonce stops foreign forms as well; this check is earlier.
 */
const foreignForm = (request: Request): Refusal | undefined => {
  const site = request.headers.get('sec-fetch-site');
  if (request.method !== 'POST' || site === null || site === 'same-origin') return undefined;
  return refuse('approval-nonce', 'This form was sent by another site. Nothing was recorded.', {
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
