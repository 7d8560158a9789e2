import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { localReset, localUp } from '../../lib/local/commands.ts';
import { stopEmulator } from '../../lib/local/emulator.ts';
import { type LocalPaths, pathsIn, writeJson } from '../../lib/local/paths.ts';
import { recordOf } from '../../lib/local/processes.ts';
import { createWorkingCopy, keepCopy, readSaved, saveFault } from '../../lib/local/saved-data.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-saved-'));
afterAll(() => rmSync(root, { recursive: true }));
const newPaths = (): LocalPaths => pathsIn(mkdtempSync(join(root, 'stage-')));

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 26, 10, minute));
const deployment = (digest: string) => ({ digest, endpoint: 'http://localhost:1', tableCreatedAt: 'then', outputs: {} });
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** An emulator that wrote `text`, with a deployment of that name, and was stopped in good order. */
const saved = (paths: LocalPaths, text: string, minute: number): void => {
  const copy = createWorkingCopy(paths, at(minute));
  writeFileSync(join(copy.state, 'dynamodb.json'), text);
  writeFileSync(join(copy.files, 'object'), text);
  writeJson(paths.deployment, deployment(text));
  writeJson(copy.report, { faults: [] });
  keepCopy(paths, copy.copy, at(minute + 1));
};

describe('the data of a local stage', () => {
  test('a first start has none', () => {
    const paths = newPaths();
    writeJson(paths.deployment, deployment('of an emulator that lost its data'));
    const copy = createWorkingCopy(paths, at(0));
    expect(copy.restored).toBe(false);
    expect(readdirSync(copy.state)).toEqual([]);
    expect(existsSync(paths.deployment)).toBe(false);
  });

  test('a start works on a copy, so that nothing it does changes the saved data', () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    const before = readSaved(paths);
    const copy = createWorkingCopy(paths, at(10));
    expect(copy.restored).toBe(true);
    expect(readFileSync(join(copy.state, 'dynamodb.json'), 'utf8')).toBe('first');
    writeFileSync(join(copy.state, 'dynamodb.json'), 'half of the sec');
    writeFileSync(join(copy.files, 'object'), 'second');
    writeJson(paths.deployment, deployment('second'));
    // Killed: the next start finds what the last clean stop saved, tables, objects and record of the deployment alike.
    const next = createWorkingCopy(paths, at(20));
    expect(readSaved(paths)).toEqual(before);
    expect(readFileSync(join(next.state, 'dynamodb.json'), 'utf8')).toBe('first');
    expect(readFileSync(join(next.files, 'object'), 'utf8')).toBe('first');
    expect(read(paths.deployment)).toMatchObject({ digest: 'first' });
    expect(existsSync(copy.folder)).toBe(false);
  });

  test('a report of an earlier stop does not vouch for a later one', () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    expect(existsSync(createWorkingCopy(paths, at(10)).report)).toBe(false);
  });

  test('a clean stop replaces what was saved before', () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    saved(paths, 'second', 10);
    expect(readSaved(paths)?.savedAt).toBe(at(11).toISOString());
    expect(readdirSync(paths.data)).toHaveLength(1);
    expect(readFileSync(join(createWorkingCopy(paths, at(20)).state, 'dynamodb.json'), 'utf8')).toBe('second');
  });

  test('the data of a version that kept it elsewhere is taken over', () => {
    const paths = newPaths();
    for (const folder of [paths.olderState, paths.olderFiles]) mkdirSync(folder);
    writeFileSync(join(paths.olderState, 'dynamodb.json'), 'old');
    utimesSync(join(paths.olderState, 'dynamodb.json'), at(-60), at(-60));
    writeFileSync(join(paths.olderFiles, 'object'), 'old');
    writeJson(paths.deployment, deployment('old'));
    const copy = createWorkingCopy(paths, at(0));
    expect(copy.restored).toBe(true);
    expect(readFileSync(join(copy.state, 'dynamodb.json'), 'utf8')).toBe('old');
    expect(read(paths.deployment)).toMatchObject({ digest: 'old' });
    expect(readSaved(paths)?.savedAt).toBe(at(-60).toISOString());
  });

  test.each([
    ['the emulator wrote everything', '{"faults":[]}', undefined],
    ['the disk was full', '{"faults":["failed to save dynamodb: No space left on device","failed to save kms"]}', /dynamodb/],
    ['the report itself did not fit', '{"fau', /its log is/],
    ['an empty report', '', /its log is/],
    ['no report: it was killed', undefined, /its log is/],
  ])('%s', (_why, report, fault) => {
    const paths = newPaths();
    const copy = createWorkingCopy(paths, at(0));
    if (report !== undefined) writeFileSync(copy.report, report);
    if (fault === undefined) expect(saveFault(paths, copy.copy)).toBeUndefined();
    else expect(saveFault(paths, copy.copy)).toMatch(fault);
  });

  test('reset deletes it, and only it, when the stage is down', () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    writeJson(paths.ports, { emulator: 20_000, proxy: 20_001, provider: 20_002 });
    writeJson(paths.emulator, { ...recordOf(process.pid), port: 1 });
    expect(() => localReset({ folder: paths.folder })).toThrow(expect.objectContaining({ type: 'still-running' }));
    expect(readSaved(paths)).toBeDefined();
    rmSync(paths.emulator);
    expect(localReset({ folder: paths.folder })).toEqual({ savedAt: at(1).toISOString() });
    expect([readSaved(paths), existsSync(paths.data), existsSync(paths.ports)]).toEqual([undefined, false, true]);
    expect(localReset({ folder: paths.folder })).toEqual({ savedAt: null });
  });
});

describe('stopping the emulator', () => {
  /** A process in the place of MiniStack, which at SIGTERM writes this report. */
  const emulator = async (paths: LocalPaths, report?: object): Promise<ChildProcess> => {
    const copy = createWorkingCopy(paths, at(10));
    writeFileSync(join(copy.state, 'dynamodb.json'), 'second');
    const write = report === undefined ? '' : `require('fs').writeFileSync(${JSON.stringify(copy.report)}, '${JSON.stringify(report)}');`;
    const script = `process.on('SIGTERM', () => { ${write} process.exit(0); }); setInterval(() => {}, 1000); console.log('up')`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    writeJson(paths.emulator, { ...recordOf(child.pid ?? 0), port: 1, since: at(10).toISOString(), copy: copy.copy });
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const content = (paths: LocalPaths): string =>
    readFileSync(join(paths.data, readSaved(paths)?.copy ?? '', 'state', 'dynamodb.json'), 'utf8');

  test('that saved everything', async () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    await emulator(paths, { faults: [] });
    expect(await stopEmulator(paths)).toEqual({ emulator: 'stopped', lost: null });
    expect(content(paths)).toBe('second');
  });

  test.each([
    ['on a full disk', { faults: ['failed to save dynamodb: [Errno 28] No space left on device'] }, /No space left on device/],
    ['that ended without a report', undefined, /could not be saved: its log is/],
  ])('%s keeps what was saved before, and says what is lost', async (_why, report, reason) => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    await emulator(paths, report);
    const { emulator: ended, lost } = await stopEmulator(paths);
    expect([ended, content(paths), existsSync(paths.emulator), readdirSync(paths.data).length]).toEqual(['stopped', 'first', false, 1]);
    expect(lost).toMatch(reason);
    expect(lost).toContain(`since its start at ${at(10).toISOString()} is lost; what was saved at ${at(1).toISOString()} is kept`);
  });

  test('that was killed keeps what was saved before; until `down`, each command says what is lost', async () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    await kill(await emulator(paths, { faults: [] }));
    const sentence = `Everything since its start at ${at(10).toISOString()} is lost; what was saved at ${at(1).toISOString()} is kept`;
    await expect(localUp({ folder: paths.folder, env: {} })).rejects.toMatchObject({
      type: 'emulator-dead',
      message: expect.stringContaining(sentence) as string,
    });
    expect(await stopEmulator(paths)).toEqual({ emulator: 'already-ended', lost: expect.stringContaining(sentence) as string });
    expect(content(paths)).toBe('first');
  });

  test('that was killed at its first start', async () => {
    const paths = newPaths();
    await kill(await emulator(paths));
    expect((await stopEmulator(paths)).lost).toContain('nothing had been saved before');
  });

  test('that ended in good order without `down`, as when the machine was shut down, keeps its data', async () => {
    const paths = newPaths();
    const child = await emulator(paths, { faults: [] });
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(await stopEmulator(paths)).toEqual({ emulator: 'already-ended', lost: null });
    expect(content(paths)).toBe('second');
  });

  test('whose data nobody may change drops what this start did', async () => {
    const paths = newPaths();
    saved(paths, 'first', 0);
    await emulator(paths, { faults: [] });
    expect(await stopEmulator(paths, { keep: false })).toEqual({ emulator: 'stopped', lost: null });
    expect(content(paths)).toBe('first');
  });
});

// Writing to /dev/full fails as on a full disk.
test.skipIf(!existsSync('/dev/full'))('a full disk is named with the place, and leaves the earlier file', () => {
  const paths = newPaths();
  writeJson(paths.stage, { a: 1 });
  symlinkSync('/dev/full', `${paths.stage}.${process.pid}`);
  expect(() => writeJson(paths.stage, { a: 2 })).toThrow(
    expect.objectContaining({
      type: 'disk-full',
      message: expect.stringContaining(`${paths.stage} could not be written (ENOSPC`) as string,
    }),
  );
  expect(read(paths.stage)).toEqual({ a: 1 });
  writeJson(paths.stage, { a: 2 });
  expect(read(paths.stage)).toEqual({ a: 2 });
});
