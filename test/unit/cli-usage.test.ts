import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../lib/cli/commands.ts';
import { run } from '../../lib/cli/main.ts';
import { exampleWorld } from './example-world.ts';
import { terminal } from './terminal.ts';

const folder = resolve(import.meta.dirname, '../../lib/cli');
/** Every option that some command takes. */
const options = [
  ...new Set(
    readdirSync(folder).flatMap((file) =>
      [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/([\w-]+)'?: \{ type: '(?:string|boolean)'/g)].map(([, name = '']) => name),
    ),
  ),
].sort();
/** The list of all commands names these once. */
const everywhere = ['json', 'help', 'url', 'token', 'as'];

const loaded = await Promise.all(commands.map(async (listed) => ({ name: listed.name, ...(await listed.load()) })));

/** Whether a command takes an option. With a value a boolean one is wrong usage, too, but a known one. */
const takes = async (name: string, option: string): Promise<boolean> => {
  const { io, said } = terminal(
    () => {
      throw new TypeError('fetch failed');
    },
    { XDG_CONFIG_HOME: '/nowhere' },
    exampleWorld,
  );
  await run([...name.split(' '), `--${option}=x`, ...(name === 'run' ? ['--', 'true'] : [])], io);
  return !said.err.includes(`Unknown option '--${option}'`);
};

describe.each(loaded)('holdpoint $name --help', ({ name, usage }) => {
  test('names every option that the command takes', async () => {
    expect(options).toEqual(expect.arrayContaining(['until', 'artifact', 'gate', 'revoke', 'idempotency-key']));
    const taken: string[] = [];
    for (const option of options) if (!everywhere.includes(option) && (await takes(name, option))) taken.push(option);
    expect(await takes(name, 'no-such-option')).toBe(false);
    // What `run` passes on stands in the help of `evidence`.
    const passedOn =
      name === 'run' && usage.includes('[options of evidence]') ? (loaded.find((one) => one.name === 'evidence')?.usage ?? '') : '';
    expect(taken.filter((option) => !`${usage}\n${passedOn}`.includes(`--${option}`))).toEqual([]);
  });

  test('fits a narrow terminal, except what is copied or has no blank', async () => {
    const { io, said } = terminal(undefined, {}, { columns: 80 });
    expect(await run([...name.split(' '), '--help'], io)).toBe(0);
    const wide = said.out
      .split('\n')
      .filter((line) => [...line].length > 80 && !line.startsWith('  holdpoint ') && / \S.* \S/.test(line.trim()));
    expect(wide).toEqual([]);
    expect(said.out.replace(/\s+/g, ' ')).toContain(usage.replace(/\s+/g, ' '));
  });

  test('says defaults once, in their own line, and begins each line of the usage in the same way', () => {
    expect(usage).not.toMatch(/\bDefaults?:/);
    const [head = ''] = usage.split('\n\n');
    expect(
      head
        .split('\n')
        .slice(1)
        .filter((line) => !line.startsWith('  ')),
    ).toEqual([]);
  });
});

test('holdpoint --help lists every command once, each below what it is for', async () => {
  const { io, said } = terminal(undefined, {}, { columns: 80 });
  expect(await run(['--help'], io)).toBe(0);
  const [head = '', ...groups] = said.out.split(/^Exit codes:/m)[0]?.split(/\n\n(?=[A-Z][^\n]*:\n {2}\S)/) ?? [];
  expect(head).toBe('Usage: holdpoint COMMAND [options]');
  expect(groups.map((group) => group.split('\n')[0])).toEqual(commands.flatMap(({ under }) => (under === undefined ? [] : [`${under}:`])));
  for (const { name } of commands)
    expect(said.out.match(new RegExp(`^ {2}${name}(,| {2,}| (?=list|write|read|call))`, 'gm')), name).toHaveLength(1);
});
