import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Loopback = {
  /** The redirect address for the provider. */
  readonly redirect: string;
  /** The address to which the provider sent the browser. Rejects when nobody came in time. */
  readonly answer: () => Promise<URL>;
  readonly close: () => void;
};

/**
 * Listens on a port of this machine for the one answer of a sign-in (RFC 8252, section 7.3). Requests without the sign-in's `state` change
 * nothing: any page in the browser can send them. `waitMs`: how long `answer` waits.
 */
export const listenForAnswer = async (state: string, waitMs: number): Promise<Loopback> => {
  let answered = (_: URL): void => {};
  const answer = new Promise<URL>((resolve) => {
    answered = resolve;
  });
  let origin = '';
  const server = createServer((request, response) => {
    const url = URL.canParse(request.url ?? '', origin) ? new URL(request.url ?? '', origin) : undefined;
    // A foreign Host is a page whose name was bound to this address.
    if (url === undefined || url.origin !== origin || request.headers.host !== new URL(origin).host || request.method !== 'GET')
      return reply(response, 400, 'This address only takes the answer of a sign-in.');
    if (url.pathname !== '/callback') return reply(response, 404, 'There is nothing here.');
    if (url.searchParams.getAll('state').join() !== state)
      return reply(response, 400, 'This is not the answer to the sign-in that the command line waits for.');
    reply(
      response,
      200,
      'Holdpoint has received the answer of your sign-in. The command line shows how it ended. You can close this window.',
    );
    // Only one answer counts, and nothing else is served afterwards.
    server.close();
    answered(url);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    redirect: `${origin}/callback`,
    answer: () => inTime(answer, waitMs),
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
};

const inTime = async (answer: Promise<URL>, waitMs: number): Promise<URL> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nobody signed in within ${Math.round(waitMs / 1000)} seconds`)), waitMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
};

const reply = (response: ServerResponse, status: number, text: string): void => {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      // The address of this page holds the code of the sign-in.
      'referrer-policy': 'no-referrer',
      connection: 'close',
    })
    .end(`${text}\n`);
};
