import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import type { Clock, Mac } from '../../lib/ports.ts';
import { fakeEndedSessions, fakeMac } from '../fakes.ts';
import { jobClaims, stageAt, startIssuer, type TestIssuer } from './issuer.ts';

let issuer: TestIssuer;
let people: TestIssuer;
let stage: Stage;
const now = new Date('2026-03-02T08:00:00Z');
const seconds = now.getTime() / 1000;
const clock: Clock = { now: () => now };
const mac: Mac = fakeMac();
let authorize: ReturnType<typeof createAuthorize>;

beforeAll(async () => {
  issuer = await startIssuer();
  people = await startIssuer();
  stage = stageAt(issuer.url, people.url);
});
afterAll(async () => {
  await issuer.close();
  await people.close();
});
beforeEach(() => {
  authorize = createAuthorize({ stage, mac: () => mac, sessions: fakeEndedSessions, clock });
});

const job = (changes: JWTPayload = {}): JWTPayload => jobClaims(issuer.url, seconds, changes);
const person = (changes: JWTPayload = {}): JWTPayload => ({
  iss: people.url,
  aud: 'holdpoint-api',
  sub: 'sub-p-technical1',
  client_id: 'holdpoint-web',
  auth_time: seconds - 60,
  iat: seconds - 50,
  exp: seconds + 300,
  ...changes,
});
const withToken = (token: string): Promise<Identity> => authorize({ authorization: `Bearer ${token}`, cookies: [] });
const refusalOf = async (token: string) => {
  const identity = await withToken(token);
  if (identity.kind !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(identity)}`);
  expect(JSON.stringify(identity.refusal), 'no refusal repeats the signature').not.toContain(token.split('.')[2]);
  return identity.refusal;
};

describe('a token of a CI job', () => {
  test('makes the configured identity, with the person behind it and the digest of the token', async () => {
    expect(await withToken(await issuer.sign(job()))).toEqual({
      kind: 'caller',
      caller: { kind: 'ci', id: 'ci-main', services: ['shop'], person: 'p-developer1', token: sha256(`${issuer.url}\njob-1`) },
      session: null,
    });
  });

  test('started by someone outside the roster has no person as its starter', async () => {
    for (const actor of ['stranger', undefined, { dara: true }])
      expect(await withToken(await issuer.sign(job({ actor })))).toMatchObject({ caller: { id: 'ci-main', person: null } });
  });

  test('of another mapping is another identity', async () => {
    expect(await withToken(await issuer.sign(job({ repository: 'acme/mail' })))).toMatchObject({
      caller: { id: 'ci-mail', services: ['mail'] },
    });
  });

  test.each([
    ['another branch', { ref: 'refs/heads/evil' }],
    ['another repository', { repository: 'evil/shop' }],
    ['a repository that only begins so', { repository: 'acme/shop-evil' }],
    ['a list of repositories', { repository: ['acme/shop'] }],
    ['no claim', { repository: undefined }],
  ])('with %s has no identity here, and the refusal names its claims', async (_, changes) => {
    const refusal = await refusalOf(await issuer.sign(job(changes)));
    expect(refusal.type).toBe('identity-unmapped');
    expect(refusal.got).toContain('repository=');
  });

  test('does not match a mapping without claims', async () => {
    const open = stageAt(issuer.url, people.url);
    authorize = createAuthorize({
      stage: {
        ...open,
        issuers: open.issuers.map((one) =>
          one.kind === 'ci' ? { ...one, identities: [{ claims: {}, id: 'ci-all', services: ['shop'] }] } : one,
        ),
      },
      mac: () => mac,
      sessions: fakeEndedSessions,
      clock,
    });
    expect((await refusalOf(await issuer.sign(job()))).type).toBe('identity-unmapped');
  });

  test.each([[undefined], [''], [7]])('with jti %j has no usable id', async (jti) => {
    const refusal = await refusalOf(await issuer.sign(job({ jti: jti as string })));
    expect([refusal.type, refusal.expected]).toEqual(['token-invalid', 'a jti claim']);
  });
});

describe('a token of a person', () => {
  test('makes the person of the roster with roles and the instant of the sign-in', async () => {
    expect(await withToken(await people.sign(person()))).toEqual({
      kind: 'caller',
      caller: { kind: 'person', id: 'p-technical1', roles: ['technical-lead'], signedInAt: new Date((seconds - 60) * 1000) },
      session: null,
    });
  });

  test('that is not in the roster has no identity', async () => {
    const refusal = await refusalOf(await people.sign(person({ sub: 'sub-stranger' })));
    expect(refusal.type).toBe('identity-unmapped');
    expect(JSON.stringify(refusal)).not.toContain('stranger');
  });

  test('of a provider that also serves CI jobs is distinguished by its audience', async () => {
    const shared = stageAt(issuer.url, issuer.url);
    authorize = createAuthorize({ stage: shared, mac: () => mac, sessions: fakeEndedSessions, clock });
    const own = person({ iss: issuer.url });
    expect(await withToken(await issuer.sign(own))).toMatchObject({ caller: { kind: 'person', id: 'p-technical1' } });
    expect(await withToken(await issuer.sign(job()))).toMatchObject({ caller: { kind: 'ci', id: 'ci-main' } });
    expect((await refusalOf(await issuer.sign(job({ aud: 'holdpoint-api' })))).detail).toContain('was not issued to an application');
    expect((await refusalOf(await issuer.sign({ ...own, aud: 'holdpoint' }))).type).toBe('identity-unmapped');
  });

  test("with a person's subject from the CI issuer is no person", async () => {
    expect((await refusalOf(await issuer.sign(job({ sub: 'sub-p-technical1', repository: 'x' })))).type).toBe('identity-unmapped');
  });
});

describe('a token that is not taken', () => {
  test.each([
    ['has expired', { exp: seconds - 60 }, 'token-expired', '2026-03-02T07:59:00.000Z'],
    ['is of tomorrow', { nbf: seconds + 3600 }, 'token-invalid', 'not before 2026-03-02T09:00:00.000Z'],
    ['never expires', { exp: undefined }, 'token-invalid', 'exp: missing'],
    ['expires at a word', { exp: 'never' as unknown as number }, 'token-invalid', 'exp: invalid'],
    ['has no subject', { sub: undefined }, 'token-invalid', 'sub: missing'],
    ['is for another audience', { aud: 'sts.amazonaws.com' }, 'token-audience', 'sts.amazonaws.com'],
    ['is for other audiences', { aud: ['a', 'b'] }, 'token-audience', 'a, b'],
    ['is for no audience', { aud: undefined }, 'token-audience', 'no aud claim'],
    ['is of a foreign issuer', { iss: 'https://evil.example' }, 'issuer-untrusted', 'https://evil.example'],
    ['is of an issuer that begins so', { iss: 'placeholder' }, 'issuer-untrusted', 'placeholder'],
    ['is of no issuer', { iss: undefined }, 'issuer-untrusted', 'no iss claim'],
  ])('%s', async (_, changes, type, got) => {
    const iss = changes as { readonly iss?: string };
    const claims = iss.iss === 'placeholder' ? { iss: `${issuer.url}/` } : changes;
    const refusal = await refusalOf(await issuer.sign(job(claims)));
    expect(refusal.type).toBe(type);
    expect(refusal.got).toContain(iss.iss === 'placeholder' ? `${issuer.url}/` : got);
    expect(refusal.fix).toBeTruthy();
  });

  test('says which audience and which issuers are', async () => {
    expect((await refusalOf(await issuer.sign(job({ aud: 'x' })))).expected).toBe('holdpoint');
    expect((await refusalOf(await issuer.sign(job({ iss: 'x' })))).expected).toBe(`one of ${issuer.url}, ${people.url}`);
  });

  test('asks a foreign issuer nothing', async () => {
    const foreign = await startIssuer();
    await refusalOf(await foreign.sign(job({ iss: foreign.url })));
    expect(foreign.asked).toEqual([]);
    await foreign.close();
  });

  test('a clock that is half a minute off is forgiven, a minute is not', async () => {
    expect(await withToken(await issuer.sign(job({ exp: seconds - 20 })))).toMatchObject({ kind: 'caller' });
    expect((await refusalOf(await issuer.sign(job({ exp: seconds - 31 })))).type).toBe('token-expired');
  });

  test('is signed by a key that the issuer does not have', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    expect((await refusalOf(await issuer.sign(job(), { key: privateKey }))).detail).toBe(
      'No key of the issuer verifies the signature of the token.',
    );
    expect((await refusalOf(await issuer.sign(job(), { key: privateKey, kid: 'unknown' }))).type).toBe('token-invalid');
  });

  test('was changed after it was signed', async () => {
    const [header, , signature] = (await issuer.sign(job({ repository: 'acme/mail' }))).split('.');
    const changed = Buffer.from(JSON.stringify(job())).toString('base64url');
    expect((await refusalOf(`${header}.${changed}.${signature}`)).detail).toBe('No key of the issuer verifies the signature of the token.');
  });

  test("is signed with the issuer's public key as a shared secret", async () => {
    const secret = new TextEncoder().encode(issuer.publicText('first'));
    const refusal = await refusalOf(await issuer.sign(job(), { alg: 'HS256', key: secret }));
    expect([refusal.type, refusal.expected]).toEqual(['token-invalid', 'RS256, ES256, EdDSA']);
  });

  test.each(['RS512', 'PS256'])('is signed with %s', async (alg) => {
    const { privateKey } = await generateKeyPair(alg);
    expect((await refusalOf(await issuer.sign(job(), { alg, key: privateKey }))).detail).toContain('signed with an algorithm');
  });

  test('is not signed at all', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const token of [`${part({ alg: 'none' })}.${part(job())}.`, `${part({ alg: 'none', kid: 'first' })}.${part(job())}.AAAA`]) {
      const identity = await withToken(token);
      expect(identity).toMatchObject({ kind: 'refused', refusal: { type: 'token-invalid' } });
    }
  });

  test('brings its own key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const header = { jwk: await exportJWK(publicKey), jku: 'https://evil.example/keys' };
    expect((await refusalOf(await issuer.sign(job(), { key: privateKey, header }))).type).toBe('token-invalid');
  });

  test.each([
    ['Basic dXNlcjpwYXNz', 'Basic'],
    ['Bearer', 'Bearer'],
    ['Bearer not-a-token', 'Bearer'],
    ['Bearer a.b.c, Bearer a.b.c', 'Bearer'],
    ['', ''],
    [`Bearer ${'a'.repeat(20_000)}.b.c`, 'Bearer'],
  ])('is no token: %s', async (authorization, got) => {
    expect(await authorize({ authorization, cookies: [] })).toMatchObject({ kind: 'refused', refusal: { type: 'token-invalid', got } });
  });
});

describe('the keys of an issuer', () => {
  test('may be of either curve, and new ones are found', async () => {
    const own = await startIssuer();
    authorize = createAuthorize({ stage: stageAt(own.url, people.url), mac: () => mac, sessions: fakeEndedSessions, clock });
    const claims = job({ iss: own.url });
    expect(await withToken(await own.sign(claims))).toMatchObject({ kind: 'caller' });
    await own.addKey('second', 'ES256');
    await own.addKey('third', 'EdDSA');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    try {
      expect(await withToken(await own.sign(claims, { kid: 'second', alg: 'ES256' }))).toMatchObject({ kind: 'caller' });
      expect(await withToken(await own.sign(claims, { kid: 'third', alg: 'EdDSA' }))).toMatchObject({ kind: 'caller' });
    } finally {
      vi.useRealTimers();
    }
    expect(own.asked.filter((path) => path !== '/keys')).toEqual(['/.well-known/openid-configuration']);
    await own.close();
  });

  test.each([
    ['the issuer answers an error', { status: 500 }],
    ['the issuer calls itself something else', { issuer: 'https://evil.example' }],
    ['the keys do not answer', { jwks: 'http://localhost:1/keys' }],
  ])('no caller is identified when %s, and the next request tries again', async (_, wrong) => {
    const own = await startIssuer();
    authorize = createAuthorize({ stage: stageAt(own.url, people.url), mac: () => mac, sessions: fakeEndedSessions, clock });
    own.answerWith(wrong);
    const token = await own.sign(job({ iss: own.url }));
    await expect(withToken(token)).rejects.toThrow(/keys/);
    own.answerWith({});
    expect(await withToken(token)).toMatchObject({ kind: 'caller' });
    await own.close();
  });

  test('are requested with timeouts below the time limit of the authorizer', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, 'localhost', resolve));
    const nowhere = `http://localhost:${(silent.address() as AddressInfo).port}`;
    const own = await startIssuer();
    own.answerWith({ jwks: `${nowhere}/keys` });
    const started = performance.now();
    await Promise.all(
      [nowhere, own.url].map(async (iss) => {
        const asked = createAuthorize({ stage: stageAt(iss, people.url), mac: () => mac, sessions: fakeEndedSessions, clock });
        const authorization = `Bearer ${await own.sign(job({ iss }))}`;
        await expect(asked({ authorization, cookies: [] })).rejects.toThrow(/keys/);
      }),
    );
    // One after the other they take less than the authorizer's ten seconds.
    expect(performance.now() - started).toBeLessThan(4_500);
    silent.closeAllConnections();
    silent.close();
    await own.close();
  });

  test('are not fetched over plain http, except on a local stage', async () => {
    authorize = createAuthorize({
      stage: stageAt(issuer.url, people.url, { local: false }),
      mac: () => mac,
      sessions: fakeEndedSessions,
      clock,
    });
    await expect(withToken(await issuer.sign(job()))).rejects.toThrow(/keys/);
  });
});
