import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { createProxy, targetPath } from '../../lib/local/proxy.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const listen = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};

/** A proxy for an emulator with this request handler. */
const proxyFor = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
  listen(createProxy({ endpoint: await listen(createServer(answer)), apiId: 'a1b2c3d4' }));

describe('the proxy of the local stage', () => {
  test('puts API id and stage before the path, so that the emulator cannot take a segment of it for a stage', () => {
    expect(targetPath('a1b2c3d4', '/v1/runs?limit=5')).toBe('/_aws/execute-api/a1b2c3d4/$default/v1/runs?limit=5');
    expect(targetPath('a1b2c3d4', '/')).toBe('/_aws/execute-api/a1b2c3d4/$default/');
  });

  test.each([
    ['/shop/orders?limit=5', '/_aws/execute-api/e5f6/$default/orders?limit=5'],
    ['/shop', '/_aws/execute-api/e5f6/$default/'],
    ['/shop?limit=5', '/_aws/execute-api/e5f6/$default/?limit=5'],
    ['/shops/orders', '/_aws/execute-api/a1b2c3d4/$default/shops/orders'],
    ['/constructor/x', '/_aws/execute-api/a1b2c3d4/$default/constructor/x'],
  ])('serves another API below its base path: %s', async (asked, expected) => {
    let seen: string | undefined;
    const endpoint = await listen(
      createServer((request, response) => {
        seen = request.url;
        response.end();
      }),
    );
    const proxy = await listen(createProxy({ endpoint, apiId: 'a1b2c3d4', mapped: { '/shop': 'e5f6' } }));
    await fetch(`${proxy}${asked}`);
    expect(seen).toBe(expected);
  });

  test('forwards method, path, query, headers and cookies unchanged', async () => {
    let seen: IncomingMessage | undefined;
    const proxy = await proxyFor((request, response) => {
      seen = request;
      response.end();
    });
    await fetch(`${proxy}/v1/runs/r%2F1?a=1&a=%20b`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer t', cookie: 'holdpoint=s; other=2', 'idempotency-key': 'k' },
    });
    expect(seen?.method).toBe('DELETE');
    expect(seen?.url).toBe('/_aws/execute-api/a1b2c3d4/$default/v1/runs/r%2F1?a=1&a=%20b');
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'holdpoint=s; other=2', 'idempotency-key': 'k' });
  });

  // The guard of the emulator lets a browser's request pass only with this mark.
  test('marks what it forwards, and keeps what the API needs to tell its own pages from others', async () => {
    let seen: IncomingMessage | undefined;
    const proxy = await proxyFor((request, response) => {
      seen = request;
      response.end();
    });
    await fetch(proxy, { method: 'POST', headers: { origin: 'https://page.example', 'x-holdpoint-proxy': 'mine' } });
    expect(seen?.headers).toMatchObject({ origin: 'https://page.example', 'x-holdpoint-proxy': '1' });
  });

  test('forwards any bytes in both directions', async () => {
    const proxy = await proxyFor((request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      request.pipe(response);
    });
    const bytes = randomBytes(3 * 1024 * 1024);
    const answer = await fetch(proxy, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/gzip' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('keeps several cookies separate, and does not follow redirects', async () => {
    const proxy = await proxyFor((_, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT']);
      response.writeHead(303, { location: 'http://localhost:1/people/auth?x=1' }).end();
    });
    const answer = await fetch(proxy, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('http://localhost:1/people/auth?x=1');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT']);
  });

  test('passes on that the browser has the page already', async () => {
    const tags: (string | undefined)[] = [];
    const proxy = await proxyFor((request, response) => {
      tags.push(request.headers['if-none-match']);
      response.writeHead(304, { etag: '"abc"' }).end();
    });
    const answer = await fetch(`${proxy}/runs`, { headers: { 'if-none-match': '"abc"' } });
    expect([answer.status, answer.headers.get('etag'), await answer.text(), tags]).toEqual([304, '"abc"', '', ['"abc"']]);
  });

  test('answers with a problem document when the emulator is dead', async () => {
    const gone = createServer();
    const endpoint = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const proxy = await listen(createProxy({ endpoint, apiId: 'a1b2c3d4' }));
    const answer = await fetch(`${proxy}/v1/runs`, { method: 'POST', body: 'x' });
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 502, detail: expect.stringContaining('holdpoint.mjs local status') as string });
  });

  test('repeats a request on a new connection when the emulator has just closed the old one', async () => {
    let asked = 0;
    const proxy = await proxyFor((request, response) => {
      asked += 1;
      // The emulator closes the kept connection just as the second request arrives.
      if (asked === 2) request.socket.destroy();
      else response.end(String(asked));
    });
    expect(await (await fetch(proxy)).text()).toBe('1');
    expect(await (await fetch(proxy)).text()).toBe('3');
  });

  test('does not repeat a request with a body', async () => {
    const bodies: number[] = [];
    const proxy = await proxyFor(async (request, response) => {
      bodies.push((await buffer(request)).length);
      if (bodies.length === 2) request.socket.destroy();
      else response.end();
    });
    await fetch(proxy, { method: 'POST', body: 'one' });
    const answer = await fetch(proxy, { method: 'POST', body: 'two' });
    expect(answer.status).toBe(502);
    expect(bodies).toHaveLength(2);
  });
});
