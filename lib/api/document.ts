import { OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { type RefusalType, refusalTitles } from '../outcome.ts';
import { operations } from './contract.ts';
import type { Operation } from './operation.ts';
import { pages } from './pages.ts';
import { problemContentType, problemSchema, problemType, refusalStatus } from './problem.ts';

/** What every route with a caller refuses, whoever asks. */
const always: readonly RefusalType[] = [
  'unauthenticated',
  'token-invalid',
  'token-expired',
  'token-foreign',
  'token-audience',
  'identity-unmapped',
];
const ofPost: readonly RefusalType[] = ['idempotency-key-missing', 'idempotency-key-reused', 'idempotency-in-progress'];
const ofBody: readonly RefusalType[] = ['body-malformed', 'body-too-large', 'content-type'];

const refusalsOf = ({ method, body, who, refusals }: Operation): readonly RefusalType[] => {
  if (who === 'browser') return refusals;
  return [
    ...new Set<RefusalType>([
      ...always,
      'parameter-invalid',
      ...(body.kind === 'none' ? [] : ofBody),
      ...(method === 'POST' ? ofPost : []),
      ...refusals,
    ]),
  ];
};

type Responses = Record<string, { description: string; content?: Record<string, { schema: z.ZodType }> }>;

const responsesOf = (operation: Operation): Responses => {
  const { answer } = operation;
  const byStatus = grouped(refusalsOf(operation));
  const problems = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, types]) => [
      String(status),
      {
        description: types.map((type) => `${refusalTitles[type]} (\`${problemType(type)}\`)`).join('; '),
        content:
          operation.who === 'browser' ? { 'text/html': { schema: z.string() } } : { [problemContentType]: { schema: problemSchema } },
      },
    ]);
  const content =
    answer.schema === 'page'
      ? answer.status === 303
        ? {}
        : { content: { 'text/html': { schema: z.string() } } }
      : { content: { 'application/json': { schema: answer.schema } } };
  return { [String(answer.status)]: { description: answer.description, ...content }, ...Object.fromEntries(problems) };
};

const grouped = (types: readonly RefusalType[]): Map<number, RefusalType[]> => {
  const groups = new Map<number, RefusalType[]>();
  for (const type of types) groups.set(refusalStatus[type], [...(groups.get(refusalStatus[type]) ?? []), type]);
  return groups;
};

const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .max(200)
    .meta({ description: 'A fresh UUID for every new request; the same one again when a request is repeated.' }),
});

const bodyOf = ({ body }: Operation) => {
  if (body.kind === 'none') return undefined;
  if (body.kind === 'raw')
    return {
      required: true,
      description: `The report as its tool wrote it, ${body.maxBytes} bytes at most.`,
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    };
  return {
    required: true,
    content: { [body.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded']: { schema: body.schema } },
  };
};

const securityOf = (operation: Operation) => {
  if (operation.who === 'browser')
    return operation.path === '/login' || operation.path === '/callback' || operation.path === '/logout' ? [] : [{ session: [] }];
  return [{ [operation.who === 'ci' ? 'pipeline' : operation.who === 'person' ? 'person' : 'reader']: [] }];
};

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description }) as const;

type Document = { readonly openapi: string } & Readonly<Record<string, unknown>>;

let written: Document | undefined;

/** OpenAPI 3.1 from the table that also checks the requests. Written once: it changes with the code only. */
export const openApiDocument = (): Document => {
  written ??= writeDocument();
  return written;
};

const writeDocument = (): Document => {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'pipeline', bearer('A token that a trusted issuer gave to a CI job.'));
  registry.registerComponent('securitySchemes', 'person', bearer('A token that a trusted issuer gave to a person of the roster.'));
  registry.registerComponent('securitySchemes', 'reader', bearer('Either of them.'));
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-holdpoint',
    description: "A browser's session; it begins at /login.",
  });
  for (const operation of Object.values({ ...operations, ...pages }) as readonly Operation[]) {
    const body = bodyOf(operation);
    registry.registerPath({
      operationId: operation.id,
      method: operation.method.toLowerCase() as 'get' | 'post' | 'put',
      path: operation.path,
      summary: operation.summary,
      description: operation.description,
      tags: [operation.who === 'browser' ? 'pages' : 'api'],
      security: securityOf(operation),
      request: {
        params: operation.params,
        query: operation.query,
        ...(operation.method === 'POST' && operation.who !== 'browser' ? { headers: idempotencyKey } : {}),
        ...(body === undefined ? {} : { body }),
      },
      responses: responsesOf(operation),
    });
  }
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint',
      version: '1',
      description:
        'A production deployment checklist as a workflow: runs, evidence, decisions, and the audit trail. Refusals are RFC 9457 problem documents with stable types.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/', description: 'This installation.' }],
  });
  return { ...document };
};
