import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { findPython } from '../../lib/local/python.ts';
import { type ProcessResult, runProcess } from '../../lib/local/run-process.ts';

type Request = { readonly type?: 'http' | 'websocket'; readonly path?: string; readonly headers: Readonly<Record<string, string>> };

/** Runs the guard around an application that answers 200 (or accepts), and prints what each request was answered. */
const driver = `
import asyncio, importlib.util, json, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('guard', sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
async def stub(scope, receive, send):
    if scope['type'] == 'lifespan': await send({'status': 'started'})
    elif scope['type'] == 'websocket': await send({'type': 'websocket.accept'})
    else: await send({'type': 'http.response.start', 'status': 200, 'headers': []})
async def asked(request):
    said = []
    async def send(message): said.append(message)
    async def receive(): return {'type': 'websocket.connect'}
    headers = [(name.encode(), value.encode()) for name, value in request.get('headers', {}).items()]
    await guard.guarded(stub)({'type': request.get('type', 'http'), 'path': request.get('path', '/'), 'headers': headers}, receive, send)
    return said[0].get('status', said[0]['type'] if 'type' in said[0] else None)
print(json.dumps([asyncio.run(asked(request)) for request in json.loads(sys.argv[2])]))
`;

const rows: readonly (readonly [reason: string, request: Request, answer: number | string])[] = [
  ['an AWS SDK', { headers: { host: 'localhost:4566', 'user-agent': 'aws-sdk-js/3.1' } }, 200],
  [
    "Node's fetch, which sends a mode but no site",
    { headers: { host: '127.0.0.1:4566', 'sec-fetch-mode': 'cors', 'user-agent': 'node' } },
    200,
  ],
  ['IPv6', { headers: { host: '[::1]:4566' } }, 200],
  ['a bucket as a virtual host', { headers: { host: 'my.bucket_1.s3.localhost:4566' } }, 200],
  ['no port', { headers: { Host: 'LOCALHOST' } }, 200],
  ['a page of another origin', { headers: { host: 'localhost:4566', origin: 'https://page.example' } }, 403],
  ['a page without an origin, such as a sandboxed frame', { headers: { host: 'localhost:4566', origin: 'null' } }, 403],
  ['a page of the local stage itself', { headers: { host: 'localhost:4566', 'sec-fetch-site': 'same-site' } }, 403],
  ['a link that a person follows', { headers: { host: 'localhost:4566', 'sec-fetch-site': 'none' } }, 403],
  ['an image in an old browser', { headers: { host: 'localhost:4566', referer: 'http://page.example/' } }, 403],
  ['the same without a referrer', { headers: { host: 'localhost:4566', 'user-agent': 'Mozilla/5.0 (Macintosh)' } }, 403],
  ['names in capitals', { headers: { host: 'localhost:4566', ORIGIN: 'https://page.example' } }, 403],
  ['DNS rebinding', { headers: { host: 'rebind.example:4566' } }, 403],
  ['a name that only begins like ours', { headers: { host: 'localhost.page.example' } }, 403],
  ['a name that only ends like ours', { headers: { host: 'notlocalhost' } }, 403],
  ['an address that only begins like ours', { headers: { host: '127.0.0.1.page.example' } }, 403],
  ['a line break after the name', { headers: { host: 'localhost:4566\npage.example' } }, 403],
  ['no Host', { headers: {} }, 403],
  ['two Hosts', { headers: { host: 'localhost', Host: 'page.example' } }, 403],
  [
    'a page of the API behind the proxy',
    {
      path: '/_aws/execute-api/a1/$default/runs',
      headers: { host: 'localhost:4630', origin: 'http://localhost:4630', 'x-holdpoint-proxy': '1' },
    },
    200,
  ],
  ['another path behind the proxy', { path: '/2015-03-31/functions', headers: { host: 'localhost:4630', 'x-holdpoint-proxy': '1' } }, 403],
  [
    'a virtual host behind the proxy',
    { path: '/_aws/execute-api/a1/$default/', headers: { host: 'bucket.s3.localhost:4630', 'x-holdpoint-proxy': '1' } },
    403,
  ],
  [
    'rebinding behind the proxy',
    { path: '/_aws/execute-api/a1/$default/', headers: { host: 'rebind.example', 'x-holdpoint-proxy': '1' } },
    403,
  ],
  [
    'a preflight that asks to add the mark',
    {
      path: '/_aws/execute-api/a1/$default/',
      headers: { host: 'localhost', origin: 'https://page.example', 'access-control-request-headers': 'x-holdpoint-proxy' },
    },
    403,
  ],
  ['a WebSocket of a program', { type: 'websocket', headers: { host: 'localhost:4566' } }, 'websocket.accept'],
  ['a WebSocket of a page', { type: 'websocket', headers: { host: 'localhost:4566', origin: 'https://page.example' } }, 'websocket.close'],
];

const python = async (script: string, ...args: readonly string[]): Promise<ProcessResult> => {
  const env = { PATH: process.env.PATH ?? '' };
  const { program } = await findPython(env);
  const guard = join(projectFolder, 'lib', 'local', 'emulator-guard.py');
  return runProcess(program, ['-c', script, guard, ...args], { cwd: projectFolder, env, limitMs: 15_000 });
};

describe('the guard of the local AWS answers', () => {
  let answers: unknown[];
  beforeAll(async () => {
    const { output } = await python(driver, JSON.stringify(rows.map(([, request]) => request)));
    answers = JSON.parse(output) as unknown[];
  });

  test.each(rows.map(([reason, , answer], place) => [reason, answer, place] as const))('%s: %s', (_, answer, place) => {
    expect(answers[place]).toBe(answer);
  });
});

/** Runs a service's save in the place of MiniStack's, and prints the report. */
const saving = `
import importlib.util, json, logging, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('guard', sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
logging.basicConfig(level=logging.WARNING)
unsaved = guard.Unsaved()
logging.getLogger().addHandler(unsaved)
def save_all(services): exec(sys.argv[4])
exec(sys.argv[3])
guard.reporting(save_all, sys.argv[2], unsaved)({})
`;

describe('the report on the saved data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const nothing = 'pass';
  const failed = "logging.getLogger('persistence').error('Persistence: failed to save %s: %s', 'dynamodb', 'No space left on device')";
  test.each([
    ['everything was written', nothing, nothing, []],
    ['a table was not written', nothing, failed, ['Persistence: failed to save dynamodb: No space left on device']],
    [
      'an object was not written long before the stop',
      "logging.getLogger('s3').warning('Failed to persist S3 object b/k: No space left on device')",
      nothing,
      ['Failed to persist S3 object b/k: No space left on device'],
    ],
    [
      'a table was not loaded, so that the saved file is the better one',
      "logging.getLogger('ministack').error('Failed to restore persisted state for dynamodb; continuing fresh')",
      nothing,
      ['Failed to restore persisted state for dynamodb; continuing fresh'],
    ],
    ['a function failed, which says nothing about saving', nothing, "logging.getLogger('lambda').error('failed')", []],
    ['saving was slow', nothing, "logging.getLogger('persistence').warning('slow')", []],
  ])('%s', async (_why, before, during, faults) => {
    const report = join(folder, 'report.json');
    expect((await python(saving, report, before, during)).code).toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({ faults });
  });

  test('a report that cannot be written is missing, and the emulator still ends', async () => {
    const { code, output } = await python(saving, join(tmpdir(), 'no', 'such', 'folder', 'report.json'), nothing, nothing);
    expect(code).toBe(0);
    expect(output).toContain('the report on the saved data could not be written');
  });
});
