import { OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { type RefusalType, refusalTitles } from '../outcome.ts';
import { uploadedTypes } from '../registry/evidence.ts';
import { operations } from './contract.ts';
import type { Operation } from './operation.ts';
import { pages } from './pages.ts';
import { maxEvidenceBytes } from './parameters.ts';
import { type FaultType, faultStatus, faultTitles, problemContentType, problemSchema, problemType, refusalStatus } from './problem.ts';
import { routes } from './routes.ts';
import { githubWebhookPath } from './webhook-document.ts';

/** What every route with a caller refuses. */
const always: readonly RefusalType[] = [
  'unauthenticated',
  'token-invalid',
  'token-expired',
  'issuer-untrusted',
  'token-audience',
  'sign-in-time-missing',
  'identity-unmapped',
];
const ofPost: readonly RefusalType[] = ['idempotency-key-missing', 'idempotency-key-reused', 'idempotency-in-progress'];
const ofBody: readonly RefusalType[] = ['body-malformed', 'body-too-large', 'content-type'];
/** A form from a browser without a session (a GET is redirected to the sign-in instead), and a form that is sent twice at once. */
const pagePost: readonly RefusalType[] = ['unauthenticated', 'idempotency-in-progress'];
/** Faults that any request can meet. */
const brokenBy: readonly FaultType[] = ['fault', 'busy', 'unavailable', 'roster-unusable', 'trail-damaged'];

const isPage = ({ who }: Operation): boolean => who === 'signed-in' || who === 'visitor';
const needsSession = ({ who }: Operation): boolean => who === 'signed-in';

const refusalsOf = (operation: Operation): readonly RefusalType[] => {
  const { method, body, refusals } = operation;
  const bodies = body.kind === 'none' ? [] : ofBody;
  const before: readonly RefusalType[] = !isPage(operation)
    ? [...always, 'parameter-invalid', ...bodies, ...(method === 'POST' ? ofPost : [])]
    : needsSession(operation)
      ? ['token-invalid', 'identity-unmapped', 'parameter-invalid', ...(method === 'POST' ? pagePost : []), ...bodies]
      : [];
  // A run can name a checklist definition that is no longer stored.
  const lost: readonly RefusalType[] = refusals.includes('run-unknown') ? ['definition-unknown'] : [];
  return [...new Set<RefusalType>([...before, ...refusals, ...lost])];
};

type Responses = Record<string, { description: string; content?: Record<string, { schema: z.ZodType }> }>;

const responsesOf = (operation: Operation): Responses => {
  const { answer } = operation;
  const problemTypes = [
    ...refusalsOf(operation).map((type) => ({ status: refusalStatus[type], title: refusalTitles[type], type })),
    ...brokenBy.map((type) => ({ status: faultStatus(type), title: faultTitles[type], type })),
  ];
  const problems = [...new Set(problemTypes.map(({ status }) => status))]
    .sort((a, b) => a - b)
    .map((status) => [
      String(status),
      {
        description: problemTypes
          .filter((one) => one.status === status)
          .map(({ title, type }) => `${title} (\`${problemType(type)}\`)`)
          .join('; '),
        content: isPage(operation) ? { 'text/html': { schema: z.string() } } : { [problemContentType]: { schema: problemSchema } },
      },
    ]);
  const content =
    answer.schema === 'page'
      ? answer.status === 303
        ? {}
        : { content: { [answer.mediaType ?? 'text/html']: { schema: z.string() } } }
      : { content: { 'application/json': { schema: answer.schema } } };
  const toSignIn =
    needsSession(operation) && operation.method === 'GET'
      ? { '303': { description: 'Redirects a browser without a session to the sign-in.' } }
      : {};
  return { ...toSignIn, [String(answer.status)]: { description: answer.description, ...content }, ...Object.fromEntries(problems) };
};

/** The media types of all evidence types, and the one that each of them accepts. */
const reportTypes = [...new Set(['application/octet-stream', ...uploadedTypes.flatMap((type) => type.mediaTypes)])].sort();

const byUpload = (maxBytes: number): string => (maxBytes > maxEvidenceBytes ? `, over ${maxEvidenceBytes} by an upload` : '');

/** The evidence types by name. The contract only has a text here, because the command records the refusal of an unknown type. */
const evidenceTypeParameter = z.enum(uploadedTypes.map(({ id }) => id)).meta({
  description: uploadedTypes
    .map(
      ({ id, description, mediaTypes, maxBytes }) =>
        `\`${id}\`: ${description} (${mediaTypes.join(', ')}; ${maxBytes} bytes at most${byUpload(maxBytes)}).`,
    )
    .join('\n'),
});

const paramsOf = ({ body, params }: Operation) =>
  body.kind === 'raw' && 'type' in params.shape ? params.extend({ type: evidenceTypeParameter }) : params;

const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .max(200)
    .meta({ description: 'A new UUID for every new request; the same UUID when a request is repeated.' }),
});

const bodyOf = ({ body }: Operation) => {
  if (body.kind === 'none') return undefined;
  if (body.kind === 'raw')
    return {
      required: true,
      description:
        body.holds === undefined
          ? `The report as its tool wrote it, at most ${body.maxBytes} bytes.`
          : `The ${body.holds.name}, at most ${body.maxBytes} bytes.`,
      content: Object.fromEntries(
        (body.holds?.mediaTypes ?? reportTypes).map((type) => [type, { schema: z.string().meta({ contentMediaType: type }) }]),
      ),
    };
  return {
    required: true,
    content: {
      [body.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded']: { schema: body.schema },
      ...(body.kind === 'form' && body.maxFileBytes !== undefined ? { 'multipart/form-data': { schema: body.schema } } : {}),
    },
  };
};

const securityOf = (operation: Operation) => {
  if (isPage(operation)) return needsSession(operation) ? [{ session: [] }] : [];
  return [{ [operation.who === 'ci' ? 'ci-job' : operation.who === 'person' ? 'person' : 'any-caller']: [] }];
};

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description }) as const;

type Path = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];

const pathOf = (operation: Operation): Path => {
  const body = bodyOf(operation);
  return {
    operationId: operation.id,
    method: operation.method.toLowerCase() as 'get' | 'post' | 'put',
    path: operation.path,
    summary: operation.summary,
    description: operation.description,
    tags: [isPage(operation) ? 'pages' : 'api'],
    security: securityOf(operation),
    request: {
      params: paramsOf(operation),
      query: operation.query,
      ...(operation.method === 'POST' && !isPage(operation) ? { headers: idempotencyKey } : {}),
      ...(body === undefined ? {} : { body }),
    },
    responses: responsesOf(operation),
  };
};

/** The same without a body: mail systems and link checkers send HEAD. */
const headOf = (operation: Operation): Path => ({
  ...pathOf(operation),
  operationId: `${operation.id}Head`,
  method: 'head',
  summary: `${operation.summary} (headers only)`,
  responses: Object.fromEntries(Object.entries(responsesOf(operation)).map(([status, { description }]) => [status, { description }])),
});

type Document = { readonly openapi: string } & Readonly<Record<string, unknown>>;

let written: Document | undefined;

/** OpenAPI 3.1 from the contract that also validates the requests. Built once per process, because it changes with the code only. */
export const openApiDocument = (): Document => {
  written ??= writeDocument();
  return written;
};

const writeDocument = (): Document => {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'ci-job', bearer('A token that a trusted issuer issued to a CI job.'));
  registry.registerComponent('securitySchemes', 'person', bearer('A token that a trusted issuer issued to a person of the roster.'));
  registry.registerComponent('securitySchemes', 'any-caller', bearer('A token of a CI job or of a person.'));
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-holdpoint',
    description: 'A browser session; it starts at /login.',
  });
  registry.registerComponent('securitySchemes', 'github-signature', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Hub-Signature-256',
    description: '`sha256=` and the HMAC of the body with the webhook secret of the GitHub App.',
  });
  const all: readonly Operation[] = Object.values({ ...operations, ...pages });
  for (const operation of all) registry.registerPath(pathOf(operation));
  for (const { method, path } of routes) {
    const read = method === 'HEAD' ? all.find((operation) => operation.method === 'GET' && operation.path === path) : undefined;
    if (read !== undefined) registry.registerPath(headOf(read));
  }
  registry.registerPath(githubWebhookPath);
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint',
      version: '1',
      description:
        'Runs a production deployment checklist as a workflow: runs, evidence, decisions, and the audit trail. Errors are RFC 9457 problem documents with stable types.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/', description: 'This installation.' }],
  });
  return { ...document };
};
