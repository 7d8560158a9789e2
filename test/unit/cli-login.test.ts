import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { commands } from '../../lib/cli/commands.ts';
import type { Io } from '../../lib/cli/io.ts';
import { run } from '../../lib/cli/main.ts';
import { Browser, formWith, type Page } from '../../lib/local/browser.ts';
import { createPeopleHandler } from '../../lib/local/identity-providers.ts';
import { pathsIn } from '../../lib/local/paths.ts';
import { secretsOf } from '../../lib/local/secrets.ts';
import { localStage } from '../../lib/local/stage.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';
import { dependenciesOf, givenOpen, givenRun, twoGates } from '../given.ts';
import { serveStage } from '../handlers/live-api.ts';
import { terminal } from './terminal.ts';

/** A stage with the local identity provider, both in this process: everything between the command line and the provider's form is real. */
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-login-'));
const secrets = secretsOf(pathsIn(folder));
let origin: string;
let stage: Stage;
let provider: Server;
let api: Awaited<ReturnType<typeof serveStage>>;
let run1: string;
let config: string;

beforeAll(async () => {
  const [port, providerPort] = [await freePort(), await freePort()];
  origin = `http://localhost:${port}`;
  const issuer = `http://localhost:${providerPort}`;
  stage = localStage({ publicUrl: origin, peopleIssuer: issuer, ciIssuer: `${issuer}/ci` });
  provider = createServer(createPeopleHandler(issuer, stage, secrets));
  await new Promise<void>((resolve) => provider.listen(providerPort, 'localhost', resolve));
  const people = stage.roster.map(({ id, name, address, roles }) => ({ id, name, address, roles }));
  const deps = dependenciesOf(twoGates, { people, now: new Date().toISOString(), stage: { local: true, publicUrl: origin } });
  run1 = await givenRun(deps);
  await givenOpen(deps, run1, 'phase-1');
  api = await serveStage(deps, stage, port);
});
afterAll(async () => {
  await api.close();
  provider.close();
  provider.closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  config = mkdtempSync(join(folder, 'config-'));
});

/** The command line of a person: no variable has a token. */
const personal = (outside: Partial<Io> = {}, env: Record<string, string> = {}) =>
  terminal(
    undefined,
    { HOLDPOINT_URL: origin, HOLDPOINT_TOKEN: '', XDG_CONFIG_HOME: config, ...env },
    { fetch, now: () => new Date(), ...outside },
  );

/** Runs `login` and acts as the person at the printed address. `act` gets that address. */
const loginWith = async (act: (url: URL) => Promise<unknown>, outside: Partial<Io> = {}, argv: readonly string[] = []) => {
  let open = (_: URL): void => {};
  const printed = new Promise<URL>((resolve) => {
    open = resolve;
  });
  const { io, said } = personal(outside);
  const watching: Io = {
    ...io,
    err: (text) => {
      io.err(text);
      const [url] = /http:\S+/.exec(text) ?? [];
      if (url !== undefined) open(new URL(url));
    },
  };
  const acted = printed.then(act);
  const code = await run(['login', ...argv], watching);
  await acted;
  return { code, ...said };
};
const asTove = async (url: URL): Promise<Page> => {
  const browser = new Browser();
  const page = await browser.open(url.href);
  return browser.submit(page, formWith(page, 'login'), { login: 'tove', password: secrets.password });
};

const files = (): string[] => (existsSync(join(config, 'holdpoint')) ? readdirSync(join(config, 'holdpoint')) : []);
const keptFile = (): string => join(config, 'holdpoint', files()[0] ?? 'missing');
const kept = () => JSON.parse(readFileSync(keptFile(), 'utf8')) as { origin: string; token: string; expiresAt: string };

describe('holdpoint login', () => {
  test('keeps a token with which the person attests, and never prints it', async () => {
    let shown: Page | undefined;
    const { code, out, err } = await loginWith(async (url) => {
      shown = await asTove(url);
    });
    expect(code, err).toBe(0);
    expect(shown?.html).toContain('You can close this window.');
    expect(kept().origin).toBe(origin);
    expect(out).toBe(`Signed in at ${origin} until ${kept().expiresAt}. The token is kept in ${keptFile()}.\n`);
    expect(out + err).not.toContain(kept().token);
    expect([statSync(keptFile()).mode & 0o777, statSync(join(config, 'holdpoint')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(files()).toHaveLength(1);

    // Only the technical lead may attest this check, so the server knows whose token it is.
    const { io, said } = personal();
    expect([await run(['status', run1, '--json'], io), said.err]).toEqual([0, '']);
    expect(JSON.parse(said.out)).toMatchObject({ run: run1 });
    const attesting = ['attest', run1, 'integration', '--statement', 'I have looked at it today.'];
    expect([await run(attesting, io), said.err]).toEqual([0, '']);
  });

  test('and logout print what their published schemas say', async () => {
    const [login, logout] = await Promise.all(
      ['login', 'logout'].map(async (name) => (await commands.find((one) => one.name === name)?.load())?.prints),
    );
    const { code, out } = await loginWith(asTove, {}, ['--json']);
    expect(code).toBe(0);
    expect(login?.parse(JSON.parse(out))).toEqual(JSON.parse(out));
    const { io, said } = personal();
    expect(await run(['logout', '--json'], io)).toBe(0);
    expect(logout?.parse(JSON.parse(said.out))).toEqual({ origin, deleted: true });
  });

  test('asks for code, PKCE, state, nonce and a new sign-in, at the loopback address', async () => {
    let asked: URL | undefined;
    await loginWith(async (url) => {
      asked = url;
      return asTove(url);
    });
    const { searchParams } = asked ?? expect.fail('nothing was printed');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'holdpoint-cli',
      response_type: 'code',
      code_challenge_method: 'S256',
      prompt: 'login',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(searchParams.get(name)?.length, name).toBeGreaterThan(20);
  });

  test('gives a token that says when the person signed in, so a waiver is not too old', async () => {
    await loginWith(asTove);
    const claims = JSON.parse(Buffer.from(kept().token.split('.')[1] ?? '', 'base64url').toString()) as { auth_time: number; aud: string };
    expect(claims.aud).toBe('holdpoint');
    expect(Math.abs(claims.auth_time - Date.now() / 1000)).toBeLessThan(60);
  });

  test('takes an answer of the right state once, and no other request', async () => {
    const answers: number[] = [];
    const { code } = await loginWith(async (url) => {
      const redirect = url.searchParams.get('redirect_uri') ?? '';
      for (const wrong of [`${redirect}?code=x&state=guessed`, `${redirect}?code=x`, new URL('/favicon.ico', redirect).href])
        answers.push((await fetch(wrong)).status);
      await asTove(url);
      await expect(fetch(`${redirect}?code=x&state=${url.searchParams.get('state')}`)).rejects.toThrow();
    });
    expect([code, ...answers]).toEqual([0, 400, 400, 404]);
  });

  test.each([
    ['the person refuses', { error: 'access_denied' }, 'did not sign you in: access_denied'],
    ['another code comes', { code: 'stolen' }, 'did not sign you in: invalid_grant'],
    ['the answer names another issuer', { code: 'x', iss: 'https://evil.example.com' }, 'did not sign you in: OAUTH_'],
  ])('keeps nothing when %s', async (_, parameters, message) => {
    const { code, err } = await loginWith(async (url) => {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      const given = { iss: stage.issuers.find(({ kind }) => kind === 'people')?.issuer ?? '', ...parameters };
      back.search = new URLSearchParams({ state: url.searchParams.get('state') ?? '', ...given }).toString();
      await fetch(back);
    });
    expect([code, files()]).toEqual([1, []]);
    expect(err).toContain(message);
  });

  test('keeps nothing when the ID token answers another sign-in', async () => {
    const { code, err } = await loginWith(async (url) => {
      const other = new URL(url);
      other.searchParams.set('nonce', 'n'.repeat(43));
      await asTove(other);
    });
    expect([code, files()]).toEqual([1, []]);
    expect(err).toContain('did not sign you in: OAUTH_');
  });

  /** The real server, with other metadata. */
  const saying = (changes: object, status = 200): Partial<Io> => ({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).includes('oauth-protected-resource')) return response;
      return Response.json({ ...((await response.json()) as object), ...changes }, { status });
    },
  });

  test.each([
    ['has no client for it', { holdpoint_cli_client_id: null }, 2, 'ask its owner to set cliClientId'],
    ['calls itself by another address', { resource: 'https://other.example.com' }, 2, 'calls itself https://other.example.com'],
    ['does not describe the sign-in', { authorization_servers: [] }, 3, 'no description of the sign-in'],
    [
      'names a provider on another machine without encryption',
      { authorization_servers: ['http://login.example.com'] },
      2,
      'is not encrypted',
    ],
  ])('ends when the server %s', async (_, changes, wanted, message) => {
    const { io, said } = personal(saying(changes));
    expect(await run(['login'], io)).toBe(wanted);
    expect(said.err).toContain(message);
  });

  test('ends when the tokens are for another audience, and names it', async () => {
    const { code, err } = await loginWith(asTove, saying({ holdpoint_audience: 'somebody-else' }));
    expect([code, files()]).toEqual([1, []]);
    expect(err).toContain('gave tokens for holdpoint, holdpoint-cli, and the server expects somebody-else');
  });

  test('keeps the ID token where that is the one for the audience', async () => {
    const { code } = await loginWith(asTove, saying({ holdpoint_audience: 'holdpoint-cli' }));
    expect(code).toBe(0);
    expect(JSON.parse(Buffer.from(kept().token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: 'holdpoint-cli',
      name: 'Tove Lindqvist',
    });
  });

  test.each(['--token', '--as'])('does not take %s', async (flag) => {
    const { io, said } = personal();
    expect(await run(['login', flag, 'x'], io)).toBe(2);
    expect(said.err).toContain(`${flag} has no meaning here`);
  });

  test('needs a folder of the user, and says so before anybody signs in', async () => {
    const { io, said } = personal({}, { XDG_CONFIG_HOME: 'relative', HOME: '' });
    expect(await run(['login'], io)).toBe(2);
    expect(said.err).toContain('set XDG_CONFIG_HOME or HOME');
  });

  test('replaces an older file, or a link in its place, whatever their rights are', async () => {
    await loginWith(asTove);
    const [file, elsewhere] = [keptFile(), join(config, 'elsewhere')];
    writeFileSync(elsewhere, 'untouched', { mode: 0o644 });
    rmSync(file);
    symlinkSync(elsewhere, file);
    expect((await loginWith(asTove)).code).toBe(0);
    expect([readFileSync(elsewhere, 'utf8'), statSync(file).mode & 0o777, kept().origin]).toEqual(['untouched', 0o600, origin]);
  });
});
