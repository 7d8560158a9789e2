import { beforeEach, describe, expect, test } from 'vitest';
import { ciApi } from '../../lambdas/api/ci.ts';
import type { Api } from '../../lib/api/mount.ts';
import { problemSchema } from '../../lib/api/problem.ts';
import { run } from '../../lib/cli/main.ts';
import { readRun } from '../../lib/query/run-view.ts';
import type { FakeDependencies } from '../fakes.ts';
import { commit, dependenciesOf, eventsOf, junitReport, twoGates } from '../given.ts';
import { ask, bearer, jobOf, startedOver } from '../handlers/requests.ts';
import { diskOf } from './disk.ts';
import { type Asked, json, terminal } from './terminal.ts';

let deps: FakeDependencies;
let api: Api;
let id: string;

beforeEach(async () => {
  deps = dependenciesOf(twoGates);
  api = ciApi(deps);
  id = await startedOver(api);
});

/** The command line over the API itself, in this process. `at`: when the files were written. */
const sending = (
  files: Readonly<Record<string, string>>,
  options: Parameters<typeof diskOf>[1] & { readonly env?: Record<string, string> } = {},
) => {
  const disk = diskOf(files, { at: deps.clock.now().toISOString(), ...options });
  const { io, said } = terminal(undefined, options.env ?? {}, {
    ...disk.io,
    now: () => deps.clock.now(),
    fetch: async (url, init) => {
      const { pathname, search } = new URL(String(url));
      const reply = await ask(api, {
        method: init?.method ?? 'GET',
        path: pathname,
        query: search.slice(1),
        identity: bearer(jobOf('evidence')),
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: init?.body as Uint8Array,
      });
      return new Response(reply.text, { status: reply.status, headers: { 'content-type': String(reply.headers['content-type']) } });
    },
  });
  return { io, said, disk };
};
const text = (bytes: Uint8Array | string): string => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
const good = (name: string) => text(junitReport(1)).replaceAll('name="', `name="${name} `);
const bad = text(junitReport(2, 1));
const args = (...more: string[]) => ['evidence', id, ...more, '--commit', commit, '--source', 'unit'];

const verdicts = async () => {
  const view = await readRun(deps, id);
  const found = view.ok?.gates.flatMap(({ checks }) => checks).find(({ subjects }) => subjects.some(({ subject }) => subject === '*/unit'));
  return [found?.verdict, found?.reason];
};

describe('several reports of one command', () => {
  test('are parts of one result: a later file clears no failure of an earlier one', async () => {
    const { io, said } = sending({ 'out/TEST-a.xml': bad, 'out/TEST-b.xml': good('b') });
    expect(await run(args('out/TEST-a.xml', 'out/TEST-b.xml'), io)).toBe(1);
    expect(said.out).toContain('out/TEST-a.xml (junit): Recorded');
    expect((await verdicts())[0]).toBe('fail');
  });

  test('pass together, as a folder too, with one name of the result', async () => {
    const { io, said } = sending({ 'out/TEST-a.xml': good('a'), 'out/deep/TEST-b.xml': good('b'), 'out/TEST-a.txt': 'Tests run: 1' });
    expect(await run(args('out'), io)).toBe(0);
    expect(said.err).toContain('1 other file is skipped: out/TEST-a.txt');
    expect((await verdicts())[0]).toBe('pass');
    expect((await verdicts())[1]).toContain('2 reports, every one passes');
  });

  test('are known again when the same files are sent again', async () => {
    const { io, said } = sending({ 'out/TEST-a.xml': good('a'), 'out/TEST-b.xml': good('b') });
    await run(args('out'), io);
    const before = await eventsOf(deps, id);
    deps.controls.clock.advance(60_000);
    expect(await run(args('out'), io)).toBe(0);
    expect(said.out.match(/recorded before/g)).toHaveLength(2);
    expect(await eventsOf(deps, id)).toEqual(before);
  });

  test('one that is named twice is sent once', async () => {
    const { io, said } = sending({ 'out/TEST-a.xml': good('a') });
    expect(await run([...args('out', './out/TEST-a.xml', 'out/'), '--json'], io)).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject({ reports: [{ file: 'out/TEST-a.xml', recorded: { alreadyRecorded: false } }] });
  });

  test('the others are sent when one is refused by the server, and all outcomes are printed', async () => {
    const { io, said } = sending({ 'out/TEST-a.xml': '<broken', 'out/TEST-b.xml': good('b') });
    expect(await run(args('out'), io)).toBe(1);
    expect(said.err).toContain('out/TEST-a.xml (junit): Evidence not readable');
    expect(said.out).toContain('out/TEST-b.xml (junit): Recorded');
    expect((await verdicts())[0]).toBe('pass');
  });

  test.each([
    ['an unknown name', { 'out/results.xml': '<a/>' }, {}, 'fits no evidence type'],
    ['a link', { 'out/TEST-a.xml': '<a/>' }, { links: ['out/TEST-a.xml'] }, 'links in a folder are not followed'],
    ['a report that is too large', { 'out/all.sarif': 'x'.repeat(4 * 1024 * 1024 + 1) }, {}, 'too large for a sarif report'],
  ])('%s in a folder is refused, and keeps the others back no more', async (_, files, options, message) => {
    const { io, said } = sending({ ...files, 'out/TEST-b.xml': good('b') }, options);
    expect(await run(args('out'), io)).toBe(1);
    expect(said.err).toContain(message);
    expect(said.out).toContain('out/TEST-b.xml (junit): Recorded');
  });

  test('with --type a folder stands for its files of that ending, whatever their names', async () => {
    const { io } = sending({ 'out/a.xml': good('a'), 'out/b.xml': bad, 'out/notes.txt': 'no report' });
    expect(await run([...args('out'), '--type', 'junit'], io)).toBe(1);
    expect((await verdicts())[0]).toBe('fail');
  });

  test('in a GitHub job they are parts of the job', async () => {
    const { io } = sending({ 'TEST-a.xml': bad, 'TEST-b.xml': good('b') }, { env: { GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '2' } });
    await run(args('TEST-a.xml'), io);
    await run(args('TEST-b.xml'), io);
    expect((await verdicts())[0]).toBe('fail');
  });
});

test('in GitLab a job that is retried is a later result, which clears what it covers', async () => {
  const options = (job: string) => ({
    env: { CI_COMMIT_SHA: commit, CI_PIPELINE_ID: '5', CI_JOB_ID: job, GITHUB_RUN_ID: '', GITHUB_SHA: '' },
  });
  const argv = ['evidence', id, 'TEST-a.xml', '--source', 'unit'];
  expect(await run(argv, sending({ 'TEST-a.xml': bad }, options('1')).io)).toBe(1);
  deps.controls.clock.advance(60_000);
  expect(await run(argv, sending({ 'TEST-a.xml': text(junitReport(2)) }, options('2')).io)).toBe(0);
  expect((await verdicts())[0]).toBe('pass');
});

describe('nothing is sent', () => {
  const refused = async (files: Readonly<Record<string, string>>, options: Parameters<typeof diskOf>[1], ...more: string[]) => {
    const { io, said } = sending(files, options);
    const before = await eventsOf(deps, id);
    const code = await run(args(...more), io);
    expect(await eventsOf(deps, id)).toEqual(before);
    return [code, said.err + said.out] as const;
  };

  test.each([
    ['an empty folder', {}, { empty: ['out'] }, ['out'], 1, 'The folder out has no report: it is empty'],
    ['a folder without reports', { 'out/a.css': 'a' }, {}, ['out'], 1, 'has no report among 1 file'],
    ['a file that is not there', {}, {}, ['out/unit.xml'], 2, 'out/unit.xml cannot be read: there is no such file or folder'],
    ['a file of unknown type', { 'a.bin': 'a' }, {}, ['a.bin'], 2, 'fits no evidence type: add --type'],
    ['a file that is too large', { 'k6.json': 'x'.repeat(1024 * 1024 + 1) }, {}, ['k6.json'], 1, '1048576 bytes at most'],
  ])('of %s', async (_, files, options, paths, code, message) => {
    const [exit, printed] = await refused(files, options, ...paths);
    expect(exit).toBe(code);
    expect(printed).toContain(message);
  });

  test('a single refused file is one problem document with --json', async () => {
    const { io, said } = sending({ 'unit.xml': '<broken' });
    expect(await run([...args('unit.xml'), '--json'], io)).toBe(1);
    expect(problemSchema.parse(JSON.parse(said.out)).title).toBe('Evidence not readable');
  });
});

test('when the server stops answering, nothing more is sent, and what was recorded is printed', async () => {
  let sent = 0;
  const disk = diskOf({ 'TEST-a.xml': 'a', 'TEST-b.xml': 'b', 'TEST-c.xml': 'c' });
  const recorded = { event: 'f'.repeat(32), digest: 'a'.repeat(64), judged: [], notCounted: [], unused: 'x', alreadyRecorded: false };
  const answer = (_: Asked) => {
    sent += 1;
    if (sent > 1) throw new TypeError('fetch failed');
    return json(recorded, 201);
  };
  const { io, said } = terminal(answer, {}, disk.io);
  expect(await run(['evidence', 'r1', 'TEST-a.xml', 'TEST-b.xml', 'TEST-c.xml', '--commit', commit], io)).toBe(3);
  expect(sent).toBe(2);
  expect(said.out).toContain('TEST-a.xml (junit): Recorded');
  expect(said.err).toContain('TEST-b.xml (junit): Holdpoint cannot be reached');
  expect(said.err).toContain('TEST-c.xml was not sent');
});

describe('holdpoint run', () => {
  const reports = (...more: string[]) => [
    'run',
    id,
    '--reports',
    'out',
    '--commit',
    commit,
    '--source',
    'unit',
    ...more,
    '--',
    'npm',
    'test',
  ];
  /** A command that writes these files and ends with this code, `secondsLater` after its start. */
  const running = (before: Readonly<Record<string, string>>, writes: Readonly<Record<string, string>>, code: number) => {
    const one = sending(before);
    let called: readonly string[] = [];
    deps.controls.clock.advance(60_000);
    const io = {
      ...one.io,
      execute: async (command: string, args: readonly string[]) => {
        called = [command, ...args];
        deps.controls.clock.advance(5_000);
        for (const [path, written] of Object.entries(writes)) one.disk.write(path, written, deps.clock.now());
        deps.controls.clock.advance(1_000);
        return code;
      },
    };
    return { io, said: one.said, called: () => called };
  };

  test('runs the command with its own options and sends what it wrote', async () => {
    const { io, said, called } = running({}, { 'out/TEST-a.xml': good('a') }, 0);
    expect(await run([...reports(), '--json', '--help'], io)).toBe(0);
    expect(called()).toEqual(['npm', 'test', '--json', '--help']);
    expect(said.out).toContain('out/TEST-a.xml (junit): Recorded');
    expect((await verdicts())[0]).toBe('pass');
  });

  test.each([1, 7, 137])('keeps the exit code %i, and the clean report does not pass', async (code) => {
    const { io } = running({}, { 'out/TEST-a.xml': good('a') }, code);
    expect(await run(reports(), io)).toBe(code);
    expect((await verdicts())[0]).not.toBe('pass');
  });

  test('exits 1 when the command succeeds and a report does not pass', async () => {
    const { io } = running({}, { 'out/TEST-a.xml': bad }, 0);
    expect(await run(reports(), io)).toBe(1);
  });

  test('refuses a report that was there before as stale, and sends the one that was written anew', async () => {
    const { io, said } = running({ 'out/TEST-a.xml': bad, 'out/TEST-old.xml': good('old') }, { 'out/TEST-a.xml': good('a') }, 0);
    expect(await run(reports(), io)).toBe(1);
    expect(said.err).toContain('out/TEST-old.xml is stale');
    expect(said.out).not.toContain('TEST-old');
    expect((await verdicts())[0]).toBe('pass');
  });

  test('refuses a new file with an old time: it was copied, not made', async () => {
    const { io, said } = running({}, {}, 0);
    const copying = sending({ 'out/TEST-a.xml': good('a') });
    let copied = false;
    const entryOf: typeof io.entryOf = async (path, follow) => (copied ? copying.io.entryOf(path, follow) : io.entryOf(path, follow));
    const execute = async () => {
      deps.controls.clock.advance(60_000);
      copied = true;
      return 0;
    };
    deps.controls.clock.advance(60_000);
    expect(await run(reports(), { ...io, entryOf, execute })).toBe(1);
    expect(said.err).toContain('out/TEST-a.xml is stale');
  });

  test.each([
    ['wrote no report', 0, 1],
    ['wrote no report and failed', 3, 3],
    ['was not found', 127, 127],
  ])('a command that %s: nothing is sent, and the exit code says so', async (_, code, exit) => {
    const { io, said } = running({}, {}, code);
    const before = await eventsOf(deps, id);
    expect(await run(reports(), io)).toBe(exit);
    expect(said.err).toContain('npm wrote no report, so nothing is sent.');
    expect(said.err.includes('npm: command not found')).toBe(code === 127);
    expect(await eventsOf(deps, id)).toEqual(before);
  });

  test('with --json the outcome follows as one document', async () => {
    const { io, said } = running({}, { 'out/TEST-a.xml': good('a') }, 0);
    await run(reports('--json'), io);
    expect(JSON.parse(said.out)).toMatchObject({ exitCode: 0, reports: [{ file: 'out/TEST-a.xml', recorded: {} }] });
  });

  test.each([
    ['no command', ['run', 'r1', '--reports', 'out', '--commit', commit], 'put it after --'],
    ['no reports', ['run', 'r1', '--commit', commit, '--', 'npm'], '--reports is missing'],
    ['no run', ['run', '--reports', 'out', '--commit', commit, '--', 'npm'], 'set HOLDPOINT_RUN'],
    ['no commit', ['run', 'r1', '--reports', 'out', '--', 'npm'], '--commit is missing'],
  ])('with %s is wrong usage, and the command is not run', async (_, argv, message) => {
    const { io, said, called } = running({}, {}, 0);
    expect(await run(argv, io)).toBe(2);
    expect(said.err).toContain(message);
    expect(called()).toEqual([]);
  });

  test('takes the run from HOLDPOINT_RUN', async () => {
    const { io } = running({}, { 'out/TEST-a.xml': good('a') }, 0);
    const argv = ['run', '--reports', 'out', '--commit', commit, '--', 'npm', 'test'];
    expect(await run(argv, { ...io, env: { ...io.env, HOLDPOINT_RUN: id } })).toBe(0);
  });
});
