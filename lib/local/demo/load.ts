import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Report } from './reports.ts';
import type { Workshop } from './workspace.ts';

/** More clients at once than the checklist asks for anywhere: 150 for the peak and half as much again. */
const clients = 160;
const seconds = 8;
/** With fewer requests than this the test is made once more, over so many seconds. */
const enough = 1_000;
const longer = 20;

export type Served = { readonly url: string; stop(): void };

/** The deployed functions' own handlers in one process of their own, over the deployed tables. */
export const serveHandlers = async (shop: Workshop, env: Readonly<Record<string, string>>): Promise<Served> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join('lib', 'local', 'play', 'serve.ts')], {
    cwd: shop.root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => {
    child.kill();
  };
  shop.signal.addEventListener('abort', stop, { once: true });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the handlers could not be served in one process: ${errors}`);
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  ended.catch(() => undefined);
  return { url: line.toString().trim(), stop };
};

/** What every reader asks for, with and without a look into the tables. */
const paths = ['/v1/checklist', '/v1/runs?limit=5', '/v1/openapi.json'] as const;

/** 160 clients for some seconds over three routes that read what is deployed; autocannon's own result is the report. */
export const loadTest = async (shop: Workshop, served: Served, token: string): Promise<Report> => {
  const headers = { authorization: `Bearer ${token}` };
  // What is measured is load, not a first start: keys are fetched and routers made before the clients come.
  for (const path of paths) await (await fetch(`${served.url}${path}`, { headers })).arrayBuffer();
  const first = await cannonade(shop, served, headers, seconds);
  // A slow or busy machine may need longer for as many answers; the whole longer test is then the report.
  const result = first.requests.total < enough ? await cannonade(shop, served, headers, longer) : first;
  const path = join(shop.folder, 'load.autocannon.json');
  writeFileSync(path, JSON.stringify(result));
  return { type: 'load', source: 'in-process-handlers', file: path, madeAt: new Date().toISOString(), contentType: 'application/json' };
};

/** Ends at once when the play does: what is left of it would be shots at a server that is gone. */
const cannonade = (
  shop: Workshop,
  served: Served,
  headers: Readonly<Record<string, string>>,
  duration: number,
): Promise<autocannon.Result> =>
  new Promise((resolve, reject) => {
    const stop = (): void => instance.stop();
    const instance = autocannon(
      {
        url: served.url,
        connections: clients,
        duration,
        timeout: 20,
        title: 'in-process handlers over the deployed tables',
        requests: paths.map((path) => ({ method: 'GET' as const, path, headers })),
      },
      (fault: unknown, result) => {
        shop.signal.removeEventListener('abort', stop);
        if (shop.signal.aborted) reject(shop.signal.reason);
        else if (fault) reject(fault);
        else resolve(result);
      },
    );
    shop.signal.addEventListener('abort', stop, { once: true });
  });
