import { beforeEach, describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { mostAttested } from '../../lib/fields.ts';
import { Conflict } from '../../lib/outcome.ts';
import { fakeMac } from '../fakes.ts';
import { eventsOf, personIn } from '../given.ts';
import { anonymous, ask, bearer, browser, fresh, jobOf, type Reply, stageOf } from './requests.ts';
import { type SmallRun, smallRun } from './small-run.ts';

let small: SmallRun;
let api: Api;
beforeEach(async () => {
  small = await smallRun();
  const stage = stageOf();
  api = peopleApi({ deps: small.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
});

const as = (role: Parameters<typeof personIn>[1]) => bearer(personIn(small.deps, role));
const post = (path: string, body: unknown, identity = as('technical-lead'), headers: Record<string, string> = fresh()): Promise<Reply> =>
  ask(api, { method: 'POST', path: `/v1/runs/${small.run}${path}`, identity, headers, body });
const events = (): Promise<string[]> => eventsOf(small.deps, small.run);
const statement = 'I have looked at it today, all of it.';
const reason = 'The second reviewer is ill, see ticket 4411.';

describe('every POST of people', () => {
  const seen = { observation: 'a', kind: 'alarm', bad: true, subject: 's', summary: 's', observedAt: '2026-03-02T07:00:00Z' };
  const posts: readonly (readonly [string, object])[] = [
    ['/checks/ready/attestations', { statement }],
    ['/checks/ready/waivers', { reason, until: '2026-03-03T08:00:00Z' }],
    ['/checks/migration/not-applicable', { reason }],
    ['/observations', seen],
    ['/observations/alarm-7/label', { label: 'explained', explanation: reason }],
    ['/rollback', { trigger: 'data-corruption', reason }],
    ['/cancel', { reason }],
    ['/incident', { decision: 'resume', reason }],
  ];

  test.each(posts.slice(0, 5))('%s: repeated after a fault behind its record it is recorded once', async (path, body) => {
    if (path.includes('alarm-7')) await post('/observations', { ...seen, observation: 'alarm-7' }, as('operations-lead'));
    const role = path.includes('observations') ? 'operations-lead' : 'technical-lead';
    const headers = fresh();
    const before = await events();
    small.deps.controls.failNext('idempotency.finish', 'before');
    expect((await post(path, body, as(role), headers)).status).toBe(500);
    const recorded = await events();
    expect(recorded.length, 'the command had done its work').toBeGreaterThan(before.length);
    small.deps.controls.clock.advance(61_000);
    expect((await post(path, body, as(role), headers)).status).toBe(201);
    expect((await events()).filter((event) => !event.includes('gate/'))).toEqual(recorded.filter((event) => !event.includes('gate/')));
  });

  test.each(posts)('%s: no caller, no browser, no key, no unknown field, no other content type, no body too large', async (path, body) => {
    // An attestation has room for a file.
    const longest = path.endsWith('/attestations') ? 2 * mostAttested : 70_000;
    const before = await events();
    const asked = (changes: Partial<Parameters<typeof ask>[1]>): Promise<Reply> =>
      ask(api, {
        method: 'POST',
        path: `/v1/runs/${small.run}${path}`,
        identity: as('operations-lead'),
        headers: fresh(),
        body,
        ...changes,
      });
    const refusals: readonly (readonly [Promise<Reply>, number, string])[] = [
      [asked({ identity: anonymous }), 401, 'unauthenticated'],
      [asked({ identity: browser(personIn(small.deps, 'operations-lead')) }), 401, 'unauthenticated'],
      [asked({ identity: { kind: 'unavailable' } }), 503, 'unavailable'],
      [asked({ headers: {} }), 400, 'idempotency-key-missing'],
      [asked({ headers: { 'idempotency-key': '' } }), 400, 'idempotency-key-missing'],
      [asked({ headers: { 'idempotency-key': 'k'.repeat(201) } }), 400, 'idempotency-key-missing'],
      [asked({ body: { ...body, more: 1 } }), 400, 'body-malformed'],
      [asked({ body: 'reason=x', headers: { ...fresh(), 'content-type': 'application/x-www-form-urlencoded' } }), 415, 'content-type'],
      [asked({ body: { ...body, reason: 'x'.repeat(longest) } }), 413, 'body-too-large'],
      [asked({ query: 'force=true' }), 400, 'parameter-invalid'],
    ];
    for (const [reply, status, type] of refusals)
      expect((await reply).problem).toMatchObject({ status, type: `https://holdpoint.dev/problems/${type}` });
    if (path !== '/observations') expect((await asked({ identity: bearer(jobOf('j')) })).problem.type).toMatch(/role-missing$/);
    expect(await events()).toEqual(before);
    // The reason and the changes of the start.
    expect(small.deps.controls.people.texts.size).toBe(2);
  });

  test('the same key and body give the same answer again, weeks later too, and do nothing', async () => {
    const headers = fresh();
    const first = await post('/checks/ready/attestations', { statement }, as('technical-lead'), headers);
    const before = await events();
    small.deps.controls.clock.advance(30 * 86_400_000);
    const again = await post('/checks/ready/attestations', { statement }, as('technical-lead'), headers);
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([201, first.text, 'true']);
    expect(await events()).toEqual(before);
  });

  test('another body or another route under the key of this caller is refused; another caller has a key of the same name', async () => {
    const headers = fresh();
    await post('/checks/ready/attestations', { statement }, as('technical-lead'), headers);
    const before = await events();
    const body = await post('/checks/ready/attestations', { statement: `${statement}!` }, as('technical-lead'), headers);
    const route = await post('/checks/migration/attestations', { statement }, as('technical-lead'), headers);
    for (const reply of [body, route]) {
      expect([reply.status, reply.problem.type]).toEqual([422, 'https://holdpoint.dev/problems/idempotency-key-reused']);
      expect(reply.headers['retry-after']).toBeUndefined();
    }
    expect(await events()).toEqual(before);
    const other = await post('/checks/ready/attestations', { statement }, as('product-owner'), headers);
    expect([other.status, other.headers['idempotency-replayed']]).toEqual([403, undefined]);
  });

  test('two at once: one is performed, the other is asked to wait, and neither is performed twice', async () => {
    const headers = fresh();
    const both = await Promise.all([1, 2].map(() => post('/cancel', { reason }, as('operator'), headers)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(both.find(({ status }) => status === 409)?.headers['retry-after']).toBe('1');
    expect((await events()).filter((event) => event.endsWith('run.cancelled'))).toHaveLength(1);
  });

  test('a fault gives the key back: the same request again is done, and once', async () => {
    const headers = fresh();
    small.deps.controls.failNext('reconciler.request', 'before', new Error('secret internals'));
    const first = await post('/cancel', { reason }, as('operator'), headers);
    expect([first.status, first.text.includes('secret')]).toEqual([500, false]);
    const again = await post('/cancel', { reason }, as('operator'), headers);
    expect(again.status).toBe(201);
    expect((await events()).filter((event) => event.endsWith('run.cancelled'))).toHaveLength(1);
  });

  test('a key that cannot be given back hides no fault, and is free again after its lease', async () => {
    const headers = fresh();
    small.deps.controls.failNext('reconciler.request', 'before', new Conflict('lost eight times'));
    small.deps.controls.failNext('idempotency.release', 'before', new Error('no table'));
    expect((await post('/cancel', { reason }, as('operator'), headers)).problem.type).toBe('https://holdpoint.dev/problems/busy');
    expect((await post('/cancel', { reason }, as('operator'), headers)).status).toBe(409);
    small.deps.controls.clock.advance(60_000);
    expect((await post('/cancel', { reason }, as('operator'), headers)).status).toBe(201);
    expect((await events()).filter((event) => event.endsWith('run.cancelled'))).toHaveLength(1);
  });

  test('a conflict of writers is answered with the time for a retry', async () => {
    small.deps.controls.failNext('store.insert', 'before', new Conflict('lost eight times'));
    const reply = await post('/cancel', { reason }, as('operator'));
    expect([reply.status, reply.problem.type, reply.headers['retry-after']]).toEqual([503, 'https://holdpoint.dev/problems/busy', '1']);
  });

  test('an unknown run is 404, whatever it is called', async () => {
    for (const run of ['20260302-080000-nosuchrun0', 'x', '-'.repeat(80)]) {
      const reply = await ask(api, {
        method: 'POST',
        path: `/v1/runs/${run}/cancel`,
        identity: as('operator'),
        headers: fresh(),
        body: { reason },
      });
      expect([run, reply.status, reply.problem.type]).toEqual([run, 404, 'https://holdpoint.dev/problems/run-unknown']);
    }
  });
});
