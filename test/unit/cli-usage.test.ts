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
