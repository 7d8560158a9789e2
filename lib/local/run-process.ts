import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** How a program ended; `output` is the end of what it said on both streams. `code` is null when it was ended by a limit or a signal. */
export type Ran = { readonly code: number | null; readonly output: string; readonly timedOut: boolean };
type Options = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly limitMs: number;
  /** Everything it says is added to this file. */
  readonly log?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void;
};

const kept = 20_000;
const running = new Set<number>();
process.once('exit', () => {
  for (const pid of running) endGroup(pid);
});

/**
 * Runs a program to its end under a time limit. It leads a process group of its own, so that what it has started ends with it:
 * at the limit, at an abort, and when this process exits.
 */
export const run = (command: string, args: readonly string[], { cwd, env, limitMs, log, signal, onLine }: Options): Promise<Ran> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const file = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
    let output = '';
    let rest = '';
    let timedOut = false;
    const end = (): void => {
      if (child.pid !== undefined) endGroup(child.pid);
    };
    const hear = (chunk: Buffer): void => {
      file?.write(chunk);
      output = (output + chunk.toString()).slice(-kept);
      const lines = (rest + chunk.toString()).split(/\r?\n/);
      rest = (lines.pop() ?? '').slice(-kept);
      if (onLine !== undefined) for (const line of lines) onLine(line);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, limitMs);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (child.pid !== undefined) running.delete(child.pid);
      file?.end();
    };
    if (child.pid !== undefined) running.add(child.pid);
    signal?.addEventListener('abort', end);
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (fault) => {
      finish();
      reject(fault);
    });
    child.once('close', (code) => {
      finish();
      if (signal?.aborted === true) reject(signal.reason);
      else resolve({ code, output, timedOut });
    });
  });

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}
