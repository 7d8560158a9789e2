import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Report } from './reports.ts';
import { createShopClient } from './shop-client.ts';
import type { ShopSource } from './shop-source.ts';
import { createTurns } from './turns.ts';
import { politely, type Workspace } from './workspace.ts';

/** `name`: of the files. The test ends with the first sample after so many seconds and requests: a slow or busy machine needs longer for them. */
export type Test = { readonly name: string; readonly clients: number; readonly seconds: number; readonly requests: number };
/**
 * The checklist demands 100 clients and 500 requests, and at the peak half as many clients more than the 100 that the shop expects, on the local
 * stage for 5 s. A test is judged by both checks, so each keeps both.
 */
export const usualLoad: Test = { name: 'load', clients: 160, seconds: 5.1, requests: 600 };
export const peakLoad: Test = { ...usualLoad, name: 'peak-load' };
const mostSeconds = 40;
const sampleMs = 200;
/** So many lines of the log are sent. */
const sampledLines = 500;
/**
 * The local DynamoDB works on one request at a time. More connections make no test faster, and everybody else would wait behind them. The
 * clients wait inside the server instead.
 */
const tableConnections = 4;

type Server = { readonly url: string; stop(): void };

/** Serves the shop's handler in a separate process, over the deployed table: a laptop cannot run enough functions at once. */
const startServer = async (
  workspace: Workspace,
  shop: ShopSource,
  { log: file, variables }: { readonly log: string; readonly variables: Readonly<Record<string, string>> },
): Promise<Server> => {
  const log = openSync(file, 'w');
  const [program, args] = politely(workspace, process.execPath, ['--import', 'tsx', join('src', 'server.ts')]);
  const child = spawn(program, args, {
    cwd: shop.folder,
    // Metrics of a test must not count as production's.
    env: { ...process.env, ...variables, SHOP_NAMESPACE: 'ShopLoadTest', SHOP_TABLE_CONNECTIONS: String(tableConnections) },
    stdio: ['ignore', log, 'pipe'],
  });
  closeSync(log);
  const stop = (): void => {
    child.kill();
  };
  workspace.signal.addEventListener('abort', stop, { once: true });
  let errors = '';
  const listening = new Promise<string>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2000);
      const url = /^listening on (\S+)$/m.exec(errors)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the server of the load test exited: ${errors}`);
  });
  const url = await Promise.race([listening, ended]);
  ended.catch(() => undefined);
  return { url, stop };
};

type Load = { readonly shop: ShopSource; readonly variables: Readonly<Record<string, string>> };

/** One after the other: two tests at once would each measure the other. */
const alone = createTurns(1);

/**
 * Puts load on the reading operations of the shop, with an order of its own, as a test on staging does: the result, and a sample of the log
 * that the service wrote meanwhile. `variables`: those of the deployed function.
 */
export const loadTest = (workspace: Workspace, test: Test, load: Load): Promise<Loaded> => alone(() => runTest(workspace, test, load));

type Loaded = { readonly result: Report; readonly log: Report };

const runTest = async (workspace: Workspace, test: Test, { shop, variables }: Load): Promise<Loaded> => {
  const log = join(workspace.folder, `${test.name}-server.log`);
  const server = await startServer(workspace, shop, { log, variables });
  try {
    const client = createShopClient(server.url, variables.SHOP_TOKEN ?? '');
    await client.placeOrders(1);
    const paths = ['/health', '/orders?limit=5', ...client.orders().map((order) => `/orders/${order}`)];
    // Warms up the server, so that the test does not measure its first requests.
    for (const path of paths) await (await fetch(`${server.url}${path}`)).arrayBuffer();
    const result = await runAutocannon(workspace, { server, paths, test });
    const file = join(workspace.folder, `${test.name}.autocannon.json`);
    writeFileSync(file, JSON.stringify(result));
    const madeAt = new Date().toISOString();
    return {
      result: { type: 'load', source: `${test.name}-of-handler`, file, madeAt, contentType: 'application/json' },
      log: {
        type: 'log-sample',
        source: `${test.name}-test`,
        file: newestLines(workspace, test, log),
        madeAt,
        contentType: 'application/x-ndjson',
      },
    };
  } finally {
    server.stop();
  }
};

/** The newest lines that the service wrote under load, as it wrote them. */
const newestLines = (workspace: Workspace, { name }: Test, log: string): string => {
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  const file = join(workspace.folder, `${name}.log.jsonl`);
  writeFileSync(
    file,
    lines
      .slice(-sampledLines)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return file;
};

/** Stops when it has enough, or when the demo ends, because its server stops then. */
const runAutocannon = (
  workspace: Workspace,
  { server, paths, test }: { readonly server: Server; readonly paths: readonly string[]; readonly test: Test },
): Promise<autocannon.Result> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    let answered = 0;
    const stop = (): void => instance.stop();
    const instance = autocannon(
      {
        url: server.url,
        connections: test.clients,
        duration: mostSeconds,
        sampleInt: sampleMs,
        timeout: 29,
        title: 'the handler of the shop in one process, over the deployed table',
        requests: paths.map((path) => ({ method: 'GET' as const, path })),
      },
      (error: unknown, result) => {
        workspace.signal.removeEventListener('abort', stop);
        if (workspace.signal.aborted) reject(workspace.signal.reason);
        else if (error) reject(error);
        else resolve(result);
      },
    );
    instance.on('response', () => {
      answered += 1;
      if (answered >= test.requests && performance.now() - began >= test.seconds * 1000) stop();
    });
    workspace.signal.addEventListener('abort', stop, { once: true });
  });
