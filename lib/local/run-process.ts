import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** `output` is the last part of stdout and stderr together. `code` is null when a limit or a signal ended the program. */
export type ProcessResult = { readonly code: number | null; readonly output: string; readonly timedOut: boolean };
type Options = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly limitMs: number;
  /** The file to which all output is appended. */
  readonly log?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void;
};

/** Characters of output that are kept in memory. */
const maxOutput = 20_000;
const running = new Set<number>();
process.once('exit', () => {
  for (const pid of running) killGroup(pid);
});

/**
 * Runs a program until it exits, within a time limit. The program leads its own process group, so that its children are killed with it:
 * at the limit, when the signal aborts, and when this process exits.
 */
export const runProcess = (
  command: string,
  args: readonly string[],
  { cwd, env, limitMs, log, signal, onLine }: Options,
): Promise<ProcessResult> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const file = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
    // A log that cannot be written, on a full disk, does not end the program; its output is read all the same.
    file?.on('error', () => {});
    let output = '';
    let unfinishedLine = '';
    let timedOut = false;
    const kill = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const receive = (chunk: Buffer): void => {
      file?.write(chunk);
      output = (output + chunk.toString()).slice(-maxOutput);
      const lines = (unfinishedLine + chunk.toString()).split(/\r?\n/);
      unfinishedLine = (lines.pop() ?? '').slice(-maxOutput);
      if (onLine !== undefined) for (const line of lines) onLine(line);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, limitMs);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      if (child.pid !== undefined) running.delete(child.pid);
      file?.end();
    };
    if (child.pid !== undefined) running.add(child.pid);
    signal?.addEventListener('abort', kill);
    child.stdout.on('data', receive);
    child.stderr.on('data', receive);
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('close', (code) => {
      finish();
      if (signal?.aborted === true) reject(signal.reason);
      else resolve({ code, output, timedOut });
    });
  });

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Every process of the group has exited already.
  }
}

/** The non-empty lines of a program's output. */
export const linesOf = (output: string): readonly string[] =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Messages quote one line of a program's output, shortened to this many characters. */
const maxQuote = 400;
export const quoted = (line: string | undefined): string => (line ?? 'it printed nothing').slice(0, maxQuote);

/** The last line of the output, or pip's last line that begins with ERROR. */
export const lastLine = (output: string): string => {
  const lines = linesOf(output);
  return quoted(lines.findLast((line) => /^ERROR/.test(line)) ?? lines.at(-1));
};
