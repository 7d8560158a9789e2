import { createServer, type IncomingMessage } from 'node:http';
import { partsOf } from './environment.ts';
import type { HttpEvent } from './http.ts';
import { createShop } from './shop.ts';

/**
 * Serves the same handler in one process, for development and load tests. Prints its address. PORT: default any free port. Callers have no address
 * here, because a load test sends from one, so none is limited.
 */
const shop = createShop(partsOf(process.env));

const eventOf = async (incoming: IncomingMessage): Promise<HttpEvent> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  return {
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    ),
    body: Buffer.concat(chunks).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: incoming.method ?? 'GET' } },
  };
};

const server = createServer((incoming, outgoing) => {
  void eventOf(incoming)
    .then((event) => shop(event, 'server'))
    .then(({ statusCode, headers, body }) => outgoing.writeHead(statusCode, headers).end(body))
    .catch(() => outgoing.destroy());
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stderr.write(`listening on http://127.0.0.1:${address.port}\n`);
});
