import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { problemFrom } from '../../lib/cli/problem.ts';
import { localDown, localReset, localStatus } from '../../lib/local/commands.ts';
import { localCommands } from '../../lib/local/listed.ts';
import { LocalFault } from '../../lib/local/local-fault.ts';
import { resetSchema, statusSchema, stoppedSchema } from '../../lib/local/printed.ts';
import { argvOf } from './example-world.ts';
import { terminal } from './terminal.ts';

const ran = async (...argv: string[]) => {
  const { io, said } = terminal(undefined, {}, { localCommands });
  const code = await run(argv, io);
  return { code, ...said };
};

const loaded = await Promise.all(localCommands.map(async (listed) => ({ ...listed, ...(await listed.load()) })));

describe.each(loaded)('holdpoint $name', ({ name, summary, usage, binds, defaults, examples }) => {
  test('has a help with what it is bound to, its defaults and two examples at least', async () => {
    const { code, out, err } = await ran(...name.split(' '), '--help');
    expect([code, err]).toEqual([0, '']);
    for (const part of [summary, usage, binds, defaults, ...examples]) expect(out).toContain(part);
    expect(new Set(examples).size).toBeGreaterThanOrEqual(2);
    expect(usage).toMatch(new RegExp(`^holdpoint ${name}\\b`));
    for (const text of [binds, defaults]) expect(text).toMatch(/^.{3,}[^.]$/s);
  });

  test('has a published schema of what it prints', async () => {
    const { code, out } = await ran('schema', '--output', name);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ title: `What holdpoint ${name} --json prints` });
    expect(out).toMatch(/"properties":\s*\{\s*"\w+/);
  });

  // Set up, it would change this checkout: what stands before an option that no command has was understood.
  test.each(examples)('understands its example: %s', async (example) => {
    expect(await ran(...argvOf(example), '--no-such-option')).toMatchObject({
      code: 2,
      out: example.includes('--json') ? expect.stringContaining("Unknown option '--no-such-option'") : '',
      err: example.includes('--json') ? '' : expect.stringContaining("Unknown option '--no-such-option'"),
    });
    expect(example).toMatch(new RegExp(`^holdpoint ${name}( |$)`));
  });
});

describe('holdpoint local', () => {
  test.each([[['local', '--help']], [['local', 'help']], [['local', '-h']]])('%j lists its commands', async (argv) => {
    const { code, out, err } = await ran(...argv);
    expect([code, err]).toEqual([0, '']);
    for (const { name, summary } of localCommands) expect(out).toMatch(new RegExp(`${name} +${summary}`));
  });

  test('alone lists them, too, and is wrong usage', async () => {
    expect(await ran('local')).toMatchObject({ code: 2, out: expect.stringContaining('Usage: holdpoint local COMMAND') as string });
  });

  test('stands in the list of all commands with what it can do', async () => {
    expect((await ran('--help')).out).toContain('run a whole stage on this machine: up, down, reset, status, mail, token, demo');
  });

  test.each([
    [['local', 'launch'], 'no such command: local launch'],
    [['local', 'constructor'], 'no such command: local constructor'],
    [['local', 'up', '--fast'], "Unknown option '--fast'"],
    [['local', 'up', 'now'], 'got now, expected no arguments'],
    [['local', 'token'], 'got nothing, expected WHO'],
    [['local', 'status', '--endpoint', 'http://localhost:1'], "Unknown option '--endpoint'"],
    [['local', 'mail', '--url', 'http://localhost:1'], "Unknown option '--url'"],
    [['local', 'demo', '--twice'], "Unknown option '--twice'"],
  ])('%j is wrong usage, as text and as JSON', async (argv, detail) => {
    expect(await ran(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(detail) as string });
    const { code, out, err } = await ran(...argv, '--json');
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toMatchObject({
      type: 'https://holdpoint.dev/problems/usage',
      status: 400,
      detail: expect.stringContaining(detail),
    });
  });

  test('prints what its schemas say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-local-'));
    const printed = { status: localStatus({ folder }), stopped: await localDown({ folder }), reset: localReset({ folder }) };
    expect(statusSchema.parse(printed.status)).toEqual(printed.status);
    expect(stoppedSchema.parse(printed.stopped)).toEqual(printed.stopped);
    expect(resetSchema.parse(printed.reset)).toEqual(printed.reset);
  });
});

describe('the problem of a local stage', () => {
  test('has its own type, and any other error the type `fault`', () => {
    const common = { status: 500, instance: 'urn:holdpoint:command-line' };
    expect(problemFrom(new LocalFault('busy', 'A demo is already running here.'))).toEqual({
      ...common,
      type: 'https://holdpoint.dev/problems/busy',
      title: 'Already running here',
      detail: 'A demo is already running here.',
    });
    expect(problemFrom(new TypeError('no such thing'))).toEqual({
      ...common,
      type: 'https://holdpoint.dev/problems/fault',
      title: 'The command failed',
      detail: 'no such thing',
    });
    expect(problemFrom('text').detail).toBe('text');
  });

  test.each([
    ['not-running', 3],
    ['busy', 1],
  ] as const)('ends a command that meets %s with %i', async (type, code) => {
    const load = async () => ({
      ...(loaded[0] ?? expect.fail('no command')),
      run: () => Promise.reject(new LocalFault(type, 'Start it.')),
    });
    const { io, said } = terminal(undefined, {}, { localCommands: [{ name: 'local mail', summary: 'mails', load }] });
    expect(await run(['local', 'mail', '--json'], io)).toBe(code);
    expect(JSON.parse(said.out)).toMatchObject({ type: `https://holdpoint.dev/problems/${type}`, detail: 'Start it.' });
    expect(await run(['local', 'mail'], io)).toBe(code);
    expect(said.err).toBe('holdpoint local mail: Start it.\n');
  });
});
