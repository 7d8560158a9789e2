import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startInBackground } from '../../lib/local/background-process.ts';
import { childEnv } from '../../lib/local/child-env.ts';
import { whenNpmEnds } from '../../lib/local/demo/npm-parent.ts';
import { stopLeftRunning } from '../../lib/local/left-running.ts';
import { LocalFault } from '../../lib/local/local-fault.ts';
import { projectFolder } from '../../lib/local/paths.ts';
import { startOf } from '../../lib/local/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-left-'));
afterAll(() => rmSync(folder, { recursive: true }));
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

const waiting = 'setInterval(() => {}, 1000)';
/** A process in the stage's name, and a child that it starts in a session of its own and that ignores SIGTERM. */
const withChild = async (stage: string): Promise<{ readonly pid: number; readonly child: number }> => {
  const stubborn = `process.on("SIGTERM", () => {});${waiting}`;
  const script = `const c = require('child_process').spawn(process.execPath, ['-e', '${stubborn}'], { detached: true, stdio: 'ignore' });console.log(c.pid);${waiting}`;
  // The demo of another stage may be running this suite.
  const { HOLDPOINT_LOCAL_FOLDER: _outer, ...env } = process.env;
  const started = spawn(process.execPath, ['-e', script], { env: childEnv(env, stage), stdio: ['ignore', 'pipe', 'ignore'] });
  children.add(started);
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  return { pid: started.pid ?? expect.fail('no process'), child: Number(line.toString()) };
};
const runs = (pid: number): boolean => startOf(pid) !== undefined;

describe('what a killed command left running', () => {
  test('is stopped by the stage that started it, children in other sessions included, and by no other stage', async () => {
    const stage = join(folder, 'one');
    const { pid, child } = await withChild(stage);
    expect(await stopLeftRunning({ folder: join(folder, 'on') })).toBe(0);
    expect([runs(pid), runs(child)]).toEqual([true, true]);
    // The parent was killed, and the child is an orphan now.
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => runs(pid)).toBe(false);
    expect(await stopLeftRunning({ folder: stage })).toBe(1);
    expect(runs(child)).toBe(false);
    expect(await stopLeftRunning({ folder: stage })).toBe(0);
  });

  test('does not include what is recorded, and its children', async () => {
    const stage = join(folder, 'two');
    const kept = await withChild(stage);
    const left = await withChild(stage);
    expect(await stopLeftRunning({ folder: stage }, [kept.pid])).toBe(2);
    expect([runs(kept.pid), runs(kept.child), runs(left.pid), runs(left.child)]).toEqual([true, true, false, false]);
    expect(await stopLeftRunning({ folder: stage })).toBe(2);
  });
});

describe('the end of npm', () => {
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { whenNpmEnds } from ${JSON.stringify(join(projectFolder, 'lib/local/demo/npm-parent.ts'))};
     whenNpmEnds(process.env, () => { console.log('ended'); process.exit(0); });
     console.log(process.pid);
     ${waiting};`,
  );
  /** npm starts a shell, which starts the program. SIGTERM to npm ends both of them and not the program. */
  const underShell = async (env: NodeJS.ProcessEnv): Promise<{ readonly pid: number; readonly shell: ChildProcess; said: string }> => {
    const shell = spawn('sh', ['-c', `"${process.execPath}" --import tsx "${program}"; true`], {
      cwd: projectFolder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.add(shell);
    const started = { pid: 0, shell, said: '' };
    shell.stdout.on('data', (chunk: Buffer) => {
      started.said += chunk.toString();
    });
    await expect.poll(() => started.said, { timeout: 15_000 }).toContain('\n');
    return { ...started, pid: Number.parseInt(started.said, 10) };
  };

  test('ends the program that it started', async () => {
    const { pid, shell } = await underShell({ ...process.env, npm_lifecycle_event: 'start' });
    expect(runs(pid)).toBe(true);
    shell.kill('SIGTERM');
    await expect.poll(() => runs(pid), { timeout: 5_000 }).toBe(false);
  });

  test('is not watched for by a program that no npm started: it may outlive its parent', async () => {
    const { npm_lifecycle_event: _event, ...env } = process.env;
    const { pid, shell } = await underShell(env);
    shell.kill('SIGTERM');
    await expect.poll(() => runs(shell.pid ?? 0)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(runs(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  test('is not noticed any more when the watch has ended', () => {
    expect(whenNpmEnds({ npm_lifecycle_event: 'start' }, () => expect.fail('npm runs'))()).toBeUndefined();
  });
});

test('an interrupted start of a background process gives the reason of the interruption, and stops the process', async () => {
  const interrupted = new AbortController();
  const reason = new LocalFault('interrupted', 'The set-up was interrupted; everything that it had started was stopped.');
  let pid = 0;
  const starting = startInBackground({
    name: 'A program',
    faultType: 'services-failed',
    command: process.execPath,
    args: ['-e', waiting],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    log: join(folder, 'program.log'),
    recordFile: join(folder, 'program.json'),
    facts: {},
    isReady: async (started) => {
      pid = started;
      interrupted.abort(reason);
      return false;
    },
    signal: interrupted.signal,
  });
  await expect(starting).rejects.toBe(reason);
  expect(runs(pid)).toBe(false);
});
