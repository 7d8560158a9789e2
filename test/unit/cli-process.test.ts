import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const entry = resolve(import.meta.dirname, '../../bin/holdpoint.mjs');
const recorded = {
  event: 'f'.repeat(32),
  digest: 'a'.repeat(64),
  judged: [{ check: 'no-regressions', verdict: 'pass', reason: '1 test', attempt: 1 }],
  notCounted: [],
  unused: null,
  alreadyRecorded: false,
};

let server: Server;
let asked: { readonly exitCode: string | null; readonly body: string }[];
let folder: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ exitCode: new URL(request.url ?? '/', 'http://x').searchParams.get('exitCode'), body });
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(recorded));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-cli-'));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  rmSync(join(folder, 'out'), { recursive: true, force: true });
  mkdirSync(join(folder, 'out'));
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Runs the command line as a shell would. `seen` gets the process and its output so far. */
const holdpoint = (argv: readonly string[], seen: (child: ReturnType<typeof spawn>, out: string) => void = () => {}) =>
  new Promise<{ readonly code: number | null; readonly out: string }>((done) => {
    const env = { ...process.env, HOLDPOINT_URL: address(), HOLDPOINT_TOKEN: 't', GITHUB_RUN_ID: '', NODE_NO_WARNINGS: '1' };
    const child = spawn(process.execPath, [entry, ...argv], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        out += String(chunk);
        seen(child, out);
      });
    child.on('close', (code) => done({ code, out }));
  });
const running = (script: string, ...more: string[]) => [
  'run',
  'r1',
  '--reports',
  'out',
  '--commit',
  'c'.repeat(40),
  ...more,
  '--',
  process.execPath,
  '-e',
  script,
];
const writes = "require('fs').writeFileSync('out/TEST-a.xml', '<fresh/>');";

describe('holdpoint run, as a process', () => {
  test.each([
    ['0', 'process.exit(0)', 0],
    ['7', 'process.exit(7)', 7],
    ['of a signal', "process.kill(process.pid, 'SIGTERM')", 143],
  ])('keeps the exit code %s and sends the report with it', async (_, end, code) => {
    const { code: exit, out } = await holdpoint(running(`${writes} console.log('own output'); ${end}`));
    expect([exit, asked]).toEqual([code, [{ exitCode: String(code), body: '<fresh/>' }]]);
    expect(out).toContain('own output');
  });

  test.each([
    ['that is not found', './no-such-command', 127],
    ['that cannot be executed', './out', 126],
  ])('a command %s', async (_, command, code) => {
    const { code: exit } = await holdpoint(['run', 'r1', '--reports', 'out', '--commit', 'c'.repeat(40), '--', command]);
    expect([exit, asked]).toEqual([code, []]);
  });

  test('a report from before is stale, also one that was written a moment ago; one that is written anew is sent', async () => {
    writeFileSync(join(folder, 'out/TEST-old.xml'), '<old/>');
    writeFileSync(join(folder, 'out/TEST-a.xml'), '<before/>');
    utimesSync(join(folder, 'out/TEST-a.xml'), new Date(0), new Date(0));
    const { code, out } = await holdpoint(running(writes));
    expect([code, asked.map(({ body }) => body)]).toEqual([1, ['<fresh/>']]);
    expect(out).toContain('out/TEST-old.xml is stale');
  });

  test('what ends it ends the command, too, and its code is kept', async () => {
    let sent = false;
    const { code } = await holdpoint(running(`${writes} console.log('ready'); setInterval(() => {}, 1000)`), (child, out) => {
      if (!out.includes('ready') || sent) return;
      sent = true;
      child.kill('SIGTERM');
    });
    expect([code, asked.map(({ exitCode }) => exitCode)]).toEqual([143, ['143']]);
  });
});

test('a folder stands for its regular files; links in it are not followed, a folder that is named by a link is', async () => {
  writeFileSync(join(folder, 'secret.xml'), '<secret/>');
  mkdirSync(join(folder, 'out/deep'));
  writeFileSync(join(folder, 'out/deep/TEST-a.xml'), '<a/>');
  symlinkSync(join(folder, 'secret.xml'), join(folder, 'out/TEST-link.xml'));
  symlinkSync(folder, join(folder, 'out/loop'));
  const linked = join(folder, 'linked');
  symlinkSync(join(folder, 'out'), linked);
  const { code, out } = await holdpoint(['evidence', 'r1', 'linked', '--commit', 'c'.repeat(40)]);
  expect([code, asked.map(({ body }) => body)]).toEqual([1, ['<a/>']]);
  expect(out).toContain('linked/TEST-link.xml is no regular file, and links in a folder are not followed');
  rmSync(linked);
});

test('Ctrl-C ends a probe at once, and what was measured is written', async () => {
  const began = Date.now();
  let sent = false;
  const { code } = await holdpoint(['probe', `${address()}/health`, '--for', '1h', '--every', '10m'], (child) => {
    if (sent) return;
    sent = true;
    setTimeout(() => child.kill('SIGINT'), 500);
  });
  expect(code).toBe(130);
  const { points } = JSON.parse(readFileSync(join(folder, 'series.json'), 'utf8')) as { points: { at: string; status: number }[] };
  expect(points.map(({ status }) => status)).toEqual([201]);
  expect(Date.parse(points[0]?.at ?? '')).toBeGreaterThanOrEqual(began);
});
