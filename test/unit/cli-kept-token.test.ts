import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenForAnswer } from '../../lib/cli/loopback.ts';
import { run } from '../../lib/cli/main.ts';
import { terminal } from './terminal.ts';

let config: string;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'holdpoint-kept-'));
});
afterEach(() => rmSync(config, { recursive: true }));

describe('the kept token', () => {
  const keep = (changes: object = {}, mode = 0o600) => {
    mkdirSync(join(config, 'holdpoint'), { recursive: true });
    const file = join(config, 'holdpoint', `${encodeURIComponent('https://holdpoint.test')}.json`);
    const whole = { origin: 'https://holdpoint.test', token: 'a.person.token', expiresAt: '2026-03-02T12:00:00.000Z' };
    writeFileSync(file, JSON.stringify({ ...whole, ...changes }));
    chmodSync(file, mode);
    return file;
  };
  /** Runs a command against a server that refuses everything, and returns the tokens that it saw. */
  const sent = async (argv: readonly string[], env: Record<string, string> = {}) => {
    const { io, said } = terminal(undefined, { HOLDPOINT_TOKEN: '', XDG_CONFIG_HOME: config, ...env });
    const code = await run(argv, io);
    return { code, out: said.out, err: said.err, tokens: said.asked.map(({ headers }) => headers.get('authorization')) };
  };
  const attesting = ['attest', 'r1', 'backup', '--statement', 'I have looked at it today.'];
  const reporting = ['deployment', 'r1', '--state', 'started', '--environment', 'production', '--component', 'web', '--digest', 'd'];

  test.each([
    ['attest', attesting],
    ['waive', ['waive', 'r1', 'backup', '--reason', 'The disk is broken today.', '--until', '2026-03-03T08:00:00Z']],
    ['status', ['status', 'r1']],
    ['wait', ['wait', 'r1', '--gate', 'phase-1']],
  ])('serves %s', async (_, argv) => {
    keep();
    expect((await sent(argv)).tokens).toEqual(['Bearer a.person.token']);
  });

  test('gives way to --token and HOLDPOINT_TOKEN', async () => {
    keep();
    expect((await sent(attesting, { HOLDPOINT_TOKEN: 'given' })).tokens).toEqual(['Bearer given']);
    expect((await sent([...attesting, '--token', 'given'])).tokens).toEqual(['Bearer given']);
  });

  test('is no token of a CI job', async () => {
    keep();
    expect(await sent(reporting)).toMatchObject({ code: 2, tokens: [] });
    const inActions = await sent(attesting, { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 's' });
    expect(inActions.tokens).toEqual(['Bearer s']);
  });

  test('goes to no other server', async () => {
    keep();
    expect(await sent([...attesting, '--url', 'https://holdpoint.example.com'])).toMatchObject({ code: 2, tokens: [] });
  });

  test.each([
    [
      'that has expired',
      { expiresAt: '2026-03-02T08:00:00.000Z' },
      0o600,
      'ended at 2026-03-02T08:00:00.000Z: run `holdpoint login` again',
    ],
    ['that others can read', {}, 0o640, 'others can read'],
    ['in a file of another server', { origin: 'https://evil.example.com' }, 0o600, 'holds no sign-in for https://holdpoint.test'],
    ['in a file that was damaged', { token: '' }, 0o600, 'holds no sign-in'],
  ])('%s is not sent', async (_, changes, mode, message) => {
    keep(changes, mode);
    const { code, err, tokens } = await sent(attesting);
    expect([code, tokens]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  test('without one, the message names holdpoint login', async () => {
    const { code, err } = await sent(attesting);
    expect(code).toBe(2);
    expect(err).toContain('sign in with `holdpoint login`');
  });

  test('is deleted by holdpoint logout, once', async () => {
    const file = keep({}, 0o644);
    expect(await sent(['logout'])).toMatchObject({ code: 0, out: 'The token for https://holdpoint.test was deleted.\n' });
    expect(existsSync(file)).toBe(false);
    expect(await sent(['logout', '--json'])).toMatchObject({ code: 0, out: expect.stringContaining('"deleted": false') as string });
  });
});

describe('the loopback address', () => {
  test('listens on 127.0.0.1 only, and answers no foreign Host and no POST', async () => {
    const { redirect, answer, close } = await listenForAnswer('right', 50);
    const { port } = new URL(redirect);
    const late = expect(answer()).rejects.toThrow('nobody signed in within 0 seconds');
    const foreign = await rawStatus(Number(port), 'GET /callback?state=right&code=x HTTP/1.1\r\nHost: evil.example.com');
    expect(foreign).toBe(400);
    expect(await rawStatus(Number(port), `GET http://evil.example.com/callback?state=right HTTP/1.1\r\nHost: 127.0.0.1:${port}`)).toBe(400);
    expect((await fetch(`${redirect}?state=right`, { method: 'POST' })).status).toBe(400);
    expect((await fetch(`${redirect}?state=right&state=right`)).status).toBe(400);
    await late;
    close();
    await expect(fetch(redirect)).rejects.toThrow();
  });
});

/** The status of one request as it is written here: fetch sets Host itself. */
const rawStatus = (port: number, head: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
    socket.once('data', (data) => {
      resolve(Number(String(data).split(' ')[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
