import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

/** A process that an earlier command started. The number alone says nothing: systems use numbers again, so the start time is kept beside it. */
export const processRecordSchema = z.object({ pid: z.int().min(2), startedAt: z.string().min(1) });
export type ProcessRecord = z.infer<typeof processRecordSchema>;

/**
 * When a process started, as the system says it, or undefined when there is none: `/proc` where there is one (boot and ticks
 * since then), else `ps`. A process that has ended and is not yet collected does not count.
 */
export const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything, so fields are counted from its end.
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

/** Whether that very process still runs: another one under the same number is not it. */
export const isRunning = (record: ProcessRecord): boolean => startOf(record.pid) === record.startedAt;

/**
 * Asks the process to end, and ends it when it has not after `graceMs`. Another process under the same number is never touched.
 * Says how it went.
 */
export const stop = async (record: ProcessRecord, graceMs: number): Promise<'ended' | 'killed' | 'gone'> => {
  if (!isRunning(record)) return 'gone';
  signal(record, 'SIGTERM');
  if (await ends(record, graceMs)) return 'ended';
  signal(record, 'SIGKILL');
  await ends(record, 5_000);
  return 'killed';
};

const signal = (record: ProcessRecord, name: NodeJS.Signals): void => {
  try {
    process.kill(record.pid, name);
  } catch (fault) {
    // It may end by itself between the look and the signal.
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
};

const ends = async (record: ProcessRecord, limitMs: number): Promise<boolean> => {
  for (const began = Date.now(); Date.now() - began < limitMs; await sleep(40)) if (!isRunning(record)) return true;
  return !isRunning(record);
};
