import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { findPython } from '../../lib/local/python.ts';
import { runProcess } from '../../lib/local/run-process.ts';

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

describe('the guard of the local AWS answers', () => {
  let answers: unknown[];
  beforeAll(async () => {
    const env = { PATH: process.env.PATH ?? '' };
    const { program } = await findPython(env);
    const guard = join(projectFolder, 'lib', 'local', 'emulator-guard.py');
    const requests = JSON.stringify(rows.map(([, request]) => request));
    const { output } = await runProcess(program, ['-c', driver, guard, requests], { cwd: projectFolder, env, limitMs: 15_000 });
    answers = JSON.parse(output) as unknown[];
  });

  test.each(rows.map(([reason, , answer], place) => [reason, answer, place] as const))('%s: %s', (_, answer, place) => {
    expect(answers[place]).toBe(answer);
  });
});
