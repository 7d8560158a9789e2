import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createConnection, createResolver } from '../../lambdas/adapters/http-connection.ts';
import { dial, mostBodyBytes } from '../../lib/collectors/dial.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** A resolver that answers one list after another. */
const resolving = (...answers: (readonly string[])[]) => {
  let asked = 0;
  return { resolve: async () => ({ addresses: answers[Math.min(asked++, answers.length - 1)] ?? [] }) };
};
const deps = (resolver: { resolve: (host: string) => Promise<{ addresses: readonly string[] }> }) => ({
  clock: { now: () => new Date() },
  resolver,
  connection: createConnection(),
});
const ask = (resolver: Parameters<typeof deps>[0], url: string, changes: object = {}) =>
  dial(deps(resolver), { url, method: 'GET', timeoutMs: 2000, privateAddresses: true, ...changes });

describe('a request over a real connection', () => {
  test('goes to the checked address with the name in its Host header', async () => {
    const port = await serve((request, response) => response.end(`host ${request.headers.host}`));
    const answer = await ask(resolving(['127.0.0.1']), `http://shop.invalid:${port}/`);
    expect(answer).toMatchObject({ status: 200, truncated: false });
    expect('body' in answer && new TextDecoder().decode(answer.body)).toBe(`host shop.invalid:${port}`);
  });

  // The name would lead to a metadata service the second time it is asked for: nobody asks a second time.
  test('is not led elsewhere by a name that resolves otherwise a moment later', async () => {
    const port = await serve((_request, response) => response.end('the service'));
    const rebinding = resolving(['127.0.0.1'], ['169.254.169.254']);
    expect(await ask(rebinding, `http://shop.invalid:${port}/`)).toMatchObject({ status: 200 });
    expect(await ask(rebinding, `http://shop.invalid:${port}/`)).toMatchObject({
      failed: expect.stringContaining('never probed') as unknown,
    });
  });

  test('checks the name again that a redirect leads to', async () => {
    let asked = 0;
    const port = await serve((request, response) => {
      asked += 1;
      response.writeHead(302, { location: request.url === '/' ? '/next' : '/' }).end();
    });
    const answer = await ask(resolving(['127.0.0.1'], ['169.254.169.254']), `http://shop.invalid:${port}/`);
    expect(answer).toMatchObject({ failed: expect.stringContaining('after 1 redirect') as unknown });
    expect(asked).toBe(1);
  });

  test('reads 64 KB of a body, however long it is', async () => {
    const port = await serve((_request, response) => {
      const part = Buffer.alloc(16 * 1024, 'x');
      const more = (): void => {
        while (response.writable && response.write(part));
      };
      response.on('drain', more);
      more();
    });
    const answer = await ask(resolving(['127.0.0.1']), `http://shop.invalid:${port}/`);
    expect(answer).toMatchObject({ status: 200, truncated: true });
    expect('body' in answer && answer.body.byteLength).toBe(mostBodyBytes);
  });

  test('ends in time when no answer comes, and when its body never ends', async () => {
    const silent = await serve(() => undefined);
    expect(await ask(resolving(['127.0.0.1']), `http://shop.invalid:${silent}/`, { timeoutMs: 80 })).toMatchObject({
      failed: expect.stringContaining('no answer within') as unknown,
    });
    const endless = await serve((_request, response) => void response.write('x'));
    expect(await ask(resolving(['127.0.0.1']), `http://shop.invalid:${endless}/`, { timeoutMs: 80 })).toMatchObject({
      failed: expect.stringContaining('no answer within') as unknown,
    });
  });

  test('that breaks off, is refused, or cannot be sent is a result with its code', async () => {
    const port = await serve((request) => request.socket.destroy());
    expect(await ask(resolving(['127.0.0.1']), `http://shop.invalid:${port}/`)).toEqual({ failed: 'ECONNRESET' });
    const cut = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await ask(resolving(['127.0.0.1']), `http://shop.invalid:${cut}/`)).toEqual({ failed: 'ECONNRESET' });
    expect(await ask(resolving(['127.0.0.1']), 'http://shop.invalid:1/')).toEqual({ failed: 'ECONNREFUSED' });
    const headers = { 'x-bad': 'a\r\nb: c' };
    expect(await ask(resolving(['127.0.0.1']), `http://shop.invalid:${port}/`, { headers })).toEqual({ failed: 'ERR_INVALID_CHAR' });
  });

  test('sends a body and a method as they are', async () => {
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += String(part);
      });
      request.on('end', () => response.end(`${request.method} ${body} ${request.headers['content-length']}`));
    });
    const answer = await ask(resolving(['127.0.0.1']), `http://shop.invalid:${port}/`, { method: 'POST', body: '{"ü":1}' });
    expect('body' in answer && new TextDecoder().decode(answer.body)).toBe('POST {"ü":1} 8');
  });
});

test('the resolver gives the addresses of a name, and a code where there are none', async () => {
  const resolver = createResolver();
  expect(await resolver.resolve('localhost')).toMatchObject({
    addresses: expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]) as unknown,
  });
  expect(await resolver.resolve('nothing.invalid')).toMatchObject({
    failed: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN|no answer.*)$/) as unknown,
  });
});
