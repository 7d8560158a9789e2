import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import { runsSearched } from '../../lib/query/search-events.ts';
import { dependenciesOf, personIn, twoGates } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import { attestedForService, standingChecklist } from '../standing-given.ts';
import { mac, manyRuns, type Query, siteOf } from './audit-site.ts';
import { anonymous, ask, bearer, browser, jobOf } from './requests.ts';

describe('a search in a service', () => {
  test('finds the events of its runs, newest run first, in pages of a bounded number of runs, each event once', async () => {
    const deps = dependenciesOf(twoGates);
    const runs = await manyRuns(deps, runsSearched + 3);
    const { all, search } = siteOf(deps);
    const first = await search({ service: 'shop', type: 'run.started' });
    expect(first.searched).toEqual(runs.slice(0, runsSearched));
    const found = await all({ service: 'shop', type: 'run.started' });
    expect(found.events.map(({ scope }) => scope)).toEqual(runs.map((run) => `run/${run}`));
    expect(found.searched).toEqual(runs);
    const short = await all({ service: 'shop', type: 'run.started', limit: '4' });
    expect(short.events.map(({ id }) => id)).toEqual(found.events.map(({ id }) => id));
    // Every event, three a page: what ends in the middle of a run goes on there.
    const whole = await all({ service: 'shop', limit: '3' });
    expect(new Set(whole.events.map(({ id }) => id)).size).toBe(whole.events.length);
    expect(whole.events.length).toBe((await all({ service: 'shop', limit: '500' })).events.length);
  });

  test('reads no more than the runs of a page, whatever the filter finds', async () => {
    const deps = dependenciesOf(twoGates);
    await manyRuns(deps, runsSearched * 3);
    const before = deps.controls.calls.length;
    const page = await siteOf(deps).search({ service: 'shop', actor: 'nobody' });
    expect([page.events, page.searched?.length, page.next === null]).toEqual([[], runsSearched, false]);
    const reads = deps.controls.calls.slice(before).filter((call) => call === 'store.query').length;
    expect(reads).toBeLessThanOrEqual(runsSearched * 4 + 12);
    expect(deps.controls.calls.slice(before).filter((call) => call === 'index.list')).toHaveLength(1);
  });

  test('a run that began behind the time span is not read', async () => {
    const deps = dependenciesOf(twoGates);
    const [newest, ...older] = await manyRuns(deps, 3);
    const [started] = await deps.trail.read(`run/${newest}`, { lane: 'run' });
    const to = started?.event.at ?? expect.fail('no start');
    expect((await siteOf(deps).search({ service: 'shop', to })).searched).toEqual(older);
    expect((await siteOf(deps).search({ service: 'shop' })).searched).toContain(newest);
  });

  test('has the events of the service itself, and of its environments', async () => {
    const deps = dependenciesOf(standingChecklist);
    const event = await attestedForService(deps);
    expect((await siteOf(deps).search({ service: 'shop' })).events.map(({ id }) => id)).toEqual([event]);
  });

  test('shows a CI job what it may see, and binds a cursor to search and caller', async () => {
    const deps = dependenciesOf(twoGates);
    const runs = await manyRuns(deps, 3);
    const staging = await manyRuns(deps, 2, 'staging');
    const { get, search } = siteOf(deps);
    const own = bearer(jobOf('j', { environments: ['staging'] }));
    expect((await search({ service: 'shop' }, own)).searched).toEqual(staging);
    const foreign = await get('/v1/audit/events', { service: 'mail' }, own);
    expect([foreign.status, foreign.problem.type]).toEqual([403, 'https://holdpoint.dev/problems/role-missing']);
    const { next } = await search({ service: 'shop', limit: '1' });
    const cursor = next ?? expect.fail('no cursor');
    expect((await get('/v1/audit/events', { service: 'shop', cursor }, own)).status).toBe(400);
    expect(
      (await get('/v1/audit/events', { service: 'shop', type: 'run.started', cursor }, bearer(personIn(deps, 'operations-lead')))).status,
    ).toBe(400);
    expect((await get('/v1/audit/events', { run: runs[0] ?? '', cursor }, bearer(personIn(deps, 'operations-lead')))).status).toBe(400);
  });

  test('is refused without run and service, with both, and for an unknown service or check', async () => {
    const deps = dependenciesOf(twoGates);
    const [run = ''] = await manyRuns(deps, 1);
    const { get } = siteOf(deps);
    const typeOf = async (query: Query) =>
      (await get('/v1/audit/events', query, bearer(personIn(deps, 'operations-lead')))).problem.type.replace(/.*\//, '');
    expect(await typeOf({})).toBe('parameter-invalid');
    expect(await typeOf({ run, service: 'shop' })).toBe('parameter-invalid');
    expect(await typeOf({ service: 'nobody' })).toBe('service-unknown');
    expect(await typeOf({ service: 'shop', check: 'no-such-check' })).toBe('check-unknown');
  });
});

describe('the page of the search', () => {
  test('teaches where nothing is searched, finds by its address, and says what was wrong beside the field', async () => {
    const story = await given.blockedAtFirst(given.hostile);
    const { get } = siteOf(story.deps);
    const me = browser(given.callerOf(story, given.technical));
    const page = (query: Query) => get('/audit', query, me);
    expect((await page({})).text).toContain('Nothing is searched yet.');
    const found = await page({ run: story.run, service: '', check: 'no-regressions', type: 'check.judged', from: '' });
    expect(found.status).toBe(200);
    expect(found.text).toMatch(/no-regressions<\/bdi><\/span>[:, ]*fail/);
    expect(found.text).not.toMatch(/<script(?! src="\/assets\/)|<img/);
    expect(found.text).toContain(`value="${story.run}"`);
    expect(found.text).toContain('<option value="check.judged" selected>');
    expect(found.text).toContain(`/audit/export?run=${story.run}&amp;type=check.judged&amp;check=no-regressions`);
    for (const [query, says] of [
      [{ run: given.hostile }, 'The id of a run has letters, digits and hyphens'],
      [{ actor: 'p-x' }, 'Name a run, or choose a service.'],
      [{ service: 'shop', run: story.run }, 'leave one of the two empty'],
      [{ service: 'shop', from: 'yesterday' }, 'Give a date and a time in UTC'],
      [{ service: given.hostile }, 'Choose one of the services.'],
      [{ run: story.run, type: given.hostile }, 'Choose one of the types.'],
    ] as const) {
      const { status, text } = await page(query);
      expect([status, text]).toEqual([400, expect.stringContaining(says)]);
      expect(text).toContain('aria-invalid="true"');
      expect(text).not.toMatch(/<script(?! src="\/assets\/)|<img/);
    }
    const unknown = await page({ run: story.run, check: 'no-such-check' });
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('has no such check')]);
    for (const actor of ['Tessa Nobody', 'p-nobody000', 'ci-nobody']) {
      const nobody = await page({ run: story.run, actor });
      expect([nobody.status, nobody.text]).toEqual([404, expect.stringContaining('The roster has nobody of this name or id')]);
      expect(nobody.text).toContain('aria-describedby="actor-slip"');
      expect((await get('/audit/export', { run: story.run, actor }, me)).status).toBe(404);
    }
    const none = await page({ service: 'mail' });
    expect([none.status, none.text]).toEqual([200, expect.stringContaining('No event found')]);
  });

  test('goes on with the same filters, and a browser without a session signs in first', async () => {
    const deps = dependenciesOf(twoGates);
    await manyRuns(deps, runsSearched + 1);
    const { get } = siteOf(deps);
    const { text } = await get('/audit', { service: 'shop', type: 'run.started' });
    const next = /href="(\/audit\?[^"]*cursor=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? expect.fail('no next page');
    const more = await get('/audit', Object.fromEntries(new URLSearchParams(next.split('?')[1])));
    expect(more.text).toContain('1 event on this page</h2>');
    const visitor = await get('/audit', { service: 'shop' }, anonymous);
    expect([visitor.status, visitor.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: '/audit?service=shop' })}`]);
  });

  test('the download has every event that the search finds, as the API answers it, and says how to go on', async () => {
    const deps = dependenciesOf(twoGates);
    await manyRuns(deps, 3);
    const { get, all } = siteOf(deps);
    const file = await get('/audit/export', { service: 'shop', type: '' });
    expect([file.status, file.headers['content-type']]).toEqual([200, 'application/jsonl; charset=utf-8']);
    expect(file.headers['content-disposition']).toContain('attachment');
    const lines = file.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual((await all({ service: 'shop' })).events);
    await manyRuns(deps, runsSearched * 5, 'staging');
    const long = (await get('/audit/export', { service: 'shop' })).text.trim().split('\n');
    const { next } = JSON.parse(long.at(-1) ?? '{}') as { next?: string };
    const rest = await get('/audit/export', Object.fromEntries(new URLSearchParams(next?.split('?')[1])));
    const found = [...long.slice(0, -1), ...rest.text.trim().split('\n')].map((line) => JSON.parse(line) as { id: string });
    expect(found.map(({ id }) => id)).toEqual((await all({ service: 'shop', limit: '500' })).events.map(({ id }) => id));
    const wrong = await get('/audit/export', { actor: 'x' });
    expect([wrong.status, wrong.headers['content-type'], wrong.headers['content-disposition']]).toEqual([
      400,
      'text/html; charset=utf-8',
      undefined,
    ]);
    expect(wrong.text).toContain('Name a run, or choose a service.');
  });
});

describe('the page of an event', () => {
  const eventOf = async (story: given.Story, lane: string, seq = 1) => {
    const { get } = siteOf(story.deps);
    return get('/audit/event', { scope: `run/${story.run}`, lane, seq: String(seq) }, browser(given.callerOf(story, given.technical)));
  };

  test('shows every field, the hash and the one before, and that the lane verifies', async () => {
    const story = await given.blockedAtFirst(given.hostile);
    const stored = await story.deps.trail.read(`run/${story.run}`, { lane });
    const last = stored.at(-1) ?? expect.fail('no event');
    const { status, text } = await eventOf(story, lane, last.event.seq);
    expect(status).toBe(200);
    expect(last.hash).toBe(sha256(canonical(last.event)));
    for (const part of [last.hash, last.event.prev, last.event.id, `The events 1 to ${stored.length} of the lane were read`, 'verified'])
      expect(text).toContain(part);
    expect(text).not.toMatch(/<script(?! src="\/assets\/)|<img/);
    // From every page of a run one key leads to where it is operated.
    const operating = `<a href="/runs/${story.run}/operating" accesskey="o">`;
    expect(text).toContain(operating);
    expect((await siteOf(story.deps).get('/audit', { run: story.run })).text).toContain(operating);
    const none = await eventOf(story, lane, 99);
    expect([none.status, none.text]).toEqual([422, expect.stringContaining('There is no such event. Search for it here.')]);
    expect(none.text).toContain(`value="${story.run}"`);
    expect((await eventOf(story, 'run', 1)).text).toContain('of the event that opened the lane');
  });

  const damaged = (story: given.Story, query: Query) => {
    const read = (): Promise<never> => Promise.reject(new IntegrityFault('a hash is not that of the bytes'));
    const forged = { ...story.deps, trail: { ...story.deps.trail, read } };
    return ask(auditApi({ deps: forged, mac }), {
      method: 'GET',
      path: '/audit/event',
      query: new URLSearchParams(query).toString(),
      identity: browser(given.callerOf(story, given.technical)),
    });
  };
  const lane = 'check/phase-1/no-regressions';

  test('shows nothing of an event whose lane is damaged, says so, and logs the fault', async () => {
    const story = await given.blockedAtFirst('adds to a cart');
    const [first] = await story.deps.trail.read(`run/${story.run}`, { lane });
    const reply = await damaged(story, { scope: `run/${story.run}`, lane, seq: '1' });
    expect([reply.status, reply.text]).toEqual([500, expect.stringContaining('This event does not verify')]);
    expect(reply.text).not.toContain(first?.hash);
    expect(reply.log.some(({ level }) => level === 'fault')).toBe(true);
  });

  // The script's keys press links: `o` the one with this access key, `g` and a letter those of the head.
  test.each([
    ['before T0', given.atGoNoGo, 'run/', '/operating" accesskey="o">Operate this run</a>'],
    ['after T0', given.deployed, 'run/', '/rollback" accesskey="o">Roll back this run</a>'],
    ['after T0, of what came late', given.deployed, 'late/', '/rollback" accesskey="o">Roll back this run</a>'],
  ] as const)('has every key that an event has where its lane is damaged, %s', async (_, make, kind, operated) => {
    const story = await make();
    const { text } = await damaged(story, { scope: `${kind}${story.run}`, lane, seq: '1' });
    expect(text).toContain(`<a href="/runs/${story.run}${operated}`);
    const whole = await eventOf(story, lane);
    const linksOfHead = (html: string) => /<header[\s\S]*?<\/header>/.exec(html)?.[0].match(/href="\/[a-z]+"/g);
    expect(whole.status).toBe(200);
    expect(linksOfHead(text)).toEqual(
      expect.arrayContaining(['/runs', '/inbox', '/audit', '/metrics', '/checklist'].map((path) => `href="${path}"`)),
    );
    expect(linksOfHead(text)).toEqual(linksOfHead(whole.text));
    expect(text).toMatch(/<script src="\/assets\//);
  });

  test('leads to no run where the damaged event is of none', async () => {
    const story = await given.atGoNoGo();
    const { status, text } = await damaged(story, { scope: 'service/shop', lane: 'profile', seq: '1' });
    expect([status, text.includes('accesskey="o"')]).toEqual([500, false]);
  });
});
