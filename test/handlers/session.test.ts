import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { type Identity, identityOf } from '../../lib/api/identity.ts';
import { signSession } from '../../lib/api/session.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import type { Mac } from '../../lib/ports.ts';
import { fakeEndedSessions, fakeMac } from '../fakes.ts';
import { jobClaims, stageAt, startIssuer, type TestIssuer } from './issuer.ts';
import { deployedStage } from './roster-bucket.ts';

let issuer: TestIssuer;
let stage: Stage;
let authorize: ReturnType<typeof createAuthorize>;
const now = new Date('2026-03-02T08:00:00Z');
const seconds = now.getTime() / 1000;
const mac = fakeMac();
const sessions = fakeEndedSessions();

beforeAll(async () => {
  issuer = await startIssuer();
  stage = stageAt(issuer.url, 'https://login.example.com');
});
afterAll(() => issuer.close());
beforeEach(() => {
  authorize = createAuthorize({ stage, mac: () => mac, sessions: () => sessions, clock: { now: () => now } });
});

describe("a browser's session", () => {
  const session = { id: 'session-1', person: 'p-technical1', signedInAt: '2026-03-02T07:30:00.000Z', exp: seconds + 3600 };
  const cookieOf = async (changes: object = {}, by: Mac = mac): Promise<string> =>
    `__Host-holdpoint=${await signSession(by, { ...session, ...changes })}`;
  const withCookies = (...cookies: string[]): Promise<Identity> => authorize({ authorization: undefined, cookies });

  test('makes its person, with the roles that the roster has now', async () => {
    expect(await withCookies('other=1', await cookieOf())).toEqual({
      kind: 'caller',
      caller: { kind: 'person', id: 'p-technical1', roles: ['technical-lead'], signedInAt: new Date(session.signedInAt) },
      session: 'session-1',
    });
  });

  test('is anonymous when the cookie is missing, expired, forged, of another key, for another purpose, or given twice', async () => {
    const good = await cookieOf();
    const [body, code] = good.slice('__Host-holdpoint='.length).split('.');
    const other = Buffer.from(JSON.stringify({ ...session, person: 'p-operations1' })).toString('base64url');
    const cookies: readonly (readonly string[])[] = [
      [],
      [await cookieOf({ exp: seconds })],
      [`__Host-holdpoint=${other}.${code}`],
      [`__Host-holdpoint=${body}`],
      [`__Host-holdpoint=${body}.${code}.${code}`],
      [`__Host-holdpoint=`],
      [await cookieOf({}, fakeMac('another key'))],
      [`__Host-holdpoint=${await signValue(mac, 'login', session)}`],
      [`__Host-holdpoint=${await signValue(mac, 'form', session)}`],
      [good, good],
      [good.replace('__Host-', '')],
    ];
    for (const given of cookies) expect([given, await withCookies(...given)]).toEqual([given, { kind: 'anonymous' }]);
  });

  test('of a person who has left the roster is refused at once', async () => {
    authorize = createAuthorize({
      stage: { ...stage, roster: stage.roster.filter(({ id }) => id !== 'p-technical1') },
      mac: () => mac,
      sessions: () => sessions,
      clock: { now: () => now },
    });
    expect(await withCookies(await cookieOf())).toMatchObject({ kind: 'refused', refusal: { type: 'identity-unmapped' } });
  });

  test('that ended is anonymous, however long its cookie is good for', async () => {
    const copied = await cookieOf({ id: 'session-2' });
    expect(await withCookies(copied)).toMatchObject({ kind: 'caller' });
    await sessions.end('session-2', now);
    expect(await withCookies(copied)).toEqual({ kind: 'anonymous' });
    expect(await withCookies(await cookieOf())).toMatchObject({ kind: 'caller', session: 'session-1' });
  });

  test('is nobody when it cannot be found out whether it ended', async () => {
    const isEnded = () => Promise.reject(new Error('the table does not answer'));
    authorize = createAuthorize({ stage, mac: () => mac, sessions: () => ({ ...sessions, isEnded }), clock: { now: () => now } });
    await expect(withCookies(await cookieOf())).rejects.toThrow('the table does not answer');
  });

  test('is ignored in a request that also has a token', async () => {
    const cookies = [await cookieOf()];
    expect(await authorize({ authorization: 'Bearer nonsense', cookies })).toMatchObject({ kind: 'refused' });
    expect(await authorize({ authorization: `Bearer ${await issuer.sign(jobClaims(issuer.url, seconds))}`, cookies })).toMatchObject({
      caller: { kind: 'ci' },
      session: null,
    });
  });
});

describe('the function', () => {
  let deployed: Awaited<ReturnType<typeof deployedStage>>;
  const event = (more: object) => ({
    version: '2.0',
    routeKey: 'GET /v1/runs',
    requestContext: { requestId: 'r-1' },
    headers: {},
    ...more,
  });
  const reply = async (given: unknown): Promise<Identity> => {
    const { isAuthorized, context } = await handler(given);
    expect(isAuthorized).toBe(true);
    expect(Object.values(context).every((value) => typeof value === 'string')).toBe(true);
    return identityOf(context);
  };
  // A function reads its stage once in its life; other tests of this process have stages of their own.
  let handler: typeof import('../../lambdas/api-authorizer.ts').handler;
  beforeAll(async () => {
    vi.resetModules();
    deployed = await deployedStage(stage);
    ({ handler } = await import('../../lambdas/api-authorizer.ts'));
    vi.stubEnv('SESSION_KEY_ID', 'alias/session');
    vi.stubEnv('IDEMPOTENCY_TABLE', 'idempotency');
  });
  afterAll(() => {
    deployed.close();
    vi.resetModules();
  });

  test('knows nobody, not even that nobody asks, while there is no roster', async () => {
    deployed.bucket.people = undefined;
    const authorization = `Bearer ${await issuer.sign(jobClaims(issuer.url, Math.floor(Date.now() / 1000)))}`;
    expect(await reply(event({ headers: { authorization } }))).toEqual({ kind: 'unavailable' });
    expect(await reply(event({}))).toEqual({ kind: 'unavailable' });
    deployed.bucket.people = stage.roster;
  });

  test('asks for the roster once in a minute', async () => {
    await reply(event({}));
    const { asked } = deployed.bucket;
    await reply(event({}));
    expect(deployed.bucket.asked).toBe(asked);
  });

  test('hands on who asks, whatever the case of the header', async () => {
    const authorization = `Bearer ${await issuer.sign(jobClaims(issuer.url, Math.floor(Date.now() / 1000)))}`;
    for (const name of ['authorization', 'Authorization'])
      expect(await reply(event({ headers: { [name]: authorization } }))).toMatchObject({ kind: 'caller', caller: { id: 'ci-main' } });
  });

  test('passes on a refusal, or that the request is anonymous', async () => {
    expect(await reply(event({ headers: { authorization: 'Bearer a.b.c' } }))).toMatchObject({
      kind: 'refused',
      refusal: { type: 'token-invalid' },
    });
    expect(await reply(event({}))).toEqual({ kind: 'anonymous' });
    expect(await reply(event({ headers: { 'x-odd': '\u{1F600}' } }))).toEqual({ kind: 'anonymous' });
  });

  test.each([undefined, null, 'text', {}, { requestContext: {} }])('says that it could not find out when it is asked %j', async (given) => {
    expect(await reply(given)).toEqual({ kind: 'unavailable' });
  });

  test('what is not understood of its context opens nothing', () => {
    const person = { kind: 'person', id: 'p-1', roles: ['technical-lead'], signedInAt: '2026-03-02T08:00:00Z' };
    for (const context of [
      undefined,
      null,
      'caller',
      {},
      { caller: '{' },
      { caller: JSON.stringify({ ...person, roles: ['king'] }) },
      { caller: JSON.stringify({ ...person, more: 1 }) },
      { caller: person },
      { anonymous: 'true' },
    ])
      expect(identityOf(context)).toEqual({ kind: 'anonymous' });
  });
});
