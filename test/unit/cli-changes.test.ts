import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { factsOf, json } from './parsed.ts';
import { terminal } from './terminal.ts';

const [base, head] = ['a'.repeat(40), 'c'.repeat(40)];

/** Runs the command in a repository whose commits differ by what git says here. */
const inRepository = async (difference: string, argv: readonly string[] = ['--base', 'v1'], knows = true) => {
  const asked: (readonly string[])[] = [];
  const { io, said } = terminal(
    undefined,
    {},
    {
      output: async (_, args) => {
        asked.push(args);
        if (args[0] === 'diff') return { code: 0, text: difference };
        return knows ? { code: 0, text: `${args[3]?.startsWith('v1') ? base : head}\n` } : { code: 128, text: '' };
      },
    },
  );
  const code = await run(['changes', ...argv], { ...io, env: {} });
  const written = said.files.get('changes.record.json');
  return { code, said, asked, record: written === undefined ? undefined : (JSON.parse(written) as object) };
};

describe('holdpoint changes', () => {
  test('writes a record that is understood, with deleted files and names of every kind', async () => {
    const text = ['A', 'src/b c.ts', 'M', 'src/ä.ts', 'D', 'src/old.ts', 'T', 'bin/run', ''].join('\0');
    const { code, said, asked, record } = await inRepository(text);
    expect([code, said.err]).toEqual([0, '']);
    const same = ['--no-renames', '--no-relative', '--no-ext-diff', '--ignore-submodules=none'];
    expect(asked.at(-1)).toEqual(['diff', '--name-status', ...same, '-z', base, head, '--']);
    expect(factsOf('record', json(record))).toMatchObject({
      record: 'changes',
      base,
      commit: head,
      items: 4,
      figures: { added: 1, modified: 2, deleted: 1 },
      changed: ['bin/run', 'src/b c.ts', 'src/ä.ts'],
    });
    expect(said.out).toBe('4 files differ: 1 added, 2 modified, 1 deleted.\nThe record is in changes.record.json.\n');
  });

  test("takes git's empty tree, which is no commit", async () => {
    const { code, record } = await inRepository('A\0src/a.ts\0', ['--base', '4b825dc642cb6eb9a060e54bf8d69288fbee4904']);
    expect([code, record]).toMatchObject([0, { base: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' }]);
  });

  test('writes nothing without a base, of an unknown commit, and of what git cannot compare', async () => {
    for (const [difference, argv, knows, says] of [
      ['', [], true, '--base is missing'],
      ['', ['--base', 'v1'], false, '--base v1: git does not know this commit'],
      [
        'A\0src/a\nb.ts\0',
        ['--base', 'v1'],
        true,
        'files.0.path: a path below the folder of the repository, without control characters; got "src/a\\nb.ts"',
      ],
      [Array.from({ length: 20_001 }, (_, n) => `A\0${n}.ts\0`).join(''), ['--base', 'v1'], true, 'files: Too big'],
      ['U\0src/a.ts\0', ['--base', 'v1'], true, 'git says U of src/a.ts'],
    ] as const) {
      const { code, said, record } = await inRepository(difference, argv, knows);
      expect([code, said.err, record]).toEqual([2, expect.stringContaining(says) as unknown, undefined]);
    }
  });
});
