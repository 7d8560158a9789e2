import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { createAuthorize } from '../../lambdas/api/authorize.ts';
import { answer } from '../../lambdas/shell/api-handler.ts';
import { type HttpEvent, type HttpResult, resultOf } from '../../lambdas/shell/http.ts';
import type { Log } from '../../lambdas/shell/log.ts';
import { contextOf, type Identity } from '../../lib/api/identity.ts';
import { type Api, faultOf, problemResponse } from '../../lib/api/mount.ts';
import type { ApiFunction } from '../../lib/api/operation.ts';
import { problemOf } from '../../lib/api/problem.ts';
import { defaultFunction, patternOf, routes } from '../../lib/api/routes.ts';
import { refuse } from '../../lib/outcome.ts';

/** The largest request that API Gateway passes to a Lambda function. */
const maxBytes = 6 * 1024 * 1024;

export type Apis = {
  readonly apis: Readonly<Record<ApiFunction, Api>>;
  readonly authorize: ReturnType<typeof createAuthorize>;
  readonly log: Log;
};

/**
 * Serves the API's handlers on a port of this machine, with the events that API Gateway would send. `port`: 0 for any free port.
 */
export const serveApis = async (served: Apis, port: number): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    void respond(served, incoming, outgoing, `in-process-${count}`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: portOf(server), close: () => closeServer(server) };
};

const respond = async (
  { apis, authorize, log }: Apis,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  request: string,
): Promise<void> => {
  try {
    const body = await bodyOf(incoming);
    if (body === undefined) {
      const refused = refuse('body-too-large', 'The request is larger than API Gateway accepts.', {
        expected: `at most ${maxBytes} bytes`,
      }).refused;
      return write(outgoing, await resultOf(problemResponse(problemOf(refused, request))));
    }
    const event = eventOf(incoming, body, request);
    const identity = await authorize({ authorization: event.headers.authorization, cookies: event.cookies }).catch((thrown): Identity => {
      log.fault(thrown, { request });
      return { kind: 'unavailable' };
    });
    const { http } = event.requestContext;
    const context = { ...event.requestContext, authorizer: { lambda: contextOf(identity) } };
    write(outgoing, await answer(() => apis[functionFor(http.method, event.rawPath)], { ...event, requestContext: context }, log));
  } catch (thrown) {
    log.fault(thrown, { request });
    write(outgoing, await resultOf(problemResponse(faultOf(thrown, request))));
  }
};

/** Webhooks come from a code host, which nobody plays here. */
const patterns = routes.flatMap(({ function: served, ...route }) =>
  served === 'webhooks' ? [] : [{ ...route, function: served, pattern: patternOf(route.path) }],
);
const functionFor = (method: string, path: string): ApiFunction =>
  patterns.find((route) => route.method === method && route.pattern.test(path))?.function ?? defaultFunction;

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks);
};

const eventOf = (incoming: IncomingMessage, body: Buffer, requestId: string): HttpEvent => {
  const url = new URL(incoming.url ?? '/', 'http://in-process.invalid');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const { cookie, ...others } = headers;
  return {
    rawPath: decodePath(url.pathname),
    rawQueryString: url.search.slice(1),
    headers: others,
    cookies: cookie === undefined ? [] : cookie.split('; '),
    body: body.toString('base64'),
    isBase64Encoded: true,
    requestContext: { requestId, http: { method: incoming.method ?? 'GET' } },
  };
};

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const write = (outgoing: ServerResponse, { statusCode, headers, cookies = [], body }: HttpResult): void => {
  outgoing.writeHead(statusCode, { ...headers, ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }) }).end(body);
};

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
