import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { inboxAnswerSchema, meSchema } from '../../lib/api/operations/inbox.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Person } from '../../lib/ports.ts';
import { mostRunsRead } from '../../lib/query/inbox.ts';
import type { Role } from '../../lib/roles.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { rolledBack, stateCause } from '../follow-up-given.ts';
import { artifact, ci, dependenciesOf, givenRun, personIn, twoGates } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { answer, must, propose } from '../profile-given.ts';
import { attestedForService, standingChecklist } from '../standing-given.ts';
import { ask, bearer, browser, jobOf } from './requests.ts';

const apiOf = (deps: FakeDependencies) => auditApi({ deps, mac: fakeMac() });
const inboxOf = async (deps: FakeDependencies, caller: PersonCaller) => {
  const reply = await ask(apiOf(deps), { method: 'GET', path: '/v1/inbox', identity: bearer(caller) });
  expect(reply.status).toBe(200);
  return inboxAnswerSchema.parse(reply.json);
};
const kindsOf = async (deps: FakeDependencies, caller: PersonCaller): Promise<string[]> =>
  (await inboxOf(deps, caller)).items.map(({ kind }) => kind);
const pageOf = (deps: FakeDependencies, caller: PersonCaller) =>
  ask(apiOf(deps), { method: 'GET', path: '/inbox', identity: browser(caller) });

describe('the inbox of a person', () => {
  test('has an approval until it is answered, with its end, and of nobody else', async () => {
    const story = await given.atGoNoGo();
    const [item, ...others] = (await inboxOf(story.deps, given.callerOf(story, given.technical))).items;
    expect(others).toEqual([]);
    expect(item).toMatchObject({
      kind: 'approval',
      role: 'technical-lead',
      run: story.run,
      version: '1.4.0',
      environment: 'production',
      command: `holdpoint approvals ${story.run}`,
    });
    expect(item?.until).toMatch(/^2026-/);
    expect(item?.page.startsWith(`/runs/${story.run}#gate-`)).toBe(true);
    expect(await kindsOf(story.deps, given.callerOf(story, given.starter))).toEqual([]);
    await given.answerAs(story, given.technical, 'approved');
    await story.machine.settle();
    expect(await kindsOf(story.deps, given.callerOf(story, given.technical))).toEqual([]);
    expect(await kindsOf(story.deps, given.callerOf(story, given.product))).toEqual(['approval']);
  });

  test('has a rollback decision for the dated deputy of an operations lead, and the pages name both', async () => {
    const story = await back.undecided();
    const { roster } = story.deps;
    const [from, to] = [-1, 1].map((days) => new Date(story.deps.clock.now().getTime() + days * 86_400_000).toISOString());
    const entry = { person: 'p-deputy0001', from: from ?? '', to: to ?? '' };
    const deputy = { id: entry.person, name: 'Dede Deputy', address: 'dede@example.com', roles: ['developer' as const] };
    const person = (id: string) => (id === deputy.id ? deputy : roster.person(id));
    const away = (one: Person): Person => (one.id === given.operations ? { ...one, deputies: [entry] } : one);
    const deps = { ...story.deps, roster: { ...roster, person, holders: (role: Role) => roster.holders(role).map(away) } };
    const caller: PersonCaller = { kind: 'person', id: deputy.id, roles: deputy.roles, signedInAt: deps.clock.now() };
    const { items } = await inboxOf(deps, caller);
    expect(items).toMatchObject([{ kind: 'rollback-decision', role: 'operations-lead', for: given.operations }]);
    const { text } = await pageOf(deps, caller);
    expect(text).toContain('Decide now: roll 1.4.0 back, or continue');
    expect(text).toContain('in place of Ole');
    expect(await kindsOf(deps, { ...caller, id: 'p-nobody0001' })).toEqual([]);
    const decided = await decideRollback(deps, { run: story.run, decision: 'roll-back', reason: 'Half of the orders fail.' }, caller);
    expect(decided.refused).toBeUndefined();
    await story.machine.settle();
    const run = (await ask(apiOf(deps), { method: 'GET', path: `/runs/${story.run}`, identity: browser(caller) })).text;
    const both = 'Dede Deputy for Ole';
    // In the section of the rollback, and in the timeline.
    expect(run.split(both)).toHaveLength(3);
    expect(await kindsOf(deps, caller)).toEqual([]);
  });

  test('has the checks of the open gate whose proof the person supplies, each with the command, and no computed one', async () => {
    const story = await given.inSecond();
    const { items } = await inboxOf(story.deps, given.callerOf(story, given.operations));
    const attest = items.find(({ check }) => check === 'monitoring-configured');
    expect(attest).toMatchObject({
      kind: 'check',
      role: 'operations-lead',
      command: `holdpoint attest ${story.run} monitoring-configured --statement TEXT`,
      page: `/runs/${story.run}/checks/monitoring-configured#attest`,
    });
    expect(new Set(items.map(({ gate }) => gate))).toEqual(new Set(['phase-2']));
    expect(items.every(({ role }) => role === 'operations-lead' || role === 'operator')).toBe(true);
    const developer = await inboxOf(story.deps, given.callerOf(story, given.starter));
    expect(developer.items.map(({ check }) => check)).not.toContain('monitoring-configured');
    // Evidence is named with its type and the commit that it must be about.
    const first = await given.begin();
    const owner = await inboxOf(first.deps, given.callerOf(first, given.technical));
    expect(owner.items.find(({ check }) => check === 'no-regressions')?.command).toMatch(
      new RegExp(`^holdpoint evidence ${first.run} FILE --type junit --commit a{40}`),
    );
  });

  test('has an open rollback decision before everything else, for those who may take it', async () => {
    const story = await back.declared();
    const [first] = (await inboxOf(story.deps, given.callerOf(story, given.operations))).items;
    expect(first).toMatchObject({
      kind: 'rollback-decision',
      page: `/runs/${story.run}/rollback`,
      command: `holdpoint rollback-decision ${story.run} --decision roll-back --reason TEXT`,
    });
    const [product] = (await inboxOf(story.deps, given.callerOf(story, given.product))).items;
    expect(product).toMatchObject({ kind: 'rollback-decision', command: expect.stringContaining('--decision continue') });
    expect(await kindsOf(story.deps, given.callerOf(story, given.starter))).not.toContain('rollback-decision');
    expect((await inboxOf((await back.undecided()).deps, given.callerOf(story, given.operations))).items[0]?.until).not.toBeNull();
  });

  test('has a step that a person carries out, and the word about the data', async () => {
    const hand = await back.inHand();
    const [step] = (await inboxOf(hand.deps, given.callerOf(hand, given.operations))).items;
    expect(step).toMatchObject({ kind: 'rollback-step', command: expect.stringContaining('stop-requests --done --attempt 1') });
    const stuck = await back.stuck();
    const [again] = (await inboxOf(stuck.deps, given.callerOf(stuck, given.operations))).items;
    expect(again).toMatchObject({ kind: 'rollback-step', command: expect.stringContaining('revert-version --retry') });
    const data = await back.dataAsked();
    expect(await kindsOf(data.deps, given.callerOf(data, given.technical))).toContain('rollback-data');
    expect(await kindsOf(data.deps, given.callerOf(data, given.product))).not.toContain('rollback-data');
  });

  test('has what is asked after a rollback until it is answered; nobody reviews their own act', async () => {
    const story = await rolledBack({ byHand: 'revert-version' });
    const lead = personIn(story.deps, 'operations-lead');
    const product = personIn(story.deps, 'product-owner');
    const before = await inboxOf(story.deps, lead);
    expect(before.items.map(({ kind, command }) => [kind, command])).toEqual([
      ['follow-up', `holdpoint follow-up ${story.run} --cause TEXT`],
    ]);
    const [review] = (await inboxOf(story.deps, product)).items;
    expect(review).toMatchObject({ kind: 'follow-up', command: expect.stringMatching(/ step-by-hand-\w+ --justified TEXT$/) });
    await stateCause(story);
    expect(await kindsOf(story.deps, lead)).toEqual([]);
  });

  test('has a proposed profile for those whose approval it still needs, and no longer', async () => {
    const deps = dependenciesOf(baseChecklist);
    const { profile } = must(await propose(deps));
    const [item] = (await inboxOf(deps, personIn(deps, 'technical-lead'))).items;
    expect(item).toMatchObject({
      kind: 'profile',
      service: 'shop',
      page: '/services/shop/profile',
      command: `holdpoint profile approve ${profile} --service shop`,
    });
    expect(await kindsOf(deps, personIn(deps, 'product-owner'))).toEqual([]);
    must(await answer(deps, profile, 'technical-lead'));
    expect(await kindsOf(deps, personIn(deps, 'technical-lead'))).toEqual([]);
    expect(await kindsOf(deps, personIn(deps, 'operations-lead'))).toEqual(['profile']);
  });

  test('has standing evidence of another person, and a change that nobody has explained', async () => {
    const deps = dependenciesOf(standingChecklist);
    const event = await attestedForService(deps);
    expect(await kindsOf(deps, personIn(deps, 'operations-lead'))).toEqual([]);
    const [item] = (await inboxOf(deps, personIn(deps, 'technical-lead'))).items;
    expect(item).toMatchObject({ kind: 'standing-evidence', command: `holdpoint confirm shop ${event}`, environment: null });
    expect(item?.title).toMatch(/^Confirm or reject the attestation for “[A-Z][^”]+”/);
    expect(item?.title).not.toContain('person');
    expect(item?.page).toBe('/audit/event?scope=service%2Fshop&lane=standing&seq=1');
    await recordUnaccounted(deps, {
      service: 'shop',
      environment: 'production',
      event: 'e-1',
      what: given.hostile,
      digest: artifact,
      seenAt: deps.clock.now().toISOString(),
    });
    const change = (await inboxOf(deps, personIn(deps, 'operations-lead'))).items.find(({ kind }) => kind === 'unaccounted-change');
    expect(change).toMatchObject({
      environment: 'production',
      command: expect.stringMatching(/^holdpoint environment explain shop .* --change \w{32} --reason TEXT$/),
    });
    expect(await kindsOf(deps, personIn(deps, 'product-owner'))).not.toContain('unaccounted-change');
    await givenRun(deps);
    const starter = { ...personIn(deps, 'operations-lead'), id: ci.person ?? '' };
    expect(await kindsOf(deps, starter), 'who started a run there may not explain it').not.toContain('unaccounted-change');
    const { text } = await pageOf(deps, personIn(deps, 'operations-lead'));
    expect(text).not.toMatch(/<script(?! src="\/assets\/)|<img/);
    expect(text).toContain('&lt;script&gt;');
  });

  test('has an open incident for those who decide it, and bad observations that wait for a label', async () => {
    const story = await given.deployed();
    expect(await kindsOf(story.deps, given.callerOf(story, given.operations))).toContain('observation');
    await story.machine.breakOff();
    await story.machine.settle();
    const { items } = await inboxOf(story.deps, given.callerOf(story, given.operations));
    expect(items[0]).toMatchObject({
      kind: 'incident',
      page: `/runs/${story.run}/operating`,
      command: `holdpoint incident ${story.run} --resume --reason TEXT`,
    });
    expect(await kindsOf(story.deps, given.callerOf(story, given.product))).not.toContain('incident');
  });

  test('shows what waits elsewhere when the trail of one run is damaged', async () => {
    const deps = dependenciesOf(twoGates);
    const damaged = await givenRun(deps, { version: '1.0.0' }, jobOf('job-1', { person: 'p-starter0' }));
    await givenRun(deps, { version: '1.0.1' }, jobOf('job-2', { person: 'p-starter0' }));
    for (const items of deps.controls.store.tables.values())
      for (const [key, stored] of items)
        if (stored.event.scope === `run/${damaged}`)
          items.set(key, { ...stored, event: { ...stored.event, at: '2020-01-01T00:00:00.000Z' } });
    expect(await inboxOf(deps, personIn(deps, 'technical-lead'))).toMatchObject({ unreadable: 1, runsRead: 2 });
    expect((await pageOf(deps, personIn(deps, 'technical-lead'))).text).toContain('The audit trail of 1 run or service is damaged.');
  });

  test('says how many runs it did not look at', async () => {
    const deps = dependenciesOf(twoGates);
    for (let n = 0; n < mostRunsRead + 2; n += 1)
      await givenRun(deps, { version: `1.0.${n}` }, jobOf(`job-${n}`, { person: 'p-starter0' }));
    expect(await inboxOf(deps, personIn(deps, 'technical-lead'))).toMatchObject({ runsRead: mostRunsRead, runsLeftOut: 2 });
    expect((await pageOf(deps, personIn(deps, 'technical-lead'))).text).toContain('2 more runs were not looked at');
  });

  test('is refused to a CI job, and teaches where it is empty', async () => {
    const deps = dependenciesOf(twoGates);
    const reply = await ask(apiOf(deps), { method: 'GET', path: '/v1/inbox', identity: bearer(ci) });
    expect([reply.status, reply.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/role-missing']);
    const { status, text } = await pageOf(deps, personIn(deps, 'technical-lead'));
    expect([status, text]).toEqual([200, expect.stringContaining('Nothing waits for you.')]);
  });

  test('reads and writes nothing', async () => {
    const story = await given.atGoNoGo();
    const before = story.deps.controls.calls.length;
    await pageOf(story.deps, given.callerOf(story, given.technical));
    const writes = /\.(insert|put|putLink|done|keep|claim|begin|finish|release|request|start|succeed|fail|send|at|publish)$/;
    expect(story.deps.controls.calls.slice(before).filter((call) => writes.test(call))).toEqual([]);
  });
});

test('a caller learns who it is', async () => {
  const deps = dependenciesOf(twoGates);
  const lead = personIn(deps, 'technical-lead');
  const me = async (identity: ReturnType<typeof bearer>) =>
    meSchema.parse((await ask(apiOf(deps), { method: 'GET', path: '/v1/me', identity })).json);
  expect(await me(bearer(lead))).toMatchObject({
    kind: 'person',
    id: lead.id,
    name: deps.roster.person(lead.id)?.name,
    roles: lead.roles,
    services: ['shop', 'mail'],
    mayDecideUntil: new Date(lead.signedInAt.getTime() + 15 * 60_000).toISOString(),
  });
  expect(await me(bearer(jobOf('j', { environments: ['staging'] })))).toMatchObject({
    kind: 'ci',
    id: 'ci-main',
    services: ['shop'],
    environments: ['staging'],
    signedInAt: null,
  });
});
