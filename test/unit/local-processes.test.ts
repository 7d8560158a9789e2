import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { isRunning, recordOf, startOf, stop } from '../../lib/local/processes.ts';
import { run } from '../../lib/local/run-process.ts';

const child = async (script: string): Promise<ChildProcess & { readonly pid: number }> => {
  const started = spawn(process.execPath, ['-e', `${script};console.log('up')`], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(started.stdout, 'data');
  if (started.pid === undefined) throw new Error('no process');
  return started as ChildProcess & { readonly pid: number };
};
const waiting = 'setInterval(() => {}, 1000)';
const stubborn = `process.on('SIGTERM', () => {});${waiting}`;

describe('a process of an earlier command', () => {
  test('is asked to end, and has ended', async () => {
    const record = recordOf((await child(waiting)).pid);
    if (record === undefined) throw new Error('no record');
    expect(isRunning(record)).toBe(true);
    expect(await stop(record, 5_000)).toBe('ended');
    expect(isRunning(record)).toBe(false);
    expect(await stop(record, 5_000)).toBe('gone');
  });

  test('is ended by force when it does not listen', async () => {
    const record = recordOf((await child(stubborn)).pid);
    if (record === undefined) throw new Error('no record');
    expect(await stop(record, 200)).toBe('killed');
    expect(isRunning(record)).toBe(false);
  });

  test('another process under the same number is never touched', async () => {
    const other = await child(waiting);
    const stale = { pid: other.pid, startedAt: 'a boot and a tick of long ago' };
    expect(isRunning(stale)).toBe(false);
    expect(await stop(stale, 100)).toBe('gone');
    expect(startOf(other.pid)).toBeDefined();
    other.kill('SIGKILL');
  });

  test('a number that nobody has is no process', () => {
    expect(startOf(4_194_304 + 1)).toBeUndefined();
    expect(recordOf(4_194_304 + 1)).toBeUndefined();
  });
});

describe('a program that is run to its end', () => {
  const options = { cwd: '.', env: { PATH: process.env.PATH ?? '' }, limitMs: 10_000 };

  test('gives its exit code and what it said on both streams, line by line', async () => {
    const lines: string[] = [];
    const ran = await run(process.execPath, ['-e', "console.log('one');console.error('two');process.exitCode=3"], {
      ...options,
      onLine: (line) => lines.push(line),
    });
    expect(ran).toMatchObject({ code: 3, timedOut: false });
    expect(lines.toSorted()).toEqual(['one', 'two']);
  });

  test('ends at its limit, with what it has started', async () => {
    const began = Date.now();
    const ran = await run(
      process.execPath,
      ['-e', `const c=require('child_process').spawn(process.execPath,['-e','${waiting}']);console.log('child '+c.pid);${waiting}`],
      { ...options, limitMs: 700 },
    );
    expect(ran).toMatchObject({ code: null, timedOut: true });
    expect(Date.now() - began).toBeLessThan(5_000);
    const grandchild = Number(/child (\d+)/.exec(ran.output)?.[1]);
    await expect.poll(() => startOf(grandchild)).toBeUndefined();
  });

  test('ends when the caller gives up', async () => {
    const giveUp = new AbortController();
    const running = run(process.execPath, ['-e', waiting], { ...options, signal: giveUp.signal });
    giveUp.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  test('that does not exist is a fault', async () => {
    await expect(run('holdpoint-no-such-program', [], options)).rejects.toThrow(/ENOENT/);
  });
});
