import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Stage } from '../checklist/stage.ts';
import { loginPage } from './login-page.ts';
import { apiResource, ciClient, cliClient, cliRedirect } from './oauth-clients.ts';
import type { Secrets } from './secrets.ts';
import { audience, ciActor, ciClaims, consoleClient, subjects } from './stage.ts';

/** Lifetimes in seconds. A CI token lasts for a short job, a person's token for half a day of work. */
const lifetimes = { ci: 3600, person: 4 * 3600, code: 60, session: 8 * 3600, interaction: 3600 } as const;
const algorithm = 'ES256';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Person = Stage['roster'][number];

const commonConfiguration = (secrets: Secrets): Configuration => ({
  jwks: { keys: [secrets.signingKey] },
  cookies: { keys: [secrets.cookieKey] },
  clientDefaults: { id_token_signed_response_alg: algorithm },
  enabledJWA: { idTokenSigningAlgValues: [algorithm] },
  conformIdTokenClaims: false,
  // No page calls the provider from script.
  clientBasedCORS: () => false,
});

const resourceIndicators = (seconds: number) => ({
  enabled: true,
  defaultResource: () => apiResource,
  useGrantedResource: () => true,
  getResourceServerInfo: (_: unknown, resource: string) => {
    if (resource !== apiResource) throw new Error(`the local provider issues tokens for ${apiResource} only`);
    return {
      scope: 'openid',
      audience,
      accessTokenTTL: seconds,
      accessTokenFormat: 'jwt' as const,
      jwt: { sign: { alg: algorithm as 'ES256' } },
    };
  },
});

/**
 * The identity provider of CI. Its tokens are signed and have the claims of a real job. The client may name the person who started the
 * job with `actor_id`; the default is the starter in the local roster.
 */
const createCiProvider = (issuer: string, secrets: Secrets): Provider =>
  new Provider(issuer, {
    ...commonConfiguration(secrets),
    clients: [
      { client_id: ciClient, client_secret: secrets.ciSecret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    ],
    ttl: { ClientCredentials: () => lifetimes.ci },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: resourceIndicators(lifetimes.ci),
    },
    extraTokenClaims: (context) => ({ ...ciClaims, actor: actorOf(context), actor_id: actorOf(context), ref: 'refs/heads/main' }),
    formats: {
      customizers: {
        jwt: (_, __, token) => {
          if (token.payload !== undefined) token.payload.sub = `repo:holdpoint/holdpoint:environment:${ciClaims.environment}`;
        },
      },
    },
  });

const actorOf = (context: KoaContextWithOIDC): string => {
  const asked = context.oidc.body?.actor_id;
  return typeof asked === 'string' && /^[\w-]{1,40}$/.test(asked) ? asked : ciActor;
};

/** The CI provider as a request handler, mounted at its issuer's path. */
export const createCiHandler = (issuer: string, secrets: Secrets): Handler => createCiProvider(issuer, secrets).callback();

/** The identity provider of people: authorization code with PKCE, a login form, and `auth_time` in every token. */
const createPeopleProvider = (issuer: string, stage: Stage, secrets: Secrets): Provider => {
  const publicClient = {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    require_auth_time: true,
  } as const;
  return new Provider(issuer, {
    ...commonConfiguration(secrets),
    clients: [
      {
        ...publicClient,
        client_id: consoleClient,
        redirect_uris: [`${stage.publicUrl}/callback`],
        post_logout_redirect_uris: [stage.publicUrl],
      },
      // A native client may listen on any port of the loopback address (RFC 8252).
      { ...publicClient, client_id: cliClient, application_type: 'native', redirect_uris: [cliRedirect] },
    ],
    ttl: {
      AccessToken: () => lifetimes.person,
      IdToken: () => lifetimes.person,
      AuthorizationCode: () => lifetimes.code,
      Session: () => lifetimes.session,
      Grant: () => lifetimes.session,
      Interaction: () => lifetimes.interaction,
    },
    pkce: { required: () => true },
    findAccount: (_, accountId) => {
      const person = personWith(stage, issuer, accountId);
      return person === undefined ? undefined : { accountId, claims: () => ({ sub: accountId, name: person.name, email: person.address }) };
    },
    claims: { openid: ['sub', 'name', 'email'] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: resourceIndicators(lifetimes.person),
      rpInitiatedLogout: { enabled: true },
    },
    interactions: { url: (_, interaction) => `${issuer}/sign-in/${interaction.uid}` },
    extraTokenClaims: (context) => ({ auth_time: context.oidc.entities.AuthorizationCode?.authTime }),
    loadExistingGrant: async (context) => {
      // Both clients are our own, so the provider asks for no consent.
      const grant = new context.oidc.provider.Grant({
        accountId: context.oidc.session?.accountId,
        clientId: context.oidc.client?.clientId,
      });
      grant.addOIDCScope('openid');
      grant.addResourceScope(apiResource, 'openid');
      await grant.save();
      return grant;
    },
  });
};

const personWith = (stage: Stage, issuer: string, subject: string): Person | undefined =>
  stage.roster.find((person) => person.subjects.some((known) => known.issuer === issuer && known.subject === subject));

/** The people's provider and its login form as a request handler, mounted at the issuer's path. */
export const createPeopleHandler = (issuer: string, stage: Stage, secrets: Secrets): Handler => {
  const provider = createPeopleProvider(issuer, stage, secrets);
  const answer = provider.callback();
  const accounts = stage.roster.map(({ id, name, roles }) => ({ login: subjects.get(id) ?? id, name, roles }));
  return (request, response) => {
    const link = /^\/as\/([\w-]{1,100})$/.exec(request.url ?? '')?.[1];
    if (link !== undefined) {
      remember(response, { issuer, stage, isRight: equalStrings(link, secrets.password), given: link });
      return;
    }
    if (!/^\/sign-in\/[\w-]+$/.test(request.url ?? '')) {
      void answer(request, response);
      return;
    }
    signIn(provider, { request, response, accounts, secrets }).catch((error: unknown) => {
      // The interaction has expired, or it was started in another browser.
      send(
        response,
        400,
        loginPage({
          accounts,
          problem: `This sign-in has expired (${error instanceof Error ? error.name : 'unknown'}). Go back and sign in again.`,
        }),
      );
    });
  };
};

/** The link of the terminal has the password: the browser keeps it, so that one click signs a person in from then on. */
const rememberedCookie = 'holdpoint-local';
type Remembering = { readonly issuer: string; readonly stage: Stage; readonly isRight: boolean; readonly given: string };

const remember = (response: ServerResponse, { issuer, stage, isRight, given }: Remembering): void => {
  if (isRight)
    response.setHeader(
      'set-cookie',
      `${rememberedCookie}=${given}; Path=${new URL(issuer).pathname}; HttpOnly; SameSite=Lax; Max-Age=${lifetimes.session}`,
    );
  // With a wrong one the page asks for the password, as always.
  response.writeHead(303, { location: `${stage.publicUrl}/runs`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  response.end();
};

const isRemembered = ({ headers }: IncomingMessage, { password }: Secrets): boolean =>
  (headers.cookie ?? '')
    .split(/;\s*/)
    .some((pair) => pair.startsWith(`${rememberedCookie}=`) && equalStrings(pair.slice(rememberedCookie.length + 1), password));

type SignIn = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accounts: readonly { readonly login: string; readonly name: string; readonly roles: readonly string[] }[];
  readonly secrets: Secrets;
};

const signIn = async (provider: Provider, { request, response, accounts, secrets }: SignIn): Promise<void> => {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    send(response, 200, loginPage({ accounts, oneClick: isRemembered(request, secrets) }));
    return;
  }
  const form = new URLSearchParams(await bodyOf(request));
  const login = form.get('login')?.trim().toLowerCase() ?? '';
  const isKnown = equalStrings(form.get('password')?.trim() ?? '', secrets.password) || isRemembered(request, secrets);
  if (!accounts.some((account) => account.login === login) || !isKnown) {
    send(
      response,
      401,
      loginPage({ accounts, login, problem: 'Account or password is wrong. `node bin/holdpoint.mjs local status` shows both.' }),
    );
    return;
  }
  await provider.interactionFinished(
    request,
    response,
    // The provider asks for consent at every sign-in of a native client; the person gives it with the form.
    { login: { accountId: login, remember: true }, consent: {} },
    { mergeWithLastSubmission: false },
  );
};

const equalStrings = (given: string, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const maxFormBytes = 4_096;
const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > maxFormBytes) throw new Error('the form is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
};

const send = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(html);
};
