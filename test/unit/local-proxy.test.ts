import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { createFront, targetPath } from '../../lib/local/proxy.ts';

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

/** A front before an emulator that answers so. */
const frontBefore = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
  listen(createFront({ endpoint: await listen(createServer(answer)), apiId: 'a1b2c3d4' }));

describe('the front of the local stage', () => {
  test('names the API and its stage, so that no path is taken for a stage', () => {
    expect(targetPath('a1b2c3d4', '/v1/runs?limit=5')).toBe('/_aws/execute-api/a1b2c3d4/$default/v1/runs?limit=5');
    expect(targetPath('a1b2c3d4', '/')).toBe('/_aws/execute-api/a1b2c3d4/$default/');
  });

  test('passes method, path, query, headers and cookies as they are', async () => {
    let seen: IncomingMessage | undefined;
    const front = await frontBefore((request, response) => {
      seen = request;
      response.end();
    });
    await fetch(`${front}/v1/runs/r%2F1?a=1&a=%20b`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer t', cookie: 'holdpoint=s; other=2', 'idempotency-key': 'k' },
    });
    expect(seen?.method).toBe('DELETE');
    expect(seen?.url).toBe('/_aws/execute-api/a1b2c3d4/$default/v1/runs/r%2F1?a=1&a=%20b');
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'holdpoint=s; other=2', 'idempotency-key': 'k' });
  });

  test('passes bytes both ways, whatever they are', async () => {
    const front = await frontBefore((request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      request.pipe(response);
    });
    const bytes = randomBytes(3 * 1024 * 1024);
    const answer = await fetch(front, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/gzip' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('keeps several cookies apart, and a redirect a redirect', async () => {
    const front = await frontBefore((_, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT']);
      response.writeHead(303, { location: 'http://localhost:1/people/auth?x=1' }).end();
    });
    const answer = await fetch(front, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('http://localhost:1/people/auth?x=1');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT']);
  });

  test('tells a dead emulator as a problem document', async () => {
    const gone = createServer();
    const endpoint = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const front = await listen(createFront({ endpoint, apiId: 'a1b2c3d4' }));
    const answer = await fetch(`${front}/v1/runs`, { method: 'POST', body: 'x' });
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 502, detail: expect.stringContaining('holdpoint local status') as string });
  });

  test('asks again on a new connection when the emulator has just closed the kept one', async () => {
    let asked = 0;
    const front = await frontBefore((request, response) => {
      asked += 1;
      // The second request arrives on a connection that the emulator is closing.
      if (asked === 2) request.socket.destroy();
      else response.end(String(asked));
    });
    expect(await (await fetch(front)).text()).toBe('1');
    expect(await (await fetch(front)).text()).toBe('3');
  });

  test('repeats no request whose body is under way', async () => {
    const bodies: number[] = [];
    const front = await frontBefore(async (request, response) => {
      bodies.push((await buffer(request)).length);
      if (bodies.length === 2) request.socket.destroy();
      else response.end();
    });
    await fetch(front, { method: 'POST', body: 'one' });
    const answer = await fetch(front, { method: 'POST', body: 'two' });
    expect(answer.status).toBe(502);
    expect(bodies).toHaveLength(2);
  });
});
