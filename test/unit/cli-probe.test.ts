import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../lib/cli/io.ts';
import { run } from '../../lib/cli/main.ts';
import { seriesJsonSchema } from '../../lib/evidence/published-schemas.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { type Asked, terminal } from './terminal.ts';

const url = 'https://shop.example.com/health';
const argv = ['probe', url, '--for', '1m', '--every', '10s'];

/** A terminal with a clock that advances with every pause, and by `tookMs` with every request. */
const probing = (
  answer: (asked: Asked, call: number) => Response,
  { tookMs = 20, ...outside }: Partial<Io> & { readonly tookMs?: number } = {},
) => {
  let now = Date.parse('2026-03-02T08:00:00.000Z');
  let calls = 0;
  const one = terminal(
    (asked) => {
      now += tookMs;
      calls += 1;
      return answer(asked, calls);
    },
    {},
    {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
      },
      ...outside,
    },
  );
  const written = () =>
    JSON.parse(one.said.files.get('series.json') ?? '{}') as {
      points: { at: string; ok: boolean; latencyMs: number; status?: number; error?: string }[];
    };
  const facts = () => parseEvidence('series', new TextEncoder().encode(one.said.files.get('series.json'))).ok;
  return { ...one, written, facts, setBack: (ms: number) => (now -= ms) };
};
const ok = () => new Response('fine');
const refused = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
};

describe('holdpoint probe', () => {
  test('writes a series that covers the whole time, and needs no Holdpoint', async () => {
    const { io, said, written, facts } = probing(ok);
    expect(await run(argv, io)).toBe(0);
    expect(facts()).toMatchObject({ type: 'series', name: 'health', about: url, points: 7, failed: 0, durationSeconds: 60, p95Ms: 20 });
    expect(written().points[0]).toEqual({ at: '2026-03-02T08:00:00.000Z', ok: true, latencyMs: 20, status: 200 });
    expect(said.asked.map((one) => [one.method, one.url])).toEqual(Array.from({ length: 7 }, () => ['GET', url]));
    expect(said.asked[0]?.headers.get('authorization')).toBeNull();
  });

  test('covers a time that is no multiple of the interval', async () => {
    const { io, facts } = probing(ok);
    await run(['probe', url, '--for', '25s', '--every', '10s'], io);
    expect(facts()).toMatchObject({ points: 4, durationSeconds: 25 });
  });

  test.each<[string, () => Response, object]>([
    ['a server error', () => new Response('no', { status: 503 }), { status: 503 }],
    ['a missing page', () => new Response('no', { status: 404 }), { status: 404 }],
    ['a redirect, such as to a sign-in', () => new Response(null, { status: 302, headers: { location: '/login' } }), { status: 302 }],
    ['a refused connection', refused, { error: 'ECONNREFUSED' }],
    [
      'no answer in time',
      () => {
        throw new DOMException('no answer in time', 'TimeoutError');
      },
      { error: 'timeout' },
    ],
  ])('records %s as a failure', async (_, answer, more) => {
    const { io, written, facts } = probing((_asked, call) => (call === 2 ? answer() : ok()));
    expect(await run(argv, io)).toBe(0);
    expect(written().points[1]).toEqual({ at: '2026-03-02T08:00:10.000Z', ok: false, latencyMs: 20, ...more });
    expect(facts()).toMatchObject({ points: 7, failed: 1 });
  });

  test('exits 1 when the URL never answered, and still writes the failures', async () => {
    const { io, said, facts } = probing(refused);
    expect(await run(argv, io)).toBe(1);
    expect(said.out).toContain('The URL never answered.');
    expect(facts()).toMatchObject({ points: 7, failed: 7 });
  });

  test('slow answers make fewer points, never overlapping ones', async () => {
    const { io, written } = probing(ok, { tookMs: 25_000 });
    await run(argv, io);
    expect(written().points.map(({ at }) => at.slice(14, 19))).toEqual(['00:00', '00:25', '00:50', '01:15']);
  });

  test('a clock that is set back never gives two points one time', async () => {
    const one = probing((_asked, call) => {
      if (call === 3) one.setBack(30_000);
      return ok();
    });
    await run(argv, one.io);
    expect(one.facts()).toMatchObject({ type: 'series' });
  });

  test('Ctrl-C writes what was measured, without the request that it broke off', async () => {
    const interrupted = new AbortController();
    const { io, said, facts } = probing(
      (_asked, call) => {
        if (call < 4) return ok();
        interrupted.abort();
        throw new DOMException('aborted', 'AbortError');
      },
      { interrupted: () => interrupted.signal },
    );
    expect(await run(argv, io)).toBe(130);
    expect(facts()).toMatchObject({ points: 3, failed: 0 });
    expect(said.out).toContain('shorter than planned');
  });

  test('does not name the query of the URL, which may hold a token', async () => {
    const { io, said } = probing(ok);
    await run(['probe', `${url}?token=secret`, '--for', '20s', '--every', '10s'], io);
    expect([...said.files.values()].join() + said.out + said.err).not.toContain('secret');
  });

  test('--json prints the counts as one document', async () => {
    const { io, said } = probing(ok);
    await run([...argv, '--json', '--name', 'soak'], io);
    expect(JSON.parse(said.out)).toEqual({ file: 'series.json', name: 'soak', points: 7, failed: 0, answered: 7 });
  });

  test.each([
    [['shop.example.com', '--for', '1m'], 'is not a URL'],
    [['https://user:secret@shop.example.com', '--for', '1m'], 'a user or a password'],
    [[url], '--for is missing'],
    [[url, '--for', '90'], 'expected a duration'],
    [[url, '--for', '0s'], 'expected a duration'],
    [[url, '--for', '7d', '--every', '1s'], 'choose a longer --every'],
    [[url, '--for', '1m', '--name', 'Health!'], 'lower-case letters'],
  ])('%j is wrong usage', async (more, message) => {
    const { io, said } = probing(ok);
    expect(await run(['probe', ...more], io)).toBe(2);
    expect(said.err).toContain(message);
    expect(said.asked).toEqual([]);
  });

  test('--schema prints the JSON schema of the format', async () => {
    const { io, said } = probing(ok);
    expect(await run(['probe', '--schema'], io)).toBe(0);
    expect(JSON.parse(said.out)).toEqual(seriesJsonSchema());
    expect(said.out).toContain('holdpoint.series/1');
  });

  test('gives up on a real server that hangs, and reads no endless answer', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/hangs') return;
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', write);
      };
      write();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const short = ['--for', '20s', '--every', '10s', '--timeout', '200ms'];
    const hanging = probing(ok, { fetch });
    expect(await run(['probe', `${base}/hangs`, ...short], hanging.io)).toBe(1);
    expect(hanging.written().points.map(({ error }) => error)).toEqual(['timeout', 'timeout', 'timeout']);
    const endless = probing(ok, { fetch });
    expect(await run(['probe', `${base}/endless`, '--for', '10s', '--every', '10s'], endless.io)).toBe(0);
    server.closeAllConnections();
    server.close();
  });
});

describe('a series', () => {
  const point = (second: number, more: object) => ({ at: `2026-03-02T08:00:0${second}.000Z`, ok: true, latencyMs: 5, ...more });
  test.each([
    ['says ok beside a server error', { status: 500 }, 1],
    ['says ok beside a page that is not there', { status: 404 }, 1],
    ['says ok beside a refusal', { status: 429 }, 1],
    ['says ok beside an error', { error: 'timeout' }, 1],
    ['says ok beside a sign-in that it did not pass', { status: 401 }, 1],
    ['was led on', { status: 302 }, 0],
  ])('whose point %s has %j: %i failed', (_, more, failed) => {
    const text = JSON.stringify({ schema: 'holdpoint.series/1', name: 'health', points: [point(0, {}), point(1, more)] });
    expect(parseEvidence('series', new TextEncoder().encode(text)).ok).toMatchObject({ points: 2, failed });
  });
});
