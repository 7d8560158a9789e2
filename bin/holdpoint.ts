import { spawn } from 'node:child_process';
import { appendFile, lstat, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Io, PathEntry } from '../lib/cli/io.ts';
import { run } from '../lib/cli/main.ts';

const argv = process.argv.slice(2);

// A closed pipe (`| head`) and a closed terminal are not errors. The demo handles them like Ctrl-C, so that it stops what it started;
// every other command just ends.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE' && fault.code !== 'EIO') throw fault;
    if (!process.emit('SIGTERM')) process.exit(0);
  });

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

const io: Io = {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  // https://no-color.org: an empty NO_COLOR counts as unset.
  coloured: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
  columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  fetch,
  readFile,
  writeFile,
  entryOf,
  appendFile,
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
  // Loaded on demand, because the local stage loads the CDK and a server.
  local: async () => (await import('../lib/local/access.ts')).localAccess(),
};

process.exitCode = argv[0] === 'local' ? await (await import('../lib/local/main.ts')).runLocal(argv.slice(1), io) : await run(argv, io);
