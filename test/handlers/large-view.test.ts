import { beforeAll, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { runViewSchema } from '../../lib/api/responses.ts';
import { vouchFor } from '../../lib/audit/authority.ts';
import type { Draft, EventType, Stored } from '../../lib/audit/event.ts';
import { genesis, lanes } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import { jsonText } from '../../lib/cli/plain.ts';
import { fakeAuthority } from '../fakes/services.ts';
import { fakeMac } from '../fakes.ts';
import { personIn } from '../given.ts';
import { toStability } from '../story.ts';
import { ask, bearer, browser, stageOf } from './requests.ts';

/** A run that holds as much as anybody can make it hold: its view and its page stay small and say what they leave out. */

const mb = 1_000_000;
const stage = stageOf();
const digest = 'd'.repeat(64);
/** Characters that take most bytes in JSON and in HTML. */
const long = (length: number): string => '"<€&\u202e'.repeat(length).slice(0, length);

let story: Awaited<ReturnType<typeof toStability>>;
const get = (path: string) =>
  ask(
    path.endsWith('/rollback')
      ? peopleApi({ deps: story.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) })
      : auditApi({ deps: story.deps, mac: fakeMac() }),
    {
      method: 'GET',
      path,
      identity: (path.startsWith('/v1/') ? bearer : browser)(personIn(story.deps, 'auditor')),
      query: '',
    },
  );

beforeAll(async () => {
  story = await toStability();
  const { deps, run } = story;
  const scope = `run/${run}`;
  const heads = new Map<string, Stored>();
  for (const stored of await deps.store.query(scope, { prefix: '' })) heads.set(stored.event.lane, stored);
  const parent = heads.get(lanes.run)?.hash ?? genesis;
  let n = 0;
  const add = async <T extends EventType>(draft: Omit<Draft<T>, 'scope' | 'step'>): Promise<void> => {
    n += 1;
    const last = heads.get(draft.lane);
    const whole = { ...draft, scope, step: `large/${n}` } as Draft<T>;
    const mac = await vouchFor(fakeAuthority(), whole as Draft);
    const place = { seq: (last?.event.seq ?? 0) + 1, prev: last?.hash ?? parent };
    const stored = makeEvent(whole, place, new Date(deps.clock.now().getTime() + n), mac) as Stored;
    heads.set(draft.lane, stored);
    await deps.store.insert(stored);
  };
  const ci = { kind: 'ci', id: 'shop' } as const;
  const at = deps.clock.now().toISOString();
  for (let i = 0; i < 5_000; i += 1)
    await add({
      lane: lanes.observation(`seen-${i}`),
      type: 'observation.recorded',
      actor: ci,
      // The only bad ones are the oldest.
      data: {
        observation: `seen-${i}`,
        via: 'api',
        kind: 'other',
        bad: i < 20,
        subject: long(200),
        summary: long(300),
        words: null,
        observedAt: at,
      },
    });
  const checks = deps.definitions
    .current()
    .checklist.items.filter(({ gate, rule }) => gate !== null && rule !== null)
    .slice(0, 40);
  for (let i = 0; i < 2_000; i += 1) {
    const check = checks[i % checks.length];
    await add({
      lane: lanes.check(check?.gate ?? '', check?.id ?? ''),
      type: 'check.judged',
      actor: { kind: 'system', id: 'evaluator' },
      data: {
        check: check?.id ?? '',
        subject: `*/${'s'.repeat(55)}-${i % 300}`,
        verdict: i % 3 === 0 ? 'fail' : 'pass',
        reason: long(300),
        facts: digest,
        evidence: digest,
        attempt: 1,
        madeAt: at,
        producer: { run: `job-${i}`, attempt: 1 },
        goodUntil: null,
        by: null,
        words: null,
      },
    });
  }
  const entry = (await deps.store.query(scope, { lane: lanes.gate('go-no-go') }))[0]?.event.data as { entry: string };
  for (let round = 3; round < 403; round += 1)
    for (const role of ['technical-lead', 'operations-lead', 'product-owner'])
      await add({
        lane: lanes.approval('go-no-go'),
        type: 'approval.requested',
        actor: { kind: 'system', id: 'reconciler' },
        data: { gate: 'go-no-go', entry: entry.entry, round, role, person: `p-${role}`, link: digest, report: digest, expires: at },
      });
  const seen = (await deps.store.query(scope, { prefix: lanes.observations })).map(({ event }) => event.id);
  for (let i = 0; i < 400; i += 1)
    await add({
      lane: lanes.rollback,
      type: 'rollback.triggered',
      actor: { kind: 'system', id: 'reconciler' },
      data: {
        trigger: 'critical-feature-not-working',
        by: null,
        reason: null,
        detail: `${i} ${long(300)}`,
        evidence: seen.slice(i * 12, (i + 1) * 12),
        decides: false,
      },
    });
  for (let i = 0; i < 11_000; i += 1)
    await add({
      lane: lanes.refusal,
      type: 'request.refused',
      actor: ci,
      data: { action: 'evidence', type: 'role-missing', detail: long(200) },
    });
}, 60_000);

test('the view stays below 1 MB and says what it leaves out', async () => {
  const { json } = await get(`/v1/runs/${story.run}`);
  const view = runViewSchema.parse(json);
  const bytes = Buffer.byteLength(JSON.stringify(json));
  const indented = Buffer.byteLength(jsonText(json));
  console.info(`view of ${view.events} events: ${bytes} bytes, indented ${indented}`);
  expect(view.events).toBeGreaterThan(19_000);
  expect(bytes).toBeLessThan(mb);
  expect(indented).toBeLessThan(mb);
  const count = (list: string): number => view.leftOut.find((one) => one.list === list)?.count ?? 0;
  expect(view.observations.length + count('observations')).toBeGreaterThanOrEqual(5_000);
  // Bad ones that nobody has labelled come before all others, however old they are; then the newest.
  expect(view.observations.filter(({ bad }) => bad).length).toBeGreaterThanOrEqual(20);
  expect(view.observations.at(-1)?.observation).toBe('seen-4999');
  // Behind the alarm that the story tests.
  expect(view.observations[1]?.observation).toMatch(/^seen-\d$/);
  const approvals = view.gates.find(({ id }) => id === 'go-no-go')?.approvals ?? [];
  expect(approvals.length + count('go-no-go approvals')).toBeGreaterThanOrEqual(1_200);
  expect(approvals.at(-1)?.round).toBe(402);
  const { triggers = [], events = [] } = view.rollback ?? {};
  expect([triggers.length + count('rollback triggers'), events.length + count('rollback events')]).toEqual([400, 4_800]);
  // The first trigger counts; then the newest.
  expect([triggers[0], triggers.at(-1)].map((one) => one?.detail?.split(' ')[0])).toEqual(['0', '399']);
  // The events of a rollback are in several lanes; every other list is in one.
  for (const { list, events } of view.leftOut)
    expect(events.startsWith(`/v1/runs/${story.run}/audit/events${list === 'rollback events' ? '' : '?lane='}`)).toBe(true);
});

test('each list names the lane whose events hold the rest', async () => {
  const view = runViewSchema.parse((await get(`/v1/runs/${story.run}`)).json);
  const lists = view.leftOut.map(({ list, events }) => [list, decodeURIComponent(events.split('lane=')[1] ?? '')]);
  expect(lists).toContainEqual(['observations', 'observation']);
  expect(lists).toContainEqual(['go-no-go approvals', 'approval/go-no-go']);
  const subjects = view.gates
    .flatMap(({ id, checks }) => checks.map((one) => ({ id, ...one })))
    .filter(({ subjects }) => subjects.length > 0);
  const cut = subjects.find(({ id, check }) => lists.some(([list]) => list === `${id} ${check} subjects`));
  expect(cut).toBeDefined();
  expect(lists).toContainEqual([`${cut?.id} ${cut?.check} subjects`, `check/${cut?.id}/${cut?.check}`]);
  expect(itemOf(story.deps.definitions.current().checklist, cut?.check ?? '')?.gate).toBe(cut?.id);
});

test('the page stays below 1 MB', async () => {
  const { text } = await get(`/runs/${story.run}`);
  console.info(`page: ${Buffer.byteLength(text)} bytes`);
  expect(text).toContain('Not shown here');
  expect(Buffer.byteLength(text)).toBeLessThan(mb);
  const rollback = await get(`/runs/${story.run}/rollback`);
  expect(rollback.text).toContain('Decide now');
  expect(Buffer.byteLength(rollback.text)).toBeLessThan(mb);
});
