import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { Unreachable } from '../../lib/api/unreachable.ts';
import { Usage } from '../../lib/cli/io.ts';
import { localAccess } from '../../lib/local/access.ts';
import { Browser, formWith, type Page } from '../../lib/local/browser.ts';
import { childEnv } from '../../lib/local/child-env.ts';
import { localToken } from '../../lib/local/commands.ts';
import { pathsIn, writeJson } from '../../lib/local/paths.ts';
import { secretsOf } from '../../lib/local/secrets.ts';
import { issuersAt, publicUrlAt, servicesRunning, startServices, stopServices } from '../../lib/local/services.ts';
import { localStage } from '../../lib/local/stage.ts';
import { freePort, type Ports } from '../../lib/local/tcp-ports.ts';
import { fakeEndedSessions, fakeMac } from '../fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-provider-'));
const paths = pathsIn(folder);
let ports: Ports;
let stage: ReturnType<typeof localStage>;
let identify: (token: string) => Promise<Identity>;

const deployedAt = (endpoint: string) => ({
  digest: 'd',
  endpoint,
  tableCreatedAt: '2026-01-01T00:00:00.000Z',
  outputs: { ApiId: 'a1b2c3d4' },
});

// Starts the real background process of a local stage, for a deployment that does not exist.
beforeAll(async () => {
  ports = { emulator: await freePort(), proxy: await freePort(), provider: await freePort() };
  stage = localStage({ publicUrl: publicUrlAt(ports), peopleIssuer: issuersAt(ports).people, ciIssuer: issuersAt(ports).ci });
  writeJson(paths.ports, ports);
  writeJson(paths.stage, stage);
  writeJson(paths.deployment, deployedAt(`http://localhost:${ports.emulator}`));
  secretsOf(paths);
  await startServices({ paths, ports, env: childEnv(process.env, folder) });
  const authorize = createAuthorize({ stage, mac: () => fakeMac(), sessions: fakeEndedSessions, clock: { now: () => new Date() } });
  identify = (token) => authorize({ authorization: `Bearer ${token}`, cookies: [] });
});
afterAll(async () => {
  await stopServices(paths);
  expect(servicesRunning(paths)).toBe(false);
  rmSync(folder, { recursive: true });
});

const personOf = (subject: string) =>
  stage.roster.find((one) => one.subjects.some((known) => known.subject === subject)) ?? expect.fail(`nobody is ${subject}`);

describe('a local CI job', () => {
  test("has a token that the app's authorizer accepts, with the person who started the job", async () => {
    expect(await identify(await localToken('ci', { folder }))).toMatchObject({
      kind: 'caller',
      caller: { kind: 'ci', id: 'ci-holdpoint-main', services: ['shop'], person: personOf('dana').id },
    });
  });

  test('gets a new token each time, because one token starts one run', async () => {
    const [one, other] = await Promise.all([identify(await localToken('ci', { folder })), identify(await localToken('ci', { folder }))]);
    const token = (identity: Identity) =>
      identity.kind === 'caller' && identity.caller.kind === 'ci' ? identity.caller.token : expect.fail('no CI job');
    expect(token(one)).not.toBe(token(other));
  });

  test('started by a person who is not in the roster has no person', async () => {
    expect(await identify(await localToken('ci', { folder, actor: 'stranger' }))).toMatchObject({
      kind: 'caller',
      caller: { kind: 'ci', person: null },
    });
  });

  test('without the secret gets no token', async () => {
    const answer = await fetch(`${issuersAt(ports).ci}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'ci-holdpoint',
        client_secret: 'guessed-guessed-guessed-guessed-guessed',
      }),
    });
    expect(answer.status).toBe(401);
  });
});

describe('a local person at the command line', () => {
  test.each(['tove', 'Tove Lindqvist', 'p-7c1e5a90tl'])('%s gets a token with the time of the sign-in', async (who) => {
    const identity = await identify(await localToken(who, { folder }));
    expect(identity).toMatchObject({ kind: 'caller', caller: { kind: 'person', id: personOf('tove').id, roles: ['technical-lead'] } });
    const signedInAt = identity.kind === 'caller' && identity.caller.kind === 'person' ? identity.caller.signedInAt.getTime() : 0;
    expect(Math.abs(Date.now() - signedInAt)).toBeLessThan(30_000);
  });

  test('who is unknown gets an error that names the known people', async () => {
    await expect(localToken('mallory', { folder })).rejects.toMatchObject({
      type: 'person-unknown',
      message: expect.stringContaining('tove, omar, petra, dana, aino') as string,
    });
  });
});

test('the command line gets a usage error for an unknown person, and an unreachable error for a stage that is not up', async () => {
  await expect(localAccess(folder)).rejects.toThrow(/only a part of the local stage is running/);
  // An endpoint that the user runs.
  writeJson(paths.deployment, deployedAt('http://localhost:4566'));
  const access = (await localAccess(folder)) ?? expect.fail('the stage is up');
  writeJson(paths.deployment, deployedAt(`http://localhost:${ports.emulator}`));
  expect(access.url).toBe(stage.publicUrl);
  expect(await identify(await access.tokenOf('technical-lead'))).toMatchObject({ caller: { id: personOf('tove').id } });
  await expect(access.tokenOf('mallory')).rejects.toBeInstanceOf(Usage);
  const other = mkdtempSync(join(tmpdir(), 'holdpoint-dead-'));
  expect(await localAccess(other)).toBeUndefined();
  writeJson(pathsIn(other).emulator, { pid: 999_999, startedAt: 'long ago', port: 4620 });
  await expect(localAccess(other)).rejects.toThrow(/`node bin\/holdpoint.mjs local down` to clean up/);
  await expect(localAccess(other)).rejects.toBeInstanceOf(Unreachable);
  rmSync(other, { recursive: true });
});

describe('a local person in a browser', () => {
  const signIn = () => createSignIn(stage);
  /** Follows the sign-in up to the console. No console runs in this test, but its address contains code and state. */
  const follow = async (browser: Browser, url: string, form: Readonly<Record<string, string>>): Promise<Page> => {
    const page = await browser.open(url);
    return browser.submit(page, formWith(page, 'login'), form);
  };

  test('signs in with the form, and the app reads person and time', async () => {
    const { password } = secretsOf(paths);
    const { url, state } = await signIn().begin(true);
    const page = await follow(new Browser(), url, { login: 'omar', password });
    expect(page.url).toMatch(new RegExp(`^${stage.publicUrl}/callback\\?`));
    const claims = await signIn().finish(new URL(page.url).search, state);
    expect(claims.ok).toMatchObject({ sub: 'omar', iss: issuersAt(ports).people, aud: 'holdpoint-console' });
    expect(claims.ok?.auth_time).toEqual(expect.any(Number));
  });

  test('needs no second sign-in, unless the app asks for a fresh one', async () => {
    const { password } = secretsOf(paths);
    const browser = new Browser();
    const first = await signIn().begin(false);
    await follow(browser, first.url, { login: 'petra', password });
    const again = await browser.open((await signIn().begin(false)).url);
    expect(again.url).toContain('/callback?code=');
    const fresh = await browser.open((await signIn().begin(true)).url);
    expect(fresh.html).toContain('name="password"');
  });

  test('signs in with one click after the link of the terminal, and with a wrong link only by the password', async () => {
    const { password } = secretsOf(paths);
    const { people } = issuersAt(ports);
    const opened = async (key: string): Promise<{ readonly browser: Browser; readonly page: Page }> => {
      const browser = new Browser({ stopAt: stage.publicUrl });
      expect((await browser.open(`${people}/as/${key}`)).url).toBe(`${stage.publicUrl}/runs`);
      return { browser, page: await browser.open((await signIn().begin(false)).url) };
    };
    const { browser, page } = await opened(password);
    expect(page.html).toContain('<button name="login" value="omar">');
    const done = await browser.submit(page, { action: page.url, method: 'post', fields: {} }, { login: 'omar' });
    expect(done.url).toMatch(/\/callback\?/);
    const wrong = await opened('wrong');
    expect(wrong.page.html).not.toContain('<button name="login"');
    const refused = await wrong.browser.submit(wrong.page, { action: wrong.page.url, method: 'post', fields: {} }, { login: 'omar' });
    expect(refused.status).toBe(401);
  });

  test.each([
    ['omar', 'wrong'],
    ['mallory', ''],
  ])('%s with the password "%s" gets the form again, with the reason', async (login, password) => {
    const page = await follow(new Browser(), (await signIn().begin(true)).url, {
      login,
      password: password === '' ? secretsOf(paths).password : password,
    });
    expect(page.url).toMatch(new RegExp(`^${issuersAt(ports).people}/`));
    expect(page.status).toBe(401);
    expect(page.html).toContain('password is wrong');
  });

  test('cannot be redirected to an address that is not the console', async () => {
    const { url } = await signIn().begin(true);
    const elsewhere = new URL(url);
    elsewhere.searchParams.set('redirect_uri', 'http://localhost:1/callback');
    const page = await new Browser().open(elsewhere.href);
    expect(page.status).toBe(400);
    expect(page.url).toContain(issuersAt(ports).people);
  });

  test('needs PKCE', async () => {
    const { url } = await signIn().begin(true);
    const without = new URL(url);
    without.searchParams.delete('code_challenge');
    without.searchParams.delete('code_challenge_method');
    const page = await new Browser().open(without.href);
    expect(page.url).toContain('error=invalid_request');
  });
});

test('the proxy answers with a problem document when the local AWS is gone', async () => {
  const answer = await fetch(`${stage.publicUrl}/v1/runs`);
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});

test('the services of one deployment are not started twice', async () => {
  expect(await startServices({ paths, ports, env: childEnv(process.env, folder) })).toEqual({ started: false });
});
