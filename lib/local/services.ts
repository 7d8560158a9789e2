import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startInBackground } from './background-process.ts';
import { type LocalPaths, projectFolder, readJson, remove } from './paths.ts';
import { isRunning, type ProcessRecord, processRecordSchema, stop } from './processes.ts';
import { isFree, type Ports, requireFreePort } from './tcp-ports.ts';

const recordSchema = processRecordSchema.extend({ inputs: z.string() });
const program = fileURLToPath(new URL('services-process.ts', import.meta.url));

/** Milliseconds that the process gets to stop. */
const graceMs = 3_000;

export const issuersAt = (ports: Ports) =>
  ({ people: `http://localhost:${ports.provider}/people`, ci: `http://localhost:${ports.provider}/ci` }) as const;
export const publicUrlAt = (ports: Ports): string => `http://localhost:${ports.proxy}`;

type Start = {
  readonly paths: LocalPaths;
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

const sourceFolder = fileURLToPath(new URL('.', import.meta.url));

/** Digest of everything that the process reads when it starts, its sources included. When it changes, the process must be restarted. */
const inputsDigest = (paths: LocalPaths): string => {
  const sources = readdirSync(sourceFolder)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(sourceFolder, name));
  return [paths.stage, paths.ports, paths.deployment, paths.secrets, ...sources]
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex');
};

/** The running process, or undefined. */
export const servicesRecord = (paths: LocalPaths): ProcessRecord | undefined => {
  const record = readJson(paths.services, recordSchema);
  return record !== undefined && isRunning(record) ? record : undefined;
};
export const servicesRunning = (paths: LocalPaths): boolean => servicesRecord(paths) !== undefined;

/** Starts the identity providers and the proxy in the background, unless they already run for this deployment. */
export const startServices = async ({ paths, ports, env, signal }: Start): Promise<{ readonly started: boolean }> => {
  const inputs = inputsDigest(paths);
  const earlier = readJson(paths.services, recordSchema);
  if (earlier !== undefined && earlier.inputs === inputs && isRunning(earlier) && (await isReady(ports, earlier.pid)))
    return { started: false };
  await stopServices(paths);
  for (const name of ['provider', 'proxy'] as const) await requireFreePort(paths, name, ports[name]);
  await startInBackground({
    name: 'The process of the local sign-in and proxy',
    faultType: 'services-failed',
    command: process.execPath,
    args: ['--import', 'tsx', program, paths.folder],
    cwd: projectFolder,
    env: { ...env, NODE_NO_WARNINGS: '1' },
    log: paths.servicesLog,
    recordFile: paths.services,
    facts: { inputs },
    isReady: (pid) => isReady(ports, pid),
    signal,
  });
  return { started: true };
};

const readySchema = z.object({ pid: z.number() });

const isReady = async (ports: Ports, pid: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${ports.provider}/ready`, { signal: AbortSignal.timeout(1_000) });
    return readySchema.parse(await answer.json()).pid === pid && !(await isFree(ports.proxy));
  } catch {
    return false;
  }
};

export const stopServices = async (paths: LocalPaths): Promise<void> => {
  const record = readJson(paths.services, recordSchema);
  if (record === undefined) return;
  await stop(record, graceMs);
  remove(paths.services);
};
