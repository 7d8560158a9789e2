import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const status = ['status', 'r1'];
const actions = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test/?x=1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 's' };

/** Runs `status` with exactly these variables; GitHub gives the token `jwt`, and the server refuses everything. */
const connected = async (env: Record<string, string>, argv: readonly string[] = [], local?: string) => {
  const { io, said } = terminal(
    (asked) => (asked.url.startsWith('https://token.test') ? json({ value: 'jwt' }) : new Response('no', { status: 501 })),
    {},
    { env, local: async () => (local === undefined ? undefined : { url: local, tokenOf: async (who) => `of ${who}` }) },
  );
  const code = await run([...status, ...argv], io);
  return { code, err: said.err, asked: said.asked.map(({ url, headers }) => [url, headers.get('authorization')]) };
};

describe('the token of a job in GitHub Actions', () => {
  const audienceOf = (asked: readonly (readonly (string | null)[])[]) => new URL(asked[0]?.[0] ?? '').searchParams.get('audience');

  test('is asked for from GitHub, and sent to the server', async () => {
    const { asked } = await connected({ ...actions, HOLDPOINT_URL: 'https://holdpoint.test' });
    expect(asked).toEqual([
      ['https://token.test/?x=1&audience=https%3A%2F%2Fholdpoint.test', 'Bearer s'],
      ['https://holdpoint.test/v1/runs/r1', 'Bearer jwt'],
    ]);
  });

  test.each([
    ['a path', { HOLDPOINT_URL: 'https://holdpoint.test/base/' }, 'https://holdpoint.test'],
    ['a port', { HOLDPOINT_URL: 'https://holdpoint.test:8443' }, 'https://holdpoint.test:8443'],
    ['capitals and the usual port', { HOLDPOINT_URL: 'https://Holdpoint.Test:443' }, 'https://holdpoint.test'],
    ['an audience of its own', { HOLDPOINT_URL: 'https://holdpoint.test', HOLDPOINT_AUDIENCE: 'shop' }, 'shop'],
    [
      'an empty audience, as of a missing setting',
      { HOLDPOINT_URL: 'https://holdpoint.test', HOLDPOINT_AUDIENCE: '' },
      'https://holdpoint.test',
    ],
  ])('is for the origin of the server: %s', async (_, env, audience) => {
    expect(audienceOf((await connected({ ...actions, ...env })).asked)).toBe(audience);
  });

  test('is not asked for over plain http', async () => {
    const { code, asked } = await connected({
      ...actions,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://token.test/',
      HOLDPOINT_URL: 'https://h.test',
    });
    expect([code, asked]).toEqual([2, []]);
  });
});

describe('a token goes over plain http', () => {
  test.each(['http://localhost:4630', 'http://127.0.0.1:4630', 'http://127.8.0.1', 'http://[::1]:4630'])(
    'to this machine: %s',
    async (url) => {
      const { code, asked } = await connected({ HOLDPOINT_URL: url, HOLDPOINT_TOKEN: 't' });
      expect([code, asked]).toEqual([3, [[`${url}/v1/runs/r1`, 'Bearer t']]]);
    },
  );

  test.each([
    'http://holdpoint.example.com',
    'HTTP://holdpoint.example.com',
    'http://10.0.0.7:4630',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost@holdpoint.example.com',
    'http://0.0.0.0:4630',
  ])('never to another: %s', async (url) => {
    const { code, err, asked } = await connected({ HOLDPOINT_TOKEN: 't' }, ['--url', url]);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toContain(`${url} is not encrypted`);
  });
});

describe('--as', () => {
  test('chooses a person of the running local stage', async () => {
    const { asked } = await connected({}, ['--as', 'tove'], 'http://localhost:4630');
    expect(asked).toEqual([['http://localhost:4630/v1/runs/r1', 'Bearer of tove']]);
  });

  test.each([
    ['beside --token', {}, ['--token', 't'], 'http://localhost:4630', '--token is one'],
    ['beside HOLDPOINT_TOKEN', { HOLDPOINT_TOKEN: 't' }, [], 'http://localhost:4630', 'HOLDPOINT_TOKEN is one'],
    [
      'with a server that is not the local stage',
      { ...actions, HOLDPOINT_URL: 'https://holdpoint.test' },
      [],
      undefined,
      'needs a local stage',
    ],
    ['without a local stage', {}, [], undefined, 'none is running'],
  ])('is wrong usage %s', async (_, env, argv, local, message) => {
    const { code, err, asked } = await connected(env, ['--as', 'tove', ...argv], local);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  test('is taken beside an empty HOLDPOINT_TOKEN, which is none', async () => {
    const { asked } = await connected({ HOLDPOINT_TOKEN: '', HOLDPOINT_URL: '' }, ['--as', 'tove'], 'http://localhost:4630');
    expect(asked).toEqual([['http://localhost:4630/v1/runs/r1', 'Bearer of tove']]);
  });
});
