import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { portTaken } from './emulator.ts';
import { LocalFault } from './error-document.ts';
import { type Places, projectFolder, readJson, remove, writeJson } from './paths.ts';
import { isFree, type Ports } from './ports.ts';
import { isRunning, processRecordSchema, recordOf, stop } from './processes.ts';
import { lastLine } from './python.ts';

const recordSchema = processRecordSchema.extend({ made: z.string() });
const program = fileURLToPath(new URL('services-process.ts', import.meta.url));

/** Milliseconds. */
const limits = { ready: 30_000, stop: 3_000 } as const;

export const issuersAt = (ports: Ports) =>
  ({ people: `http://localhost:${ports.provider}/people`, ci: `http://localhost:${ports.provider}/ci` }) as const;
export const publicUrlAt = (ports: Ports): string => `http://localhost:${ports.front}`;

type Start = {
  readonly places: Places;
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

const room = fileURLToPath(new URL('.', import.meta.url));

/** What the process reads when it starts, its own sources included: another stage or deployment needs another process. */
const madeFrom = (places: Places): string => {
  const sources = readdirSync(room)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(room, name));
  return [places.stage, places.ports, places.deployed, places.secrets, ...sources]
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex');
};

export const servicesRunning = (places: Places): boolean => {
  const record = readJson(places.services, recordSchema);
  return record !== undefined && isRunning(record);
};

/** Starts the identity providers and the front in the background, unless those of this very deployment run already. */
export const startServices = async ({ places, ports, env, signal }: Start): Promise<{ readonly started: boolean }> => {
  const made = madeFrom(places);
  const earlier = readJson(places.services, recordSchema);
  if (earlier !== undefined && earlier.made === made && isRunning(earlier) && (await isReady(ports, earlier.pid)))
    return { started: false };
  await stopServices(places);
  for (const [port, whose] of [
    [ports.provider, 'the local sign-in'],
    [ports.front, 'the local pages and API'],
  ] as const)
    if (!(await isFree(port))) throw portTaken(places, port, whose);
  const log = openSync(places.servicesLog, 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', program, places.folder], {
    cwd: projectFolder,
    env: { ...env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.once('error', () => {});
  const record = child.pid === undefined ? undefined : recordOf(child.pid);
  if (record === undefined)
    throw new LocalFault('services-failed', `The local sign-in and front could not be started with ${process.execPath}.`);
  writeJson(places.services, { ...record, made });
  child.unref();
  try {
    for (const began = Date.now(); !(await isReady(ports, record.pid)); await sleep(80, undefined, { signal })) {
      if (!isRunning(record))
        throw new LocalFault(
          'services-failed',
          `The local sign-in and front ended as they started: ${lastLine(readFileSync(places.servicesLog, 'utf8'))} (all of it is in ${places.servicesLog}).`,
        );
      if (Date.now() - began > limits.ready)
        throw new LocalFault(
          'services-failed',
          `The local sign-in and front were not ready after ${limits.ready / 1000} s; what they said is in ${places.servicesLog}.`,
        );
    }
  } catch (fault) {
    await stopServices(places);
    throw fault;
  }
  return { started: true };
};

const readySchema = z.object({ pid: z.number() });

const isReady = async (ports: Ports, pid: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${ports.provider}/ready`, { signal: AbortSignal.timeout(1_000) });
    return readySchema.parse(await answer.json()).pid === pid && !(await isFree(ports.front));
  } catch {
    return false;
  }
};

export const stopServices = async (places: Places): Promise<void> => {
  const record = readJson(places.services, recordSchema);
  if (record === undefined) return;
  await stop(record, limits.stop);
  remove(places.services);
};
