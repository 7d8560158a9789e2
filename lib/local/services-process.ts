import { createServer, type Server } from 'node:http';
import { stageSchema } from '../checklist/stage.ts';
import { outputOf, readDeployment } from './deploy.ts';
import { createCiHandler, createPeopleHandler } from './identity-providers.ts';
import { pathsIn, readJson } from './paths.ts';
import { createProxy } from './proxy.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt } from './services.ts';
import { portsSchema } from './tcp-ports.ts';

/** The background process of the local stage: the identity providers and the proxy. Its argument is the local stage's folder. */
const paths = pathsIn(process.argv[2] ?? '');
const stage = readJson(paths.stage, stageSchema);
const ports = readJson(paths.ports, portsSchema);
const deployed = readDeployment(paths);
if (stage === undefined || ports === undefined || deployed === undefined) throw new Error(`${paths.folder} contains no deployed stage`);

const secrets = secretsOf(paths);
const issuers = issuersAt(ports);
const handlers = { '/people': createPeopleHandler(issuers.people, stage, secrets), '/ci': createCiHandler(issuers.ci, secrets) } as const;

/** Both providers share one port. Each sees its own paths only; `originalUrl` tells it where it is mounted. */
const provider = createServer((request, response) => {
  const url = request.url ?? '/';
  if (url === '/ready') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ pid: process.pid }));
    return;
  }
  const found = Object.entries(handlers).find(([path]) => url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}?`));
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('The local identity providers are at /people and /ci.\n');
    return;
  }
  const [path, handle] = found;
  Object.assign(request, { originalUrl: url });
  request.url = url.slice(path.length) || '/';
  handle(request, response);
});

const { ShopUrl, ShopApiId, ShopStagingUrl, ShopStagingApiId } = deployed.outputs;
const mapped = Object.fromEntries(
  [
    [ShopUrl, ShopApiId],
    [ShopStagingUrl, ShopStagingApiId],
  ].flatMap(([url, api]) => (url === undefined || api === undefined ? [] : [[new URL(url).pathname, api]])),
);
const proxy = createProxy({ endpoint: deployed.endpoint, apiId: outputOf(deployed.outputs, 'ApiId'), mapped });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    // Only this machine may reach the local stage's passwords and tokens.
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });

await Promise.all([listen(provider, ports.provider), listen(proxy, ports.proxy)]);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const server of [provider, proxy]) server.closeAllConnections();
    process.exit(0);
  });
