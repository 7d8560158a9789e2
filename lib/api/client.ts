import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { operations } from './contract.ts';
import type { Body, Operation } from './operation.ts';
import { type Problem, problemContentType, problemSchema } from './problem.ts';
import { Unreachable } from './unreachable.ts';

/** The parsed response, or the problem document that says why there is no parsed response. */
export type Answer<T> = { readonly ok: T; readonly problem?: never } | { readonly problem: Problem; readonly ok?: never };

export type ClientOptions = {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** The bearer token, called before every request. */
  readonly token: () => Promise<string> | string;
  readonly fetch?: typeof fetch;
  /** Timeout of one request, in milliseconds. */
  readonly timeoutMs?: number;
};

type BodyIn<B extends Body> = B extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? { readonly body: z.input<S> }
  : B extends { kind: 'raw' }
    ? { readonly body: Uint8Array; readonly contentType?: string }
    : { readonly body?: undefined };
export type CallOf<O extends Operation> = {
  readonly params?: z.input<O['params']>;
  readonly query?: z.input<O['query']>;
  readonly idempotencyKey?: string;
} & BodyIn<O['body']>;
export type AnswerOf<O extends Operation> = O['answer']['schema'] extends infer S extends z.ZodType ? z.output<S> : never;

export type Client = {
  readonly [Id in keyof typeof operations]: (call: CallOf<(typeof operations)[Id]>) => Promise<Answer<AnswerOf<(typeof operations)[Id]>>>;
};

/** Pauses before the retries of a request, in milliseconds. */
const pauses = [500, 1_500, 3_000];
/** The API or what stands before it (API Gateway, a proxy) could not answer this time. */
const passing: readonly number[] = [429, 502, 503, 504];
/** The connection broke. A name that is unknown or a port that nobody listens to does not mend itself in seconds. */
const broken: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'];

/** One function per operation of the contract. A POST gets a new Idempotency-Key unless one is given; responses are parsed. */
export const createClient = (options: ClientOptions): Client =>
  Object.fromEntries(
    Object.entries(operations).map(([id, operation]) => [id, (given: Given) => call(options, operation, given)]),
  ) as unknown as Client;

type Given = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly idempotencyKey?: string;
};

const call = async (options: ClientOptions, operation: Operation, given: Given): Promise<Answer<unknown>> => {
  const key = operation.method === 'POST' ? (given.idempotencyKey ?? randomUUID()) : undefined;
  for (const pause of pauses) {
    // Every method is safe to repeat: a POST by its key, GET and PUT by themselves.
    const response = await send(options, operation, given, key).catch(unlessBroken);
    if (response !== undefined && !isWorthRepeating(response)) return parsed(operation, response);
    await response?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return parsed(operation, await send(options, operation, given, key));
};

/** A 500 of Holdpoint itself says in its document what to do; one without such a document comes from what stands before it. */
const isWorthRepeating = ({ status, headers }: Response): boolean =>
  passing.includes(status) || headers.has('retry-after') || (status === 500 && !isProblem(headers));

const isProblem = (headers: Headers): boolean => (headers.get('content-type') ?? '').startsWith(problemContentType);

const unlessBroken = (thrown: unknown): undefined => {
  const cause = thrown instanceof Unreachable && thrown.cause instanceof Error ? thrown.cause.cause : undefined;
  if (!broken.includes((cause as { code?: unknown } | undefined)?.code)) throw thrown;
};

const send = async (
  { baseUrl, token, fetch: ask = fetch, timeoutMs = 30_000 }: ClientOptions,
  operation: Operation,
  given: Given,
  key: string | undefined,
): Promise<Response> => {
  const url = `${baseUrl}${pathOf(operation.path, given.params ?? {})}${queryOf(given.query ?? {})}`;
  const headers = new Headers({ authorization: `Bearer ${await token()}`, accept: 'application/json' });
  if (key !== undefined) headers.set('idempotency-key', key);
  if (operation.body.kind === 'json') headers.set('content-type', 'application/json');
  if (operation.body.kind === 'raw') headers.set('content-type', given.contentType ?? 'application/octet-stream');
  const body =
    operation.body.kind === 'json'
      ? JSON.stringify(given.body)
      : operation.body.kind === 'raw'
        ? (given.body as Uint8Array<ArrayBuffer>)
        : undefined;
  try {
    return await ask(url, {
      method: operation.method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
  } catch (thrown) {
    throw new Unreachable(`${operation.method} ${url}: no answer`, { cause: thrown });
  }
};

const pathOf = (path: string, params: Readonly<Record<string, unknown>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));

const queryOf = (query: Readonly<Record<string, unknown>>): string => {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

const parsed = async (operation: Operation, response: Response): Promise<Answer<unknown>> => {
  const text = await response.text();
  const json = jsonOf(text);
  if (isProblem(response.headers)) {
    const problem = problemSchema.safeParse(json);
    if (problem.success) return { problem: problem.data };
  }
  if (response.ok && operation.answer.schema !== 'page') {
    const answer = operation.answer.schema.safeParse(json);
    if (answer.success) return { ok: answer.data };
    throw new Unreachable(`${operation.method} ${operation.path}: a response that this version of the client cannot parse`, {
      cause: answer.error,
    });
  }
  throw new Unreachable(
    `${operation.method} ${operation.path}: answered ${response.status} without a problem document: ${text.slice(0, 200)}`,
  );
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
