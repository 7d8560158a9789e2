import { describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import { isType } from '../../lib/audit/event.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { rollbackLane } from '../rollback-given.ts';
import { later } from '../way-back.ts';
import { anonymous, ask, bearer, browser, type Reply } from './requests.ts';

const mac = fakeMac();
const reason = 'Half of the orders <b>fail</b> since noon.';
type Fields = Readonly<Record<string, string>>;

/** The page of a run as one browser after the other sees it. */
const siteOf = (story: given.Story) => {
  const api = peopleApi({ deps: story.deps, mac, stage: story.stage, signIn: createSignIn(story.stage) });
  const path = `/runs/${story.run}/rollback`;
  const as = (id: string, changes: Partial<PersonCaller> = {}, session = 'session-1'): Identity =>
    browser({ ...given.callerOf(story, id), ...changes }, session);
  const open = (identity: Identity = as(given.operations), method = 'GET', query = ''): Promise<Reply> =>
    ask(api, { method, path, identity, query });
  const send = (fields: Fields | string, identity: Identity = as(given.operations), headers: Fields = {}): Promise<Reply> =>
    ask(api, {
      method: 'POST',
      path,
      identity,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    });
  /** The form of an act on a page, filled in. */
  const form = (page: Reply, act: string, changes: Fields = {}): Fields => ({
    act,
    nonce:
      new RegExp(`name="act" value="${act}"><input type="hidden" name="nonce" value="([^"]*)"`).exec(page.text)?.[1] ??
      expect.fail(`no form ${act}`),
    reason,
    ...changes,
  });
  const recorded = (): Promise<readonly string[]> => rollbackLane(story.deps, story.run);
  const last = async () => (await story.deps.trail.read(`run/${story.run}`, { lane: 'rollback' })).at(-1)?.event;
  return { path, as, open, send, form, recorded, last };
};

const actsOn = (page: Reply): string[] => [...page.text.matchAll(/name="act" value="([^"]+)"/g)].map(([, act]) => act ?? '');

describe('the page of the rollback', () => {
  test('GET and HEAD change nothing, whoever fetches it', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const stored = await eventsOf(story.deps, story.run);
    const writes = /\.(insert|put|putLink|done|keep|claim|begin|finish|release|request|start|succeed|fail|send|at|publish)$/;
    const before = story.deps.controls.calls.length;
    for (const identity of [
      site.as(given.operations),
      site.as(given.product),
      site.as(given.starter),
      anonymous,
      bearer(given.callerOf(story, given.operations)),
    ])
      for (const method of ['GET', 'HEAD']) await site.open(identity, method);
    expect(story.deps.controls.calls.slice(before).filter((call) => writes.test(call))).toEqual([]);
    expect(await eventsOf(story.deps, story.run)).toEqual(stored);
    const head = await site.open(site.as(given.operations), 'HEAD');
    expect([head.status, head.text, head.headers['cache-control']]).toEqual([200, '', 'no-store']);
  });

  test('sends a browser without a session to the sign-in and back, and does not know an unknown run', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    for (const identity of [anonymous, bearer(given.callerOf(story, given.operations))]) {
      const reply = await site.open(identity);
      expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: site.path })}`]);
    }
    const unknown = siteOf({ ...story, run: '20260302-080000-nosuchrun0' });
    expect((await unknown.open(site.as(given.operations))).status).toBe(404);
  });

  test('asks for no new sign-in to roll back, however old the last one is', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const tired = site.as(given.operations, { signedInAt: new Date(story.deps.clock.now().getTime() - 7 * 3_600_000) });
    const page = await site.open(tired);
    expect(page.status).toBe(200);
    expect((await site.send(site.form(page, 'roll-back'), tired)).status).toBe(303);
    expect(await site.last()).toMatchObject({ type: 'rollback.decided', data: { decision: 'roll-back', by: given.operations } });
  });

  test('shows each person the forms of the moment and of the role', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const starters = { roles: ['technical-lead'] as const };
    expect(actsOn(await site.open())).toEqual(['roll-back', 'continue', 'declare']);
    expect(actsOn(await site.open(site.as(given.product)))).toEqual(['continue']);
    expect(actsOn(await site.open(site.as(given.product, { roles: ['operator'] })))).toEqual(['roll-back', 'declare']);
    const reader = await site.open(site.as(given.starter));
    expect([reader.status, actsOn(reader), reader.text.includes('You can read this page.')]).toEqual([200, [], true]);
    const starter = await site.open(site.as(given.starter, starters));
    expect(actsOn(starter)).toEqual(['roll-back', 'declare']);
    expect(starter.text).toContain('You started this run, so you cannot decide to continue.');
    expect(actsOn(await siteOf(await given.inSecond()).open())).toEqual([]);
    expect(actsOn(await siteOf(await back.released()).open())).toEqual(['declare']);
  });
});

describe('a form', () => {
  test('declares a trigger, with its evidence and the decision', async () => {
    const story = await back.released();
    const site = siteOf(story);
    const page = await site.open();
    const seen = (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).find(isType('observation.recorded'))?.event.id ?? '';
    const fields = { trigger: 'data-corruption-detected', evidence: ` ${seen},\r\n`, decide: 'yes' };
    const wrong = await site.send(site.form(page, 'declare', { ...fields, evidence: 'f'.repeat(32) }));
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('&lt;b&gt;fail&lt;/b&gt; since noon.</textarea>');
    expect(wrong.text).toMatch(/value="data-corruption-detected" selected/);
    const reply = await site.send(site.form(wrong, 'declare', fields));
    expect([reply.status, reply.headers.location]).toEqual([303, site.path]);
    expect(await site.last()).toMatchObject({
      type: 'rollback.triggered',
      data: { trigger: 'data-corruption-detected', evidence: [seen], decides: true, by: given.operations },
    });
    expect(JSON.stringify(await story.deps.trail.read(`run/${story.run}`, { prefix: '' }))).not.toContain('since noon');
  });

  test('says what was wrong with it and keeps the text', async () => {
    const site = siteOf(await back.undecided());
    const page = await site.open();
    for (const [fields, status] of [
      [{ reason: '  short  ' }, 400],
      [{ reason: 'x'.repeat(2001) }, 400],
    ] as const) {
      const reply = await site.send(site.form(page, 'roll-back', fields));
      expect([reply.status, reply.text.includes('Not recorded.')]).toEqual([status, true]);
      expect(reply.text).toContain(`${fields.reason}</textarea>`);
    }
    expect(await site.recorded()).not.toContain('rollback.decided');
  });

  test('that is sent twice is recorded once', async () => {
    const site = siteOf(await back.undecided());
    const form = site.form(await site.open(), 'roll-back');
    const both = await Promise.all([site.send(form), site.send(form)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(both.find(({ status }) => status === 409)?.text).toContain('Your form is being recorded.');
    expect((await site.send(form)).status).toBe(303);
    expect((await site.recorded()).filter((type) => type === 'rollback.decided')).toHaveLength(1);
  });

  test.each([
    ['roll-back', {}, () => back.undecided()],
    ['declare', { trigger: 'data-corruption-detected' }, () => back.released()],
    ['keep', {}, () => back.dataAsked()],
    ['retry', { step: 'revert-version' }, () => back.stuck()],
  ] as const)('%s that breaks off can be sent again, and is recorded once', async (act, fields, make) => {
    const story = await make();
    const site = siteOf(story);
    const form = site.form(await site.open(), act, fields);
    story.deps.controls.failNext('store.insert', 'before', new Error('secret internals'));
    const broken = await site.send(form);
    expect([broken.status, broken.text.includes('secret internals')]).toEqual([500, false]);
    story.deps.controls.failNext('reconciler.request', 'before');
    expect((await site.send(form)).status).toBe(500);
    const recorded = await site.recorded();
    expect((await site.send(form)).status).toBe(303);
    expect(await site.recorded()).toEqual(recorded);
    expect(story.deps.controls.reconciler.requests.length).toBeGreaterThan(0);
  });

  test('keeps or restores the data, and a step is answered', async () => {
    const data = siteOf(await back.dataAsked());
    const asked = await data.open();
    expect(actsOn(asked)).toEqual(['keep', 'restore', 'declare']);
    const wrong = await data.send(data.form(asked, 'restore', { backupAt: 'yesterday' }));
    expect([wrong.status, wrong.text.includes('value="yesterday"')]).toEqual([400, true]);
    expect((await data.send(data.form(wrong, 'restore', { backupAt: '2026-03-02T03:00:00Z' }))).status).toBe(303);
    expect(await data.last()).toMatchObject({
      type: 'rollback.data-decided',
      data: { choice: 'restore', backupAt: '2026-03-02T03:00:00.000Z' },
    });
    const hand = siteOf(await back.inHand());
    const waiting = await hand.open();
    expect(actsOn(waiting)).toEqual(['by-hand', 'end', 'declare']);
    expect((await hand.send(hand.form(waiting, 'by-hand', { step: 'stop-requests', evidence: '' }))).status).toBe(303);
    expect(await hand.last()).toMatchObject({ type: 'rollback.step-handled', data: { step: 'stop-requests', choice: 'by-hand' } });
    const stuck = siteOf(await back.stuck());
    expect(actsOn(await stuck.open(stuck.as(given.technical)))).toEqual(['retry', 'by-hand', 'declare']);
    expect((await stuck.send(stuck.form(await stuck.open(), 'end', { step: 'revert-version' }))).status).toBe(303);
    expect(await stuck.last()).toMatchObject({ type: 'rollback.step-handled', data: { choice: 'end' } });
  });

  test('decides after a rejected sign-off, which has no trigger', async () => {
    const story = await back.signOffRejected();
    expect(story.machine.at()).toBe('rollback-decision');
    const site = siteOf(story);
    const page = await site.open();
    expect(page.text).toContain('Silence decides nothing');
    expect((await site.send(site.form(page, 'continue'), site.as(given.operations))).status).toBe(303);
    expect(await site.last()).toMatchObject({ type: 'rollback.decided', data: { decision: 'continue', round: 1 } });
    // The same person once more, before the reconciler has looked.
    const again = await site.open();
    expect(actsOn(again)).not.toContain('continue');
    const said = { run: story.run, decision: 'continue', reason } as const;
    expect((await decideRollback(story.deps, said, given.callerOf(story, given.operations))).ok?.alreadyRecorded).toBe(true);
    expect(await site.recorded()).toEqual(['rollback.decided']);
    await story.machine.settle();
    expect(story.machine.at()).toBe('sign-off');
  });
});

describe('a form whose run has gone on', () => {
  test('is refused, shows what has changed, and keeps the text', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    await back.decide(story, 'continue', given.technical);
    const reply = await site.send(site.form(page, 'roll-back'));
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('The run has gone on since the page was shown. Nothing was recorded.');
    expect(reply.text).toMatch(/decided by Tove[^<]*&lt;b&gt;Technical&lt;\/b&gt;[^<]*: continue\./);
    expect(reply.text).toContain('“<bdi>Half of the orders &lt;b&gt;fail&lt;/b&gt; since noon.</bdi>”');
    // The next trigger opens the next round, and the old form is not about it.
    await back.measure(story);
    const late = await site.send(site.form(page, 'roll-back'));
    expect(late.status).toBe(409);
    expect(late.text).toContain('&lt;b&gt;fail&lt;/b&gt; since noon.</textarea>');
    expect((await site.send(site.form(late, 'roll-back'))).status).toBe(303);
  });

  test('to continue has seen every trigger; to roll back it needs not', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    await back.measure(story, { trigger: 'multiple-cascading-errors' });
    const reply = await site.send(site.form(page, 'continue'));
    expect([reply.status, reply.text.includes('was measured.')]).toEqual([409, true]);
    expect((await site.send(site.form(page, 'roll-back'))).status).toBe(303);
  });

  test('is about one attempt of a step', async () => {
    const story = await back.stuck();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    const other = site.as(given.technical);
    expect((await site.send(site.form(await site.open(other), 'retry', { step: 'revert-version' }), other)).status).toBe(303);
    for (const act of ['retry', 'by-hand', 'end']) {
      const reply = await site.send(site.form(page, act, { step: 'revert-version' }));
      expect([act, reply.status]).toEqual([act, 409]);
    }
    expect((await site.recorded()).filter((type) => type === 'rollback.step-handled')).toHaveLength(1);
  });

  test('of another step than the page showed is refused', async () => {
    const site = siteOf(await back.stuck());
    const page = await site.open();
    const reply = await site.send(site.form(page, 'retry', { step: 'stop-requests' }));
    expect(reply.status).toBe(409);
    expect(await site.recorded()).not.toContain('rollback.step-handled');
  });

  test('is refused after the end', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    await back.decide(story, 'roll-back', given.technical);
    await back.finish(story);
    expect(story.machine.at()).toBe('end rolled-back');
    for (const act of ['declare', 'roll-back', 'continue'])
      expect([act, (await site.send(site.form(page, act, { trigger: 'x' }))).status]).toEqual([act, 409]);
    expect(actsOn(await site.open())).toEqual([]);
  });
});

describe('who may not', () => {
  test('the starter cannot continue, and is told so', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const starter = site.as(given.starter, { roles: ['technical-lead'] });
    const page = await site.open(starter);
    const reply = await site.send({ ...site.form(page, 'roll-back'), act: 'continue' }, starter);
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('The person who started the run may not decide to continue.');
    expect(await eventsOf(story.deps, story.run)).toContain('refusal request.refused');
    expect(await site.recorded()).not.toContain('rollback.decided');
    expect((await site.send(site.form(page, 'roll-back'), starter)).status).toBe(303);
  });

  test('a person without the role is refused, also with a form from before', async () => {
    const site = siteOf(await back.undecided());
    const page = await site.open();
    for (const [act, roles] of [
      ['roll-back', ['product-owner']],
      ['continue', ['operator']],
      ['declare', ['developer']],
    ] as const) {
      const reply = await site.send(site.form(page, act, { trigger: 'data-corruption-detected' }), site.as(given.operations, { roles }));
      expect([act, reply.status]).toEqual([act, 403]);
    }
    expect(await site.recorded()).not.toContain('rollback.decided');
  });

  test('to continue after a sign-in of more than a quarter of an hour ago leads through the sign-in and keeps the text', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const stale = site.as(given.operations, { signedInAt: new Date(story.deps.clock.now().getTime() - 16 * 60_000) });
    const reply = await site.send(site.form(await site.open(stale), 'continue'), stale);
    expect(reply.status).toBe(403);
    const login = new URL(/href="(\/login[^"]*)"/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? '', 'https://own.invalid');
    const next = new URL(login.searchParams.get('next') ?? '', 'https://own.invalid');
    expect([login.searchParams.get('fresh'), next.pathname]).toEqual(['1', site.path]);
    const draft = next.searchParams.get('draft') ?? '';
    expect(`${login.href} ${Buffer.from(draft.split('.')[0] ?? '', 'base64url').toString()}`).not.toContain('orders');
    const fresh = site.as(given.operations, {}, 'session-2');
    const query = new URLSearchParams({ draft }).toString();
    const returned = await site.open(fresh, 'GET', query);
    expect(returned.text).toContain('Your text is kept');
    expect(returned.text).toContain('&lt;b&gt;fail&lt;/b&gt; since noon.</textarea>');
    const other = await site.open(site.as(given.technical), 'GET', query);
    expect(other.text).not.toContain('since noon');
    expect((await site.send(site.form(returned, 'continue'), fresh)).status).toBe(303);
    expect(await site.last()).toMatchObject({ data: { decision: 'continue' } });
  });

  test('silence does not wait for a form', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    await later(story, 226);
    const reply = await site.send(site.form(page, 'continue'));
    expect([reply.status, reply.text.includes('by silence')]).toEqual([409, true]);
  });
});

describe('a form that does not count', () => {
  test('comes from another site, has no session, or has a bearer token', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const form = site.form(await site.open(), 'roll-back');
    for (const from of ['cross-site', 'same-site', 'none'])
      expect((await site.send(form, undefined, { 'sec-fetch-site': from })).status).toBe(403);
    for (const identity of [anonymous, bearer(given.callerOf(story, given.operations))]) {
      const reply = await site.send(form, identity);
      expect([reply.status, reply.text.includes('Nothing was recorded')]).toEqual([401, true]);
    }
    expect(await site.recorded()).not.toContain('rollback.decided');
  });

  test('has a nonce of another person, session, run, purpose or time', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const now = story.deps.clock.now();
    const bound = {
      id: 'x',
      run: story.run,
      person: given.operations,
      session: 'session-1',
      shown: { 'roll-back': 'round 1' },
      at: now.toISOString(),
    };
    const exp = Math.floor(now.getTime() / 1000) + 600;
    const nonces = [
      '',
      'made.up',
      site.form(await site.open(site.as(given.operations, {}, 'session-2')), 'roll-back').nonce ?? '',
      site.form(await site.open(site.as(given.technical)), 'roll-back').nonce ?? '',
      await signValue(mac, 'form', { ...bound, run: '20260302-080000-otherrun00', exp }),
      await signValue(mac, 'login', { ...bound, exp }),
      await signValue(mac, 'form', { ...bound, exp: exp - 601 }),
      await signValue(mac, 'form', { ...bound, shown: { decide: 'round 1' }, exp }),
    ];
    for (const nonce of nonces) {
      const reply = await site.send({ act: 'roll-back', reason, nonce });
      expect([nonce, reply.status, reply.text.includes('Nothing was recorded')]).toEqual([nonce, 403, true]);
    }
    expect(await site.recorded()).not.toContain('rollback.decided');
    expect((await site.send({ act: 'roll-back', reason, nonce: await signValue(mac, 'form', { ...bound, exp }) })).status).toBe(303);
  });

  test('is malformed', async () => {
    const site = siteOf(await back.undecided());
    const form = site.form(await site.open(), 'roll-back');
    const good = new URLSearchParams(form).toString();
    const wrong: readonly (readonly [Promise<Reply>, number])[] = [
      [site.send({ ...form, act: 'wait' }), 400],
      [site.send({ ...form, more: '1' }), 400],
      [site.send(`${good}&act=continue`), 400],
      [site.send({ ...form, reason: 'x'.repeat(70_000) }), 413],
      [site.send(JSON.stringify(form), undefined, { 'content-type': 'application/json' }), 415],
      [site.send(''), 400],
    ];
    for (const [reply, status] of wrong) expect((await reply).status).toBe(status);
    expect(await site.recorded()).not.toContain('rollback.decided');
  });
});
