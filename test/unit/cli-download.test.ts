import { expect, test } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const report = '<testsuite tests="1"/>';
const digest = sha256(report);
const found = {
  digest,
  bytes: report.length,
  evidence: 'junit',
  event: 'a'.repeat(32),
  url: 'https://evidence.example.com/run/r1/object',
  until: '2026-03-02T08:01:00.000Z',
};

const said = async (argv: readonly string[], sent: () => Response = () => new Response(report)) => {
  const { io, said: texts } = terminal(({ url }) => (url.startsWith('https://evidence.') ? sent() : json(found)));
  return { code: await run(argv, io), ...texts };
};

test('download writes the bytes whose sha256 is the digest, and names the event', async () => {
  const done = await said(['download', 'r1', digest, '--output', 'junit.xml']);
  expect(done.asked.map(({ url }) => url)).toEqual([`https://holdpoint.test/v1/audit/evidence/${digest}?run=r1`, found.url]);
  expect(done.asked[1]?.headers.get('authorization')).toBeNull();
  expect([done.code, done.out, [...done.files]]).toEqual([
    0,
    `junit.xml has the 22 bytes of type junit that event ${found.event} names.\n`,
    [['junit.xml', report]],
  ]);
});

test('download names the file by the digest, and takes evidence that stands for a service', async () => {
  const done = await said(['download', '--service', 'shop', digest, '--json']);
  expect(done.asked[0]?.url).toBe(`https://holdpoint.test/v1/audit/evidence/${digest}?service=shop`);
  const file = `evidence-${digest.slice(0, 12)}`;
  expect([JSON.parse(done.out), [...done.files.keys()]]).toEqual([
    { file, digest, bytes: 22, evidence: 'junit', event: found.event },
    [file],
  ]);
});

test('download writes nothing when other bytes come', async () => {
  const done = await said(['download', 'r1', digest], () => new Response(`${report} `));
  expect([done.code, done.files.size]).toEqual([1, 0]);
  expect(done.err).toContain(`got       sha256 ${sha256(`${report} `)}\n  expected  sha256 ${digest}`);
});

test.each([
  [
    'answers that there is nothing',
    () => new Response('<Error/>', { status: 404 }),
    'the evidence store at evidence.example.com answered 404',
  ],
  [
    'does not answer',
    () => {
      throw new TypeError('fetch failed');
    },
    'the evidence store at evidence.example.com could not be read',
  ],
])('download writes nothing when the store %s', async (_, sent, says) => {
  const done = await said(['download', 'r1', digest], sent);
  expect([done.code, done.files.size, done.err]).toEqual([3, 0, expect.stringContaining(says)]);
});

test.each([[['download', digest]], [['download', 'r1', 'xyz']], [['download', 'r1', '--service', 'shop', digest]]])(
  'download refuses %j before it asks',
  async (argv) => {
    expect(await said(argv)).toMatchObject({ code: 2, asked: [] });
  },
);
