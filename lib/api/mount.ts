import { Hono } from 'hono/tiny';
import type * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import { Conflict, IntegrityFault, type Outcome, ok, type Refusal, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import type { Caller, CiCaller, PersonCaller } from '../run/state/caller.ts';
import { counted } from '../wording.ts';
import { idempotent } from './idempotent.ts';
import type { Identity } from './identity.ts';
import { unknownRoute } from './not-found.ts';
import type { Body, Operation, Who } from './operation.ts';
import { readBody, readFields } from './parse.ts';
import { type FaultType, faultProblem, type Problem, problemContentType, problemOf } from './problem.ts';

/** The context of one request: the caller's identity, the request's id, and the report of faults. */
export type RequestContext = {
  readonly identity: Identity;
  readonly request: string;
  /** Logs a fault for the operators. The response carries only the request's id. */
  readonly fault: (thrown: unknown) => void;
};
export type Api = Hono<{ Bindings: RequestContext }>;

type CallerOf<W extends Who> = W extends 'ci' ? CiCaller : W extends 'person' ? PersonCaller : Caller;
type BodyOf<B extends Body> = B extends { kind: 'json' | 'form'; schema: infer S extends z.ZodType }
  ? z.output<S>
  : B extends { kind: 'raw' }
    ? { readonly bytes: Uint8Array; readonly contentType: string }
    : undefined;
type Input<O extends Operation> = {
  readonly params: z.output<O['params']>;
  readonly query: z.output<O['query']>;
  readonly body: BodyOf<O['body']>;
  readonly caller: CallerOf<O['who']>;
  /** Identifies the request across retries: a digest of caller, starter and Idempotency-Key. Empty where nothing is written. */
  readonly request: string;
};
/** Answers are values of the domain, which are deeply read-only. */
type ReadOnly<T> = T extends readonly (infer I)[]
  ? readonly ReadOnly<I>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadOnly<T[K]> }
    : T;
type AnswerOf<O extends Operation> = O['answer']['schema'] extends infer S extends z.ZodType ? ReadOnly<z.input<S>> : never;

export type Handle<O extends Operation> = (input: Input<O>) => Promise<Outcome<AnswerOf<O>>>;

export const problemResponse = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': problemContentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  });

export const faultOf = (thrown: unknown, request: string): Problem => faultProblem(faultTypeOf(thrown), request);

const faultTypeOf = (thrown: unknown): FaultType => {
  if (thrown instanceof Conflict) return 'busy';
  return thrown instanceof IntegrityFault ? 'trail-damaged' : 'fault';
};

/** A router that never throws: it logs a fault and answers without the fault's text. Unknown routes get a problem document, too. */
export const createApi = (): Api => {
  const api: Api = new Hono();
  api.onError((thrown, context) => {
    context.env.fault(thrown);
    return problemResponse(faultOf(thrown, context.env.request), faultTypeOf(thrown) === 'trail-damaged' ? {} : { 'retry-after': '1' });
  });
  api.notFound((context) => unknownResponse(context.req.method, context.req.path, context.env.request));
  return api;
};

export const unknownResponse = (method: string, path: string, request: string): Response => {
  const { refused, headers } = unknownRoute(method, path);
  return problemResponse(problemOf(refused, request), headers);
};

/** `{run}` of the contract as the router writes it. */
export const routerPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/**
 * Serves one operation of the contract: identity first, then path, query and body against the contract's schemas, then for every
 * POST the Idempotency-Key, then the command. A request that is refused before the command leaves nothing behind. `deps` is null where
 * nothing is written.
 */
export const mount = <O extends Operation>(
  api: Api,
  operation: O,
  deps: Pick<Dependencies, 'clock' | 'idempotency'> | null,
  handle: Handle<O>,
): void => {
  if (operation.method === 'POST' && deps === null) throw new Error(`${operation.id} writes and needs a store of idempotency keys`);
  api.on(operation.method, routerPath(operation.path), async (context) => {
    const { identity, request } = context.env;
    if (identity.kind === 'unavailable') return problemResponse(faultProblem('unavailable', request), { 'retry-after': '2' });
    const input = await admitted(operation, identity, context.req.raw, context.req.param());
    if (input.refused !== undefined) return problemResponse(problemOf(input.refused, request), challenge(input.refused));
    const perform = async (named = ''): Promise<Response> => {
      const outcome = await handle({ ...input.ok.input, request: named } as Input<O>);
      return outcome.refused === undefined ? answerResponse(operation, outcome.ok) : problemResponse(problemOf(outcome.refused, request));
    };
    if (operation.method !== 'POST' || deps === null) return perform();
    const key = keyOf(context.req.header('idempotency-key'));
    if (key.refused !== undefined) return problemResponse(problemOf(key.refused, request));
    const { caller, bytes } = input.ok;
    const scope = sha256(`${caller.kind}\n${caller.id}\n${starterOf(caller)}${key.ok}`);
    const body = sha256(`${operation.method} ${new URL(context.req.url).pathname}\n${sha256(bytes)}`);
    const first = await idempotent(deps, scope, body, () => perform(scope));
    if (first.refused === undefined) return first.ok;
    const later: Record<string, string> = first.refused.type === 'idempotency-in-progress' ? { 'retry-after': '1' } : {};
    return problemResponse(problemOf(first.refused, request), later);
  });
};

type Admitted = { readonly input: object; readonly caller: Caller; readonly bytes: Uint8Array };

const admitted = async (
  operation: Operation,
  identity: Identity,
  request: Request,
  path: Record<string, string>,
): Promise<Outcome<Admitted>> => {
  const caller = allowed(operation.who, identity);
  if (caller.refused !== undefined) return caller;
  const params = readFields(operation.params, Object.entries(path));
  if (params.refused !== undefined) return params;
  const query = readFields(operation.query, [...new URL(request.url).searchParams]);
  if (query.refused !== undefined) return query;
  const body = await readBody(operation.body, request);
  if (body.refused !== undefined) return body;
  return ok({
    input: { params: params.ok, query: query.ok, body: body.ok.value, caller: caller.ok },
    caller: caller.ok,
    bytes: body.ok.bytes,
  });
};

/** Deny by default: only callers of the kind that the operation names are admitted, and only with a bearer token. */
export const allowed = (who: Who, identity: Identity): Outcome<Caller> => {
  if (identity.kind === 'refused') return { refused: identity.refusal };
  if (identity.kind !== 'caller' || identity.session !== null) {
    return refuse('unauthenticated', 'This route needs a bearer token.', {
      got: identity.kind === 'caller' ? 'a browser session' : 'no token',
      expected: 'Authorization: Bearer <token of a trusted issuer>',
      fix: 'Get a token from your OpenID provider and send it with the request.',
    });
  }
  const { caller } = identity;
  if (who === caller.kind || who === 'any-caller') return ok(caller);
  return refuse('role-missing', who === 'ci' ? 'Only a CI job may call this route.' : 'Only a person may call this route.', {
    got: caller.kind === 'ci' ? 'a token of a CI job' : 'a token of a person',
    expected: who === 'ci' ? 'a token of a CI job' : 'a token of a person',
    fix: 'Send a token of that kind.',
  });
};

/** RFC 9110: a 401 says how to authenticate. */
const challenge = (refusal: Refusal): Record<string, string> => {
  if (refusal.type === 'unauthenticated') return { 'www-authenticate': 'Bearer' };
  return refusal.type.startsWith('token-') && refusal.type !== 'token-spent' ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {};
};

/** Another starter of the same CI identity makes requests of their own: no answer names a run that somebody else started as theirs. */
const starterOf = (caller: Caller): string => (caller.kind === 'ci' ? `${caller.person ?? 'unknown'}\n` : '');

const keyOf = (header: string | undefined): Outcome<string> => {
  if (header !== undefined && /^[\x21-\x7e]{1,200}$/.test(header)) return ok(header);
  return refuse(
    'idempotency-key-missing',
    header === undefined ? 'The request has no Idempotency-Key.' : 'The Idempotency-Key is not valid.',
    {
      got: header === undefined ? 'no Idempotency-Key header' : counted(header.length, 'character'),
      expected: '1 to 200 printable ASCII characters without spaces',
      fix: 'Send a new UUID with every new request, and the same UUID when you repeat a request.',
    },
  );
};

const answerResponse = (operation: Operation, answer: unknown): Response => {
  const run: Record<string, string> =
    operation.answer.status === 201 && typeof answer === 'object' && answer !== null && 'run' in answer
      ? { location: `/v1/runs/${String(answer.run)}` }
      : {};
  return new Response(JSON.stringify(answer), {
    status: operation.answer.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...run },
  });
};
