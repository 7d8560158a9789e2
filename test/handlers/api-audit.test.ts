import { beforeEach, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import type { Identity } from '../../lib/api/identity.ts';
import type { Api } from '../../lib/api/mount.ts';
import { checklistSchema, eventListSchema, runListSchema, runViewSchema } from '../../lib/api/responses.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { rollbackItems } from '../../lib/checklist/phases/rollback.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { ci, dependenciesOf, givenRun, personIn, twoGates } from '../given.ts';
import { anonymous, ask, bearer, browser, jobOf, type Reply } from './requests.ts';
import { askedRun } from './small-run.ts';

let deps: FakeDependencies;
let api: Api;
const mac = fakeMac();
const serve = (over: FakeDependencies): void => {
  deps = over;
  api = auditApi({ deps, mac });
};
beforeEach(() => serve(dependenciesOf(twoGates)));

const reader = (): Identity => bearer(personIn(deps, 'auditor'));
const get = (path: string, query: Readonly<Record<string, string>> | string = {}, identity = reader()): Promise<Reply> =>
  ask(api, { method: 'GET', path, identity, query: typeof query === 'string' ? query : new URLSearchParams(query).toString() });
const manyRuns = async (count: number, service = 'shop'): Promise<string[]> => {
  const runs: string[] = [];
  for (let n = 0; n < count; n += 1) {
    deps.controls.clock.advance(1000);
    const caller = { ...ci, services: [service], token: sha256(`${service}-${n}`) };
    runs.unshift(await givenRun(deps, { service, version: `1.0.${n}`, environment: n % 2 === 0 ? 'production' : 'staging' }, caller));
  }
  return runs;
};

describe('the list of runs', () => {
  test('comes newest first, page by page, each run once', async () => {
    const runs = await manyRuns(5);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const reply = await get('/v1/runs', { limit: '2', ...(cursor === null ? {} : { cursor }) });
      expect(reply.status).toBe(200);
      const page = runListSchema.parse(reply.json);
      expect(page.runs.length).toBeLessThanOrEqual(2);
      seen.push(...page.runs.map(({ run }) => run));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(runs);
    expect(JSON.stringify((await get('/v1/runs')).json)).not.toContain('opener');
  });

  test('is filtered by service and environment', async () => {
    await manyRuns(3);
    const [mail] = await manyRuns(1, 'mail');
    const of = async (query: Readonly<Record<string, string>>) =>
      runListSchema.parse((await get('/v1/runs', query)).json).runs.map((one) => one.run);
    expect(await of({ service: 'mail' })).toEqual([mail]);
    expect(await of({ service: 'shop', environment: 'staging' })).toHaveLength(1);
    expect(await of({ service: 'nobody' })).toEqual([]);
  });

  test('shows a pipeline the runs of its own services only', async () => {
    await manyRuns(2);
    const [mail] = await manyRuns(1, 'mail');
    const own = bearer(jobOf('j', { id: 'ci-mail', services: ['mail'] }));
    expect(runListSchema.parse((await get('/v1/runs', {}, own)).json).runs.map(({ run }) => run)).toEqual([mail]);
    expect(runListSchema.parse((await get('/v1/runs', { limit: '1' }, own)).json)).toMatchObject({ runs: [{ run: mail }], next: null });
    const foreign = await get('/v1/runs', { service: 'shop' }, own);
    expect([foreign.status, foreign.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/role-missing']);
    // What the job asked for is what it got wrong; what it may do is what was expected.
    expect([foreign.problem.got, foreign.problem.expected]).toEqual(['shop', 'mail']);
  });
});

test('a run names its people for people, and by id alone for a pipeline, whose log others may read', async () => {
  const { deps: over, run } = await askedRun();
  serve(over);
  const path = `/v1/runs/${run}`;
  const read = runViewSchema.parse((await get(path)).json);
  const asked = read.gates.flatMap(({ approvals }) => approvals.map(({ person }) => person));
  expect(asked.length).toBeGreaterThan(0);
  for (const id of [...asked, read.starter]) expect(read.people).toContainEqual({ id, name: over.roster.person(id)?.name });
  expect(runViewSchema.parse((await get(path, {}, bearer(jobOf('j')))).json).people).toEqual([]);
});

describe('a cursor', () => {
  const cursorOf = async (query: Readonly<Record<string, string>> = {}, identity = reader()): Promise<string> =>
    runListSchema.parse((await get('/v1/runs', { limit: '1', ...query }, identity)).json).next ?? expect.fail('no next page');

  test('is of this list, these filters and this caller', async () => {
    const [run = ''] = await manyRuns(3);
    const cursor = await cursorOf();
    const events = `/v1/runs/${run}/audit/events`;
    const ofEvents = eventListSchema.parse((await get(events, { limit: '1', lane: 'run' })).json).next;
    expect(ofEvents, 'one event, one page').toBeNull();
    const refused: readonly Promise<Reply>[] = [
      get('/v1/runs', { cursor, service: 'shop' }),
      get('/v1/runs', { cursor, environment: 'production' }),
      get('/v1/runs', { cursor }, bearer(personIn(deps, 'operator'))),
      get('/v1/runs', { cursor }, bearer(jobOf('j', { id: personIn(deps, 'auditor').id }))),
      get(events, { cursor }),
    ];
    for (const reply of refused)
      expect((await reply).problem).toMatchObject({ status: 400, type: 'https://holdpoint.dev/problems/cursor-invalid' });
    expect((await get('/v1/runs', { cursor, limit: '2' })).status).toBe(200);
  });

  test('of events is of this caller, too', async () => {
    const { deps: over, run } = await askedRun();
    serve(over);
    const path = `/v1/runs/${run}/audit/events`;
    const { next } = eventListSchema.parse((await get(path, { limit: '2' })).json);
    expect((await get(path, { limit: '2', cursor: next ?? '' })).status).toBe(200);
    for (const reply of [
      await get(path, { cursor: next ?? '' }, bearer(personIn(deps, 'operator'))),
      await get(path, { cursor: next ?? '', type: 'run.started' }),
      await get('/v1/runs', { cursor: next ?? '' }),
    ])
      expect(reply.problem.type).toBe('https://holdpoint.dev/problems/cursor-invalid');
  });

  test('that was not signed by us for this list is refused without a fault', async () => {
    await manyRuns(2);
    const good = await cursorOf();
    const [body, code] = good.split('.');
    const value = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as object;
    const made = Buffer.from(JSON.stringify({ ...value, after: '9999#run' })).toString('base64url');
    for (const cursor of [
      '',
      'x',
      '.',
      `${made}.${code}`,
      `${body}.`,
      `${good}.x`,
      await signValue(mac, 'session', value),
      await signValue(fakeMac('other'), 'cursor', value),
    ])
      expect([cursor, (await get('/v1/runs', { cursor })).status]).toEqual([cursor, 400]);
    expect((await get('/v1/runs', { cursor: 'x'.repeat(2001) })).problem.type).toBe('https://holdpoint.dev/problems/parameter-invalid');
  });
});

describe('a run', () => {
  test('is read as it stands', async () => {
    const [run = ''] = await manyRuns(1);
    const reply = await get(`/v1/runs/${run}`);
    expect(reply.status).toBe(200);
    expect(runViewSchema.parse(reply.json)).toMatchObject({ run, service: 'shop', checkCounts: { missing: 2 }, closed: false });
  });

  test('of another service is hidden from a CI job, and an unknown one is not found', async () => {
    const [run = ''] = await manyRuns(1);
    const own = bearer(jobOf('j', { id: 'ci-mail', services: ['mail'] }));
    for (const path of [`/v1/runs/${run}`, `/v1/runs/${run}/audit/events`]) expect((await get(path, {}, own)).status).toBe(403);
    expect((await get('/v1/audit/events', { run }, own)).status).toBe(403);
    expect((await get('/v1/runs/20260302-080000-nosuchrun0')).problem.type).toBe('https://holdpoint.dev/problems/run-unknown');
  });

  test('whose checklist is lost says so', async () => {
    const [run = ''] = await manyRuns(1);
    const later = dependenciesOf({ ...twoGates, version: '2' });
    serve({ ...later, trail: deps.trail });
    expect((await get(`/v1/runs/${run}`)).problem).toMatchObject({
      status: 404,
      type: 'https://holdpoint.dev/problems/definition-unknown',
    });
  });
});

describe('what everybody reads', () => {
  test('is the checklist, item by item', async () => {
    const reply = await get('/v1/checklist', {}, bearer(jobOf('j')));
    expect(checklistSchema.parse(reply.json)).toMatchObject({
      version: '1',
      digest: deps.definitions.current().digest,
      items: [
        { id: 'unit-tests', evidence: ['junit'], gate: 'phase-1' },
        { id: 'integration', evidence: ['attestation'] },
        ...rollbackItems.map(({ id, gate }) => ({ id, gate })),
      ],
    });
  });

  test('is the OpenAPI document', async () => {
    expect((await get('/v1/openapi.json')).json).toMatchObject({ openapi: '3.1.0' });
  });

  test('but not a request without a token, and not a browser', async () => {
    const [run = ''] = await manyRuns(1);
    for (const path of [
      '/v1/runs',
      `/v1/runs/${run}`,
      `/v1/runs/${run}/audit/events`,
      '/v1/audit/events',
      '/v1/checklist',
      '/v1/openapi.json',
    ])
      for (const [identity, status] of [
        [anonymous, 401],
        [browser(personIn(deps, 'auditor')), 401],
        [{ kind: 'refused', refusal: { type: 'token-expired', detail: 'The token has expired.' } } as const, 401],
        [{ kind: 'unavailable' } as const, 503],
      ] as const)
        expect([path, (await get(path, {}, identity)).status]).toEqual([path, status]);
  });

  test('HEAD is GET without its body, and neither writes anything', async () => {
    const [run = ''] = await manyRuns(1);
    const before = deps.controls.calls.length;
    for (const path of ['/v1/runs', `/v1/runs/${run}`, `/v1/runs/${run}/audit/events`, '/v1/checklist']) {
      const head = await ask(api, { method: 'HEAD', path, identity: reader() });
      expect([path, head.status, head.text]).toEqual([path, 200, '']);
      expect((await get(path)).status).toBe(200);
    }
    const calls = new Set(deps.controls.calls.slice(before));
    expect([...calls].sort()).toEqual(['definitions.read', 'index.list', 'people.read', 'store.query']);
  });
});

describe('the pages of runs', () => {
  test('are for a session: others are sent to the sign-in, and back to where they wanted', async () => {
    const [run = ''] = await manyRuns(1);
    for (const [path, query] of [
      ['/runs', 'service=shop'],
      [`/runs/${run}`, ''],
    ] as const) {
      const reply = await get(path, query, anonymous);
      const next = query === '' ? path : `${path}?${query}`;
      expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next })}`]);
      expect((await get(path, query, reader())).status, 'a bearer token opens no page').toBe(303);
      expect((await get(path, query, browser(personIn(deps, 'auditor')))).status).toBe(200);
    }
    expect((await get('/', '', browser(personIn(deps, 'auditor')))).headers.location).toBe('/runs');
  });
});

describe('what the first link of a run leads to', () => {
  test('the published checklist and roster are listed, and the run carries the hash of its definition', async () => {
    const run = await givenRun(deps);
    const { events, next } = eventListSchema.parse((await get('/v1/audit/installation')).json);
    expect([events.map(({ type }) => type), next]).toEqual([['definition.published', 'roster.published'], null]);
    const own = eventListSchema.parse((await get(`/v1/runs/${run}/audit/events`)).json).events;
    expect(own.find(({ type }) => type === 'run.started')?.prev).toBe(events[0]?.hash);
  });

  test('an older checklist is read by its digest, and an unknown one is refused', async () => {
    await givenRun(deps);
    const { digest } = deps.definitions.current();
    const older = checklistSchema.parse((await get('/v1/checklist', { digest })).json);
    expect(older).toEqual(checklistSchema.parse((await get('/v1/checklist')).json));
    const unknown = await get('/v1/checklist', { digest: 'a'.repeat(64) });
    expect([unknown.status, unknown.problem.type]).toEqual([404, 'https://holdpoint.dev/problems/definition-unknown']);
  });
});
