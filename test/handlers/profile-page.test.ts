import { describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Role } from '../../lib/roles.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, personIn } from '../given.ts';
import { hostile } from '../pages/page-scenarios.ts';
import { afterDeployment, answer, givenInForce, must, profileFile, propose } from '../profile-given.ts';
import { anonymous, ask, browser, type Reply, stageOf } from './requests.ts';

type Fields = Readonly<Record<string, string>>;
const path = '/services/shop/profile';
const mac = fakeMac();

const siteOf = (deps: FakeDependencies) => {
  const stage = stageOf();
  const api = peopleApi({ deps, mac, stage, signIn: createSignIn(stage) });
  const as = (role: Role, signedInAt = deps.clock.now()) => browser({ ...personIn(deps, role), signedInAt });
  const open = (role: Role = 'technical-lead', at = path, query = ''): Promise<Reply> =>
    ask(api, { method: 'GET', path: at, query, identity: as(role) });
  const send = (fields: Fields, role: Role = 'technical-lead', identity = as(role)): Promise<Reply> =>
    ask(api, {
      method: 'POST',
      path,
      identity,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(fields).toString(),
    });
  const nonceOf = (page: Reply): string => /name="nonce" value="([^"]*)"/.exec(page.text)?.[1] ?? expect.fail('no form');
  const lane = async () => (await deps.trail.read('service/shop', { lane: 'profile' })).map(({ event }) => event.type);
  return { api, as, open, send, nonceOf, lane };
};
const proposed = async (more = '') => {
  const deps = dependenciesOf(baseChecklist);
  const { profile } = must(await propose(deps, profileFile(['cart'], more)));
  return { deps, profile, site: siteOf(deps) };
};

describe('the page of a profile', () => {
  test('teaches where nothing is registered, and does not know an unknown service', async () => {
    const deps = dependenciesOf(baseChecklist);
    const { open, api } = siteOf(deps);
    const { status, text } = await open();
    expect([status, text]).toEqual([200, expect.stringContaining('No profile is in force')]);
    expect(text).toContain('holdpoint profile put');
    expect((await open('technical-lead', '/services/nobody/profile')).status).toBe(422);
    const visitor = await ask(api, { method: 'GET', path, identity: anonymous });
    expect([visitor.status, visitor.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: path })}`]);
  });

  test('shows what the proposal changes with reasons, and a form to those who may answer', async () => {
    const { site } = await proposed(`tighten: { coverage-per-feature: { floorPct: 85 } }\nobserve: { soak-24h: 2026-05-01 }\n`);
    const lead = await site.open();
    expect(lead.text).toContain('covered share: at least 70 % → at least 85 %');
    expect(lead.text).toContain('Long-duration stability tests (24h+): required → judged and shown only until 2026-05-01');
    expect(lead.text).toContain('+');
    expect(lead.text).toContain('Approve the profile');
    const product = await site.open('product-owner');
    expect(product.text).not.toContain('name="nonce"');
    expect(product.text).toContain('It takes a technical lead and an operations lead');
    expect((await site.lane()).length).toBe(1);
  });

  test('two people approve, each once; the page then says what is in force', async () => {
    const { site } = await proposed();
    const sent = await site.send({ act: 'approved', nonce: site.nonceOf(await site.open()), reason: '' });
    expect([sent.status, sent.headers.location]).toEqual([303, path]);
    const after = await site.open();
    expect(after.text).toContain('You have answered it.');
    expect(after.text).toContain('waits for the operations lead');
    const second = await site.open('operations-lead');
    const fields = { act: 'approved', nonce: site.nonceOf(second), reason: `Read with the team. ${hostile}` };
    expect((await site.send(fields, 'operations-lead')).status).toBe(303);
    // A second click records nothing more.
    expect((await site.send(fields, 'operations-lead')).status).toBe(303);
    expect(await site.lane()).toEqual(['profile.proposed', 'profile.answered', 'profile.answered']);
    const { text } = await site.open();
    expect(text).toContain('in force</span>');
    expect(text).not.toMatch(/<script(?! src="\/assets\/)|<img/);
    expect(text).toContain('Read with the team. &quot;&gt;&lt;img');
  });

  test('a rejection needs a reason, which stands beside its field, and keeps what was typed', async () => {
    const { deps, site } = await proposed();
    const nonce = site.nonceOf(await site.open());
    const short = await site.send({ act: 'rejected', nonce, reason: '<b>no</b>' });
    expect([short.status, short.text]).toEqual([400, expect.stringContaining('aria-invalid="true"')]);
    expect(short.text).toContain('&lt;b&gt;no&lt;/b&gt;</textarea>');
    expect((await site.send({ act: 'rejected', nonce, reason: '' })).text).toContain('Say why you reject it');
    expect((await site.send({ act: 'rejected', nonce, reason: 'The floors are too low.' })).status).toBe(303);
    expect(await site.lane()).toEqual(['profile.proposed', 'profile.answered']);
    // Who proposed it and everybody else reads why, until a later one is approved.
    for (const role of ['developer', 'operations-lead'] as const) {
      const { text } = await site.open(role);
      expect(text).toMatch(/id="rejected">Rejected<[\s\S]*Reason: “<bdi>The floors are too low\.<\/bdi>”/);
    }
    must(await propose(deps, profileFile(['cart', 'orders'])));
    expect((await site.open()).text).toMatch(/id="rejected">Rejected before<[\s\S]*The floors are too low\./);
    const { profile } = must(await propose(deps, profileFile(['cart', 'orders', 'returns'])));
    must(await answer(deps, profile, 'technical-lead'));
    must(await answer(deps, profile, 'operations-lead'));
    expect((await site.open()).text).not.toContain('The floors are too low.');
  });

  test('a form of another proposal, person or service records no answer', async () => {
    const { deps, site } = await proposed();
    const nonce = site.nonceOf(await site.open());
    const foreign = await site.send({ act: 'approved', nonce, reason: '' }, 'operations-lead');
    expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining('made for another person')]);
    must(await propose(deps, profileFile(['cart', 'orders'])));
    const old = await site.send({ act: 'approved', nonce, reason: 'I have read the diff.' });
    expect([old.status, old.text]).toEqual([422, expect.stringContaining('No open proposal of the service has this profile.')]);
    expect(old.text).toContain('I have read the diff.</textarea>');
    expect(await site.lane()).toEqual(['profile.proposed', 'profile.proposed']);
  });

  test('an old sign-in leads to a new one, and what was typed comes back', async () => {
    const { deps, site } = await proposed();
    const nonce = site.nonceOf(await site.open());
    const old = site.as('technical-lead', new Date(deps.clock.now().getTime() - 3_600_000));
    const stale = await site.send({ act: 'rejected', nonce, reason: 'The floors are too low.' }, 'technical-lead', old);
    expect(stale.status).toBe(403);
    const next = new URLSearchParams(/href="\/login\?([^"]*)"/.exec(stale.text)?.[1]?.replaceAll('&amp;', '&')).get('next') ?? '';
    expect(next.startsWith(`${path}?draft=`)).toBe(true);
    const back = await site.open('technical-lead', path, next.split('?')[1]);
    expect(back.text).toContain('The floors are too low.</textarea>');
    expect(await site.lane()).not.toContain('profile.answered');
  });

  test('a proposal for an older checklist can be rejected, and not approved; its proposer answers nothing', async () => {
    const { deps, profile } = await proposed();
    const later = siteOf(afterDeployment(deps, { ...baseChecklist, version: '9.0.0' }));
    const { text } = await later.open();
    expect(text).toContain('The checklist has changed since.');
    expect(text).toContain('value="rejected"');
    expect(text).not.toContain('value="approved"');
    const own = dependenciesOf(baseChecklist);
    must(await propose(own, profileFile(), 'technical-lead'));
    expect((await siteOf(own).open()).text).toContain('You proposed it, so two other people answer.');
    must(await answer(deps, profile, 'technical-lead'));
  });

  test('is below 100 KB for a profile with many features', async () => {
    const deps = dependenciesOf(baseChecklist);
    await givenInForce(deps);
    must(await propose(deps, profileFile(['cart', ...Array.from({ length: 190 }, (_, at) => `feature-${at}-${'x'.repeat(40)}`)])));
    const { text, status } = await siteOf(deps).open();
    expect([status, text.length < 100_000]).toEqual([200, true]);
    expect(text).toContain('more have no room here');
  });
});
