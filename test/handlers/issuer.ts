import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Stage } from '../../lib/checklist/stage.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';
import { stageOf } from './requests.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
type Signing = {
  readonly alg?: string;
  readonly kid?: string;
  /** Another key than the published one of this name. */
  readonly key?: Parameters<SignJWT['sign']>[0];
  readonly header?: Readonly<Record<string, unknown>>;
};

/** An OpenID provider as far as tokens go: discovery, keys, and whatever is to be signed. Everything about it can be made wrong. */
export type TestIssuer = {
  readonly url: string;
  readonly asked: string[];
  sign(claims: JWTPayload, signing?: Signing): Promise<string>;
  /** Publishes a new key under this name. */
  addKey(kid: string, alg?: string): Promise<Pair>;
  /** The public key as text, for the attack that uses it as a shared secret. */
  publicText(kid: string): string;
  answerWith(changes: { readonly issuer?: string; readonly jwks?: string; readonly status?: number }): void;
  close(): Promise<void>;
};

export const startIssuer = async (): Promise<TestIssuer> => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const asked: string[] = [];
  const pairs = new Map<string, Pair>();
  const published: JWK[] = [];
  let wrong: { readonly issuer?: string; readonly jwks?: string; readonly status?: number } = {};
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = request.url === '/keys' ? { keys: published } : { issuer: wrong.issuer ?? url, jwks_uri: wrong.jwks ?? `${url}/keys` };
    response.writeHead(wrong.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  const addKey = async (kid: string, alg = 'RS256'): Promise<Pair> => {
    const pair = await generateKeyPair(alg, { extractable: true });
    pairs.set(kid, pair);
    published.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
    return pair;
  };
  await addKey('first');
  return {
    url,
    asked,
    addKey,
    sign: (claims, { alg = 'RS256', kid = 'first', key, header = {} } = {}) => {
      const own = key ?? pairs.get(kid)?.privateKey;
      if (own === undefined) throw new Error(`the issuer has no key ${kid}`);
      return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(own);
    },
    publicText: (kid) => JSON.stringify(published.find((one) => one.kid === kid)),
    answerWith: (changes) => {
      wrong = changes;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** The stage of the tests with these two as its trusted issuers. */
export const stageAt = (ci: string, login: string, changes: Partial<Stage> = {}): Stage => {
  const given = stageOf();
  return stageOf({
    local: true,
    issuers: given.issuers.map((one) => ({ ...one, issuer: one.kind === 'ci' ? ci : login })),
    roster: given.roster.map((person) => ({
      ...person,
      subjects: person.subjects.map(({ subject }) => ({ issuer: login, subject })),
      starters: person.starters.map(({ actor }) => ({ issuer: ci, actor })),
    })),
    ...changes,
  });
};

/** What a CI job of the main branch says of itself. */
export const jobClaims = (issuer: string, seconds: number, changes: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  aud: 'holdpoint',
  sub: 'repo:acme/shop:ref:refs/heads/main',
  repository: 'acme/shop',
  ref: 'refs/heads/main',
  actor: 'dara',
  jti: 'job-1',
  iat: seconds - 10,
  exp: seconds + 300,
  ...changes,
});
