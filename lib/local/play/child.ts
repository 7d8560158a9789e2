import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export type Ran = { readonly code: number; readonly output: string };

/**
 * Runs a program of this project and waits for it. Output goes to a log file and, bounded, into the answer. A time limit ends it:
 * nothing that the player starts may hang.
 */
export const run = (
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly log: string; readonly limitMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const file = createWriteStream(options.log);
    let output = '';
    const keep = (chunk: Buffer): void => {
      file.write(chunk);
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), options.limitMs);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${command} could not be started`, { cause }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      file.end();
      resolve({ code: code ?? 1, output });
    });
  });
