import { beforeEach, describe, expect, test } from 'vitest';
import { ciApi } from '../../lambdas/api/ci.ts';
import type { Api } from '../../lib/api/mount.ts';
import { run } from '../../lib/cli/main.ts';
import { takeUpload } from '../../lib/run/commands/take-upload.ts';
import type { FakeDependencies } from '../fakes.ts';
import { commit, dependenciesOf, junitReport, twoGates } from '../given.ts';
import { ask, bearer, jobOf, startedOver } from '../handlers/requests.ts';
import { diskOf } from './disk.ts';
import { terminal } from './terminal.ts';

let deps: FakeDependencies;
let api: Api;
let id: string;

beforeEach(async () => {
  deps = dependenciesOf(twoGates);
  api = ciApi(deps);
  id = await startedOver(api);
});

const megabyte = 1024 * 1024;
/** A report of so many bytes at least: what the tests wrote makes reports large. */
const largeReport = (bytes: number, failures = 0): string => {
  const small = new TextDecoder().decode(junitReport(3, failures));
  const output = `<system-out>${'a line of output\n'.repeat(Math.ceil(bytes / 17))}</system-out>`;
  return small.replace('</testsuite>', `${output}</testsuite>`);
};

type Store = (given: {
  readonly puts: number;
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}) => Response | 'take' | Error;

/** The command line over the API, the intake and the function that takes uploads, in this process. `store` answers in place of the intake. */
const sending = (files: Readonly<Record<string, string>>, store: Store = () => 'take', columns?: number) => {
  const disk = diskOf(files, { at: deps.clock.now().toISOString() });
  const seen = { puts: 0, posts: 0, polls: 0, paused: [] as number[] };
  const { io, said } = terminal(
    undefined,
    {},
    {
      ...disk.io,
      columns,
      now: () => deps.clock.now(),
      sleep: async (ms) => {
        seen.paused.push(ms);
        deps.controls.clock.advance(ms);
      },
      fetch: async (url, init) => {
        const { hostname, pathname, search } = new URL(String(url));
        if (hostname === 'intake.example.com') {
          seen.puts += 1;
          const bytes = new Uint8Array(await new Response(init?.body).arrayBuffer());
          const headers = Object.fromEntries(new Headers(init?.headers));
          const answer = store({ puts: seen.puts, bytes, headers });
          if (answer instanceof Error) throw answer;
          if (answer !== 'take') return answer;
          const status = deps.controls.intake.put({ url: String(url), headers }, bytes);
          const [, , , upload = ''] = pathname.split('/');
          if (status === 200) await takeUpload(deps, { run: id, upload });
          return new Response(status === 400 ? '<Error><Code>BadDigest</Code></Error>' : null, { status });
        }
        if (pathname.endsWith('/uploads')) seen.posts += 1;
        if (pathname.includes('/uploads/')) seen.polls += 1;
        const reply = await ask(api, {
          method: init?.method ?? 'GET',
          path: pathname,
          query: search.slice(1),
          identity: bearer(jobOf('evidence')),
          headers: Object.fromEntries(new Headers(init?.headers)),
          body: typeof init?.body === 'string' ? (JSON.parse(init.body) as object) : (init?.body as Uint8Array | undefined),
        });
        return new Response(reply.text, { status: reply.status, headers: { 'content-type': String(reply.headers['content-type']) } });
      },
    },
  );
  return { io, said, seen, disk };
};
const args = (...more: string[]) => ['evidence', id, ...more, '--commit', commit, '--source', 'unit'];
const refusing = (status: number, code: string): Response => new Response(`<Error><Code>${code}</Code></Error>`, { status });

describe('a report of more than 4 MB', () => {
  test('is uploaded, and prints what a small one prints', async () => {
    const large = sending({ 'junit.xml': largeReport(5 * megabyte) });
    expect(await run(args('junit.xml'), large.io)).toBe(0);
    expect(large.seen).toMatchObject({ posts: 1, puts: 1 });
    const small = sending({ 'small/junit.xml': largeReport(megabyte) });
    expect(await run(args('small/junit.xml'), small.io)).toBe(0);
    expect(small.seen.posts).toBe(0);
    const shape = (text: string): string => text.replace(/made at \S+/, 'made at').replace(/\d reports?/, 'n reports');
    expect(shape(large.said.out).split('\n')[0]).toBe(shape(small.said.out).split('\n')[0]);
    expect(large.said.out).toContain('pass         unit-tests');
  });

  test('fails as a small one when a test in it fails', async () => {
    const { io, said } = sending({ 'junit.xml': largeReport(5 * megabyte, 1) });
    expect(await run(args('junit.xml'), io)).toBe(1);
    expect(said.out).toContain('fail         unit-tests');
  });

  test('shows its progress in plain lines in the log of a job, and nothing with --json', async () => {
    const { io, said } = sending({ 'junit.xml': largeReport(5 * megabyte) });
    await run(args('junit.xml'), io);
    expect(said.err.split('\n')).toEqual([
      'junit.xml: uploading 5.0 MB',
      'junit.xml: 25 % uploaded',
      'junit.xml: 50 % uploaded',
      'junit.xml: 75 % uploaded',
      'junit.xml: uploaded; waiting until it is judged',
      '',
    ]);
    const silent = sending({ 'junit.xml': largeReport(5 * megabyte) });
    await run([...args('junit.xml'), '--json'], silent.io);
    expect(silent.said.err).toBe('');
    expect(JSON.parse(silent.said.out)).toMatchObject({ judged: [{ verdict: 'pass' }] });
  });

  test('shows one line on a terminal, which it clears', async () => {
    const { io, said } = sending({ 'junit.xml': largeReport(5 * megabyte) }, undefined, 60);
    await run(args('junit.xml'), io);
    expect(said.err).not.toContain('\n');
    expect(said.err).toContain('junit.xml: 51 % of 5.0 MB uploaded');
    expect(said.err.endsWith('\r\u001b[K')).toBe(true);
    for (const line of said.err.split('\r\u001b[K')) expect(line.length).toBeLessThan(60);
  });

  test.each<[string, Store, number]>([
    ['a broken connection', ({ puts }) => (puts === 1 ? new TypeError('fetch failed') : 'take'), 1],
    ['a busy store', ({ puts }) => (puts < 3 ? refusing(503, 'SlowDown') : 'take'), 1],
    ['an address that has expired', ({ puts }) => (puts === 1 ? refusing(403, 'AccessDenied') : 'take'), 2],
  ])('is sent again after %s', async (_, store, posts) => {
    const { io, said, seen } = sending({ 'junit.xml': largeReport(5 * megabyte) }, store);
    expect(await run(args('junit.xml'), io)).toBe(0);
    expect(seen.posts).toBe(posts);
    expect(said.err).toContain('trying again in 1 s');
  });

  test('is not sent for ever: exit code 3, and what comes after it is not sent', async () => {
    const { io, said, seen } = sending(
      { 'a/junit.xml': largeReport(5 * megabyte), 'b/junit.xml': largeReport(10) },
      () => new TypeError('fetch failed'),
    );
    expect(await run(args('a/junit.xml', 'b/junit.xml'), io)).toBe(3);
    expect(seen.puts).toBe(3);
    expect(said.err).toContain('the bytes of a/junit.xml could not be uploaded: the connection broke');
    expect(said.err).toContain('b/junit.xml was not sent');
  });

  test('that is written while it is sent is refused by the store, in plain words', async () => {
    let reads = 0;
    const { io, said } = sending({ 'junit.xml': largeReport(5 * megabyte) });
    const { pieces } = io;
    const changing = {
      ...io,
      pieces: async function* (path: string) {
        reads += 1;
        for await (const piece of pieces(path)) yield reads === 2 ? piece.map((byte) => (byte === 0x61 ? 0x62 : byte)) : piece;
      },
    };
    expect(await run(args('junit.xml'), changing)).toBe(1);
    expect(said.err).toContain('junit.xml was not taken: the store answered 400 BadDigest');
    expect(said.err).toContain('when nothing writes to it any more');
  });

  test('that the parser refuses is refused with its reason', async () => {
    const { io, said } = sending({ 'junit.xml': largeReport(5 * megabyte).slice(0, -20) });
    expect(await run(args('junit.xml'), io)).toBe(1);
    expect(said.err).toContain('Evidence not readable');
  });

  test('that was put and never judged is not waited for for ever', async () => {
    const { io, said, seen } = sending({ 'junit.xml': largeReport(5 * megabyte) }, () => new Response(null, { status: 200 }));
    expect(await run(args('junit.xml'), io)).toBe(1);
    expect(said.err).toContain('did not judge them within 5 minutes');
    expect(seen.polls).toBeLessThan(200);
  });

  test('goes to no address without encryption', async () => {
    const plain = { ...deps.intake, address: async () => ({ url: 'http://intake.example.com/upload', headers: {} }) };
    api = ciApi({ ...deps, intake: plain });
    const { io, said, seen } = sending({ 'junit.xml': largeReport(5 * megabyte) });
    expect(await run(args('junit.xml'), io)).toBe(1);
    expect(seen.puts).toBe(0);
    expect(said.err).toContain('without encryption');
  });
});
