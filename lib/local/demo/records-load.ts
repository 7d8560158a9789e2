import { setTimeout as sleep } from 'node:timers/promises';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { writeRecord } from './records.ts';
import { scanOrders } from './records-data.ts';
import type { Report } from './reports.ts';
import type { ShopAlias } from './shop-function.ts';
import type { DemoStage } from './stage.ts';

/** Records about staging and production under the same requests, measured in the same way. */

export type Answered = { readonly ms: number; readonly bytes: number; readonly ok: boolean; readonly instance: string | null };

const ask = async (url: string): Promise<Answered> => {
  const began = performance.now();
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const { byteLength } = await answer.arrayBuffer();
    return { ms: performance.now() - began, bytes: byteLength, ok: answer.status === 200, instance: answer.headers.get('x-shop-instance') };
  } catch {
    return { ms: performance.now() - began, bytes: 0, ok: false, instance: null };
  }
};

/**
 * So many clients ask for so long, each as soon as its answer came and its pause is over. The time that one waits beyond the end is not in its
 * `ms`, because the others ask no more then.
 */
const putLoad = async (
  url: string,
  clients: number,
  ms: number,
  pauseMs = 0,
): Promise<{ readonly answers: readonly Answered[]; readonly ms: number }> => {
  const began = performance.now();
  const answers: Answered[] = [];
  const client = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      const left = ms - (performance.now() - began);
      const answer = await ask(url);
      answers.push({ ...answer, ms: Math.min(answer.ms, left) });
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { answers, ms: performance.now() - began };
};

export const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

const stagingUrl = ({ publicUrl }: DemoStage): string => `${publicUrl}/shop-staging`;
const sidesOf = (stage: DemoStage) => ({ staging: stagingUrl(stage), production: stage.shop.client.url });

const rowsOf = async (stage: DemoStage, Qualifier: ShopAlias): Promise<{ readonly value: number; readonly query: string }> => {
  const command = new GetFunctionConfigurationCommand({ FunctionName: stage.shop.function.functionName, Qualifier });
  const table = (await new LambdaClient({}).send(command)).Environment?.Variables?.SHOP_TABLE ?? '';
  return { value: (await scanOrders(table)).size, query: `dynamodb Scan of ${table}, the SHOP_TABLE of the alias ${Qualifier}` };
};

/** Both aliases of this example read the same table, and the record says so by its queries. */
export const dataVolumeRecord = async (stage: DemoStage): Promise<Report> =>
  writeRecord(stage.workspace, {
    record: 'comparison',
    about: 'data-volume',
    tool: 'lambda GetFunctionConfiguration; dynamodb Scan',
    content: {
      figures: [{ name: 'orders', unit: 'rows', staging: await rowsOf(stage, 'staging'), production: await rowsOf(stage, 'live') }],
    },
  });

const rounds = 12;
const tool = 'fetch through the public address';

/** Latency and throughput of both addresses, asked in turn, so that what disturbs the machine disturbs both. */
export const networkRecord = async (stage: DemoStage): Promise<Report> => {
  const sides = sidesOf(stage);
  const health = { staging: [] as Answered[], production: [] as Answered[] };
  const lists = { staging: [] as Answered[], production: [] as Answered[] };
  for (let round = 0; round < rounds; round += 1)
    for (const side of ['staging', 'production'] as const) {
      stage.workspace.signal.throwIfAborted();
      health[side].push(await ask(`${sides[side]}/health`));
      lists[side].push(await ask(`${sides[side]}/orders?limit=50`));
    }
  const latency = (side: keyof typeof sides) => ({
    value: median(health[side].filter(({ ok }) => ok).map(({ ms }) => ms)),
    query: `median of ${rounds} GET ${sides[side]}/health`,
  });
  const bandwidth = (side: keyof typeof sides) => ({
    value: median(lists[side].filter(({ ok }) => ok).map(({ ms, bytes }) => bytes / ms)),
    query: `median of ${rounds} GET ${sides[side]}/orders?limit=50, bytes by time`,
  });
  return writeRecord(stage.workspace, {
    record: 'comparison',
    about: 'network',
    tool,
    content: {
      figures: [
        { name: 'latency', unit: 'ms', staging: latency('staging'), production: latency('production') },
        { name: 'bandwidth', unit: 'kB/s', staging: bandwidth('staging'), production: bandwidth('production') },
      ],
    },
  });
};

/** Each call in flight is a process of the local Lambda, so these are few. */
const users = 5;
const usersMs = 1_500;

/** How many clients were waiting for an answer on average (Little's law): their waiting times by the duration. Failed answers are no users served. */
export const busyClients = ({ answers, ms }: { readonly answers: readonly Answered[]; readonly ms: number }): number =>
  answers.filter(({ ok }) => ok).reduce((sum, one) => sum + one.ms, 0) / ms;

export const usersRecord = async (stage: DemoStage): Promise<Report> => {
  const sides = sidesOf(stage);
  const measure = async (url: string) => {
    // Starts the processes, so that both sides are warm.
    await putLoad(`${url}/orders?limit=5`, users, 300);
    const { answers } = await putLoad(`${url}/orders?limit=5`, users, usersMs);
    const value = busyClients({ answers, ms: usersMs });
    return { value, query: `${users} clients at GET ${url}/orders?limit=5 for ${usersMs} ms: mean of those being served` };
  };
  const staging = await measure(sides.staging);
  const production = await measure(sides.production);
  return writeRecord(stage.workspace, {
    record: 'comparison',
    about: 'concurrent-users',
    tool,
    content: { figures: [{ name: 'concurrent users', unit: 'clients', staging, production }] },
  });
};

export type Sample = { readonly at: string; readonly load: number; readonly instances: number; readonly failedRequests: number };

/** So much of all answers must come from the processes that are counted: other clients push single requests to one more. */
const neededShare = 0.75;

/** Requests and failures of one minute at this rate, and how many processes were needed: the fewest that gave three quarters of the answers. */
export const sampleOf = (at: Date, { answers, ms }: { readonly answers: readonly Answered[]; readonly ms: number }): Sample => {
  const perMinute = (count: number): number => Math.round((count * 60_000) / ms);
  const counts = new Map<string, number>();
  for (const { instance } of answers) if (instance !== null) counts.set(instance, (counts.get(instance) ?? 0) + 1);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let given = 0;
  let instances = 0;
  for (const count of [...counts.values()].toSorted((x, y) => y - x)) {
    if (given >= all * neededShare) break;
    given += count;
    instances += 1;
  }
  return {
    at: at.toISOString(),
    load: perMinute(answers.length),
    instances,
    failedRequests: perMinute(answers.filter(({ ok }) => !ok).length),
  };
};

/** One client that thinks between its requests, and several that do not. */
const calm = { clients: 1, pauseMs: 50 } as const;
const peak = { clients: 6, pauseMs: 0 } as const;
const sampleMs = 1_000;
/** So many samples after the peak. */
const mostCalm = 4;

/**
 * Load on production that grows and ends again, and how many processes of the function answer: every answer names its process. A process
 * that waits warm and answers nothing is not counted, because neither Lambda nor the emulator tells of it.
 */
export const scalingRecord = async (stage: DemoStage): Promise<Report> => {
  const url = `${stage.shop.client.url}/orders?limit=5`;
  const sample = async ({ clients, pauseMs }: typeof calm | typeof peak): Promise<Sample> => {
    stage.workspace.signal.throwIfAborted();
    const load = await putLoad(url, clients, sampleMs, pauseMs);
    await sleep(300, undefined, { signal: stage.workspace.signal });
    return sampleOf(new Date(), load);
  };
  const first = await sample(calm);
  const samples = [first, await sample(peak)];
  // Shrinking takes time.
  for (let again = 0; again < mostCalm; again += 1) {
    const last = await sample(calm);
    samples.push(last);
    if (last.instances <= first.instances) break;
  }
  return writeRecord(stage.workspace, {
    record: 'scaling',
    environment: 'production',
    tool: 'fetch through the public address; header x-shop-instance',
    content: { component: 'shop', samples },
  });
};
