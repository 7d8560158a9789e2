import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { isRunning, recordOf, startOf, stop } from '../../lib/local/processes.ts';
import { runProcess } from '../../lib/local/run-process.ts';

const child = async (script: string): Promise<ChildProcess & { readonly pid: number }> => {
  const started = spawn(process.execPath, ['-e', `${script};console.log('up')`], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(started.stdout, 'data');
  if (started.pid === undefined) throw new Error('no process');
  return started as ChildProcess & { readonly pid: number };
};
const waiting = 'setInterval(() => {}, 1000)';
const stubborn = `process.on('SIGTERM', () => {});${waiting}`;

describe('a process of an earlier command', () => {
  test('is stopped', async () => {
    const record = recordOf((await child(waiting)).pid);
    if (record === undefined) throw new Error('no record');
    expect(isRunning(record)).toBe(true);
    expect(await stop(record, 5_000)).toBe('stopped');
    expect(isRunning(record)).toBe(false);
    expect(await stop(record, 5_000)).toBe('already-ended');
  });

  test('is killed when it ignores SIGTERM', async () => {
    const record = recordOf((await child(stubborn)).pid);
    if (record === undefined) throw new Error('no record');
    expect(await stop(record, 200)).toBe('killed');
    expect(isRunning(record)).toBe(false);
  });

  test('another process with the same id is never touched', async () => {
    const other = await child(waiting);
    const stale = { pid: other.pid, startedAt: 'a boot and a tick of long ago' };
    expect(isRunning(stale)).toBe(false);
    expect(await stop(stale, 100)).toBe('already-ended');
    expect(startOf(other.pid)).toBeDefined();
    other.kill('SIGKILL');
  });

  test('an unused process id has no start time', () => {
    expect(startOf(4_194_304 + 1)).toBeUndefined();
    expect(recordOf(4_194_304 + 1)).toBeUndefined();
  });
});

describe('runProcess', () => {
  const options = { cwd: '.', env: { PATH: process.env.PATH ?? '' }, limitMs: 10_000 };

  test('returns the exit code and passes on the lines of both streams', async () => {
    const lines: string[] = [];
    const result = await runProcess(process.execPath, ['-e', "console.log('one');console.error('two');process.exitCode=3"], {
      ...options,
      onLine: (line) => lines.push(line),
    });
    expect(result).toMatchObject({ code: 3, timedOut: false });
    expect(lines.toSorted()).toEqual(['one', 'two']);
  });

  test('kills the program and its children at the limit', async () => {
    const began = Date.now();
    const result = await runProcess(
      process.execPath,
      ['-e', `const c=require('child_process').spawn(process.execPath,['-e','${waiting}']);console.log('child '+c.pid);${waiting}`],
      { ...options, limitMs: 700 },
    );
    expect(result).toMatchObject({ code: null, timedOut: true });
    expect(Date.now() - began).toBeLessThan(5_000);
    const grandchild = Number(/child (\d+)/.exec(result.output)?.[1]);
    await expect.poll(() => startOf(grandchild)).toBeUndefined();
  });

  test('kills the program when the signal aborts', async () => {
    const controller = new AbortController();
    const running = runProcess(process.execPath, ['-e', waiting], { ...options, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  test('rejects when the program does not exist', async () => {
    await expect(runProcess('holdpoint-no-such-program', [], options)).rejects.toThrow(/ENOENT/);
  });
});
