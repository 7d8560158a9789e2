import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultType, LocalFault } from './local-fault.ts';
import { remove, writeJson } from './paths.ts';
import { isRunning, type ProcessRecord, recordOf, stop } from './processes.ts';
import { lastLine } from './run-process.ts';

type BackgroundProcess = {
  /** The subject of error messages, such as "The local AWS". */
  readonly name: string;
  readonly faultType: FaultType;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** Later commands find the process by this file; `facts` are stored in it beside the process id and start time. */
  readonly recordFile: string;
  readonly facts: object;
  readonly isReady: (pid: number) => Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
};

/** Milliseconds. */
const limits = { ready: 30_000, stop: 3_000 } as const;

/** Starts a process that outlives this command, and waits until it is ready. When it fails, the process and its record are removed. */
export const startInBackground = async (program: BackgroundProcess): Promise<void> => {
  const { command, args, cwd, env, log, recordFile, facts } = program;
  const output = openSync(log, 'w');
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  const record = child.pid === undefined ? undefined : recordOf(child.pid);
  if (record === undefined)
    throw await failed.catch(
      (cause: unknown) => new LocalFault(program.faultType, `${program.name} could not be started with ${command}.`, { cause }),
    );
  writeJson(recordFile, { ...record, ...facts });
  child.unref();
  try {
    await untilReady(program, record);
  } catch (error) {
    await stop(record, limits.stop);
    remove(recordFile);
    // The pause that was interrupted says only that it was aborted.
    program.signal?.throwIfAborted();
    throw error;
  }
};

const untilReady = async ({ name, faultType, log, isReady, signal }: BackgroundProcess, record: ProcessRecord): Promise<void> => {
  for (const began = Date.now(); Date.now() - began < limits.ready; await sleep(100, undefined, { signal })) {
    if (await isReady(record.pid)) return;
    if (!isRunning(record))
      throw new LocalFault(faultType, `${name} exited while starting: ${lastLine(readFileSync(log, 'utf8'))} (its log is ${log}).`);
  }
  throw new LocalFault(faultType, `${name} did not become ready within ${limits.ready / 1000} s; its log is ${log}.`);
};
