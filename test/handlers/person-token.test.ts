import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import type { Identity } from '../../lib/api/identity.ts';
import type { PeopleIssuer } from '../../lib/checklist/stage.ts';
import { fakeEndedSessions, fakeMac } from '../fakes.ts';
import { jobClaims, stageAt, startIssuer, type TestIssuer } from './issuer.ts';

const now = new Date('2026-03-02T08:00:00Z');
const seconds = now.getTime() / 1000;
let people: TestIssuer;
beforeAll(async () => {
  people = await startIssuer();
});
afterAll(() => people.close());

type Changes = { readonly claims?: object; readonly header?: Readonly<Record<string, unknown>>; readonly issuer?: Partial<PeopleIssuer> };

/** A right access token of Tove for the API, with changes to it and to the stage. */
const identify = async ({ claims = {}, header = {}, issuer = {} }: Changes): Promise<Identity> => {
  const stage = stageAt('https://ci.example.com', people.url);
  const issuers = stage.issuers.map((one) => (one.kind === 'people' ? { ...one, clients: ['holdpoint-cli'], ...issuer } : one));
  const authorize = createAuthorize({
    stage: { ...stage, issuers },
    mac: () => fakeMac(),
    sessions: fakeEndedSessions,
    clock: { now: () => now },
  });
  const token = await people.sign(
    {
      iss: people.url,
      aud: 'holdpoint-api',
      sub: 'sub-p-technical1',
      client_id: 'holdpoint-web',
      iat: seconds - 60,
      exp: seconds + 600,
      auth_time: seconds - 90,
      scope: 'openid',
      ...claims,
    },
    { header },
  );
  return authorize({ authorization: `Bearer ${token}`, cookies: [] });
};

const idToken: Changes = {
  issuer: { bearer: 'id-token' },
  claims: { aud: 'holdpoint-cli', client_id: undefined, scope: undefined, at_hash: 'x', nonce: 'n' },
};
const withClaims = (given: Changes, claims: object): Changes => ({ ...given, claims: { ...given.claims, ...claims } });

describe("a person's bearer token", () => {
  test.each<[string, Changes]>([
    ['of the type JWT', {}],
    ['of the type at+jwt', { header: { typ: 'at+jwt' } }],
    ['of a type in other spelling', { header: { typ: 'application/AT+JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['of the command line', { claims: { client_id: 'holdpoint-cli' } }],
    ['that names its client as azp', { claims: { client_id: undefined, azp: 'holdpoint-cli' } }],
    ['that names its client as Okta does', { claims: { client_id: undefined, cid: 'holdpoint-cli' } }],
    ['for a list of one audience', { claims: { aud: ['holdpoint-api'] } }],
    ['that repeats the nonce, as some access tokens do', { claims: { nonce: 'n' } }],
    ['of a clock that is half a minute ahead', { claims: { iat: seconds + 20, auth_time: seconds + 20 } }],
    ['that is an ID token, where the stage takes those', idToken],
    ['that is an ID token with azp', withClaims(idToken, { azp: 'holdpoint-cli' })],
  ])('%s is accepted', async (_what, given) => {
    expect(await identify(given)).toMatchObject({ kind: 'caller', caller: { kind: 'person', id: 'p-technical1' } });
  });

  test.each<[string, Changes, string, string]>([
    ['of another application', { claims: { client_id: 'other' } }, 'token-invalid', 'client_id "other"'],
    ['whose claims name two applications', { claims: { azp: 'other' } }, 'token-invalid', 'azp "other"'],
    ['of no application', { claims: { client_id: undefined } }, 'token-invalid', 'none of the claims azp'],
    ['for several audiences', { claims: { aud: ['holdpoint-api', 'other'] } }, 'token-invalid', 'holdpoint-api, other'],
    ['for another audience', { claims: { aud: 'other' } }, 'token-audience', 'other'],
    ['for logging out', { header: { typ: 'logout+jwt' } }, 'token-invalid', 'typ "logout+jwt"'],
    ['of a security event', { header: { typ: 'secevent+jwt' } }, 'token-invalid', 'typ "secevent+jwt"'],
    ['that is an ID token', { claims: { at_hash: 'x' } }, 'token-invalid', 'an ID token'],
    ['that is an ID token by its nonce', { claims: { scope: undefined, nonce: 'n' } }, 'token-invalid', 'an ID token'],
    ['that is an ID token of Cognito', { claims: { token_use: 'id' } }, 'token-invalid', 'an ID token'],
    ['that is an access token, where the stage takes ID tokens', { issuer: { bearer: 'id-token' } }, 'token-audience', 'holdpoint-api'],
    [
      'that calls itself an access token, where the stage takes ID tokens',
      withClaims(idToken, { token_use: 'access' }),
      'token-invalid',
      'another token',
    ],
    ['that is an ID token of another application', withClaims(idToken, { azp: 'other' }), 'token-invalid', 'azp "other"'],
    ['that is an ID token for access tokens', { ...idToken, header: { typ: 'at+jwt' } }, 'token-invalid', 'typ "at+jwt"'],
    ['that does not say when it was issued', { claims: { iat: undefined } }, 'token-invalid', 'iat absent'],
    ['of the future', { claims: { iat: seconds + 60 } }, 'token-invalid', '2026-03-02T08:01:00.000Z'],
    ['of yesterday', { claims: { iat: seconds - 86_400 } }, 'token-invalid', '2026-03-01T08:00:00.000Z'],
    ['that is older than the stage allows', { issuer: { maxTokenAge: 600 }, claims: { iat: seconds - 700 } }, 'token-invalid', '07:48:20'],
    ['without the time of the sign-in', { claims: { auth_time: undefined } }, 'sign-in-time-missing', 'no auth_time claim'],
    ['with a word as the time of the sign-in', { claims: { auth_time: 'yesterday' } }, 'sign-in-time-missing', 'auth_time "yesterday"'],
    ['with a time before all times', { claims: { auth_time: -5 } }, 'sign-in-time-missing', 'auth_time -5'],
    ['with a time that no date has', { claims: { auth_time: 8e15 } }, 'sign-in-time-missing', 'auth_time 8000000000000000'],
    ['with a sign-in in the future', { claims: { auth_time: seconds + 3600 } }, 'token-invalid', '2026-03-02T09:00:00.000Z'],
  ])('%s is refused with the reason', async (_what, given, type, got) => {
    const identity = await identify(given);
    expect(identity).toMatchObject({ kind: 'refused', refusal: { type, got: expect.stringContaining(got) as unknown } });
    expect(identity.kind === 'refused' && identity.refusal.fix).toBeTruthy();
  });
});

test("an issuer's keys stay known when those of another issuer cannot be read", async () => {
  const ci = await startIssuer();
  const stage = stageAt(ci.url, people.url);
  const authorize = createAuthorize({ stage, mac: () => fakeMac(), sessions: fakeEndedSessions, clock: { now: () => now } });
  const own = { iss: people.url, aud: 'holdpoint-api', sub: 'sub-p-technical1', azp: 'holdpoint-web' };
  const token = await people.sign({ ...own, iat: seconds, auth_time: seconds, exp: seconds + 60 });
  const ask = (text: string): Promise<Identity> => authorize({ authorization: `Bearer ${text}`, cookies: [] });
  expect(await ask(token)).toMatchObject({ kind: 'caller' });
  const asked = people.asked.length;
  ci.answerWith({ status: 500 });
  await expect(ask(await ci.sign(jobClaims(ci.url, seconds)))).rejects.toThrow(/keys/);
  expect(await ask(token)).toMatchObject({ kind: 'caller' });
  expect(people.asked.length).toBe(asked);
  await ci.close();
});
