import { beforeEach, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { apiHandler } from '../../lambdas/shell/api-handler.ts';
import type { Api } from '../../lib/api/mount.ts';
import { problemSchema } from '../../lib/api/problem.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, startInput, twoGates } from '../given.ts';
import { anonymous, ask, bearer, fresh, jobOf, type Reply, stageOf } from './requests.ts';

let deps: FakeDependencies;
let ci: Api;
let people: Api;
let audit: Api;

beforeEach(() => {
  deps = dependenciesOf(twoGates);
  const stage = stageOf();
  ci = ciApi(deps);
  people = peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  audit = auditApi({ deps, mac: fakeMac() });
});

const json = JSON.stringify(startInput);
const start = (body: unknown, headers: Record<string, string> = fresh()): Promise<Reply> =>
  ask(ci, {
    method: 'POST',
    path: '/v1/runs',
    identity: bearer(jobOf('job-1')),
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
const nothingHappened = (): void => {
  expect(deps.controls.calls.filter((call) => !call.startsWith('idempotency.'))).toEqual([]);
  expect(deps.controls.evidence.objects.size).toBe(0);
};

describe('JSON that two readers could read as two things', () => {
  const bodies: readonly (readonly [string, string, RegExp, RegExp])[] = [
    ['a field twice', json.replace('{', '{"service":"mail",'), /service twice/, /one value/],
    ['a field twice, once escaped', json.replace('{', '{"\\u0073ervice":"mail",'), /service twice/, /one value/],
    ['a field twice further in', json.replace('"component"', '"component":"api","component"'), /component twice/, /one value/],
    ['half of a character', json.replace('1.2.3', '\\ud800'), /not well-formed Unicode/, /well-formed/],
    ['half of a character in a name', json.replace('{', '{"\\udfff":1,'), /not well-formed Unicode/, /well-formed/],
    ['arrays in arrays in arrays', `{"service":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, /deeper than 16/, /at most 16/],
    ['objects in objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /deeper than 16/, /at most 16/],
    ['a prototype', json.replace('{', '{"__proto__":{"service":"mail"},'), /__proto__/, /only the fields/],
    ['a constructor', json.replace('{', '{"constructor":1,'), /constructor/, /only the fields/],
    ['a list', '[]', /expected an object/, /object/],
    ['null', 'null', /expected an object/, /object/],
    ['nothing', '', /not JSON/, /one JSON document/],
    ['two documents', '{}{}', /not JSON/, /one JSON document/],
  ];
  test.each(bodies)('%s is refused, and nothing is done', async (_, body, detail, expected) => {
    const reply = await start(body);
    expect(reply.status).toBe(400);
    const problem = problemSchema.parse(reply.json);
    expect(problem.type).toBe('https://holdpoint.dev/problems/body-malformed');
    expect(problem.detail).toMatch(detail);
    expect(problem.expected).toMatch(expected);
    expect(problem.got).toBeTruthy();
    expect(problem.fix).toBeTruthy();
    nothingHappened();
  });

  test('the same name in two objects, brackets and quotes in texts, and both halves of a character are taken', async () => {
    const artifacts = [
      { component: 'web', digest: `sha256:${'b'.repeat(64)}` },
      { component: 'api', digest: `sha256:${'c'.repeat(64)}` },
    ];
    const reply = await start({ ...startInput, artifacts, reason: 'says "{[, a \\" and \u{1F600} in one text' });
    expect(reply.status).toBe(201);
  });
});

describe('what was got and what was expected', () => {
  const fields: readonly (readonly [string, object, string, string])[] = [
    ['one of two forms', { plannedT0: 'tomorrow' }, 'tomorrow', 'when-released or an instant with its zone, such as 2026-03-02T08:00:00Z'],
    [
      'an instant without a zone',
      { plannedT0: '2026-03-02T08:00:00' },
      '2026-03-02T08:00:00',
      'when-released or an instant with its zone, such as 2026-03-02T08:00:00Z',
    ],
    ['one of some words', { risk: 'none' }, 'none', 'one of low, medium, high, not-stated'],
    ['a longer text', { reason: 'because' }, 'because', 'a reason that an auditor understands: 10 characters at least'],
    ['a shorter text', { changes: ['c'.repeat(201)] }, `${'c'.repeat(120)}… (201 characters)`, 'at most 200 characters'],
    ['at least one', { artifacts: [] }, '[]', 'at least 1 item'],
    ['a form', { artifacts: [{ component: 'web', digest: 'latest' }] }, 'latest', 'a text of the form /^sha256:[0-9a-f]{64}$/'],
    ['another kind of value', { version: 7 }, '7', 'a text'],
    ['something', { version: undefined }, 'nothing', 'a text'],
  ];
  test.each(fields)('%s', async (_, change, got, expected) => {
    const reply = await start({ ...startInput, ...change });
    expect(reply.problem).toMatchObject({ status: 400, got, expected });
    expect(reply.problem.detail).toContain(Object.keys(change)[0]);
    nothingHappened();
  });

  test('a flood of unknown fields comes back as a few words', async () => {
    const reply = await start({ ...startInput, ...Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, 1])) });
    expect(reply.status).toBe(400);
    expect(reply.text.length).toBeLessThan(1_000);
  });

  test("a caller's control characters do not come back", async () => {
    const reply = await start({ ...startInput, risk: 'low\u001b[31m\u202e' });
    expect(reply.problem.got).toBe('low\u{FFFD}[31m\u{FFFD}');
  });
});

describe('what no route takes', () => {
  const everywhere = (): readonly (readonly [string, Api])[] => [
    ['ci', ci],
    ['people', people],
    ['audit', audit],
  ];

  test('is a problem document, whichever function it reaches', async () => {
    for (const [name, api] of everywhere()) {
      const reply = await ask(api, { method: 'POST', path: '/v1/runs/a/b/c/d', identity: anonymous });
      expect([name, reply.status, reply.headers['content-type']]).toEqual([name, 404, 'application/problem+json']);
      expect(problemSchema.parse(reply.json).type).toBe('https://holdpoint.dev/problems/route-unknown');
    }
  });

  test.each(['TRACE', 'CONNECT', 'TRACK', 'get it', ''])('the method "%s" is refused like any other', async (method) => {
    for (const [name, api] of everywhere()) {
      const reply = await ask(api, { method, path: '/v1/runs', identity: anonymous });
      expect([name, reply.status, reply.headers.allow]).toEqual([name, 405, 'POST, GET']);
      expect(reply.log.filter((check) => check.level === 'fault')).toEqual([]);
    }
  });

  test('a wrong method says which ones there are', async () => {
    const reply = await ask(audit, { method: 'DELETE', path: '/v1/runs/20260302-080000-abcdefghjk', identity: bearer(jobOf('j')) });
    expect(reply.problem).toMatchObject({
      status: 405,
      type: 'https://holdpoint.dev/problems/method-not-allowed',
      got: 'DELETE',
      expected: 'GET',
    });
    expect(reply.headers.allow).toBe('GET');
  });

  test('a browser gets a page, with the same status and the same methods', async () => {
    const lost = await ask(audit, { method: 'GET', path: '/nowhere', identity: anonymous, headers: { accept: 'text/html' } });
    expect([lost.status, lost.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    const wrong = await ask(audit, { method: 'POST', path: '/runs', identity: anonymous, headers: { accept: 'text/html' } });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test.each(['/v1/runs/../checklist', '/v1/runs/%2e%2e/checklist', '/v1//runs', '/v1/runs/', '/V1/runs'])(
    '%s leads to no route that asks for no token',
    async (path) => {
      const reply = await ask(audit, { method: 'GET', path, identity: anonymous });
      expect([401, 404]).toContain(reply.status);
    },
  );
});

describe('headers that HTTP does not know', () => {
  test('are as good as none', async () => {
    const odd = { 'x-odd': '\u{1F600}', 'bad name': 'x', 'x-newline': 'a\r\nb' };
    expect((await start(startInput, { ...fresh(), ...odd })).status).toBe(201);
    const keyless = await start(startInput, { 'idempotency-key': '\u{1F511}' });
    expect(keyless.problem.type).toBe('https://holdpoint.dev/problems/idempotency-key-missing');
  });
});

describe('a function that is asked what it cannot read', () => {
  const handler = apiHandler('api-ci', () => ci);
  test.each([undefined, null, 'text', {}, { rawPath: 5, requestContext: {} }])('answers %j with a problem document', async (event) => {
    const result = await handler(event, { awsRequestId: 'request-9' });
    expect(result.statusCode).toBe(500);
    expect(problemSchema.parse(JSON.parse(result.body)).instance).toBe('urn:holdpoint:request:request-9');
  });

  test('a function that cannot be made answers so, and is made again at the next call', async () => {
    let broken = true;
    const later = apiHandler('api-audit', () => {
      if (broken) throw new Error('AUDIT_TABLE is missing');
      return audit;
    });
    const event = { rawPath: '/v1/checklist', requestContext: { requestId: 'r', http: { method: 'GET' } } };
    const first = await later(event, { awsRequestId: 'r' });
    expect([first.statusCode, first.body.includes('AUDIT_TABLE')]).toEqual([500, false]);
    broken = false;
    expect((await later(event, { awsRequestId: 'r' })).statusCode).toBe(401);
  });
});
