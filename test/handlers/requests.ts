import { answer } from '../../lambdas/shell/api-handler.ts';
import { type HttpResult, httpEventSchema } from '../../lambdas/shell/http.ts';
import type { Log } from '../../lambdas/shell/log.ts';
import { openApiDocument } from '../../lib/api/document.ts';
import { contextOf, type Identity } from '../../lib/api/identity.ts';
import type { Api } from '../../lib/api/mount.ts';
import { type Problem, problemContentType } from '../../lib/api/problem.ts';
import { runStartedSchema } from '../../lib/api/responses.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { type Stage, stageSchema } from '../../lib/checklist/stage.ts';
import type { Caller, CiCaller, PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeRosterPeople } from '../fakes.ts';
import { startInput } from '../given.ts';

export const ciIssuer = 'https://ci.example.com';
export const peopleIssuer = 'https://login.example.com';

/** A stage whose roster is the people of the fakes, with the subjects and starters that tokens carry. */
export const stageOf = (changes: Partial<Stage> = {}): Stage =>
  stageSchema.parse({
    name: 'test',
    publicUrl: 'https://holdpoint.example.com',
    waitScale: 1,
    local: false,
    mailFrom: 'Holdpoint <holdpoint@example.com>',
    issuers: [
      {
        kind: 'ci',
        issuer: ciIssuer,
        audience: 'holdpoint',
        starterClaim: 'actor',
        identities: [
          { claims: { repository: 'acme/shop', ref: 'refs/heads/main' }, id: 'ci-main', services: ['shop'] },
          { claims: { repository: 'acme/mail' }, id: 'ci-mail', services: ['mail'] },
        ],
      },
      { kind: 'people', issuer: peopleIssuer, audience: 'holdpoint-api', clientId: 'holdpoint-web' },
    ],
    roster: fakeRosterPeople.map((person, place) => ({
      ...person,
      id: place === 0 ? 'p-technical1' : person.id,
      subjects: [{ issuer: peopleIssuer, subject: `sub-${person.id}` }],
      starters: place === 3 ? [{ issuer: ciIssuer, actor: 'dara' }] : [],
    })),
    services: [
      { name: 'shop', environments: ['production', 'staging'], alarmPrefix: 'shop-' },
      { name: 'mail', environments: ['production'], alarmPrefix: 'mail-' },
    ],
    deviations: [],
    ...changes,
  });

export type Line = {
  readonly level: 'info' | 'warn' | 'fault';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly thrown?: unknown;
};
/** A log that keeps its lines. */
export const listeningLog = (): Log & { readonly lines: Line[] } => {
  const lines: Line[] = [];
  return {
    lines,
    info: (message, fields) => void lines.push({ level: 'info', message, fields }),
    warn: (message, fields) => void lines.push({ level: 'warn', message, fields }),
    fault: (thrown, fields) => void lines.push({ level: 'fault', message: 'fault', fields, thrown }),
  };
};

export const bearer = (caller: Caller): Identity => ({ kind: 'caller', caller, session: null });
export const browser = (caller: PersonCaller, session = 'session-1'): Identity => ({ kind: 'caller', caller, session });
export const anonymous: Identity = { kind: 'anonymous' };
export const jobOf = (jti: string, changes: Partial<CiCaller> = {}): CiCaller => ({
  kind: 'ci',
  id: 'ci-main',
  services: ['shop'],
  person: 'p-developer1',
  token: sha256(`${ciIssuer}\n${jti}`),
  ...changes,
});

export type Question = {
  readonly method: string;
  readonly path: string;
  readonly identity: Identity;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Text, bytes, or a value that is sent as JSON. */
  readonly body?: unknown;
  readonly query?: string;
  /** From where the gateway was called. */
  readonly from?: string;
};
export type Reply = {
  readonly status: number;
  readonly headers: HttpResult['headers'];
  readonly cookies: readonly string[];
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly problem: Problem;
  readonly log: readonly Line[];
};

/** One call as API Gateway makes it: a payload 2.0 event with the authorizer's context, through the handler's whole way. */
export const ask = async (api: Api, question: Question): Promise<Reply> => {
  const { method, path, identity, headers = {}, cookies = [], body, query = '' } = question;
  const bytes =
    body === undefined
      ? undefined
      : typeof body === 'string'
        ? Buffer.from(body)
        : body instanceof Uint8Array
          ? Buffer.from(body)
          : Buffer.from(JSON.stringify(body));
  const json =
    body !== undefined && typeof body === 'object' && !(body instanceof Uint8Array) ? { 'content-type': 'application/json' } : {};
  const event = httpEventSchema.parse({
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { ...json, ...headers },
    cookies,
    ...(bytes === undefined ? {} : { body: bytes.toString('base64') }),
    isBase64Encoded: bytes !== undefined,
    requestContext: {
      requestId: 'request-1',
      http: { method, path, ...(question.from === undefined ? {} : { sourceIp: question.from }) },
      authorizer: { lambda: contextOf(identity) },
    },
  });
  const log = listeningLog();
  const result = await answer(() => api, event, log);
  const parsed = jsonOf(result.body);
  promised(method, path, result, String(parsed.type ?? ''));
  return {
    status: result.statusCode,
    headers: result.headers,
    cookies: result.cookies ?? [],
    text: result.body,
    json: parsed,
    problem: parsed as unknown as Problem,
    log: log.lines,
  };
};

type Described = Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly description: string }>> }>>;

/** Whatever a route answers is in the OpenAPI document: the status, and of a problem the type. */
const promised = (method: string, path: string, { statusCode, headers }: HttpResult, type: string): void => {
  const paths = Object.entries(openApiDocument().paths as Readonly<Record<string, Described>>);
  const [template, described] = paths.find(([known]) => new RegExp(`^${known.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? [];
  const operation = described?.[method.toLowerCase()];
  if (operation === undefined) return;
  const { description } = operation.responses[statusCode] ?? {};
  if (description === undefined) throw new Error(`${method} ${template} answered ${statusCode}, which the OpenAPI document does not have`);
  if (headers['content-type'] === problemContentType && !description.includes(`\`${type}\``))
    throw new Error(`${method} ${template} answered ${type}, which the OpenAPI document does not have under ${statusCode}`);
};

const jsonOf = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

let keys = 0;
/** A fresh Idempotency-Key. */
export const fresh = (): Record<string, string> => {
  keys += 1;
  return { 'idempotency-key': `key-${keys}` };
};

/** A run that CI starts over the API. */
export const startedOver = async (api: Api): Promise<string> => {
  const started = await ask(api, {
    method: 'POST',
    path: '/v1/runs',
    identity: bearer(jobOf('start')),
    headers: fresh(),
    body: startInput,
  });
  return runStartedSchema.parse(started.json).run;
};
