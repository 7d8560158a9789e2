import {
  Agent,
  request as ask,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

/** Milliseconds. API Gateway itself gives up after 30 s. */
const timeoutMs = 35_000;
/** Headers that apply to one connection only (RFC 9110, section 7.6.1). */
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

/** Tells the emulator's guard (emulator-guard.py) that a browser asked for a page of the API here and did not ask the emulator itself. */
const proxied = { 'x-holdpoint-proxy': '1' } as const;

export type Target = {
  /** The emulator's address. */
  readonly endpoint: string;
  readonly apiId: string;
  /** Other APIs by the first segment of their paths, such as `/shop`, as base paths of a custom domain. They do not see that segment. */
  readonly mapped?: Readonly<Record<string, string>>;
};

/** The emulator's URL path for a path of the API. It names the stage, so that the emulator cannot take the first segment for one. */
export const targetPath = (apiId: string, path: string): string =>
  `/_aws/execute-api/${apiId}/$default${path.startsWith('/') ? path : `/${path}`}`;

const pathOf = ({ apiId, mapped = {} }: Target, url: string): string => {
  const [, base = '', rest = ''] = /^(\/[^/?]*)(.*)$/s.exec(url) ?? [];
  const other = Object.hasOwn(mapped, base) ? mapped[base] : undefined;
  return other === undefined ? targetPath(apiId, url) : targetPath(other, rest);
};

/**
 * Serves the stage's public address, as a custom domain does on AWS. Requests and responses pass unchanged, except for one more header; when the emulator does not
 * answer, the proxy answers with a problem document.
 */
export const createProxy = (target: Target): Server => {
  const agents: Agents = { keepAlive: new Agent({ keepAlive: true, maxSockets: 256 }), fresh: new Agent({ maxSockets: 256 }) };
  const server = createServer((incoming, outgoing) => forward({ target, agents, incoming, outgoing }));
  server.on('close', () => agents.keepAlive.destroy());
  return server;
};

/**
 * The emulator may close an idle connection just as the next request is sent on it. The proxy then repeats a request without a body on
 * a fresh connection. It cannot repeat a body, so a request with a body uses a fresh connection from the start.
 */
type Agents = { readonly keepAlive: Agent; readonly fresh: Agent };
type Exchange = { readonly target: Target; readonly agents: Agents; readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };

const forward = (
  exchange: Exchange,
  agent: Agent = hasNoBody(exchange.incoming) ? exchange.agents.keepAlive : exchange.agents.fresh,
): void => {
  const { target, agents, incoming, outgoing } = exchange;
  const { hostname, port } = new URL(target.endpoint);
  const path = pathOf(target, incoming.url ?? '/');
  const headers = { ...withoutHopHeaders(incoming.headers), ...proxied };
  const upstream = ask({ hostname, port, agent, method: incoming.method, path, headers, timeout: timeoutMs }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutRawHopHeaders(answer.rawHeaders));
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
  });
  upstream.once('timeout', () => upstream.destroy(new Error('timeout')));
  upstream.once('error', (error) => {
    if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
    else if (agent === agents.keepAlive && upstream.reusedSocket && error.message !== 'timeout') forward(exchange, agents.fresh);
    else sendGatewayProblem(outgoing, target.endpoint, error);
  });
  outgoing.once('close', () => upstream.destroy());
  if (hasNoBody(incoming)) upstream.end();
  else incoming.pipe(upstream);
};

const hasNoBody = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;

const sendGatewayProblem = (outgoing: ServerResponse, endpoint: string, error: Error): void => {
  if (error.message === 'timeout') {
    problem(
      outgoing,
      504,
      'Gateway Timeout',
      `The local AWS did not answer within ${timeoutMs / 1000} s. Try again, or check it with \`node bin/holdpoint.mjs local status\`.`,
    );
  } else {
    problem(
      outgoing,
      502,
      'Bad Gateway',
      `The local AWS at ${endpoint} does not answer. Check it with \`node bin/holdpoint.mjs local status\`.`,
    );
  }
};

const withoutHopHeaders = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

/** Works on raw headers, which keep repeated ones such as Set-Cookie separate and in order. */
const withoutRawHopHeaders = (raw: readonly string[]): string[] =>
  raw.flatMap((name, place) => (place % 2 === 0 && !hopByHop.has(name.toLowerCase()) ? [name, raw[place + 1] ?? ''] : []));

const problem = (outgoing: ServerResponse, status: number, title: string, detail: string): void => {
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' });
  outgoing.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
};
