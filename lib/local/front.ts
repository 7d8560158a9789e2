import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request as ask, type Server, type ServerResponse } from 'node:http';

/** Milliseconds. API Gateway waits 30 s for a function. */
const patience = 35_000;
/** Meant for one connection only (RFC 9110, 7.6.1). */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-connection']);

export type Target = {
  /** The emulator's address. */
  readonly endpoint: string;
  readonly apiId: string;
};

/** Where the emulator answers for a path of the API. The stage is named, so that no path is ever taken for a stage. */
export const targetPath = (apiId: string, path: string): string => `/_aws/execute-api/${apiId}/$default${path.startsWith('/') ? path : `/${path}`}`;

/**
 * The stage's public address: what a custom domain is on AWS. Method, path, query, headers, cookies and bytes go through as they are,
 * both ways; a silent or dead emulator is told as a problem document.
 */
export const createFront = (target: Target): Server => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const server = createServer((incoming, outgoing) => pass(target, agent, incoming, outgoing));
  server.on('close', () => agent.destroy());
  return server;
};

const pass = ({ endpoint, apiId }: Target, agent: Agent, incoming: IncomingMessage, outgoing: ServerResponse): void => {
  const { hostname, port } = new URL(endpoint);
  const upstream = ask({ hostname, port, agent, method: incoming.method, path: targetPath(apiId, incoming.url ?? '/'), headers: kept(incoming.headers), timeout: patience }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.rawHeaders));
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
  });
  upstream.once('timeout', () => upstream.destroy(new Error('timeout')));
  upstream.once('error', (fault) => {
    if (outgoing.headersSent) outgoing.destroy();
    else if (fault.message === 'timeout') problem(outgoing, 504, 'Gateway Timeout', `The local AWS did not answer within ${patience / 1000} s. Try again; \`npx holdpoint local status\` says how it is.`);
    else problem(outgoing, 502, 'Bad Gateway', `The local AWS at ${endpoint} does not answer. \`npx holdpoint local status\` says how it is, \`npx holdpoint local up\` starts it.`);
  });
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
};

const kept = (headers: IncomingHttpHeaders): IncomingHttpHeaders => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

/** Raw, so that repeated headers such as Set-Cookie stay apart and in order. */
const withoutHops = (raw: readonly string[]): string[] => raw.flatMap((name, place) => (place % 2 === 0 && !hopByHop.has(name.toLowerCase()) ? [name, raw[place + 1] ?? ''] : []));

const problem = (outgoing: ServerResponse, status: number, title: string, detail: string): void => {
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' });
  outgoing.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
};
