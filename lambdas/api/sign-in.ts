import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { type Claims, noSignInTime } from '../../lib/api/identity.ts';
import { recentSignInSeconds, sessionSeconds } from '../../lib/api/session.ts';
import type { PeopleIssuer, Stage } from '../../lib/checklist/stage.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';

/** The state of one sign-in, kept in the browser in a signed, short-lived cookie. */
export type SignInState = { readonly state: string; readonly nonce: string; readonly verifier: string; readonly fresh: boolean };

/** The sign-in of people at their OpenID provider: authorization code with PKCE, as a public client or with a secret. */
export type SignIn = {
  readonly issuer: PeopleIssuer;
  begin(fresh: boolean): Promise<{ readonly url: string; readonly state: SignInState }>;
  /** Claims of an ID token whose signature, issuer, audience, times, nonce and sign-in time are verified. */
  finish(query: string, state: SignInState): Promise<Outcome<Claims>>;
};

/** Discovery is repeated after this time, so that a provider can move its endpoints. Milliseconds. */
const keepDiscoveryMs = 3_600_000;

export const createSignIn = (stage: Stage, readSecret: ReadSecret = noSecret): SignIn => {
  const issuer = stage.issuers.find((candidate): candidate is PeopleIssuer => candidate.kind === 'people');
  if (issuer === undefined) throw new Error('the stage has no issuer for people');
  const redirect = `${stage.publicUrl}/callback`;
  let known: { readonly until: number; readonly configuration: Promise<Configuration> } | undefined;
  const configuration = (): Promise<Configuration> => {
    if (known === undefined || known.until < Date.now()) {
      const asked = discover(issuer, stage.local, readSecret);
      known = { until: Date.now() + keepDiscoveryMs, configuration: asked };
      asked.catch(() => {
        known = undefined;
      });
    }
    return known.configuration;
  };
  return {
    issuer,
    begin: async (fresh) => {
      const state = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), fresh };
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirect,
        scope: 'openid',
        response_type: 'code',
        state: state.state,
        nonce: state.nonce,
        code_challenge: await calculatePKCECodeChallenge(state.verifier),
        code_challenge_method: 'S256',
        // max_age makes the provider report the time of the sign-in; prompt makes it ask for the password again.
        max_age: String(fresh ? recentSignInSeconds : sessionSeconds),
        ...(fresh ? { prompt: 'login' } : {}),
      });
      return { url: url.href, state };
    },
    finish: async (query, { state, nonce, verifier, fresh }) => {
      try {
        const tokens = await authorizationCodeGrant(await configuration(), new URL(`${redirect}${query}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
          maxAge: fresh ? recentSignInSeconds : sessionSeconds,
        });
        return ok(tokens.claims() as unknown as Claims);
      } catch (thrown) {
        if (thrown instanceof ResponseBodyError && thrown.error === 'invalid_client') {
          // Not the person's fault: the secret has changed, or the stage lacks one. The next sign-in reads it again.
          known = undefined;
          throw thrown;
        }
        return refusedBy(thrown);
      }
    },
  };
};

/** The text of the secret with this ARN. */
type ReadSecret = (arn: string) => Promise<string>;
const noSecret: ReadSecret = (arn) => Promise.reject(new Error(`nothing here can read the client secret ${arn}`));

/** HTTP Basic is what a provider takes when it does not say what it takes (OpenID Connect Discovery 1.0, section 3). */
export const authenticationWith =
  (secret: string): ClientAuth =>
  (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const method = methods.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
    return method(server, client, body, headers);
  };

const discover = async (issuer: PeopleIssuer, local: boolean, readSecret: ReadSecret): Promise<Configuration> =>
  discovery(new URL(issuer.issuer), issuer.clientId, undefined, await authenticationOf(issuer, readSecret), {
    timeout: 5,
    // Plain http is allowed for the provider of a local stage only.
    execute: [enableNonRepudiationChecks, ...(local ? [allowInsecureRequests] : [])],
  });

const authenticationOf = async ({ clientSecretArn }: PeopleIssuer, readSecret: ReadSecret): Promise<ClientAuth> =>
  clientSecretArn === undefined ? None() : authenticationWith(await readSecret(clientSecretArn));

/** The library reports a missing claim by a text only: `JWT "auth_time" (authentication time) claim missing`. */
const lacksSignInTime = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.cause instanceof Error && /"auth_time".*(missing|must be)/.test(thrown.cause.message);

/** The refusal when the provider denied the sign-in or its response is not valid. Any other error is a fault and is thrown. */
const refusedBy = (thrown: unknown): { refused: ReturnType<typeof refuse>['refused'] } => {
  if (thrown instanceof AuthorizationResponseError) {
    return refuse('unauthenticated', 'The identity provider did not sign you in.', {
      got: String(thrown.error).slice(0, 60),
      expected: 'a completed sign-in',
      fix: 'Sign in again.',
    });
  }
  if (lacksSignInTime(thrown)) return noSignInTime(undefined);
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (code?.startsWith('OAUTH_') && code !== 'OAUTH_TIMEOUT') {
    return refuse('token-invalid', 'The response of the identity provider is not valid for this sign-in.', {
      got: code,
      expected: 'the response to the sign-in that this browser started',
      fix: 'Sign in again from the start.',
    });
  }
  throw thrown;
};
