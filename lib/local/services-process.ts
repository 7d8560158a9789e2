import { createServer, type Server } from 'node:http';
import { stageSchema } from '../checklist/stage.ts';
import { outputOf, standingNote } from './deploy.ts';
import { placesIn, readJson } from './paths.ts';
import { portsSchema } from './ports.ts';
import { createCiHandler, createPeopleHandler } from './provider.ts';
import { createFront } from './proxy.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt } from './services.ts';

/** The background process of the local stage: the identity providers and the front. Its argument is the local folder. */
const places = placesIn(process.argv[2] ?? '');
const stage = readJson(places.stage, stageSchema);
const ports = readJson(places.ports, portsSchema);
const deployed = standingNote(places);
if (stage === undefined || ports === undefined || deployed === undefined) throw new Error(`${places.folder} holds no deployed stage`);

const secrets = secretsOf(places);
const issuers = issuersAt(ports);
const handlers = { '/people': createPeopleHandler(issuers.people, stage, secrets), '/ci': createCiHandler(issuers.ci, secrets) } as const;

/** One port for both providers; each sees its own paths only, and knows from `originalUrl` where it is mounted. */
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

const front = createFront({ endpoint: deployed.endpoint, apiId: outputOf(deployed.outputs, 'ApiId') });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    // This machine only: passwords and tokens of the local stage are for nobody else.
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });

await Promise.all([listen(provider, ports.provider), listen(front, ports.front)]);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const server of [provider, front]) server.closeAllConnections();
    process.exit(0);
  });
