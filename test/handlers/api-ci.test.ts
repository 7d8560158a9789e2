import { beforeEach, describe, expect, test } from 'vitest';
import { ciApi } from '../../lambdas/api/ci.ts';
import type { Api } from '../../lib/api/mount.ts';
import { maxEvidenceBytes } from '../../lib/api/parameters.ts';
import { problemSchema } from '../../lib/api/problem.ts';
import { evidenceRecordedSchema, runStartedSchema } from '../../lib/api/responses.ts';
import type { FakeDependencies } from '../fakes.ts';
import { commit, dependenciesOf, eventsOf, givenOpen, junitReport, personIn, startInput, twoGates } from '../given.ts';
import { anonymous, ask, bearer, fresh, jobOf, type Reply } from './requests.ts';

let deps: FakeDependencies;
let api: Api;
let jobs = 0;
const nextJob = () => {
  jobs += 1;
  return jobOf(`job-${jobs}`);
};

beforeEach(() => {
  deps = dependenciesOf(twoGates);
  api = ciApi(deps);
});

const start = (body: unknown = startInput, headers: Record<string, string> = fresh(), caller = nextJob()): Promise<Reply> =>
  ask(api, { method: 'POST', path: '/v1/runs', identity: bearer(caller), headers, body });
const begin = async (): Promise<string> => runStartedSchema.parse((await start()).json).run;
const evidence = (
  run: string,
  more: { type?: string; query?: Record<string, string>; body?: unknown; contentType?: string } = {},
): Promise<Reply> =>
  ask(api, {
    method: 'PUT',
    path: `/v1/runs/${run}/evidence/${more.type ?? 'junit'}`,
    identity: bearer(jobOf('evidence')),
    headers: { 'content-type': more.contentType ?? 'application/xml' },
    query: new URLSearchParams(more.query ?? { commit, madeAt: deps.clock.now().toISOString(), source: 'unit' }).toString(),
    body: more.body ?? junitReport(3),
  });

describe('starting a run', () => {
  test('answers 201 with the run and where to find it', async () => {
    const reply = await start();
    expect(reply.status).toBe(201);
    const { run, gate } = runStartedSchema.parse(reply.json);
    expect(gate).toBe('phase-1');
    expect(reply.headers.location).toBe(`/v1/runs/${run}`);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(await eventsOf(deps, run)).toEqual(['run run.started']);
  });

  test('the same key and body give the same answer again, a day later too, and start nothing', async () => {
    const headers = fresh();
    const caller = jobOf('same');
    const first = await start(startInput, headers, caller);
    deps.controls.clock.advance(86_400_000);
    const second = await start(startInput, headers, caller);
    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    expect(second.headers.location).toBe(first.headers.location);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(deps.controls.workflow.executions.size).toBe(1);
  });

  test('the same key with another body is refused, with another caller it is another key', async () => {
    const headers = fresh();
    await start(startInput, headers, jobOf('one'));
    const other = await start({ ...startInput, version: '9.9.9' }, headers, jobOf('two'));
    expect([other.status, other.problem.type]).toEqual([422, 'https://holdpoint.dev/problems/idempotency-key-reused']);
    const foreign = await start(startInput, headers, jobOf('three', { id: 'ci-other' }));
    expect(foreign.status).toBe(201);
    expect(foreign.headers['idempotency-replayed']).toBeUndefined();
  });

  test('the same key and body of another starter is another request, and never answered with the first run', async () => {
    const headers = fresh();
    const first = await start(startInput, headers, jobOf('of-dara'));
    const second = await start(startInput, headers, jobOf('of-omar', { person: 'p-operations1' }));
    expect([first.status, second.status, second.headers['idempotency-replayed']]).toEqual([201, 201, undefined]);
    expect(second.json.run).not.toBe(first.json.run);
    const rerun = await start(startInput, headers, jobOf('rerun', { person: null, unnamed: 'rerun' }));
    expect([rerun.status, rerun.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/starter-unmapped']);
  });

  test.each([
    ['was run again', 'rerun', /Start a new workflow run/],
    ['comes from a CI system that names nobody', 'nobody', /`starter` of the identity/],
  ] as const)('a job that %s learns what to do', async (_what, unnamed, fix) => {
    const reply = await start(startInput, fresh(), jobOf(unnamed, { person: null, unnamed }));
    expect([reply.status, reply.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/starter-unmapped']);
    expect(reply.problem.fix).toMatch(fix);
    expect(deps.controls.workflow.executions.size).toBe(0);
  });

  test('a refusal of the domain is final for its key', async () => {
    const headers = fresh();
    const caller = jobOf('unmapped', { person: null });
    const first = await start(startInput, headers, caller);
    const second = await start(startInput, headers, caller);
    expect([first.status, first.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/starter-unmapped']);
    expect([second.status, second.text, second.headers['idempotency-replayed']]).toEqual([403, first.text, 'true']);
    expect(second.headers['content-type']).toBe('application/problem+json');
  });

  test('a fault is answered without its text, logged, and gives the key back', async () => {
    const headers = fresh();
    const caller = jobOf('faulty');
    deps.controls.failNext('store.insert', 'before', new Error('secret internals'));
    const first = await start(startInput, headers, caller);
    expect([first.status, first.problem.type]).toEqual([500, 'https://holdpoint.dev/problems/fault']);
    expect(first.text).not.toContain('secret internals');
    expect(first.problem.instance).toContain('request-1');
    expect(first.log.filter((check) => check.level === 'fault')).toHaveLength(1);
    expect((await start(startInput, headers, caller)).status).toBe(201);
  });

  test('while the first is at work the second waits its turn', async () => {
    const headers = fresh();
    const caller = jobOf('twice');
    const [one, two] = await Promise.all([start(startInput, headers, caller), start(startInput, headers, caller)]);
    expect([one.status, two.status].sort()).toEqual([201, 409]);
    expect(deps.controls.workflow.executions.size).toBe(1);
  });
});

describe('what is refused before anything is done', () => {
  const refusals: readonly (readonly [string, (run: string) => Promise<Reply>, number, string, RegExp])[] = [
    ['no key', () => start(startInput, {}), 400, 'idempotency-key-missing', /no Idempotency-Key/],
    ['a key with a space', () => start(startInput, { 'idempotency-key': 'a b' }), 400, 'idempotency-key-missing', /not valid/],
    ['an unknown field', () => start({ ...startInput, profile: 'mine' }), 400, 'body-malformed', /profile/],
    ['a field that comes later', () => start({ ...startInput, fixes: 'run-1' }), 400, 'body-malformed', /fixes/],
    ['a short commit', () => start({ ...startInput, commit: 'abc' }), 400, 'body-malformed', /commit/],
    [
      'text that is no JSON',
      () => start('{"service":', { ...fresh(), 'content-type': 'application/json' }),
      400,
      'body-malformed',
      /not JSON/,
    ],
    [
      'bytes that are no UTF-8',
      () => start(new Uint8Array([0x7b, 0xff, 0x7d]), { ...fresh(), 'content-type': 'application/json' }),
      400,
      'body-malformed',
      /UTF-8/,
    ],
    ['no content type', () => start('{}', fresh()), 415, 'content-type', /content type/],
    [
      'a form',
      () => start('a=b', { ...fresh(), 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'content-type',
      /content type/,
    ],
    ['a huge body', () => start({ ...startInput, reason: 'x'.repeat(70_000) }), 413, 'body-too-large', /65536/],
    ['evidence past 4 MB', (run) => evidence(run, { body: new Uint8Array(maxEvidenceBytes + 1) }), 413, 'body-too-large', /4194304/],
    ['empty evidence', (run) => evidence(run, { body: '' }), 400, 'body-malformed', /empty/],
    ['evidence of a wrong content type', (run) => evidence(run, { contentType: 'image/png' }), 415, 'content-type', /junit/],
    [
      'evidence without a commit',
      (run) => evidence(run, { query: { madeAt: '2026-03-02T08:00:00Z' } }),
      400,
      'parameter-invalid',
      /commit/,
    ],
    [
      'an unknown query field',
      (run) => evidence(run, { query: { commit, madeAt: '2026-03-02T08:00:00Z', branch: 'main' } }),
      400,
      'parameter-invalid',
      /branch/,
    ],
    ['a run id with a slash in it', () => evidence('a%2Fb'), 400, 'parameter-invalid', /run/],
  ];
  test.each(refusals)('%s', async (_, asked, status, type, detail) => {
    const run = await begin();
    const before = await eventsOf(deps, run);
    const reply = await asked(run);
    expect(reply.status).toBe(status);
    const problem = problemSchema.parse(reply.json);
    expect(problem.type).toBe(`https://holdpoint.dev/problems/${type}`);
    expect(problem.detail).toMatch(detail);
    expect(problem.fix, 'a refusal says what to do').toBeTruthy();
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(await eventsOf(deps, run)).toEqual(before);
  });

  test('a field that is given twice', async () => {
    const run = await begin();
    const reply = await ask(api, {
      method: 'PUT',
      path: `/v1/runs/${run}/evidence/junit`,
      identity: bearer(jobOf('e')),
      query: `commit=${commit}&commit=${commit}&madeAt=2026-03-02T08:00:00Z`,
      body: junitReport(1),
    });
    expect([reply.status, reply.problem.detail]).toEqual([400, 'The field commit is given twice.']);
  });
});

describe('who may call', () => {
  test('no request without a caller, whatever the context holds', async () => {
    for (const identity of [
      anonymous,
      { kind: 'refused', refusal: { type: 'token-expired', detail: 'The token has expired.' } } as const,
      { kind: 'unavailable' } as const,
    ]) {
      const reply = await ask(api, { method: 'POST', path: '/v1/runs', identity, headers: fresh(), body: startInput });
      expect(reply.status).toBe({ anonymous: 401, refused: 401, unavailable: 503, caller: 0 }[identity.kind]);
      if (reply.status === 401) expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
    }
    expect(deps.controls.workflow.executions.size).toBe(0);
  });

  test('no person, and no browser session', async () => {
    const person = personIn(deps, 'technical-lead');
    const token = await ask(api, { method: 'POST', path: '/v1/runs', identity: bearer(person), headers: fresh(), body: startInput });
    expect([token.status, token.problem.got]).toEqual([403, 'a token of a person']);
    const session = await ask(api, {
      method: 'POST',
      path: '/v1/runs',
      identity: { kind: 'caller', caller: person, session: 's' },
      headers: fresh(),
      body: startInput,
    });
    expect([session.status, session.problem.got]).toEqual([401, 'a browser session']);
  });

  test('a pipeline of another service', async () => {
    const reply = await start(startInput, fresh(), jobOf('foreign', { id: 'ci-mail', services: ['mail'] }));
    expect([reply.status, reply.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/role-missing']);
  });

  test('a token starts one run', async () => {
    const caller = jobOf('spent');
    expect((await start(startInput, fresh(), caller)).status).toBe(201);
    const again = await start({ ...startInput, version: '2.0.0' }, fresh(), caller);
    expect([again.status, again.problem.type]).toEqual([409, 'https://holdpoint.dev/problems/token-spent']);
  });
});

describe('evidence', () => {
  test('is recorded, judged, and answered with what came of it', async () => {
    const run = await begin();
    await givenOpen(deps, run, 'phase-1');
    const reply = await evidence(run, { body: junitReport(3, 1) });
    expect(reply.status).toBe(201);
    const recorded = evidenceRecordedSchema.parse(reply.json);
    expect(recorded.judged).toMatchObject([{ check: 'unit-tests', verdict: 'fail', attempt: 1 }]);
  });

  test('of an unknown type or another commit is refused and recorded beside the run', async () => {
    const run = await begin();
    const unknown = await evidence(run, { type: 'horoscope' });
    expect([unknown.status, unknown.problem.type]).toEqual([404, 'https://holdpoint.dev/problems/evidence-type-unknown']);
    const foreign = await evidence(run, { query: { commit: 'c'.repeat(40), madeAt: deps.clock.now().toISOString() } });
    expect([foreign.status, foreign.problem.got, foreign.problem.expected]).toEqual([422, 'c'.repeat(40), commit]);
    expect((await eventsOf(deps, run)).filter((event) => event === 'refusal request.refused')).toHaveLength(2);
  });

  test.each([
    ['constructor', 404, 'evidence-type-unknown'],
    ['__proto__', 404, 'evidence-type-unknown'],
    ['attestation', 422, 'check-proved-otherwise'],
  ])('of type %s is refused', async (type, status, refusal) => {
    const reply = await evidence(await begin(), { type, contentType: 'application/octet-stream' });
    expect([reply.status, reply.problem.type]).toEqual([status, `https://holdpoint.dev/problems/${refusal}`]);
  });

  test('for an unknown run is refused', async () => {
    const reply = await evidence('20260302-080000-nosuchrun0');
    expect([reply.status, reply.problem.type]).toEqual([404, 'https://holdpoint.dev/problems/run-unknown']);
  });
});

test('every call logs one line with route, status, time and units, and no secret', async () => {
  const reply = await start();
  const [check, ...rest] = reply.log;
  expect(rest).toEqual([]);
  expect(check).toMatchObject({
    level: 'info',
    fields: { request: 'request-1', route: 'POST /v1/runs', status: 201, who: { kind: 'ci', id: 'ci-main' } },
  });
  expect(check?.fields).toHaveProperty('ms');
  expect(check?.fields).toHaveProperty('units');
});
