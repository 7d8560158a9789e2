import * as z from 'zod';
import { Unreachable } from '../api/unreachable.ts';
import { addressOf } from './connect.ts';
import type { Io } from './io.ts';
import { listenForAnswer } from './loopback.ts';

/** What the server says about the sign-in of people. `audience`: the audience of their tokens. */
export type Metadata = { readonly issuer: string; readonly audience: string; readonly clientId: string; readonly scope: string };
type Asked = Metadata & { readonly origin: string; readonly waitMs: number };

/** A token with its end, ISO 8601. */
type SignedIn = { readonly token: string; readonly expiresAt: string };

const oneMinute = 60;

/**
 * Signs a person in with authorization code and PKCE: prints the address of the provider, and receives its answer on a loopback port. The
 * provider is asked to ask the person anew, because a waiver needs a recent sign-in.
 */
export const signInWithBrowser = async (io: Io, { origin, issuer, audience, clientId, scope, waitMs }: Asked): Promise<SignedIn> => {
  // Loaded on demand: the other commands start faster without it.
  const oidc = await import('openid-client');
  const local = addressOf(origin).protocol === 'http:';
  const configuration = await oidc
    .discovery(addressOf(issuer), clientId, undefined, oidc.None(), {
      timeout: 30,
      [oidc.customFetch]: (url, options) => io.fetch(url, options as RequestInit),
      // The signature of the ID token is verified, too. Plain http is for the provider of a local stage only.
      execute: [oidc.enableNonRepudiationChecks, ...(local ? [oidc.allowInsecureRequests] : [])],
    })
    .catch((cause: unknown) => {
      throw new Unreachable(`the OpenID provider ${issuer} does not answer`, { cause });
    });
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const loopback = await listenForAnswer(state, waitMs);
  try {
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: loopback.redirect,
      scope: scope.split(' ').includes('openid') ? scope : `openid ${scope}`,
      response_type: 'code',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      prompt: 'login',
      // Makes the provider say when the person signed in.
      max_age: String(oneMinute),
    });
    io.err(`Open this address in a browser of this machine and sign in within ${Math.round(waitMs / 60_000)} minutes:\n\n${url.href}\n\n`);
    const answer = await loopback.answer();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const { access_token, id_token } = await oidc.authorizationCodeGrant(configuration, answer, checks).catch((thrown: unknown) => {
      throw asError(thrown);
    });
    return usable(io, audience, [access_token, id_token]);
  } finally {
    loopback.close();
  }
};

/** What the provider refused, in one sentence without the code, the tokens or the page of the provider. */
const asError = (thrown: unknown): Error => {
  const { error, code } = thrown as { readonly error?: unknown; readonly code?: unknown };
  const why = typeof error === 'string' ? error : typeof code === 'string' ? code : 'unknown';
  return new Error(`the OpenID provider did not sign you in: ${why}`, { cause: thrown });
};

const claimsSchema = z.object({
  aud: z.union([z.string(), z.array(z.string())]).transform((aud) => [aud].flat()),
  exp: z.number().positive(),
  auth_time: z.number().positive().optional(),
});

/** The claims of a token that is a JSON Web Token. The server verifies them; here they only choose between two tokens. */
const claimsOf = (token: string | undefined): z.infer<typeof claimsSchema> | undefined => {
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
};

/** The token whose audience the server accepts: the access token, else the ID token, for providers that give no access token to an API. */
const usable = (io: Io, audience: string, tokens: readonly (string | undefined)[]): SignedIn => {
  const read = tokens.flatMap((token) => {
    const claims = claimsOf(token);
    return token === undefined || claims === undefined ? [] : [{ token, claims }];
  });
  const chosen = read.find(({ claims }) => claims.aud.includes(audience));
  if (chosen === undefined) {
    const got = read.map(({ claims }) => claims.aud.join(' and ')).join(', ') || 'no audience';
    throw new Error(
      `the OpenID provider gave tokens for ${got}, and the server expects ${audience}: ask its owner to correct cliScope or audience`,
    );
  }
  if (chosen.claims.auth_time === undefined) io.err('The token does not say when you signed in, so waivers will be refused.\n');
  return { token: chosen.token, expiresAt: new Date(chosen.claims.exp * 1000).toISOString() };
};
