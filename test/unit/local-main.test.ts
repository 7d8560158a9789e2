import { describe, expect, test } from 'vitest';
import { LocalFault, told } from '../../lib/local/error-document.ts';
import { runLocal } from '../../lib/local/main.ts';
import { terminal } from './terminal.ts';

const ran = async (...argv: string[]) => {
  const { io, said } = terminal();
  const code = await runLocal(argv, io);
  return { code, ...said };
};

describe('holdpoint local', () => {
  test.each([['--help'], ['-h'], ['help'], ['up', '--help'], ['token', '-h']])('%s %s helps and is no mistake', async (...argv) => {
    expect(await ran(...argv)).toMatchObject({ code: 0, out: expect.stringContaining('holdpoint local <command>') as string, err: '' });
  });

  test.each([
    [[], 'a command is missing'],
    [['launch'], 'no such command: local launch'],
    [['constructor'], 'no such command: local constructor'],
    [['up', '--fast'], "Unknown option '--fast'"],
    [['up', 'now'], 'got 1 arguments, expected none'],
    [['token'], 'got 0 arguments, expected <who>'],
    [['status', '--endpoint', 'http://localhost:1'], '--endpoint is an option of `local up` only'],
  ])('%j is wrong usage, in words and as JSON', async (argv, detail) => {
    expect(await ran(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(detail) as string });
    const { code, out } = await ran(...argv.concat(argv.length === 0 ? [] : ['--json']));
    expect(code).toBe(2);
    if (argv.length > 0)
      expect(JSON.parse(out)).toMatchObject({ error: { type: 'usage', detail: expect.stringContaining(detail) as string } });
  });
});

describe('what is told of a fault', () => {
  test('ours has its own type; what nobody foresaw is told as well', () => {
    expect(told(new LocalFault('busy', 'A play is going on.'), 'Broke off')).toEqual({
      type: 'busy',
      title: 'Already at work here',
      detail: 'A play is going on.',
    });
    expect(told(new TypeError('no such thing'), 'Broke off')).toEqual({ type: 'fault', title: 'Broke off', detail: 'no such thing' });
    expect(told('text', 'Broke off').detail).toBe('text');
  });
});
