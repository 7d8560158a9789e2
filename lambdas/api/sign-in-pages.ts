import * as z from 'zod';
import { callerOf } from '../../lib/api/identity.ts';
import type { RequestContext } from '../../lib/api/mount.ts';
import { pages, type signInMetadataSchema } from '../../lib/api/pages.ts';
import { faultProblem, problemOf } from '../../lib/api/problem.ts';
import { cookieOf, loginCookie, ownPath, sessionCookie, sessionSeconds, setCookie, signSession } from '../../lib/api/session.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import type { PeopleIssuer, Stage } from '../../lib/checklist/stage.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { signedOutPage } from '../../lib/console/message.ts';
import { loginPath, type PageHandlers, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { PeopleParts } from './people-dependencies.ts';

/** Allowed difference between the provider's clock and ours. */
const clockSkewMs = 30_000;
/** How long a sign-in may take. */
const loginSeconds = 600;
const loginStateSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  fresh: z.boolean(),
  next: z.string(),
  exp: z.int(),
});

/** Undefined when the provider does not answer; the fault is logged for the operators. */
const answerOf = async <T>({ fault }: RequestContext, ask: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ask();
  } catch (thrown) {
    fault(thrown);
    return undefined;
  }
};
const noAnswerPage = ({ request }: RequestContext, next: string): Promise<Response> =>
  problemPageResponse(faultProblem('unavailable', request), null, { href: loginPath(next, true), text: 'Try again' });

const metadataOf = ({ publicUrl }: Stage, issuer: PeopleIssuer): z.input<typeof signInMetadataSchema> => ({
  resource: new URL(publicUrl).origin,
  authorization_servers: [issuer.issuer],
  bearer_methods_supported: ['header'],
  holdpoint_audience: issuer.bearer === 'id-token' ? (issuer.cliClientId ?? issuer.audience) : issuer.audience,
  holdpoint_cli_client_id: issuer.cliClientId ?? null,
  holdpoint_cli_scope: issuer.cliScope ?? 'openid',
});

export const signInPages = ({
  deps,
  mac,
  stage,
  signIn,
}: PeopleParts): Pick<PageHandlers<'people'>, 'login' | 'callback' | 'describeSignIn' | 'logout'> => {
  const { publicUrl } = stage;
  const forget = (name: string): string => setCookie(publicUrl, name, '', 0);

  return {
    login: async (context) => {
      if (context.req.method === 'HEAD') return pageResponse('' as never, 200);
      const query = pages.login.query.safeParse(context.req.query());
      const begun = await answerOf(context.env, () => signIn.begin(query.data?.fresh === '1'));
      if (begun === undefined) return noAnswerPage(context.env, ownPath(query.data?.next));
      const { url, state } = begun;
      const exp = Math.floor(deps.clock.now().getTime() / 1000) + loginSeconds;
      const cookie = await signValue(mac, 'login', { ...state, next: ownPath(query.data?.next), exp });
      return redirect(url, { 'set-cookie': setCookie(publicUrl, loginCookie(publicUrl), cookie, loginSeconds) });
    },
    callback: async (context) => {
      const cookie = cookieOf([context.req.header('cookie') ?? ''], loginCookie(publicUrl));
      const state = cookie === undefined ? undefined : await verifyValue(mac, 'login', loginStateSchema, cookie);
      const now = deps.clock.now();
      const no = (refusal: Refusal): Promise<Response> =>
        problemPageResponse(problemOf(refusal, context.env.request), null, {
          href: loginPath(state?.next ?? '/runs', true),
          text: 'Sign in again',
        });
      if (state === undefined || state.exp * 1000 <= now.getTime()) {
        return no(
          refuse('unauthenticated', 'This browser has not started a sign-in, or the sign-in took longer than ten minutes.', {
            fix: 'Sign in again.',
          }).refused,
        );
      }
      const claims = await answerOf(context.env, () => signIn.finish(new URL(context.req.url).search, state));
      if (claims === undefined) return noAnswerPage(context.env, state.next);
      if (claims.refused !== undefined) return no(claims.refused);
      const caller = callerOf(stage, signIn.issuer, claims.ok);
      if (caller.refused !== undefined) return no(caller.refused);
      if (caller.ok.kind !== 'person') return no(refuse('identity-unmapped', 'Only people can sign in with a browser.').refused);
      if (caller.ok.signedInAt.getTime() > now.getTime() + clockSkewMs)
        return no(
          refuse('token-invalid', 'The identity provider names a sign-in in the future.', {
            got: caller.ok.signedInAt.toISOString(),
            expected: `not after ${now.toISOString()}`,
            fix: 'Correct the clock of the provider, then sign in again.',
          }).refused,
        );
      const session = {
        id: deps.random.token(16),
        person: caller.ok.id,
        signedInAt: caller.ok.signedInAt.toISOString(),
        exp: Math.floor(now.getTime() / 1000) + sessionSeconds,
      };
      const response = redirect(state.next);
      response.headers.append(
        'set-cookie',
        setCookie(publicUrl, sessionCookie(publicUrl), await signSession(mac, session), sessionSeconds),
      );
      response.headers.append('set-cookie', forget(loginCookie(publicUrl)));
      return response;
    },
    // Public and without secrets: the provider shows the same to everybody who begins a sign-in.
    describeSignIn: async () =>
      Response.json(metadataOf(stage, signIn.issuer), { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } }),
    logout: async (context) => {
      const { identity } = context.env;
      // Without its own expiry at hand the record stays for the longest that any session lasts.
      if (identity.kind === 'caller' && identity.session !== null)
        await deps.sessions.end(identity.session, new Date(deps.clock.now().getTime() + sessionSeconds * 1000));
      return pageResponse(signedOutPage(), 200, { 'set-cookie': forget(sessionCookie(publicUrl)) });
    },
  };
};
