import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Report } from './reports.ts';
import type { Workspace } from './workspace.ts';

/** More than the checklist's highest demand, which is 150 concurrent clients at peak load. */
export const clients = 160;
const seconds = 8;
/** A slow or busy machine repeats the test for longer when the first one made fewer requests than this. */
const minRequests = 1_000;
const longerSeconds = 20;

export type ApiServer = { readonly url: string; stop(): void };

/** Serves the API's handlers in a separate process, over the deployed tables. */
export const startApiServer = async (workspace: Workspace, env: Readonly<Record<string, string>>): Promise<ApiServer> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join('lib', 'local', 'demo', 'api-process.ts')], {
    cwd: workspace.root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => {
    child.kill();
  };
  workspace.signal.addEventListener('abort', stop, { once: true });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the server of the load test exited: ${errors}`);
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  ended.catch(() => undefined);
  return { url: line.toString().trim(), stop };
};

/** Common reads, some of which query the tables. */
const paths = ['/v1/checklist', '/v1/runs?limit=5', '/v1/openapi.json'] as const;

/** Puts load on three reading routes. The report is autocannon's own result. */
export const loadTest = async (workspace: Workspace, server: ApiServer, token: string): Promise<Report> => {
  const headers = { authorization: `Bearer ${token}` };
  // Warms up the server, so that the test does not measure its first requests.
  for (const path of paths) await (await fetch(`${server.url}${path}`, { headers })).arrayBuffer();
  const first = await runAutocannon(workspace, server, headers, seconds);
  const result = first.requests.total < minRequests ? await runAutocannon(workspace, server, headers, longerSeconds) : first;
  const path = join(workspace.folder, 'load.autocannon.json');
  writeFileSync(path, JSON.stringify(result));
  return { type: 'load', source: 'in-process-handlers', file: path, madeAt: new Date().toISOString(), contentType: 'application/json' };
};

/** Stops when the demo ends, because its server stops then. */
const runAutocannon = (
  workspace: Workspace,
  server: ApiServer,
  headers: Readonly<Record<string, string>>,
  duration: number,
): Promise<autocannon.Result> =>
  new Promise((resolve, reject) => {
    const stop = (): void => instance.stop();
    const instance = autocannon(
      {
        url: server.url,
        connections: clients,
        duration,
        timeout: 20,
        title: 'API handlers in one process, over the deployed tables',
        requests: paths.map((path) => ({ method: 'GET' as const, path, headers })),
      },
      (error: unknown, result) => {
        workspace.signal.removeEventListener('abort', stop);
        if (workspace.signal.aborted) reject(workspace.signal.reason);
        else if (error) reject(error);
        else resolve(result);
      },
    );
    workspace.signal.addEventListener('abort', stop, { once: true });
  });
