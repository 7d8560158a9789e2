import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { apiResource, ciClient, cliClient, cliRedirect } from './clients.ts';
import { LocalFault } from './error-document.ts';
import { type Places, readJson } from './paths.ts';
import { type Ports, portsSchema } from './ports.ts';
import { type Secrets, secretsOf } from './secrets.ts';
import { issuersAt } from './services.ts';
import { ciActor, subjects } from './stage.ts';

const tokenSchema = z.object({ access_token: z.string() });
/** Redirects of one sign-in; milliseconds for each answer. */
const limits = { redirects: 10, answer: 10_000 } as const;

type Running = { readonly stage: Stage; readonly ports: Ports; readonly secrets: Secrets };

const running = (places: Places): Running => {
  const stage = readJson(places.stage, stageSchema);
  const ports = readJson(places.ports, portsSchema);
  if (stage === undefined || ports === undefined)
    throw new LocalFault('not-running', 'No local stage is set up here; start one with `npx holdpoint local up`.');
  return { stage, ports, secrets: secretsOf(places) };
};

/** Someone of the roster, by account name, person id or name. */
const personOf = (stage: Stage, who: string): { readonly id: string; readonly login: string } => {
  const wanted = who.trim().toLowerCase();
  const found = stage.roster.find(({ id, name }) =>
    [id, subjects.get(id), name.toLowerCase(), name.toLowerCase().split(' ')[0]].includes(wanted),
  );
  const login = found === undefined ? undefined : subjects.get(found.id);
  if (found !== undefined && login !== undefined) return { id: found.id, login };
  throw new LocalFault(
    'person-unknown',
    `Nobody in the local roster is called ${who}; there are ${stage.roster.map(({ id }) => subjects.get(id) ?? id).join(', ')}, and ci for a CI job.`,
  );
};

/** A CI job's token from the local provider: another one, with an id of its own, at every call. `actor`: who started the job. */
export const ciToken = async (places: Places, actor: string = ciActor): Promise<string> => {
  const { ports, secrets } = running(places);
  return tokenFrom(`${issuersAt(ports).ci}/token`, {
    grant_type: 'client_credentials',
    client_id: ciClient,
    client_secret: secrets.ciSecret,
    resource: apiResource,
    actor_id: actor,
  });
};

/**
 * A person's token for the API: a sign-in at the local provider with code, PKCE and its very login form, filled in with the local
 * password. There is no way round the form, not even here.
 */
export const personToken = async (places: Places, who: string): Promise<string> => {
  const { stage, ports, secrets } = running(places);
  const { login } = personOf(stage, who);
  const issuer = issuersAt(ports).people;
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const asked = new URLSearchParams({
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
  const back = await signIn(`${issuer}/auth?${asked}`, { login, password: secrets.password });
  const code = back.searchParams.get('code');
  if (code === null || back.searchParams.get('state') !== state)
    throw new LocalFault(
      'sign-in',
      `The local sign-in of ${login} failed: ${back.searchParams.get('error_description') ?? 'the provider sent no code'}.`,
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

const reach = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(limits.answer) }).catch((cause: unknown) => {
    throw new LocalFault('not-running', 'The local sign-in does not answer; start the local stage with `npx holdpoint local up`.', {
      cause,
    });
  });

const tokenFrom = async (url: string, form: Readonly<Record<string, string>>): Promise<string> => {
  const answer = await reach(url, { method: 'POST', body: new URLSearchParams(form) });
  const text = await answer.text();
  if (!answer.ok) throw new LocalFault('sign-in', `The local provider gave no token: ${text.slice(0, 300)}`);
  return tokenSchema.parse(JSON.parse(text)).access_token;
};

/** Follows the sign-in from page to page, fills in the form once, and stops at the client's own address. */
const signIn = async (start: string, form: { readonly login: string; readonly password: string }): Promise<URL> => {
  const cookies = new Map<string, string>();
  let url = start;
  let filled: URLSearchParams | undefined;
  for (let turn = 0; turn < limits.redirects; turn += 1) {
    const answer = await reach(url, {
      method: filled === undefined ? 'GET' : 'POST',
      body: filled ?? null,
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    await answer.body?.cancel();
    if (location === null && (filled !== undefined || answer.status !== 200)) break;
    filled = location === null ? new URLSearchParams(form) : undefined;
    const next = new URL(location ?? url, url);
    if (next.href.startsWith(`${cliRedirect}?`)) return next;
    url = next.href;
  }
  throw new LocalFault(
    'sign-in',
    `The local sign-in of ${form.login} did not come to its end; \`npx holdpoint local down\` and \`local up\` start the provider anew.`,
  );
};
