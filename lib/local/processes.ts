import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

/** Identifies a process that an earlier command started. Systems reuse process ids, so the start time is stored with it. */
export const processRecordSchema = z.object({ pid: z.int().min(2), startedAt: z.string().min(1) });
export type ProcessRecord = z.infer<typeof processRecordSchema>;

/**
 * The start time of a process in the system's own notation, or undefined when no such process runs: from `/proc` (boot id and ticks
 * since boot) on Linux, otherwise from `ps`. A zombie counts as ended.
 */
export const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may contain spaces, so fields are counted from its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X' || fields[19] === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return process.platform === 'linux' ? undefined : startByPs(pid);
  }
};

const startByPs = (pid: number): string | undefined => {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  const [state, ...start] = (stdout ?? '').trim().split(/\s+/);
  return status !== 0 || state === undefined || state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
};

export const recordOf = (pid: number): ProcessRecord | undefined => {
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
};

/** Whether the recorded process still runs. Another process with the same id does not count. */
export const isRunning = (record: ProcessRecord): boolean => startOf(record.pid) === record.startedAt;

/** How `stop` ended a process; `already-ended` when it was not running any more. */
export type Stopped = 'stopped' | 'killed' | 'already-ended';

/** Sends SIGTERM, and SIGKILL when the process still runs after `graceMs`. Never signals another process with the same id. */
export const stop = async (record: ProcessRecord, graceMs: number): Promise<Stopped> => {
  if (!isRunning(record)) return 'already-ended';
  signal(record, 'SIGTERM');
  if (await ends(record, graceMs)) return 'stopped';
  signal(record, 'SIGKILL');
  await ends(record, 5_000);
  return 'killed';
};

const signal = (record: ProcessRecord, name: NodeJS.Signals): void => {
  try {
    process.kill(record.pid, name);
  } catch (error) {
    // The process may exit just before the signal is sent.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const ends = async (record: ProcessRecord, limitMs: number): Promise<boolean> => {
  for (const began = Date.now(); Date.now() - began < limitMs; await sleep(40)) if (!isRunning(record)) return true;
  return !isRunning(record);
};
