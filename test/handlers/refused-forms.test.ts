import { beforeAll, describe, expect, test } from 'vitest';
import { signValue } from '../../lib/api/signed-value.ts';
import { isType } from '../../lib/audit/event.ts';
import { scopes } from '../../lib/audit/lane.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { must, profileFile, propose } from '../profile-given.ts';
import { type Fields, formSiteOf, mac } from './form-site.ts';
import { anonymous, type Reply } from './requests.ts';

const words = 'Half of the orders fail since noon.';
/** As a browser sends it, and as it stands in a page. */
const typed = `${words}\r\nSeen <twice>.`;
const shown = 'Seen &lt;twice&gt;.';

type Page = {
  readonly story: given.Story;
  readonly site: ReturnType<typeof formSiteOf>;
  readonly person: string;
  readonly scope: string;
  readonly fields: Fields;
};
type Case = readonly [string, () => Page];

let story: given.Story;
let asked: given.Story;
beforeAll(async () => {
  [story, asked] = await Promise.all([back.undecided(), given.atGoNoGo()]);
  must(await propose(story.deps, profileFile(['cart'])));
}, 60_000);

const pageOf = (of: given.Story, path: string, person: string, fields: Fields, scope = `run/${of.run}`): Page => ({
  story: of,
  site: formSiteOf(of, path, person),
  person,
  scope,
  fields,
});
/** Every page with a form, and what a person types there. */
const pages: readonly Case[] = [
  ['rollback', () => pageOf(story, `/runs/${story.run}/rollback`, given.operations, { act: 'roll-back', reason: typed })],
  ['check', () => pageOf(asked, `/runs/${asked.run}/checks/monitoring-configured`, given.operations, { act: 'attest', reason: typed })],
  ['run', () => pageOf(asked, `/runs/${asked.run}/operating`, given.operations, { act: 'cancel', reason: typed })],
  [
    'reviews',
    () =>
      pageOf(story, `/runs/${story.run}/reviews`, given.operations, {
        act: 'observe',
        bad: 'yes',
        kind: 'other',
        subject: 'checkout',
        summary: typed,
        observedAt: '2026-03-02T08:00',
      }),
  ],
  ['profile', () => pageOf(story, '/services/shop/profile', given.technical, { act: 'rejected', reason: typed }, scopes.service('shop'))],
  [
    'approval request',
    () => {
      const page = pageOf(asked, `/approvals/${given.linkOf(asked, given.technical)}`, given.technical, {});
      return { ...page, fields: { answer: 'changes-requested', confirmation: 'AAAAAA', note: typed } };
    },
  ],
];

const nonceIn = ({ text }: Reply): string => /name="nonce" value="([^"]+)"/.exec(text)?.[1] ?? expect.fail('no form');
const reportIn = ({ text }: Reply): Fields => {
  const report = /name="report" value="([^"]+)"/.exec(text)?.[1];
  return report === undefined ? {} : { report };
};
/** The form that Holdpoint made for the same person and session on another page. */
const ofAnotherPage = (nonce: string): Promise<string> => {
  const seal = JSON.parse(Buffer.from(nonce.split('.')[0] ?? '', 'base64url').toString()) as object;
  return signValue(mac, 'form', { ...seal, page: sha256('/runs/another') });
};
/** The filled form of a page that a browser with this session got. */
const filled = async ({ site, person, fields }: Page, session = 'session-1'): Promise<Fields> => {
  const page = await site.open(site.as(person, {}, session));
  return { ...fields, nonce: nonceIn(page), ...reportIn(page) };
};
const refusals = async (page: Page) =>
  (await page.story.deps.trail.read(page.scope, { lane: 'refusal' })).filter(isType('request.refused')).map(({ event }) => event);
/** What the act adds to the refusals, and that it adds nothing else to the run. */
const refusedBy = async (page: Page, act: () => Promise<void>) => {
  const { deps, run } = page.story;
  const others = async () => (await eventsOf(deps, run)).filter((event) => !event.startsWith('refusal '));
  const [before, stood] = [await others(), await refusals(page)];
  await act();
  expect(await others()).toEqual(before);
  return (await refusals(page)).slice(stood.length);
};
const loginIn = ({ text }: Reply): URL => {
  const login = new URL(/href="(\/login[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '', 'https://own.invalid');
  return new URL(login.searchParams.get('next') ?? '', 'https://own.invalid');
};
const after = async ({ site, person }: Page, next: URL, as = person): Promise<Reply> =>
  site.open(site.as(as, {}, 'session-2'), 'GET', next.search.slice(1));

describe.each(pages)('a form of the page of the %s', (of, pageNow) => {
  test('of an earlier session shows what was typed with a new form, records the refusal, and nothing else', async () => {
    const page = pageNow();
    const form = await filled(page);
    let reply: Reply | undefined;
    const events = await refusedBy(page, async () => {
      reply = await page.site.send(form, page.site.as(page.person, {}, 'session-2'));
    });
    expect(reply?.status).toBe(403);
    expect(reply?.text).toContain(shown);
    expect(reply?.text).toContain('belongs to an earlier sign-in');
    expect(nonceIn(reply as Reply)).not.toBe(form.nonce);
    expect(events).toMatchObject([
      { actor: { kind: 'person', id: page.person }, data: { action: `form on the page of the ${of}`, type: 'approval-nonce' } },
    ]);
    expect(JSON.stringify(events)).not.toContain('noon');
  });

  test('that comes after the session has ended keeps what was typed for its person alone, and is recorded once', async () => {
    const page = pageNow();
    const form = await filled(page);
    const replies: Reply[] = [];
    const events = await refusedBy(page, async () => {
      for (let times = 0; times < 3; times += 1) {
        replies.push(await page.site.send(form, anonymous));
        page.story.deps.controls.clock.advance(61_000);
      }
    });
    const reply = replies[0] as Reply;
    expect([reply.status, reply.text.includes('Nothing was recorded')]).toEqual([401, true]);
    expect(reply.text).toContain('What you typed is kept for an hour, for you alone');
    expect(reply.text).not.toContain('noon');
    expect(events).toMatchObject([{ actor: { kind: 'system', id: 'pages' }, data: { type: 'unauthenticated' } }]);
    expect(events[0]?.data.detail).toContain(`made for ${page.person}`);
    const next = loginIn(reply);
    expect(next.pathname).toBe(page.site.path);
    expect(next.search).not.toContain('noon');
    const returned = await after(page, next);
    expect([returned.status, returned.text.includes(shown)]).toEqual([200, true]);
    expect(returned.text).toContain('Nothing is recorded yet');
    for (const other of [given.technical, given.operations, given.product].filter((id) => id !== page.person))
      expect((await after(page, next, other)).text).not.toContain('noon');
  });

  test('that Holdpoint did not make keeps and records nothing without a session, and says so', async () => {
    const page = pageNow();
    const form = await filled(page);
    const { controls } = page.story.deps;
    for (const nonce of ['made.up', `${form.nonce}x`]) {
      const before = controls.calls.length;
      const events = await refusedBy(page, async () => {
        const reply = await page.site.send({ ...form, nonce }, anonymous);
        expect([reply.status, reply.text.includes('is not kept'), reply.text.includes('noon')]).toEqual([401, true, false]);
        expect(loginIn(reply).search).toBe('');
      });
      expect(events).toEqual([]);
      expect(controls.calls.slice(before).filter((call) => /^(store\.insert|idempotency|quotas|people)\./.test(call))).toEqual([]);
    }
  });

  test('that Holdpoint did not make is refused and recorded, and its text is not kept', async () => {
    const page = pageNow();
    const form = await filled(page);
    page.story.deps.controls.clock.advance(61_000);
    const events = await refusedBy(page, async () => {
      const reply = await page.site.send({ ...form, nonce: 'made.up' });
      expect([reply.status, reply.text.includes('what was typed is not kept'), reply.text.includes('noon')]).toEqual([403, true, false]);
    });
    expect(events).toMatchObject([{ actor: { id: page.person }, data: { type: 'approval-nonce' } }]);
  });

  test('that was made for another page is refused and recorded, and its text comes back to its person alone', async () => {
    const page = pageNow();
    const form = await filled(page);
    const nonce = await ofAnotherPage(form.nonce ?? '');
    page.story.deps.controls.clock.advance(61_000);
    const events = await refusedBy(page, async () => {
      const reply = await page.site.send({ ...form, nonce });
      expect([reply.status, reply.text.includes('The form was made for another page.'), reply.text.includes(shown)]).toEqual([
        403,
        true,
        true,
      ]);
      expect(nonceIn(reply)).not.toBe(nonce);
    });
    expect(events).toMatchObject([{ actor: { id: page.person }, data: { type: 'approval-nonce' } }]);
    const late = await page.site.send({ ...form, nonce }, anonymous);
    expect((await after(page, loginIn(late))).text).toContain(shown);
    const other = page.person === given.technical ? given.operations : given.technical;
    const foreign = await page.site.send({ ...form, nonce }, page.site.as(other));
    expect([foreign.status, foreign.text.includes('noon')]).toEqual([403, false]);
    // A refusal that is repeated within a minute is recorded once.
    page.story.deps.controls.clock.advance(61_000);
  });

  test('of somebody else in this browser shows them nothing of it, and comes back to its person', async () => {
    const page = pageNow();
    const form = await filled(page);
    const other = page.person === given.technical ? given.operations : given.technical;
    let reply: Reply | undefined;
    const events = await refusedBy(page, async () => {
      reply = await page.site.send(form, page.site.as(other));
    });
    expect([reply?.status, reply?.text.includes('noon')]).toEqual([403, false]);
    expect(events).toMatchObject([{ actor: { id: other }, data: { type: 'approval-nonce' } }]);
    const next = loginIn(reply as Reply);
    expect((await after(page, next)).text).toContain(shown);
    expect((await after(page, next, other)).text).not.toContain('noon');
  });
});

describe('a form without a session', () => {
  test('keeps no more than a person can have typed in a day', async () => {
    const [, pageNow] = pages[2] ?? expect.fail('no page');
    const page = pageNow();
    const form = await filled(page);
    const kept = async (): Promise<boolean> => (await page.site.send(form, anonymous)).text.includes('is kept for an hour');
    let most = 0;
    while (most < 300 && (await kept())) most += 1;
    expect(most).toBeLessThanOrEqual(200);
    expect(most).toBeGreaterThan(100);
    page.story.deps.controls.clock.advance(24 * 3_600_000);
    expect(await kept(), 'a form of yesterday').toBe(false);
    expect(await refusals(page).then((all) => all.filter(({ data }) => data.type === 'unauthenticated').length)).toBeLessThan(10);
  }, 60_000);
});

describe('a form that is out of date', () => {
  const check = () => pages[1]?.[1]() ?? expect.fail('no page');

  test('because it is older than an hour comes back with its text, and is recorded', async () => {
    const page = check();
    const form = await filled(page);
    page.story.deps.controls.clock.advance(3_600_000);
    const events = await refusedBy(page, async () => {
      const reply = await page.site.send(form);
      expect([reply.status, reply.text.includes(shown)]).toEqual([403, true]);
    });
    expect(events).toMatchObject([{ actor: { id: page.person }, data: { type: 'approval-nonce' } }]);
  });

  test('because what it is about has changed comes back with its text, and is recorded', async () => {
    const page = check();
    const { site, story: of, person } = page;
    const mine = await filled(page);
    const until = new Date(of.deps.clock.now().getTime() + 3_600_000).toISOString().slice(0, 16);
    const waiver = { act: 'waive', reason: 'It follows tomorrow.', until, nonce: nonceIn(await site.open()) };
    expect((await site.send(waiver)).status).toBe(303);
    const events = await refusedBy(page, async () => {
      const reply = await site.send(mine);
      expect(reply.status).toBe(409);
      expect(reply.text).toContain(shown);
    });
    expect(events).toMatchObject([{ actor: { id: person }, data: { action: 'form on the page of the check', type: 'form-stale' } }]);
  });
});
