import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { folderVariable } from './child-env.ts';
import type { LocalPaths } from './paths.ts';
import { isRunning, type ProcessRecord, recordOf, stop } from './processes.ts';

/** Milliseconds that a process gets to stop. */
const graceMs = 2_000;
/** A process may start another one while it is being stopped. */
const maxRounds = 3;

/**
 * Stops what a killed command of this local stage left running: every process with the stage's folder in its environment, except this one
 * and those that started it, and the kept ones and those that they started. Returns how many there were.
 */
export const stopLeftRunning = async ({ folder }: Pick<LocalPaths, 'folder'>, keep: readonly number[] = []): Promise<number> => {
  const stopped = new Set<number>();
  for (let round = 0; round < maxRounds; round++) {
    const found = processesOf(folder, keep);
    if (found.length === 0) break;
    await Promise.all(found.map((record) => stop(record, graceMs)));
    for (const record of found) if (!isRunning(record)) stopped.add(record.pid);
  }
  return stopped.size;
};

const processesOf = (folder: string, keep: readonly number[]): readonly ProcessRecord[] => {
  const marked = process.platform === 'linux' ? markedInProc(folder) : markedByPs(folder);
  if (marked.length === 0) return [];
  const own = lineOf(process.pid);
  return marked
    .filter((pid) => !own.has(pid))
    .filter((pid) => {
      const line = lineOf(pid);
      return !keep.some((kept) => line.has(kept));
    })
    .flatMap((pid) => recordOf(pid) ?? []);
};

const markedInProc = (folder: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${folderVariable}=${folder}`);
      } catch {
        // It has ended, or another user started it.
        return false;
      }
    })
    .map(Number);

/** `ps e` prints the environment behind the command. */
const markedByPs = (folder: string): readonly number[] => {
  const { stdout } = spawnSync('ps', ['axeww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return (stdout ?? '')
    .split('\n')
    .filter((line) => `${line} `.includes(` ${folderVariable}=${folder} `))
    .map((line) => Number.parseInt(line.trim(), 10));
};

/** The process and its ancestors. */
const lineOf = (last: number): ReadonlySet<number> => {
  const line = new Set<number>();
  for (let pid = last; pid > 1 && !line.has(pid); pid = parentOf(pid)) line.add(pid);
  return line;
};

/** 0 when the process has ended. */
const parentOf = (pid: number): number => {
  if (process.platform !== 'linux')
    return Number.parseInt(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout, 10) || 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // State and parent follow the program's name, which stands in brackets.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
};
