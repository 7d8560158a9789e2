import { describe, expect, test } from 'vitest';
import { signValue } from '../../lib/api/signed-value.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { later } from '../way-back.ts';
import { mac } from './form-site.ts';
import { anonymous, bearer, type Reply } from './requests.ts';
import { reason, siteOf } from './rollback-site.ts';

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
      const reply = await site.send(
        site.form(page, act, { trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420' }),
        site.as(given.operations, { roles }),
      );
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
      page: sha256(site.path),
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
      await signValue(mac, 'form', { ...bound, page: sha256('/runs/20260302-080000-otherrun00/rollback'), exp }),
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
