import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { Browser, formWith } from './browser.ts';
import { LocalFault } from './local-fault.ts';
import { apiResource, ciClient, cliClient, cliRedirect } from './oauth-clients.ts';
import { type LocalPaths, readJson } from './paths.ts';
import { type Secrets, secretsOf } from './secrets.ts';
import { issuersAt } from './services.ts';
import { ciActor, subjects } from './stage.ts';
import { type Ports, portsSchema } from './tcp-ports.ts';

const tokenSchema = z.object({ access_token: z.string() });
const timeoutMs = 10_000;

type Credentials = { readonly stage: Stage; readonly ports: Ports; readonly secrets: Secrets };

const readCredentials = (paths: LocalPaths): Credentials => {
  const stage = readJson(paths.stage, stageSchema);
  const ports = readJson(paths.ports, portsSchema);
  if (stage === undefined || ports === undefined)
    throw new LocalFault('not-running', 'No local stage is set up here; start one with `node bin/holdpoint.mjs local up`.');
  return { stage, ports, secrets: secretsOf(paths) };
};

/** Finds a person of the roster by account name, person id, full name or first name. */
const personOf = (stage: Stage, who: string): { readonly id: string; readonly login: string } => {
  const wanted = who.trim().toLowerCase();
  const found = stage.roster.find(({ id, name }) =>
    [id, subjects.get(id), name.toLowerCase(), name.toLowerCase().split(' ')[0]].includes(wanted),
  );
  const login = found === undefined ? undefined : subjects.get(found.id);
  if (found !== undefined && login !== undefined) return { id: found.id, login };
  throw new LocalFault(
    'person-unknown',
    `The local roster has no person called ${who}; use one of ${stage.roster.map(({ id }) => subjects.get(id) ?? id).join(', ')}, or ci for a CI job.`,
  );
};

/** A CI job's token from the local provider. Every call gets a new one, with its own id. `actor`: the person who started the job. */
export const ciToken = async (paths: LocalPaths, actor: string = ciActor): Promise<string> => {
  const { ports, secrets } = readCredentials(paths);
  return tokenFrom(`${issuersAt(ports).ci}/token`, {
    grant_type: 'client_credentials',
    client_id: ciClient,
    client_secret: secrets.ciSecret,
    resource: apiResource,
    actor_id: actor,
  });
};

/**
 * A person's token for the API. It signs in at the local provider as a browser would, with authorization code, PKCE and the login form;
 * even locally there is no other way to get one.
 */
export const personToken = async (paths: LocalPaths, who: string): Promise<string> => {
  const { stage, ports, secrets } = readCredentials(paths);
  const { login } = personOf(stage, who);
  const issuer = issuersAt(ports).people;
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    client_id: cliClient,
    redirect_uri: cliRedirect,
    response_type: 'code',
    scope: 'openid',
    resource: apiResource,
    prompt: 'login',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const redirect = await signIn(`${issuer}/auth?${query}`, { login, password: secrets.password });
  const code = redirect.searchParams.get('code');
  if (code === null || redirect.searchParams.get('state') !== state)
    throw new LocalFault(
      'sign-in',
      `The local sign-in of ${login} failed: ${redirect.searchParams.get('error_description') ?? 'the provider sent no code'}.`,
    );
  return tokenFrom(`${issuer}/token`, {
    grant_type: 'authorization_code',
    client_id: cliClient,
    code,
    redirect_uri: cliRedirect,
    code_verifier: verifier,
    resource: apiResource,
  });
};

/** Converts a failed connection into the advice to start the local stage. */
const reach = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((cause: unknown) => {
    throw new LocalFault(
      'not-running',
      'The local sign-in does not answer; start the local stage with `node bin/holdpoint.mjs local up`.',
      {
        cause,
      },
    );
  });

const tokenFrom = async (url: string, form: Readonly<Record<string, string>>): Promise<string> => {
  const answer = await reach(fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(timeoutMs) }));
  const text = await answer.text();
  if (!answer.ok) throw new LocalFault('sign-in', `The local provider issued no token: ${text.slice(0, 300)}`);
  return tokenSchema.parse(JSON.parse(text)).access_token;
};

/** Signs in with the login form, and returns the address to which the provider then redirects the command line. */
const signIn = async (start: string, filled: { readonly login: string; readonly password: string }): Promise<URL> => {
  const browser = new Browser({ stopAt: `${cliRedirect}?` });
  const page = await reach(browser.open(start));
  const end = page.url.startsWith(cliRedirect) ? page : await reach(browser.submit(page, formWith(page, 'login'), filled));
  if (end.url.startsWith(`${cliRedirect}?`)) return new URL(end.url);
  throw new LocalFault(
    'sign-in',
    `The local sign-in of ${filled.login} did not complete (status ${end.status}); restart the provider with \`node bin/holdpoint.mjs local down\` and \`node bin/holdpoint.mjs local up\`.`,
  );
};
