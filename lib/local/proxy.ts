import {
  Agent,
  request as ask,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

/** Milliseconds. API Gateway waits 30 s for a function. */
const patience = 35_000;
/** Meant for one connection only (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]);

export type Target = {
  /** The emulator's address. */
  readonly endpoint: string;
  readonly apiId: string;
};

/** Where the emulator answers for a path of the API. The stage is named, so that no path is ever taken for a stage. */
export const targetPath = (apiId: string, path: string): string =>
  `/_aws/execute-api/${apiId}/$default${path.startsWith('/') ? path : `/${path}`}`;

/**
 * The stage's public address: what a custom domain is on AWS. Method, path, query, headers, cookies and bytes go through as they are,
 * both ways; a silent or dead emulator is told as a problem document.
 */
export const createFront = (target: Target): Server => {
  const agents: Agents = { kept: new Agent({ keepAlive: true, maxSockets: 256 }), fresh: new Agent({ maxSockets: 256 }) };
  const server = createServer((incoming, outgoing) => pass({ target, agents, incoming, outgoing }));
  server.on('close', () => agents.kept.destroy());
  return server;
};

/**
 * The emulator may close a kept connection in the very moment in which the next request goes out on it. A request without a body is
 * then asked again on a fresh one; one with a body cannot be, so it gets a fresh one at once.
 */
type Agents = { readonly kept: Agent; readonly fresh: Agent };
type Exchange = { readonly target: Target; readonly agents: Agents; readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };

const pass = (exchange: Exchange, agent: Agent = bodiless(exchange.incoming) ? exchange.agents.kept : exchange.agents.fresh): void => {
  const { target, agents, incoming, outgoing } = exchange;
  const { hostname, port } = new URL(target.endpoint);
  const path = targetPath(target.apiId, incoming.url ?? '/');
  const upstream = ask(
    { hostname, port, agent, method: incoming.method, path, headers: kept(incoming.headers), timeout: patience },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.rawHeaders));
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    },
  );
  upstream.once('timeout', () => upstream.destroy(new Error('timeout')));
  upstream.once('error', (fault) => {
    if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
    else if (agent === agents.kept && upstream.reusedSocket && fault.message !== 'timeout') pass(exchange, agents.fresh);
    else refuse(outgoing, target.endpoint, fault);
  });
  outgoing.once('close', () => upstream.destroy());
  if (bodiless(incoming)) upstream.end();
  else incoming.pipe(upstream);
};

const bodiless = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;

const refuse = (outgoing: ServerResponse, endpoint: string, fault: Error): void => {
  if (fault.message === 'timeout') {
    problem(
      outgoing,
      504,
      'Gateway Timeout',
      `The local AWS did not answer within ${patience / 1000} s. Try again; \`npx holdpoint local status\` says how it is.`,
    );
  } else {
    problem(outgoing, 502, 'Bad Gateway', `The local AWS at ${endpoint} does not answer. \`npx holdpoint local status\` says how it is.`);
  }
};

const kept = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

/** Raw, so that repeated headers such as Set-Cookie stay apart and in order. */
const withoutHops = (raw: readonly string[]): string[] =>
  raw.flatMap((name, place) => (place % 2 === 0 && !hopByHop.has(name.toLowerCase()) ? [name, raw[place + 1] ?? ''] : []));

const problem = (outgoing: ServerResponse, status: number, title: string, detail: string): void => {
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' });
  outgoing.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
};
