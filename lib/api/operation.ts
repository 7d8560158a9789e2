import type * as z from 'zod';
import type { RefusalType } from '../outcome.ts';
import { type ApiFunction, routes } from './routes.ts';

type Routed = (typeof routes)[number];
export type PathOf<M extends Routed['method']> = Extract<Routed, { method: M }>['path'];
type FunctionOf<M extends Routed['method'], P extends string> = Extract<Routed, { method: M; path: P }>['function'];

/**
 * Who may call. With a bearer token: a CI job, a person of the roster, or either of them (`reader`). With a browser: a person with a session
 * (`signed-in`), or anyone (`visitor`): the routes that begin and end a session.
 */
export type Who = 'ci' | 'person' | 'reader' | 'signed-in' | 'visitor';

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** The bytes as they come. */
  | { readonly kind: 'raw'; readonly maxBytes: number }
  | { readonly kind: 'form'; readonly schema: z.ZodType };

/** One route as a value: routing, validation, the OpenAPI document and the client all read it. */
export type Operation = {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly function: ApiFunction;
  readonly who: Who;
  readonly summary: string;
  readonly description: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: Body;
  readonly answer: { readonly status: 200 | 201 | 303; readonly description: string; readonly schema: z.ZodType | 'page' };
  /** What the domain refuses here, beside what every route refuses. */
  readonly refusals: readonly RefusalType[];
};

type Define = <
  M extends 'GET' | 'POST' | 'PUT',
  Path extends PathOf<M>,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends Body,
  A extends z.ZodType | 'page',
  W extends Who,
>(
  operation: Omit<Operation, 'function' | 'method' | 'path' | 'params' | 'query' | 'body' | 'answer' | 'who'> & {
    readonly who: W;
    readonly method: M;
    readonly path: Path;
    readonly params: P;
    readonly query: Q;
    readonly body: B;
    readonly answer: Omit<Operation['answer'], 'schema'> & { readonly schema: A };
  },
) => Operation & {
  readonly function: FunctionOf<M, Path>;
  readonly method: M;
  readonly who: W;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: { readonly schema: A };
};

/** An operation of the route table. A path that is not in the table does not compile; the table says which function serves it. */
export const operation: Define = (given) => {
  const route = routes.find((candidate) => candidate.method === given.method && candidate.path === given.path);
  if (route === undefined) throw new Error(`${given.method} ${given.path} is not in the route table`);
  return { ...given, function: route.function as never };
};

/** The operations of a contract that one function serves. */
export type ServedBy<F extends ApiFunction, Contract extends Readonly<Record<string, Operation>>> = {
  [Id in keyof Contract]: Contract[Id]['function'] extends F ? Id : never;
}[keyof Contract];
