import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import type { SignIn } from '../../lambdas/api/sign-in.ts';
import { answer } from '../../lambdas/shell/api-handler.ts';
import { httpEventSchema } from '../../lambdas/shell/http.ts';
import { contextOf } from '../../lib/api/identity.ts';
import { pages } from '../../lib/api/pages.ts';
import { sessionCookie, signSession } from '../../lib/api/session.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { refuse } from '../../lib/outcome.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { listeningLog } from '../handlers/requests.ts';

/** The pages as a browser gets them: the real handlers and the real authorizer over dependencies in memory, on a local port. */
export type Site = {
  readonly origin: string;
  /** The session cookie of a person who has just signed in. */
  cookie(person: string): Promise<string>;
  get(person: string | null, path: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  post(
    person: string | null,
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Page>;
  /** Bytes of the largest page that a browser or a test got. */
  readonly largestPage: number;
  /** Faults that the handlers logged. A page test expects none. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
};
/** Serves stories in a test file, and closes every site when its tests are over. */
export const sitesOfTests = (): ((story: Served) => Promise<Site>) => {
  const sites: Site[] = [];
  afterAll(async () => {
    for (const site of sites) await site.close();
  });
  return async ({ deps, stage }) => {
    const site = await serveSite(deps, stage);
    sites.push(site);
    return site;
  };
};
type Served = { readonly deps: FakeDependencies; readonly stage: Stage };

export type Page = { readonly status: number; readonly headers: Headers; readonly html: string };

const mac = fakeMac();

/** As the routes of the HTTP API have it; every other address goes to the function that only reads. */
const peoplePaths = Object.values(pages)
  .filter((operation) => operation.function === 'people')
  .map(({ path }) => new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`));

/** A provider that refuses every sign-in: we test our pages for a failed sign-in, not those of a provider. */
const signIn = (stage: Stage): SignIn => {
  const issuer = stage.issuers.find((one): one is SignIn['issuer'] => one.kind === 'people');
  if (issuer === undefined) throw new Error('the stage has no issuer for people');
  return {
    issuer,
    begin: async (fresh) => ({ url: `${issuer.issuer}/authorize`, state: { state: 's', nonce: 'n', verifier: 'v', fresh } }),
    finish: async () =>
      refuse('unauthenticated', 'The identity provider did not sign you in.', { got: 'access_denied', fix: 'Sign in again.' }),
  };
};

export const serveSite = async (deps: FakeDependencies, stage: Stage): Promise<Site> => {
  const log = listeningLog();
  const people = peopleApi({ deps, mac, stage, signIn: signIn(stage) });
  const audit = auditApi({ deps, mac: mac });
  const authorize = createAuthorize({ stage, mac: () => mac, sessions: () => deps.sessions, clock: deps.clock });
  let count = 0;
  let largest = 0;
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'http://site.invalid');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const { cookie, ...headers } = incoming.headers;
    count += 1;
    const cookies = cookie === undefined ? [] : cookie.split('; ');
    const identity = await authorize({ authorization: undefined, cookies });
    const event = httpEventSchema.parse({
      rawPath: decodeURIComponent(url.pathname),
      rawQueryString: url.search.slice(1),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      cookies,
      body: Buffer.concat(chunks).toString('base64'),
      isBase64Encoded: true,
      requestContext: {
        requestId: `request-${count}`,
        http: { method: incoming.method ?? 'GET' },
        authorizer: { lambda: contextOf(identity) },
      },
    });
    const toPeople = peoplePaths.some((path) => path.test(event.rawPath));
    const result = await answer(() => (toPeople ? people : audit), event, log);
    const isPage = Object.entries(result.headers).some(([name, value]) => name === 'content-type' && value.startsWith('text/html'));
    if (isPage) largest = Math.max(largest, Buffer.byteLength(result.body ?? ''));
    outgoing
      .writeHead(result.statusCode, { ...result.headers, ...(result.cookies === undefined ? {} : { 'set-cookie': [...result.cookies] }) })
      .end(result.body);
  };
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((thrown: unknown) => outgoing.writeHead(599).end(String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const cookie = async (person: string): Promise<string> => {
    const now = deps.clock.now();
    const sealed = await signSession(mac, {
      id: `session-${person}`,
      person,
      signedInAt: now.toISOString(),
      exp: Math.floor(now.getTime() / 1000) + 3600,
    });
    return `${sessionCookie(stage.publicUrl)}=${sealed}`;
  };
  const ask = async (person: string | null, path: string, request: RequestInit): Promise<Page> => {
    const response = await fetch(`http://127.0.0.1:${new URL(origin).port}${path}`, {
      redirect: 'manual',
      ...request,
      headers: { accept: 'text/html', ...request.headers, ...(person === null ? {} : { cookie: await cookie(person) }) },
    });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  return {
    origin,
    cookie,
    get: (person, path, headers = {}) => ask(person, path, { headers }),
    post: (person, path, fields, headers = {}) =>
      ask(person, path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    get largestPage() {
      return largest;
    },
    get faults() {
      return log.lines.filter((entry) => entry.level === 'fault').map((entry) => entry.thrown);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
