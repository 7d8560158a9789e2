import type * as z from 'zod';
import type { RefusalType } from '../outcome.ts';

/**
 * The functions behind the API, separated by trust: `ci` writes for CI jobs, `people` writes for people and makes sessions, `audit` only reads.
 */
export type ApiFunction = 'ci' | 'people' | 'audit';
/** With `webhooks`, which takes signed messages of others and serves no operation of the contract. */
export type RouteFunction = ApiFunction | 'webhooks';

/**
 * Who may call. With a bearer token: a CI job, a person of the roster, or either of them (`any-caller`). With a browser: a person with a session
 * (`signed-in`), or anyone (`visitor`): the routes that begin and end a session.
 */
export type Who = 'ci' | 'person' | 'any-caller' | 'signed-in' | 'visitor';

export type Body =
  | { readonly kind: 'none' }
  /** `maxBytes`: where a file stands in it. */
  | { readonly kind: 'json'; readonly schema: z.ZodType; readonly maxBytes?: number }
  /** The bytes as they come. */
  | {
      readonly kind: 'raw';
      readonly maxBytes: number;
      /** What the bytes are; a report where nothing is said. */
      readonly holds?: { readonly name: string; readonly mediaTypes: readonly string[] };
    }
  /**
   * `maxBytes`: of its fields, where they hold more than those of other forms. `maxFileBytes`: it may come as multipart/form-data with files of so many
   * bytes together, each of which stands in its field in base64.
   */
  | { readonly kind: 'form'; readonly schema: z.ZodType; readonly maxBytes?: number; readonly maxFileBytes?: number };

/** One route as a value: routing, validation, the OpenAPI document and the client all read it. */
export type Operation = {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly function: ApiFunction;
  /** Whether HEAD has a route, too: mail systems and link checkers send it. */
  readonly head?: boolean;
  readonly who: Who;
  readonly summary: string;
  readonly description: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: Body;
  /** `mediaType`: of a page that is no HTML, such as a download. */
  readonly answer: {
    readonly status: 200 | 201 | 303;
    readonly description: string;
    readonly schema: z.ZodType | 'page';
    readonly mediaType?: string;
  };
  /** What the domain refuses here, beside what every route refuses. */
  readonly refusals: readonly RefusalType[];
};

type Define = <
  F extends ApiFunction,
  M extends Operation['method'],
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends Body,
  A extends z.ZodType | 'page',
  W extends Who,
>(
  operation: Omit<Operation, 'id' | 'function' | 'method' | 'params' | 'query' | 'body' | 'answer' | 'who'> & {
    readonly function: F;
    readonly method: M;
    readonly who: W;
    readonly params: P;
    readonly query: Q;
    readonly body: B;
    readonly answer: Omit<Operation['answer'], 'schema'> & { readonly schema: A };
  },
) => Omit<Operation, 'id'> & {
  readonly function: F;
  readonly method: M;
  readonly who: W;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: { readonly schema: A };
};

/** An operation with its types kept: handlers and the client derive their inputs and outputs from them. */
export const operation: Define = (given) => given;

/** Gives every operation of a contract the id of its key. */
export const withIds = <Contract extends Readonly<Record<string, Omit<Operation, 'id'>>>>(
  contract: Contract,
): { readonly [Id in keyof Contract]: Contract[Id] & { readonly id: string } } =>
  Object.fromEntries(Object.entries(contract).map(([id, given]) => [id, { id, ...given }])) as never;

/** The operations of a contract that one function serves. */
export type ServedBy<F extends ApiFunction, Contract extends Readonly<Record<string, Operation>>> = {
  [Id in keyof Contract]: Contract[Id]['function'] extends F ? Id : never;
}[keyof Contract];
