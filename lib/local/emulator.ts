import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startInBackground } from './background-process.ts';
import { LocalFault } from './local-fault.ts';
import { type LocalPaths, projectFolder, readJson, remove, writeJson } from './paths.ts';
import { isRunning, processRecordSchema, type Stopped, stop } from './processes.ts';
import { createWorkingCopy, dropCopy, keepCopy, readSaved, saveFault, type WorkingCopy } from './saved-data.ts';
import { requireFreePort } from './tcp-ports.ts';

const recordSchema = processRecordSchema.extend({
  port: z.int(),
  /** When it was started, and the copy of the data that it works on. Emulators that earlier versions started have neither. */
  since: z.iso.datetime().optional(),
  copy: z.string().optional(),
});
type EmulatorRecord = z.infer<typeof recordSchema>;

/** `dead`: an earlier command started it, and it ended without being stopped. */
export type EmulatorState =
  | { readonly state: 'none' }
  | { readonly state: 'running' | 'dead'; readonly record: EmulatorRecord; readonly endpoint: string };

/** Milliseconds. The emulator needs about three seconds to save its state when it is stopped, and more on a busy machine. */
const limits = { poll: 1_000, answer: 5_000, stop: 60_000 } as const;

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

const processEnv = ({ paths, env, port }: Start, copy: WorkingCopy): Record<string, string> => ({
  ...env,
  GATEWAY_PORT: String(port),
  // The emulator checks no credentials, so only this machine may reach it; the guard keeps web pages out.
  BIND_HOST: '127.0.0.1',
  PERSIST_STATE: '1',
  STATE_DIR: copy.state,
  S3_PERSIST: '1',
  S3_DATA_DIR: copy.files,
  HOLDPOINT_SAVE_REPORT: copy.report,
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

/** Starts MiniStack in the background and waits until it is ready. `restored`: it has loaded the data of an earlier start. */
export const startEmulator = async (start: Start): Promise<{ readonly endpoint: string; readonly restored: boolean }> => {
  const { paths, interpreter, port, signal } = start;
  await requireFreePort(paths, 'emulator', port);
  const now = new Date();
  const copy = createWorkingCopy(paths, now);
  // Written first: when this command is killed, a later one ends the runs that the last stop broke off.
  if (copy.restored) writeJson(paths.restored, { since: now.toISOString() });
  remove(paths.emulatorScratch);
  mkdirSync(paths.emulatorScratch);
  // The emulator writes CommonJS workers there; without this file Node would load them as ES modules, as the checkout's package.json says.
  writeFileSync(join(paths.emulatorScratch, 'package.json'), '{ "type": "commonjs" }\n');
  const endpoint = emulatorUrl(port);
  try {
    await startInBackground({
      name: 'The local AWS',
      faultType: 'emulator-failed',
      command: interpreter,
      args: [program],
      cwd: paths.folder,
      env: processEnv(start, copy),
      log: paths.emulatorLog,
      recordFile: paths.emulator,
      facts: { port, since: now.toISOString(), copy: copy.copy },
      isReady: () => isReady(endpoint, limits.poll),
      signal,
    });
  } catch (error) {
    dropCopy(paths, copy.copy);
    throw error;
  }
  return { endpoint, restored: copy.restored };
};

/** The endpoint of the running emulator, or undefined when none was started. Throws when it has died or does not answer. */
export const runningEmulator = async (paths: LocalPaths): Promise<string | undefined> => {
  const found = emulatorState(paths);
  if (found.state === 'none') return undefined;
  if (found.state === 'dead') {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS of an earlier start (process ${found.record.pid}) ended without \`local down\`. ${lossOf(paths, found.record, 'already-ended') ?? 'Its data was saved.'} Run \`node bin/holdpoint.mjs local down\` to clean up, then start again.`,
    );
  }
  if (!(await isReady(found.endpoint, limits.answer))) {
    throw new LocalFault(
      'emulator-dead',
      `The local AWS (process ${found.record.pid}) runs but does not answer at ${found.endpoint}; run \`node bin/holdpoint.mjs local down\` to stop it, then start again. What it saved before is kept.`,
    );
  }
  return found.endpoint;
};

/** `lost`: a sentence about the data that could not be saved; null when everything was saved. */
export type Stopping = { readonly emulator: Stopped | 'not-running'; readonly lost: string | null };

/**
 * Stops the emulator that this checkout started, with time to save its data. What was saved before is replaced only by what was saved
 * completely. `keep: false`: what this start has changed is dropped.
 */
export const stopEmulator = async (paths: LocalPaths, { keep = true }: { readonly keep?: boolean } = {}): Promise<Stopping> => {
  const found = emulatorState(paths);
  if (found.state === 'none') return { emulator: 'not-running', lost: null };
  const emulator = await stop(found.record, limits.stop);
  const { copy } = found.record;
  const lost = keep ? (lossOf(paths, found.record, emulator) ?? null) : null;
  if (copy !== undefined && keep && lost === null) keepCopy(paths, copy, new Date());
  else if (copy !== undefined) dropCopy(paths, copy);
  remove(paths.emulator);
  remove(paths.emulatorScratch);
  return { emulator, lost };
};

const lossOf = (paths: LocalPaths, { copy, since }: EmulatorRecord, ended: Stopped): string | undefined => {
  const fault = copy === undefined ? (ended === 'stopped' ? undefined : 'it ended too early') : saveFault(paths, copy);
  if (fault === undefined) return undefined;
  const why = {
    stopped: `The data of the local AWS could not be saved: ${fault}.`,
    killed: `The local AWS did not stop within ${limits.stop / 1000} s and was killed.`,
    'already-ended': 'The local AWS had no time to save its data.',
  }[ended];
  const saved = readSaved(paths);
  const kept =
    saved !== undefined
      ? `what was saved at ${saved.savedAt} is kept, and the next start loads it`
      : copy === undefined
        ? 'what was saved before is kept'
        : 'nothing had been saved before';
  return `${why} Everything since its start${since === undefined ? '' : ` at ${since}`} is lost; ${kept}.`;
};
