import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Connection, Failed, Hop, HopAnswer, Resolver } from '../../lib/collectors/ports.ts';

const resolveMs = 5_000;

/** Names by the system's resolver, as every other client resolves them. */
export const createResolver = (): Resolver => ({
  resolve: async (host) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Failed>((resolve) => {
      timer = setTimeout(() => resolve({ failed: `no answer within ${resolveMs} ms` }), resolveMs);
    });
    const found = lookup(host, { all: true, verbatim: true }).then(
      (all) => ({ addresses: all.map(({ address }) => address) }),
      (fault: unknown) => ({ failed: codeOf(fault) }),
    );
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  },
});

/**
 * One request by `node:http`, over a connection of its own to the given address: the `lookup` of the socket answers that address, whatever the
 * name resolves to by now. Host header, TLS server name and certificate check keep the name.
 */
export const createConnection = (): Connection => ({
  send: (hop) =>
    new Promise((resolve) => {
      let call: ClientRequest | undefined;
      const fail = (fault: unknown): void => resolve({ failed: codeOf(fault) });
      const timer = setTimeout(
        () => {
          resolve({ failed: `no answer within ${Math.round(hop.timeoutMs)} ms` });
          call?.destroy();
        },
        Math.max(1, hop.timeoutMs),
      );
      const done = (answer: HopAnswer | Failed): void => {
        clearTimeout(timer);
        resolve(answer);
        call?.destroy();
      };
      try {
        call = open(hop, (response) => read(response, hop.maxBytes, done));
        call.on('error', (fault) => {
          clearTimeout(timer);
          fail(fault);
        });
        call.end(hop.body);
      } catch (fault) {
        // Node refuses, for instance, a header that HTTP does not allow.
        clearTimeout(timer);
        fail(fault);
      }
    }),
});

const open = ({ url, address, method, headers, body }: Hop, onAnswer: (response: IncomingMessage) => void): ClientRequest => {
  const family = isIP(address);
  const pinned: LookupFunction = (_name, { all }, answer) => (all ? answer(null, [{ address, family }]) : answer(null, address, family));
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length }, lookup: pinned, agent: false } as const;
  return url.protocol === 'https:' ? httpsRequest(url, options, onAnswer) : httpRequest(url, options, onAnswer);
};

/** Reads a body up to its limit. A body that breaks off is no answer. */
const read = (response: IncomingMessage, maxBytes: number, done: (answer: HopAnswer | Failed) => void): void => {
  const parts: Uint8Array[] = [];
  let size = 0;
  const answer = (truncated: boolean): HopAnswer => ({
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')])),
    body: Buffer.concat(parts).subarray(0, maxBytes),
    truncated,
  });
  response.on('data', (part: Uint8Array) => {
    parts.push(part);
    size += part.byteLength;
    if (size > maxBytes) done(answer(true));
  });
  response.on('end', () => done(answer(false)));
  response.on('error', (fault) => done({ failed: codeOf(fault) }));
};

/** The code of an error; its message may repeat the request. */
const codeOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown fault';
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.name;
};
