import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import { algorithms, callerOf, type Identity, type Issuer, issuerOf } from '../../lib/api/identity.ts';
import { shown } from '../../lib/api/problem.ts';
import { sessionIdentity } from '../../lib/api/session.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Clock, Mac } from '../../lib/ports.ts';

type Keys = ReturnType<typeof createRemoteJWKSet>;
type Parts = { readonly stage: Stage; readonly mac: () => Mac; readonly clock: Clock };
type Asked = { readonly authorization: string | undefined; readonly cookies: readonly string[] };

/** The issuer's keys could not be had: nobody knows whether the token is good, so it is not. */
class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** Clocks differ a little. Seconds. */
const clockTolerance = 30;
/** How long an issuer may take to say where its keys are, and again to give them: both together leave the authorizer time to say so. */
const patienceMs = 3_000;

/**
 * Who asks, from the bearer token or the browser's session. A request that carries both is judged by its token: whoever sends one
 * wants to be known by it. Keys of an issuer are found by discovery and kept in memory; a key that is not known is looked for again.
 * An issuer that does not answer is a fault, which the operators must hear of: it is thrown.
 */
export const createAuthorize = ({ stage, mac, clock }: Parts): ((asked: Asked) => Promise<Identity>) => {
  const known = new Map<string, Promise<Keys>>();
  const keysOf = (issuer: Issuer): Promise<Keys> => {
    const kept = known.get(issuer.issuer) ?? discover(issuer.issuer, stage.local);
    known.set(issuer.issuer, kept);
    kept.catch(() => known.delete(issuer.issuer));
    return kept;
  };
  return async ({ authorization, cookies }) => {
    if (authorization === undefined) return sessionIdentity(stage, mac(), cookies, clock.now());
    const verified = await verify(stage, authorization, keysOf, clock.now()).catch((thrown: unknown) => {
      // The issuer may have moved its keys: next time it is asked where they are.
      known.clear();
      throw thrown;
    });
    if (verified.refused !== undefined) return { kind: 'refused', refusal: verified.refused };
    const caller = callerOf(stage, verified.ok.issuer, verified.ok.claims);
    return caller.refused === undefined
      ? { kind: 'caller', caller: caller.ok, session: null }
      : { kind: 'refused', refusal: caller.refused };
  };
};

const verify = async (
  stage: Stage,
  authorization: string,
  keysOf: (issuer: Issuer) => Promise<Keys>,
  now: Date,
): Promise<Outcome<{ issuer: Issuer; claims: JWTPayload }>> => {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined || token.length > 16_384) {
    return refuse('token-invalid', 'The Authorization header holds no usable token.', {
      got: shown(authorization.split(' ', 1)[0] ?? ''),
      expected: 'Bearer and a signed JSON Web Token',
      fix: 'Send Authorization: Bearer <token>.',
    });
  }
  const claimed = decoded(token);
  if (claimed === undefined)
    return refuse('token-invalid', 'The token is no JSON Web Token.', {
      got: 'text that does not decode',
      expected: 'a signed JSON Web Token',
      fix: 'Send the token as the issuer gave it.',
    });
  const issuer = issuerOf(stage, claimed.iss, claimed.aud);
  if (issuer.refused !== undefined) return issuer;
  const keys = await keysOf(issuer.ok);
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.ok.issuer,
      audience: issuer.ok.audience,
      algorithms: [...algorithms],
      clockTolerance,
      currentDate: now,
      requiredClaims: ['exp', 'sub'],
    });
    return ok({ issuer: issuer.ok, claims: payload });
  } catch (thrown) {
    return { refused: refusalFor(thrown, issuer.ok, claimed, now) };
  }
};

const decoded = (token: string): JWTPayload | undefined => {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
};

/** What is wrong with the token, in the caller's words. Faults of the key server are not the caller's and are thrown on. */
const refusalFor = (thrown: unknown, issuer: Issuer, claimed: JWTPayload, now: Date): Refusal => {
  if (thrown instanceof errors.JWTExpired) {
    return refuse('token-expired', 'The token has expired.', {
      got: instant(claimed.exp),
      expected: `a token that is good at ${now.toISOString()}`,
      fix: 'Ask for a new token.',
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'aud') {
    return refuse('token-audience', 'The token was made for another audience.', {
      got: shown([claimed.aud].flat().join(', ') || 'no aud claim'),
      expected: issuer.audience,
      fix: `Ask the issuer for a token with audience ${issuer.audience}.`,
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'nbf') {
    return refuse('token-invalid', 'The token is not valid yet.', {
      got: `not before ${instant(claimed.nbf)}`,
      expected: `a token that is good at ${now.toISOString()}`,
      fix: 'Wait, or set the clock of the issuer.',
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return refuse('token-invalid', `The claim ${thrown.claim} is missing or not accepted.`, {
      got: `${thrown.claim}: ${thrown.reason}`,
      expected: 'claims iss, sub, aud and exp',
      fix: 'Ask the issuer for a token with these claims.',
    }).refused;
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) {
    return refuse('token-invalid', 'The token is signed in a way that is not accepted.', {
      got: 'another algorithm',
      expected: algorithms.join(', '),
      fix: 'Have the issuer sign with one of these algorithms.',
    }).refused;
  }
  if (
    thrown instanceof errors.JWSSignatureVerificationFailed ||
    thrown instanceof errors.JWKSNoMatchingKey ||
    thrown instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return refuse('token-invalid', 'The signature of the token is not of its issuer.', {
      got: 'a signature that no key of the issuer made',
      expected: `a token signed by ${issuer.issuer}`,
      fix: 'Ask the issuer for a new token.',
    }).refused;
  }
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid || thrown instanceof errors.JOSENotSupported) {
    return refuse('token-invalid', 'The token is malformed.', {
      got: shown(thrown.message),
      expected: 'a signed JSON Web Token',
      fix: 'Send the token as the issuer gave it.',
    }).refused;
  }
  throw new Unavailable('the keys of the issuer could not be read', { cause: thrown });
};

const instant = (seconds: unknown): string =>
  typeof seconds === 'number' && Math.abs(seconds) < 8e12 ? new Date(seconds * 1000).toISOString() : 'no usable time';

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** OpenID discovery: the document must name the very issuer that was asked, and its keys must come over TLS but on a laptop. */
const discover = async (issuer: string, local: boolean): Promise<Keys> => {
  try {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(patienceMs),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
    const metadata = metadataSchema.parse(await response.json());
    const uri = new URL(metadata.jwks_uri);
    if (metadata.issuer !== issuer) throw new Error(`the issuer calls itself ${metadata.issuer}`);
    if (uri.protocol !== 'https:' && !local) throw new Error('the keys are not offered over https');
    return createRemoteJWKSet(uri, { timeoutDuration: patienceMs });
  } catch (thrown) {
    throw new Unavailable(`the issuer ${issuer} could not be asked for its keys`, { cause: thrown });
  }
};
