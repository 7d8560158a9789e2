import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startInBackground } from './background-process.ts';
import { LocalFault } from './error-document.ts';
import { type LocalPaths, projectFolder, readJson, remove } from './paths.ts';
import { isRunning, processRecordSchema, type Stopped, stop } from './processes.ts';
import { requireFreePort } from './tcp-ports.ts';

const recordSchema = processRecordSchema.extend({ port: z.int() });
type EmulatorRecord = z.infer<typeof recordSchema>;

/** `dead`: an earlier command started it, and it ended without being stopped. */
export type EmulatorState =
  | { readonly state: 'none' }
  | { readonly state: 'running' | 'dead'; readonly record: EmulatorRecord; readonly endpoint: string };

/** Milliseconds. The emulator needs about three seconds to save its state when it is stopped. */
const limits = { poll: 1_000, answer: 5_000, stop: 15_000 } as const;

/**
 * MiniStack, behind a guard against web pages. It keeps policies of roles, tables and buckets, throttles and reserved executions, and
 * enforces none of them: only the template's tests and AWS do.
 */
const program = fileURLToPath(new URL('emulator-guard.py', import.meta.url));

/** Every call in flight is a Node process of about 50 MB, so a laptop needs a limit. The emulator refuses more calls with 429. */
const maxCallsInFlight = 50;

export const emulatorUrl = (port: number): string => `http://localhost:${port}`;

export const emulatorState = (paths: LocalPaths): EmulatorState => {
  const record = readJson(paths.emulator, recordSchema);
  if (record === undefined) return { state: 'none' };
  return { state: isRunning(record) ? 'running' : 'dead', record, endpoint: emulatorUrl(record.port) };
};

const isReady = async (endpoint: string, limitMs: number): Promise<boolean> =>
  fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(limitMs) }).then(
    (answer) => answer.ok,
    () => false,
  );

/** Whether any HTTP server answers there: an endpoint that the user runs need not be MiniStack. */
export const isReachable = (endpoint: string): Promise<boolean> =>
  fetch(endpoint, { signal: AbortSignal.timeout(limits.answer), redirect: 'manual' }).then(
    () => true,
    () => false,
  );

const processEnv = (paths: LocalPaths, env: Readonly<Record<string, string>>, port: number): Record<string, string> => ({
  ...env,
  GATEWAY_PORT: String(port),
  // The emulator checks no credentials, so only this machine may reach it; the guard keeps web pages out.
  BIND_HOST: '127.0.0.1',
  PERSIST_STATE: '1',
  STATE_DIR: paths.emulatorState,
  S3_PERSIST: '1',
  S3_DATA_DIR: paths.emulatorFiles,
  TMPDIR: paths.emulatorScratch,
  NODE_PATH: join(projectFolder, 'node_modules'),
  LAMBDA_EXECUTOR: 'local',
  LAMBDA_ACCOUNT_CONCURRENCY: String(maxCallsInFlight),
  LOG_LEVEL: 'WARNING',
  // Unused here; their listeners would take well-known ports on every interface.
  IOT_MTLS_ENABLED: '0',
  SFTP_ENABLED: '0',
  PYTHONUNBUFFERED: '1',
  // Lets Python cache its bytecode, which makes later starts a second faster.
  PYTHONDONTWRITEBYTECODE: '',
});

type Start = {
  readonly paths: LocalPaths;
  readonly interpreter: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/** Starts MiniStack in the background and waits until it is ready. `restored`: it has loaded the state of an earlier start. */
export const startEmulator = async ({
  paths,
  interpreter,
  port,
  env,
  signal,
}: Start): Promise<{ readonly endpoint: string; readonly restored: boolean }> => {
  await requireFreePort(paths, 'emulator', port);
  const restored = existsSync(join(paths.emulatorState, 'dynamodb.json'));
  for (const folder of [paths.emulatorState, paths.emulatorFiles]) mkdirSync(folder, { recursive: true });
  remove(paths.emulatorScratch);
  mkdirSync(paths.emulatorScratch);
  // The emulator writes CommonJS workers there; without this file Node would load them as ES modules, as the checkout's package.json says.
  writeFileSync(join(paths.emulatorScratch, 'package.json'), '{ "type": "commonjs" }\n');
  const endpoint = emulatorUrl(port);
  await startInBackground({
    name: 'The local AWS',
    faultType: 'emulator-failed',
    command: interpreter,
    args: [program],
    cwd: paths.folder,
    env: processEnv(paths, env, port),
    log: paths.emulatorLog,
    recordFile: paths.emulator,
    facts: { port },
    isReady: () => isReady(endpoint, limits.poll),
    signal,
  });
  return { endpoint, restored };
};

/** The endpoint of the running emulator, or undefined when none was started. Throws when it has died or does not answer. */
export const runningEmulator = async (paths: LocalPaths): Promise<string | undefined> => {
  const found = emulatorState(paths);
  if (found.state === 'none') return undefined;
  if (found.state === 'dead') {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS of an earlier start (process ${found.record.pid}) ended without being stopped, so its unsaved data is lost; run \`npx holdpoint local down\` to clean up, then start again.`,
    );
  }
  if (!(await isReady(found.endpoint, limits.answer))) {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS (process ${found.record.pid}) runs but does not answer at ${found.endpoint}; run \`npx holdpoint local down\` to stop it, then start again.`,
    );
  }
  return found.endpoint;
};

/** Stops the emulator that this checkout started, with time to save its state. */
export const stopEmulator = async (paths: LocalPaths): Promise<Stopped | 'not-running'> => {
  const found = emulatorState(paths);
  if (found.state === 'none') return 'not-running';
  const stopped = await stop(found.record, limits.stop);
  remove(paths.emulator);
  // State that was saved only in part cannot be trusted, so the next start begins with an empty one.
  if (stopped !== 'stopped') for (const folder of [paths.emulatorState, paths.emulatorFiles, paths.deployment]) remove(folder);
  remove(paths.emulatorScratch);
  return stopped;
};
