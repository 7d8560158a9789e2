import type { PeopleIssuer } from '../checklist/stage.ts';
import { type Refusal, refuse } from '../outcome.ts';
import { type Claims, clientsOf, instantOf, noSignInTime } from './identity.ts';
import { shown } from './problem.ts';

/** How long a person's token is accepted when the stage does not say: a working day with its ends. Seconds. */
const defaultMaxAge = 12 * 3600;

type Presented = { readonly typ: unknown; readonly claims: Claims };
type Refused = { readonly refused: Refusal };

/**
 * What is wrong with a person's bearer token whose signature, issuer, expiry and audience are right. A token that was issued to another
 * application, for several audiences, for another purpose or without the time of the sign-in must not act for the person here.
 * Sources: RFC 9068 (access tokens), OpenID Connect Core 2 (ID tokens), RFC 8725 3.11 and 3.12 (types and kinds of tokens).
 */
export const personTokenFlaw = (issuer: PeopleIssuer, token: Presented, now: Date, skewSeconds: number): Refused | undefined =>
  wrongKind(issuer, token) ?? wrongClient(issuer, token.claims) ?? wrongTimes(issuer, token.claims, now.getTime() / 1000, skewSeconds);

const refused = (detail: string, got: string, expected: string, fix: string): Refused =>
  refuse('token-invalid', detail, { got: shown(got), expected, fix });

const typesOf = {
  'access-token': ['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'],
  'id-token': ['jwt', 'application/jwt'],
} as const;

/** A token's `typ` when it has one, which providers may leave out. A CI job's token may be an access token or not. */
export const isType = (typ: unknown, kind: keyof typeof typesOf): boolean =>
  typ === undefined || (typeof typ === 'string' && typesOf[kind].some((known) => known === typ.toLowerCase()));

const wrongKind = ({ bearer = 'access-token' }: PeopleIssuer, { typ, claims }: Presented): Refused | undefined => {
  const expected = bearer === 'access-token' ? 'an access token for the API' : 'an ID token of a configured client';
  const fix = 'Send the token that the provider issues for this API, not one that it issues for another purpose.';
  if (!isType(typ, bearer)) return refused('The token is of another type.', `typ ${JSON.stringify(typ)}`, expected, fix);
  if (bearer === 'access-token' && isIdToken(claims)) return refused('The token is an ID token.', 'an ID token', expected, fix);
  if (bearer === 'id-token' && (claims.token_use ?? 'id') !== 'id')
    return refused('The token is no ID token.', 'another token', expected, fix);
  const audiences = [claims.aud].flat();
  if (audiences.length === 1) return undefined;
  return refused('The token is for several audiences, each of which could use it here.', audiences.join(', '), 'one audience', fix);
};

/** Claims that only ID tokens have; `typ` and `token_use` as Keycloak and Cognito set them. Some access tokens repeat the nonce. */
const isIdToken = (claims: Claims): boolean =>
  ['at_hash', 'c_hash', 's_hash'].some((name) => name in claims) ||
  claims.token_use === 'id' ||
  claims.typ === 'ID' ||
  ('nonce' in claims && !('scope' in claims) && !('scp' in claims));

/** The claims that name the client: RFC 9068 and OpenID Connect, then Entra ID version 1 and Okta. */
const clientClaims = ['azp', 'client_id', 'appid', 'cid'] as const;

/** An ID token names its client as its audience, and `azp` only beside it. */
const wrongClient = (issuer: PeopleIssuer, claims: Claims): Refused | undefined => {
  const named = clientClaims.filter((name) => name in claims);
  const clients = clientsOf(issuer);
  const isNamed = named.length > 0 || issuer.bearer === 'id-token';
  if (isNamed && named.every((name) => clients.some((client) => client === claims[name]))) return undefined;
  return refused(
    'The token was not issued to an application of this stage.',
    named.map((name) => `${name} ${JSON.stringify(claims[name])}`).join(', ') || `none of the claims ${clientClaims.join(', ')}`,
    `a token of ${clients.join(' or ')}`,
    'Sign in with one of these applications, or ask the owner of this stage to add the application to `clients`.',
  );
};

const wrongTimes = (issuer: PeopleIssuer, claims: Claims, now: number, skew: number): Refused | undefined => {
  const { maxTokenAge = defaultMaxAge } = issuer;
  const issued = instantOf(claims.iat)?.getTime();
  const fix = 'Get a new token from the provider.';
  if (issued === undefined)
    return refused('The token does not say when it was issued.', `iat ${JSON.stringify(claims.iat) ?? 'absent'}`, 'the claim iat', fix);
  if (issued / 1000 > now + skew)
    return refused('The token was issued in the future.', new Date(issued).toISOString(), 'a time that has passed', fix);
  if (issued / 1000 < now - maxTokenAge - skew)
    return refused('The token was issued too long ago.', new Date(issued).toISOString(), `within the last ${maxTokenAge} seconds`, fix);
  const signedIn = instantOf(claims.auth_time)?.getTime();
  if (signedIn === undefined) return noSignInTime(claims.auth_time);
  if (signedIn / 1000 <= now + skew) return undefined;
  return refused('The token names a sign-in in the future.', new Date(signedIn).toISOString(), 'a time that has passed', fix);
};
