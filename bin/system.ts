import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { appendFile, lstat, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Io, PathEntry } from '../lib/cli/io.ts';

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const entryOf = async (path: string, follow: boolean): Promise<PathEntry> => {
  const found = await (follow ? stat : lstat)(path, { bigint: true });
  if (found.isDirectory()) return { kind: 'folder', names: await readdir(path) };
  if (!found.isFile()) return { kind: 'other' };
  return { kind: 'file', bytes: Number(found.size), modifiedAt: found.mtime, version: `${found.ino}:${found.mtimeNs}:${found.size}` };
};

/** Stays until the program has ended, and passes on what should end it. A terminal sends Ctrl-C to both by itself. */
const execute = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    for (const name of ending)
      process.on(name, () => {
        if (name !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(name);
      });
    child.once('error', (fault: NodeJS.ErrnoException) => resolve(fault.code === 'ENOENT' ? 127 : 126));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });

/** What a program writes to standard error is dropped: the caller says what its exit code means. */
const output = (command: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (fault: NodeJS.ErrnoException) => resolve({ code: fault.code === 'ENOENT' ? 127 : 126, text: '' }));
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), text: Buffer.concat(chunks).toString('utf8') }),
    );
  });

/** Files, time and programs of this machine. */
export const system: Pick<
  Io,
  'readFile' | 'pieces' | 'writeFile' | 'appendFile' | 'entryOf' | 'now' | 'sleep' | 'interrupted' | 'execute' | 'output'
> = {
  readFile,
  pieces: (path) => createReadStream(path),
  writeFile,
  appendFile,
  entryOf,
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch((fault: unknown) => {
      if (signal?.aborted !== true) throw fault;
    });
  },
  interrupted: () => {
    const interrupted = new AbortController();
    for (const name of ending) process.on(name, () => interrupted.abort());
    return interrupted.signal;
  },
  execute,
  output,
};
