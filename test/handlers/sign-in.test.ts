import { beforeEach, describe, expect, test } from 'vitest';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import type { SignIn, SignInState } from '../../lambdas/api/sign-in.ts';
import type { Claims } from '../../lib/api/identity.ts';
import type { Api } from '../../lib/api/mount.ts';
import { loginCookie, sessionCookie } from '../../lib/api/session.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { anonymous, ask, browser, peopleIssuer, type Reply, stageOf } from './requests.ts';

const stage = stageOf();
const mac = fakeMac();
const issuer = stage.issuers.find((candidate) => candidate.kind === 'people') ?? expect.fail('no people issuer');
const subject = 'sub-p-technical1';

let deps: FakeDependencies;
let api: Api;
/** What the provider answers next, and what it was asked with. */
let answers: Outcome<Claims> | Error;
let asked: { query: string; state: SignInState }[];
let begun: boolean[];

const seconds = (): number => Math.floor(deps.clock.now().getTime() / 1000);

beforeEach(() => {
  deps = dependenciesOf(twoGates);
  answers = ok({ iss: peopleIssuer, sub: subject, auth_time: seconds() });
  asked = [];
  begun = [];
  const signIn: SignIn = {
    issuer,
    begin: async (fresh) => {
      begun.push(fresh);
      return { url: `${peopleIssuer}/authorize?n=${begun.length}`, state: { state: `s${begun.length}`, nonce: 'n', verifier: 'v', fresh } };
    },
    finish: async (query, state) => {
      asked.push({ query, state });
      if (answers instanceof Error) throw answers;
      return answers;
    },
  };
  api = peopleApi({ deps, mac, stage, signIn });
});

const get = (path: string, query = '', cookies: readonly string[] = []): Promise<Reply> =>
  ask(api, { method: 'GET', path, query, cookies, identity: anonymous });
const cookieFrom = (reply: Reply, name: string): string =>
  reply.cookies.find((cookie) => cookie.startsWith(`${name}=`))?.split(';')[0] ?? expect.fail(`no cookie ${name}`);
const begin = async (query = ''): Promise<string> => cookieFrom(await get('/login', query), loginCookie(stage.publicUrl));
const finish = async (query = ''): Promise<Reply> => get('/callback', 'code=c&state=s1', [await begin(query)]);
const who = (cookie: string) =>
  createAuthorize({ stage, mac: () => mac, sessions: () => deps.sessions, clock: deps.clock })({
    authorization: undefined,
    cookies: [cookie],
  });

describe('the sign-in', () => {
  test('leads to the provider, and keeps what must come back in a cookie that no script and no other site sees', async () => {
    const reply = await get('/login');
    expect([reply.status, reply.headers.location]).toEqual([303, `${peopleIssuer}/authorize?n=1`]);
    expect(reply.cookies).toHaveLength(1);
    expect(reply.cookies[0]).toMatch(/^__Host-holdpoint-login=[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(begun).toEqual([false]);
    await get('/login', 'fresh=1');
    expect(begun).toEqual([false, true]);
  });

  test('ends with a session of eight hours for the person of the roster, and the login cookie gone', async () => {
    const reply = await finish();
    expect([reply.status, reply.headers.location]).toEqual([303, '/runs']);
    expect(asked).toEqual([
      { query: '?code=c&state=s1', state: expect.objectContaining({ state: 's1', nonce: 'n', verifier: 'v', fresh: false }) as unknown },
    ]);
    expect(reply.cookies.find((cookie) => cookie.startsWith('__Host-holdpoint='))).toMatch(
      /; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(reply.cookies.find((cookie) => cookie.startsWith('__Host-holdpoint-login='))).toContain('Max-Age=0');
    expect(await who(cookieFrom(reply, sessionCookie(stage.publicUrl)))).toMatchObject({
      kind: 'caller',
      caller: { kind: 'person', id: 'p-technical1', roles: ['technical-lead'] },
    });
  });

  test('counts from when the person typed the password, not from when the browser came back', async () => {
    const long = seconds() - 7200;
    answers = ok({ iss: peopleIssuer, sub: subject, auth_time: long });
    const identity = await who(cookieFrom(await finish(), sessionCookie(stage.publicUrl)));
    expect(identity).toMatchObject({ caller: { signedInAt: new Date(long * 1000) } });
  });

  const elsewhere = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/runs/..//evil.example',
    '/runs/./..//evil.example',
    '/runs/%2e%2e//evil.example',
    '/approvals/../..//evil.example/x',
    '/runs\t/../..//evil.example',
    '/runs/../logout',
    '/runsevil',
    'runs',
    'javascript:alert(1)',
    '',
  ];
  test.each(elsewhere)('never sends anybody to %j', async (next) => {
    expect((await finish(new URLSearchParams({ next }).toString())).headers.location).toBe('/runs');
  });

  test.each(['/runs', '/runs?service=shop', '/runs/20260302-080000-abcdefghjk', `/approvals/${'a'.repeat(32)}`])(
    'leads back to %s',
    async (next) => {
      expect((await finish(new URLSearchParams({ next }).toString())).headers.location).toBe(next);
    },
  );
});

describe('a callback', () => {
  const noSession = (reply: Reply): void => {
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.cookies.filter((cookie) => cookie.startsWith('__Host-holdpoint='))).toEqual([]);
  };

  test.each([
    ['no cookie', () => []],
    ['a made-up cookie', () => ['__Host-holdpoint-login=eyJzdGF0ZSI6InMifQ.AAAA']],
    ['a cookie that is there twice', (own: string) => [own, own]],
    ['a cookie signed for another purpose', (own: string) => [own.replace('login=', '=')]],
  ])('with %s begins no session and asks no provider', async (_, cookies) => {
    const reply = await get('/callback', 'code=c&state=s1', cookies(await begin()));
    expect(reply.status).toBe(401);
    expect(asked).toEqual([]);
    noSession(reply);
  });

  test('after ten minutes is too late', async () => {
    const cookie = await begin();
    deps.controls.clock.advance(601_000);
    const reply = await get('/callback', 'code=c&state=s1', [cookie]);
    expect(reply.status).toBe(401);
    expect(asked).toEqual([]);
    noSession(reply);
  });

  test('that the provider refuses says why', async () => {
    answers = refuse('token-invalid', 'The answer of the identity provider was not accepted.', { got: 'OAUTH_INVALID_RESPONSE' });
    const reply = await finish();
    expect(reply.status).toBe(401);
    expect(reply.text).toContain('OAUTH_INVALID_RESPONSE');
    noSession(reply);
  });

  test('that is refused leads to another try, and from there to where the person wanted', async () => {
    answers = refuse('unauthenticated', 'The identity provider did not sign you in.');
    const reply = await finish('next=%2Fruns%3Fservice%3Dshop');
    expect(reply.text).toContain(`/login?${new URLSearchParams({ next: '/runs?service=shop', fresh: '1' })}`.replaceAll('&', '&amp;'));
  });

  test.each([
    ['letters', 'a'.repeat(985)],
    ['signs that a URL writes with nine', '€'.repeat(985)],
    ['escapes', '%E2%82%AC'.repeat(109)],
  ])('begins however long the address is: %s', async (_what, rest) => {
    const reply = await get('/login', new URLSearchParams({ next: `/runs/${rest}` }).toString());
    expect(reply.status).toBe(303);
  });

  test.each([
    ['no time', { auth_time: undefined }, 401, 'auth_time'],
    ['a word', { auth_time: 'yesterday' }, 401, 'auth_time'],
    ['a time in the future', { auth_time: 4_102_444_800 }, 401, '2100-01-01T00:00:00.000Z'],
  ])('with %s of the sign-in starts no session and says what is wrong', async (_what, claims, status, text) => {
    answers = ok({ iss: peopleIssuer, sub: subject, ...claims });
    const reply = await finish();
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(text);
    noSession(reply);
  });

  test('of a person who is not in the roster starts no session and reveals no name', async () => {
    answers = ok({ iss: peopleIssuer, sub: 'sub-stranger', auth_time: seconds(), email: 'stranger@example.com' });
    const reply = await finish();
    expect(reply.status).toBe(403);
    expect(reply.text).not.toMatch(/stranger/);
    expect(JSON.stringify(reply.log)).not.toMatch(/stranger/);
    noSession(reply);
  });

  test('of a provider that does not answer says so without details, and logs the fault', async () => {
    answers = new Error('secret internals');
    const reply = await finish();
    expect([reply.status, reply.text.includes('secret internals')]).toEqual([503, false]);
    expect(reply.log.filter((line) => line.level === 'fault')).toHaveLength(1);
    noSession(reply);
  });
});

describe('signing out', () => {
  test('takes the session from the browser, by POST only', async () => {
    const person = { kind: 'person', id: 'p-technical1', roles: ['technical-lead'], signedInAt: new Date() } as const;
    const reply = await ask(api, { method: 'POST', path: '/logout', identity: browser(person) });
    expect(reply.status).toBe(200);
    expect(reply.cookies).toEqual(['__Host-holdpoint=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure']);
    const read = await ask(api, { method: 'GET', path: '/logout', identity: browser(person) });
    expect([read.status, read.cookies]).toEqual([405, []]);
    const headers = { 'sec-fetch-site': 'cross-site' };
    const foreign = await ask(api, { method: 'POST', path: '/logout', identity: browser(person, 'session-2'), headers });
    expect([foreign.status, foreign.cookies]).toEqual([403, []]);
    expect([await deps.sessions.isEnded('session-1'), await deps.sessions.isEnded('session-2')]).toEqual([true, false]);
  });

  test('ends the session for a cookie that was copied before', async () => {
    const copied = cookieFrom(await finish(), sessionCookie(stage.publicUrl));
    const identity = await who(copied);
    expect(identity.kind).toBe('caller');
    expect((await ask(api, { method: 'POST', path: '/logout', identity, cookies: [copied] })).status).toBe(200);
    expect(await who(copied)).toEqual({ kind: 'anonymous' });
  });

  test('is not confirmed when the session could not be ended', async () => {
    deps.controls.failNext('sessions.end', 'before');
    const person = { kind: 'person', id: 'p-technical1', roles: ['technical-lead'], signedInAt: new Date() } as const;
    expect((await ask(api, { method: 'POST', path: '/logout', identity: browser(person) })).status).toBe(500);
  });
});

test('no log line of a sign-in holds its code, its cookie or the session', async () => {
  const reply = await get('/callback', 'code=very-secret-code&state=s1', [await begin()]);
  const log = JSON.stringify(reply.log);
  expect(log).not.toContain('very-secret-code');
  for (const cookie of reply.cookies) expect(log).not.toContain(cookie.split(';')[0]?.split('=')[1] || 'never');
});

describe('where people sign in', () => {
  test('is said to everybody, for the command line', async () => {
    const reply = await get('/.well-known/oauth-protected-resource');
    expect([reply.status, reply.json]).toEqual([
      200,
      {
        resource: 'https://holdpoint.example.com',
        authorization_servers: [peopleIssuer],
        bearer_methods_supported: ['header'],
        holdpoint_audience: 'holdpoint-api',
        holdpoint_cli_client_id: null,
        holdpoint_cli_scope: 'openid',
      },
    ]);
  });

  test('names the client and the scope of the command line, where the stage has them', async () => {
    const configured = { ...issuer, cliClientId: 'holdpoint-cli', cliScope: 'openid api://holdpoint/use' };
    const signIn = { issuer: configured } as SignIn;
    const reply = await ask(peopleApi({ deps, mac, stage, signIn }), {
      method: 'GET',
      path: '/.well-known/oauth-protected-resource',
      identity: anonymous,
    });
    expect(reply.json).toMatchObject({ holdpoint_cli_client_id: 'holdpoint-cli', holdpoint_cli_scope: 'openid api://holdpoint/use' });
  });
});
