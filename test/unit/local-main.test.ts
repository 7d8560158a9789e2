import { describe, expect, test } from 'vitest';
import { errorDocument, LocalFault } from '../../lib/local/error-document.ts';
import { runLocal } from '../../lib/local/main.ts';
import { terminal } from './terminal.ts';

const ran = async (...argv: string[]) => {
  const { io, said } = terminal();
  const code = await runLocal(argv, io);
  return { code, ...said };
};

describe('holdpoint local', () => {
  test.each([['--help'], ['-h'], ['help'], ['up', '--help'], ['token', '-h']])('%s %s prints the usage and succeeds', async (...argv) => {
    expect(await ran(...argv)).toMatchObject({ code: 0, out: expect.stringContaining('holdpoint local <command>') as string, err: '' });
  });

  test.each([
    [[], 'a command is missing'],
    [['launch'], 'no such command: local launch'],
    [['constructor'], 'no such command: local constructor'],
    [['up', '--fast'], "Unknown option '--fast'"],
    [['up', 'now'], 'got 1 arguments, expected none'],
    [['token'], 'got 0 arguments, expected <who>'],
    [['status', '--endpoint', 'http://localhost:1'], 'only `local up` takes --endpoint'],
  ])('%j is wrong usage, as text and as JSON', async (argv, detail) => {
    expect(await ran(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(detail) as string });
    const { code, out } = await ran(...argv.concat(argv.length === 0 ? [] : ['--json']));
    expect(code).toBe(2);
    if (argv.length > 0)
      expect(JSON.parse(out)).toMatchObject({
        type: expect.stringMatching(/\/usage$/) as string,
        status: 400,
        detail: expect.stringContaining(detail) as string,
      });
  });
});

describe('the error document', () => {
  test('a local fault has its own type, any other error the type `fault`', () => {
    const common = { status: 500, instance: 'urn:holdpoint:command-line' };
    expect(errorDocument(new LocalFault('busy', 'A demo is already running here.'), 'Failed')).toEqual({
      ...common,
      type: 'https://holdpoint.dev/problems/busy',
      title: 'Already running here',
      detail: 'A demo is already running here.',
    });
    expect(errorDocument(new TypeError('no such thing'), 'Failed')).toEqual({
      ...common,
      type: 'https://holdpoint.dev/problems/fault',
      title: 'Failed',
      detail: 'no such thing',
    });
    expect(errorDocument('text', 'Failed').detail).toBe('text');
  });
});
