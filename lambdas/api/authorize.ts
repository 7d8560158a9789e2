import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import { algorithms, audiencesOf, callerOf, type Identity, type Issuer, instantOf, issuerOf } from '../../lib/api/identity.ts';
import { isType, personTokenFlaw } from '../../lib/api/person-token.ts';
import { shown } from '../../lib/api/problem.ts';
import { sessionIdentity } from '../../lib/api/session.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Clock, EndedSessions, Mac } from '../../lib/ports.ts';

type Keys = ReturnType<typeof createRemoteJWKSet>;
type Parts = { readonly stage: Stage; readonly mac: () => Mac; readonly sessions: () => EndedSessions; readonly clock: Clock };
type Asked = { readonly authorization: string | undefined; readonly cookies: readonly string[] };

/** The issuer's keys could not be read, so the token cannot be verified. */
class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly issuer: string;
  constructor(issuer: string, what: string, cause: unknown) {
    super(`the keys of the issuer ${issuer} could not be ${what}`, { cause });
    this.issuer = issuer;
  }
}

/** Allowed difference between the issuer's clock and ours, in seconds. */
const clockTolerance = 30;
/** Timeout of the discovery request, and of the request for the keys. Both together stay below the authorizer's time limit. */
const issuerTimeoutMs = 3_000;
/** Characters. API Gateway limits the request line and all headers together to 10,240 bytes. */
const longestToken = 10_000;

/**
 * Identifies the caller by the bearer token or by the browser's session. The token takes precedence when a request carries both. An issuer's
 * keys are found by discovery and cached in memory; an unknown key id is looked up again. An issuer that does not answer is a fault of which
 * the operators must learn, so it is thrown.
 */
export const createAuthorize = ({ stage, mac, sessions, clock }: Parts): ((asked: Asked) => Promise<Identity>) => {
  const known = new Map<string, Promise<Keys>>();
  const keysOf = (issuer: Issuer): Promise<Keys> => {
    const kept = known.get(issuer.issuer) ?? discover(issuer.issuer, stage.local);
    known.set(issuer.issuer, kept);
    kept.catch(() => known.delete(issuer.issuer));
    return kept;
  };
  return async ({ authorization, cookies }) => {
    if (authorization === undefined) return sessionIdentity({ stage, mac, sessions }, cookies, clock.now());
    const verified = await verify(stage, authorization, keysOf, clock.now()).catch((thrown: unknown) => {
      // This issuer may have moved its keys: run its discovery again at the next request.
      if (thrown instanceof Unavailable) known.delete(thrown.issuer);
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
  if (token === undefined || token.length > longestToken) {
    return refuse('token-invalid', 'The Authorization header has no bearer token that Holdpoint can read.', {
      got: shown(authorization.split(' ', 1)[0] ?? ''),
      expected: 'Bearer and a signed JSON Web Token',
      fix: 'Send Authorization: Bearer <token>.',
    });
  }
  const claimed = decoded(token);
  if (claimed === undefined)
    return refuse('token-invalid', 'The token is not a JSON Web Token.', {
      got: 'text that does not decode',
      expected: 'a signed JSON Web Token',
      fix: 'Send the token exactly as the issuer returned it.',
    });
  const issuer = issuerOf(stage, claimed.iss, claimed.aud);
  if (issuer.refused !== undefined) return issuer;
  const keys = await keysOf(issuer.ok);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: issuer.ok.issuer,
      audience: [...audiencesOf(issuer.ok)],
      algorithms: [...algorithms],
      clockTolerance,
      currentDate: now,
      requiredClaims: ['exp', 'sub'],
    });
    const flaw = flawOf(issuer.ok, { typ: protectedHeader.typ, claims: payload }, now);
    return flaw ?? ok({ issuer: issuer.ok, claims: payload });
  } catch (thrown) {
    return { refused: refusalFor(thrown, issuer.ok, claimed, now) };
  }
};

/** What a right signature does not show: for whom and for what the token was issued. */
const flawOf = (
  issuer: Issuer,
  token: { readonly typ: string | undefined; readonly claims: JWTPayload },
  now: Date,
): { readonly refused: Refusal } | undefined => {
  if (issuer.kind === 'people') return personTokenFlaw(issuer, token, now, clockTolerance);
  if (isType(token.typ, 'access-token')) return undefined;
  return refuse('token-invalid', 'The token is of another type.', {
    got: shown(`typ ${JSON.stringify(token.typ)}`),
    expected: "a CI job's token, with typ JWT or without one",
    fix: 'Send the token that the CI system issues to its jobs.',
  });
};

const decoded = (token: string): JWTPayload | undefined => {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
};

/** The refusal for a token that did not verify. A fault of the issuer's key server is not the caller's and is thrown. */
const refusalFor = (thrown: unknown, issuer: Issuer, claimed: JWTPayload, now: Date): Refusal => {
  if (thrown instanceof errors.JWTExpired) {
    return refuse('token-expired', 'The token has expired.', {
      got: instant(claimed.exp),
      expected: `a token that is valid at ${now.toISOString()}`,
      fix: 'Get a new token.',
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'aud') {
    return refuse('token-audience', 'The token was issued for another audience.', {
      got: shown([claimed.aud].flat().join(', ') || 'no aud claim'),
      expected: audiencesOf(issuer).join(' or '),
      fix: `Get a token with audience ${audiencesOf(issuer).join(' or ')} from the issuer.`,
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'nbf') {
    return refuse('token-invalid', 'The token is not valid yet.', {
      got: `not before ${instant(claimed.nbf)}`,
      expected: `a token that is valid at ${now.toISOString()}`,
      fix: 'Wait until then, or correct the clock of the issuer.',
    }).refused;
  }
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return refuse('token-invalid', `The claim ${thrown.claim} is missing or not accepted.`, {
      got: `${thrown.claim}: ${thrown.reason}`,
      expected: 'claims iss, sub, aud and exp',
      fix: 'Get a token with these claims from the issuer.',
    }).refused;
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) {
    return refuse('token-invalid', 'The token is signed with an algorithm that is not accepted.', {
      got: 'another algorithm',
      expected: algorithms.join(', '),
      fix: 'Configure the issuer to sign with one of these algorithms.',
    }).refused;
  }
  if (
    thrown instanceof errors.JWSSignatureVerificationFailed ||
    thrown instanceof errors.JWKSNoMatchingKey ||
    thrown instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return refuse('token-invalid', 'No key of the issuer verifies the signature of the token.', {
      got: 'a signature by another key',
      expected: `a token signed by ${issuer.issuer}`,
      fix: 'Get a new token from the issuer.',
    }).refused;
  }
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid || thrown instanceof errors.JOSENotSupported) {
    return refuse('token-invalid', 'The token is malformed.', {
      got: shown(thrown.message),
      expected: 'a signed JSON Web Token',
      fix: 'Send the token exactly as the issuer returned it.',
    }).refused;
  }
  throw new Unavailable(issuer.issuer, 'read', thrown);
};

const instant = (seconds: unknown): string => instantOf(seconds)?.toISOString() ?? 'no usable time';

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** OpenID discovery. The document must name the issuer that was asked, and the keys must be served over TLS, except on a local stage. */
const discover = async (issuer: string, local: boolean): Promise<Keys> => {
  try {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(issuerTimeoutMs),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
    const metadata = metadataSchema.parse(await response.json());
    const uri = new URL(metadata.jwks_uri);
    if (metadata.issuer !== issuer) throw new Error(`the issuer calls itself ${metadata.issuer}`);
    if (uri.protocol !== 'https:' && !local) throw new Error('the keys are not offered over https');
    return createRemoteJWKSet(uri, { timeoutDuration: issuerTimeoutMs });
  } catch (thrown) {
    throw new Unavailable(issuer, 'discovered', thrown);
  }
};
