import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { LocalFault } from './error-document.ts';
import { type Places, projectFolder, readJson, remove, writeJson } from './paths.ts';
import { isFree } from './ports.ts';
import { isRunning, processRecordSchema, recordOf, stop } from './processes.ts';
import { lastLine } from './python.ts';

const recordSchema = processRecordSchema.extend({ port: z.int() });
type EmulatorRecord = z.infer<typeof recordSchema>;

/** What an earlier command left: nothing, a running emulator, or one that has ended without being stopped. */
export type EmulatorState =
  | { readonly state: 'none' }
  | { readonly state: 'running' | 'dead'; readonly record: EmulatorRecord; readonly endpoint: string };

/** Milliseconds. It is ready after about one second; it needs three to write down what it keeps. */
const limits = { ready: 30_000, answer: 5_000, stop: 15_000 } as const;

/** Every call in flight is a Node process of about 50 MB; more of them than this would swallow a laptop. The excess is refused with 429. */
const maxCallsInFlight = 50;

export const endpointAt = (port: number): string => `http://localhost:${port}`;

export const emulatorState = (places: Places): EmulatorState => {
  const record = readJson(places.emulator, recordSchema);
  if (record === undefined) return { state: 'none' };
  return { state: isRunning(record) ? 'running' : 'dead', record, endpoint: endpointAt(record.port) };
};

/** Whether the emulator says that it is ready. */
const isReady = async (endpoint: string, limitMs: number = limits.answer): Promise<boolean> =>
  fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(limitMs) }).then(
    (answer) => answer.ok,
    () => false,
  );

/** Whether anybody answers there: a foreign endpoint need not be this emulator. */
export const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint, { signal: AbortSignal.timeout(limits.answer), redirect: 'manual' }).then(
    () => true,
    () => false,
  );

const processEnv = (places: Places, env: Readonly<Record<string, string>>, port: number): Record<string, string> => ({
  ...env,
  GATEWAY_PORT: String(port),
  // Only this machine may talk to it: it asks nobody for a password.
  BIND_HOST: '127.0.0.1',
  PERSIST_STATE: '1',
  STATE_DIR: places.emulatorState,
  S3_PERSIST: '1',
  S3_DATA_DIR: places.emulatorFiles,
  TMPDIR: places.emulatorScratch,
  NODE_PATH: join(projectFolder, 'node_modules'),
  LAMBDA_EXECUTOR: 'local',
  LAMBDA_ACCOUNT_CONCURRENCY: String(maxCallsInFlight),
  LOG_LEVEL: 'WARNING',
  // Listeners of services that nobody uses here; they would take well-known ports on every interface.
  IOT_MTLS_ENABLED: '0',
  SFTP_ENABLED: '0',
  PYTHONUNBUFFERED: '1',
  // Compiled once and kept beside its sources: a start is then a second faster.
  PYTHONDONTWRITEBYTECODE: '',
});

type Start = {
  readonly places: Places;
  readonly interpreter: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Starts MiniStack in the background and waits until it is ready. `kept`: it found what an earlier one had written down. A port that
 * somebody else has, and an earlier emulator that has died, are told and change nothing.
 */
export const startEmulator = async ({
  places,
  interpreter,
  port,
  env,
  signal,
}: Start): Promise<{ readonly endpoint: string; readonly kept: boolean }> => {
  if (!(await isFree(port))) throw portTaken(places, port, 'the local AWS');
  const kept = existsSync(join(places.emulatorState, 'dynamodb.json'));
  for (const folder of [places.emulatorState, places.emulatorFiles]) mkdirSync(folder, { recursive: true });
  remove(places.emulatorScratch);
  mkdirSync(places.emulatorScratch);
  // The emulator writes its workers there as CommonJS; without this the checkout's own package.json would make modules of them.
  writeFileSync(join(places.emulatorScratch, 'package.json'), '{ "type": "commonjs" }\n');
  const log = openSync(places.emulatorLog, 'w');
  const child = spawn(interpreter, ['-m', 'ministack'], {
    cwd: places.folder,
    env: processEnv(places, env, port),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  const record = child.pid === undefined ? undefined : recordOf(child.pid);
  if (record === undefined)
    throw await failed.catch(
      (cause: unknown) => new LocalFault('emulator-failed', `The local AWS could not be started with ${interpreter}.`, { cause }),
    );
  writeJson(places.emulator, { ...record, port });
  child.unref();
  try {
    await untilReady({ ...record, port }, places, signal);
  } catch (fault) {
    await stop(record, 2_000);
    remove(places.emulator);
    throw fault;
  }
  return { endpoint: endpointAt(port), kept };
};

const untilReady = async (record: EmulatorRecord, places: Places, signal?: AbortSignal): Promise<void> => {
  for (const began = Date.now(); Date.now() - began < limits.ready; await sleep(100, undefined, { signal })) {
    if (await isReady(endpointAt(record.port), 1_000)) return;
    if (!isRunning(record))
      throw new LocalFault(
        'emulator-failed',
        `The local AWS ended as it started: ${lastLine(readFileSync(places.emulatorLog, 'utf8'))} (all of it is in ${places.emulatorLog}).`,
      );
  }
  throw new LocalFault(
    'emulator-failed',
    `The local AWS was not ready after ${limits.ready / 1000} s; what it said is in ${places.emulatorLog}.`,
  );
};

export const portTaken = (places: Places, port: number, whose: string): LocalFault =>
  new LocalFault(
    'port-taken',
    `Port ${port}, which ${whose} uses, is taken by another program; stop that program, or delete ${places.ports} to have other ports chosen, and start again.`,
  );

/** The endpoint of the running emulator; a dead or silent one is told, and left as it is. */
export const runningEmulator = async (places: Places): Promise<string | undefined> => {
  const found = emulatorState(places);
  if (found.state === 'none') return undefined;
  if (found.state === 'dead') {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS of an earlier start (process ${found.record.pid}) has ended without being stopped, and what it had not written down is lost; run \`npx holdpoint local down\` to clear it away, then start again.`,
    );
  }
  if (!(await isReady(found.endpoint))) {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS (process ${found.record.pid}) runs but does not answer at ${found.endpoint}; run \`npx holdpoint local down\` to end it, then start again.`,
    );
  }
  return found.endpoint;
};

/** Stops our emulator, and only ours: by SIGTERM, so that it writes down what it keeps; by force only when it hangs. */
export const stopEmulator = async (places: Places): Promise<'ended' | 'killed' | 'gone' | 'none'> => {
  const found = emulatorState(places);
  if (found.state === 'none') return 'none';
  const how = await stop(found.record, limits.stop);
  remove(places.emulator);
  // What was not written down in whole is not trusted: half a state would be worse than none.
  if (how !== 'ended') for (const folder of [places.emulatorState, places.emulatorFiles, places.deployed]) remove(folder);
  remove(places.emulatorScratch);
  return how;
};
