import { beforeEach, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import type { Api } from '../../lib/api/mount.ts';
import { eventListSchema } from '../../lib/api/responses.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { anew, personIn } from '../given.ts';
import { ask, bearer, type Reply } from './requests.ts';
import { askedRun } from './small-run.ts';

let deps: FakeDependencies;
let api: Api;
const serve = (over: FakeDependencies): void => {
  deps = over;
  api = auditApi({ deps, mac: fakeMac() });
};
const get = (path: string, query: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  ask(api, { method: 'GET', path, identity: bearer(personIn(deps, 'auditor')), query: new URLSearchParams(query).toString() });

describe("a run's events", () => {
  let run = '';
  let all: ReturnType<typeof eventListSchema.parse>['events'];
  const list = async (query: Readonly<Record<string, string>> = {}) =>
    eventListSchema.parse((await get(`/v1/runs/${run}/audit/events`, query)).json).events;
  beforeEach(async () => {
    const small = await askedRun();
    serve(small.deps);
    run = small.run;
    all = await list({ limit: '500' });
  });

  test('come in the order in which they happened, page by page, each once, with their hashes', async () => {
    expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort());
    expect(all[0]).toMatchObject({ type: 'run.started', scope: `run/${run}` });
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ReturnType<typeof eventListSchema.parse> = eventListSchema.parse(
        (await get(`/v1/runs/${run}/audit/events`, { limit: '3', ...(cursor === null ? {} : { cursor }) })).json,
      );
      expect(page.events.length).toBeLessThanOrEqual(3);
      paged.push(...page.events.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(paged).toEqual(all.map(({ id }) => id));
  });

  test('are the same with the run as a filter', async () => {
    expect(eventListSchema.parse((await get('/v1/audit/events', { run, limit: '500' })).json).events).toEqual(all);
    const reply = await get('/v1/audit/events');
    expect([reply.status, reply.problem.detail.includes('run')]).toEqual([400, true]);
  });

  test.each([
    ['type', { type: 'gate.opened' }, (event: (typeof all)[number]) => event.type === 'gate.opened'],
    ['lane', { lane: 'gate/phase-1' }, (event: (typeof all)[number]) => event.lane === 'gate/phase-1'],
    ['what lies under a lane', { lane: 'check' }, (event: (typeof all)[number]) => event.lane.startsWith('check/')],
    ['what lies under a lane, with a slash', { lane: 'check/' }, (event: (typeof all)[number]) => event.lane.startsWith('check/')],
    ['actor', { actor: 'p-technical1' }, (event: (typeof all)[number]) => event.actor.id === 'p-technical1'],
    [
      'check',
      { check: 'ready' },
      (event: (typeof all)[number]) => event.data.check === 'ready' || [event.data.serves].flat().includes('ready'),
    ],
    ['verdict', { outcome: 'pass' }, (event: (typeof all)[number]) => event.data.verdict === 'pass'],
    ['outcome', { outcome: 'passed' }, (event: (typeof all)[number]) => event.data.outcome === 'passed'],
  ])('are filtered by %s', async (_, query, wanted) => {
    const found = await list(query);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(all.filter(wanted));
  });

  test('are filtered by time: from an instant, up to another', async () => {
    const middle = all[Math.floor(all.length / 2)]?.at ?? '';
    expect([...(await list({ to: middle })), ...(await list({ from: middle }))]).toEqual(all);
    expect((await list({ from: middle }))[0]?.at).toBe(middle);
    expect(await list({ from: middle.replace('Z', '+00:00') })).toEqual(await list({ from: middle }));
  });

  test.each([
    [{ type: 'gate.exploded' }, /type/],
    [{ limit: '0' }, /limit/],
    [{ limit: '501' }, /limit/],
    [{ limit: '1.5' }, /limit/],
    [{ from: 'yesterday' }, /from/],
    [{ from: '9999-12-31T23:59:59-23:00' }, /from/],
    [{ check: 'Not A Line' }, /check/],
    [{ outcome: 'wavied' }, /outcome/],
    [{ person: 'Tove' }, /person/],
  ])('%j is refused with the field named', async (query, field) => {
    const reply = await get(`/v1/runs/${run}/audit/events`, query as never);
    expect([reply.status, reply.problem.type]).toEqual([400, 'https://holdpoint.dev/problems/parameter-invalid']);
    expect(reply.problem.detail).toMatch(field);
  });

  test('are found by an exception, which is an outcome, too; an unknown outcome or check is answered with what is known', async () => {
    const owner = personIn(deps, 'technical-lead');
    const until = new Date(deps.clock.now().getTime() + 3_600_000).toISOString();
    await waive(deps, { request: anew(), run, check: 'ready', reason: 'The reviewer is ill.', until }, owner);
    await declareNotApplicable(deps, { request: anew(), run, check: 'migration', reason: 'Nothing is migrated.' }, owner);
    for (const outcome of ['waived', 'not-applicable'])
      expect((await list({ outcome })).map(({ type }) => type)).toEqual([`check.${outcome}`]);
    const reply = await get(`/v1/runs/${run}/audit/events`, { outcome: 'excepted' });
    for (const known of ['waived', 'not-applicable', 'changes-requested', 'passed', 'rolled-back'])
      expect(`${reply.problem.detail} ${reply.problem.expected}`).toContain(known);
    const unknown = (await get(`/v1/runs/${run}/audit/events`, { check: 'nothing-such' })).problem;
    expect([unknown.status, unknown.got, unknown.expected?.includes('migration')]).toEqual([404, 'nothing-such', true]);
  });

  test('hold no name, no address and no words of people', async () => {
    const reply = await get(`/v1/runs/${run}/audit/events`, { limit: '500' });
    expect(reply.text).not.toMatch(/Tove|tove@|looked at it|a release for the tests/);
  });

  test('what came after the end stands at the end', async () => {
    const small = await askedRun();
    serve(small.deps);
    run = small.run;
    await cancelRun(deps, { run, reason: 'The release is not wanted.' }, personIn(deps, 'operator'));
    await small.machine.settle();
    await attest(deps, { request: anew(), run, check: 'ready', statement: 'I have looked at it today.' }, personIn(deps, 'technical-lead'));
    expect((await list({ limit: '500' })).at(-1)).toMatchObject({ scope: `late/${run}`, type: 'request.refused' });
  });
});
