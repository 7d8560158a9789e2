import { describe, expect, test } from 'vitest';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as reviews from '../pages/review-scenarios.ts';
import { actsOn, type Fields, formSiteOf, mac } from './form-site.ts';
import { anonymous, ask, bearer, browser, type Reply } from './requests.ts';

const why = 'The threshold <b>was</b> too low.';

const siteOf = (story: given.Story) => {
  const { path, as, open, send } = formSiteOf(story, `/runs/${story.run}/reviews`, given.operations);
  const nonceOn = (page: Reply): string => /name="nonce" value="([^"]*)"/.exec(page.text)?.[1] ?? expect.fail('no form');
  const label = (page: Reply, observation: string, changes: Fields = {}): Fields => ({
    act: 'label',
    nonce: nonceOn(page),
    observation,
    label: 'false',
    reason: why,
    ...changes,
  });
  const report = (page: Reply, changes: Fields = {}): Fields => ({
    act: 'observe',
    nonce: nonceOn(page),
    kind: 'performance',
    bad: 'yes',
    subject: 'checkout',
    summary: given.hostile,
    observedAt: story.deps.clock.now().toISOString().slice(0, 16),
    ...changes,
  });
  const recorded = async (type: string) =>
    (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).map(({ event }) => event).filter((event) => event.type === type);
  return { path, as, open, send, label, report, recorded };
};

describe('the page of the reviews', () => {
  test('GET and HEAD change nothing, and a browser without a session is sent to the sign-in and back', async () => {
    const story = await given.deployed();
    const site = siteOf(story);
    const stored = await eventsOf(story.deps, story.run);
    for (const identity of [site.as(given.operations), site.as(given.starter), anonymous, bearer(given.callerOf(story, given.operations))])
      for (const method of ['GET', 'HEAD']) await site.open(identity, method);
    expect(await eventsOf(story.deps, story.run)).toEqual(stored);
    const reply = await site.open(anonymous);
    expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: site.path })}`]);
    expect((await siteOf({ ...story, run: '20260302-080000-nosuchrun0' }).open()).status).toBe(404);
  });

  test('says before T0 when the windows begin, and draws nothing', async () => {
    const { text } = await siteOf(await reviews.ahead()).open();
    expect(text).toContain('No window has begun.');
    expect(text).toContain(
      'T0 is planned for <time class="both deadline" datetime="2026-03-05T09:00:00.000Z"><span class="at">2026-03-05 09:00:00 UTC</span> <span class="ago">in 3 days',
    );
    expect(text).toContain('It lasts 48 h, and begins');
    expect(text).not.toContain('<svg width');
  });

  test('shows of each window when it is, what was measured with its limits and gaps, and says what feeds an empty one', async () => {
    const story = await reviews.monitored();
    const { text } = await siteOf(story).open();
    const windows = text.split('aria-labelledby="window-');
    expect(windows).toHaveLength(4);
    const [, monitoring = '', stability = '', review = ''] = windows;
    expect(monitoring).toContain('3 h 44 min of 4 h');
    for (const figure of ['Response time \\(p95\\)', 'Failed requests', 'Requests per minute'])
      expect(monitoring).toMatch(new RegExp(`<strong>${figure}</strong> of <span class="mono">monitoring</span>`));
    expect(monitoring).toContain('Continued monitoring for 4 hours: at most 2,000 ms.');
    expect(monitoring).toContain('Load gradually increased to normal: at least');
    expect(monitoring).toMatch(/Trend \(dotted\): rises by/);
    // The probe was away from 10:31 to 11:01.
    expect(monitoring).toMatch(
      /Not measured:[\s\S]*?from <time class="both" datetime="2026-03-02T10:3\d:[^>]*>.*?<\/time> for (28|29) min/,
    );
    expect(monitoring).toMatch(/<rect class="gap"/);
    expect(stability).toContain('Nothing was measured of <span class="mono">stability</span>');
    expect(stability).toContain(`holdpoint evidence ${story.run} stability.series.json --type series`);
    expect(review).toContain('It does not run: an alarm is not OK again.');
    for (const window of windows.slice(1)) expect(window).toMatch(/<details[^>]*><summary>Numbers of the pictures/);
  });

  test('shows each observation with its time, its label and why, and the forms to those who may send them', async () => {
    const story = await reviews.monitored();
    const site = siteOf(story);
    const page = await site.open();
    expect(page.text).toContain('3 bad observations wait for a label.');
    expect(page.text).toMatch(/labelled false by Ole[^<]*<time datetime="2026-03-02T08:54:00\.\d+Z">/);
    expect(page.text).toContain('The threshold was too low.');
    expect(page.text).toMatch(/OK again <time datetime="2026-03-02T08:54:00\.\d+Z">/);
    expect(page.text).toContain('<strong>Still red</strong>');
    expect(actsOn(page)).toEqual([...Array.from({ length: 5 }, () => 'label'), 'observe']);
    const lead = await site.open(site.as(given.technical));
    expect([actsOn(lead), lead.text.includes('To label an observation takes an operations lead.')]).toEqual([['observe'], true]);
    const starter = await site.open(site.as(given.starter, { roles: ['operations-lead'] }));
    expect(starter.text).toContain('You started this run, so you cannot label its observations.');
    const reader = await site.open(site.as(given.starter, { roles: [] }));
    expect([actsOn(reader), reader.text.includes('was too low')], 'people without a role see no words').toEqual([[], false]);
  });

  test('shows text of others as it is, and never as markup', async () => {
    const story = await reviews.monitored(given.hostile);
    const site = siteOf(story);
    const { text } = await site.open();
    expect(text).not.toMatch(/<(script(?! src="\/assets\/)|img|b)\b/i);
    expect(text).toContain('&lt;img src=https://evil.example/x onerror=alert(1)&gt;');
    expect(text).not.toMatch(/\sstyle=/);
  });

  test('stays small in a storm of alarms with long texts', async () => {
    const site = siteOf(await reviews.crowded());
    const page = await site.open();
    expect(Buffer.byteLength(page.text)).toBeLessThan(100_000);
    expect(page.text).toMatch(/\d+ more are not shown/);
    expect(page.text).toMatch(/\d+ earlier ones are not drawn/);
    expect(page.text).toContain('Label those without a form with');
  });
});

describe('a label', () => {
  test('is recorded once with its words, however often the form is sent', async () => {
    const site = siteOf(await given.deployed());
    const form = site.label(await site.open(), 'alarm-1');
    const both = await Promise.all([site.send(form), site.send(form)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect((await site.send(form)).status).toBe(303);
    const labels = await site.recorded('observation.labelled');
    expect(labels.map(({ data }) => data)).toMatchObject([{ observation: 'alarm-1', label: 'false', by: given.operations }]);
    expect((await site.open()).text).toContain('The threshold &lt;b&gt;was&lt;/b&gt; too low.');
  });

  test('says what was wrong beside its field, and keeps what was typed', async () => {
    const site = siteOf(await given.deployed());
    const page = await site.open();
    for (const [changes, field, says] of [
      [{ reason: ' short ' }, 'reason', 'Write 10 characters at least'],
      [{ label: 'maybe' }, 'label', 'Choose what it was'],
    ] as const) {
      const reply = await site.send(site.label(page, 'alarm-1', changes));
      expect([reply.status, reply.text.includes(says)]).toEqual([400, true]);
      expect(reply.text).toContain(`<span class="slip" id="label-1-${field}-slip">`);
      expect(reply.text).toContain(`href="#label-1-${field}"`);
      expect(reply.text).toMatch('reason' in changes ? />\s*short <\/textarea>/ : /too low\.<\/textarea>/);
    }
    expect((await site.send(site.label(page, 'alarm-none'))).status).toBe(404);
    expect(await site.recorded('observation.labelled')).toEqual([]);
  });

  test('that somebody else gave meanwhile is shown, and nothing is recorded', async () => {
    const story = await given.deployed();
    const site = siteOf(story);
    const form = site.label(await site.open(), 'alarm-1');
    story.deps.controls.clock.advance(1000);
    await reviews.label(story, 'alarm-1', 'true', 'It was the disk of the host.');
    const reply = await site.send(form);
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('Somebody has labelled this observation since the page was shown.');
    expect(reply.text).toContain('labelled true by Ole');
    expect(reply.text).toContain('too low.</textarea>');
    expect(await site.recorded('observation.labelled')).toHaveLength(1);
    expect((await site.send(site.label(reply, 'alarm-1'))).status, 'the form of the new page').toBe(303);
    expect(await site.recorded('observation.labelled')).toHaveLength(2);
  });

  test('of somebody else, another session, another run, another site or an hour ago records nothing', async () => {
    const story = await given.deployed();
    const site = siteOf(story);
    const form = site.label(await site.open(), 'alarm-1');
    for (const reply of [
      await site.send(form, site.as(given.technical)),
      await site.send(form, site.as(given.operations, {}, 'session-2')),
      await site.send(form, site.as(given.operations), { 'sec-fetch-site': 'cross-site' }),
      await site.send({ ...form, nonce: `${form.nonce}x` }),
      await siteOf({ ...story, run: '20260302-080000-nosuchrun0' }).send(form),
    ])
      expect(reply.status).toBe(403);
    story.deps.controls.clock.advance(3_600_001);
    const late = await site.send(form);
    expect([late.status, late.text.includes('too low.</textarea>')]).toEqual([403, true]);
    expect(await site.recorded('observation.labelled')).toEqual([]);
  });

  test('of a person who may not give it is refused by the command', async () => {
    const story = await given.deployed();
    const site = siteOf(story);
    const lead = site.as(given.technical);
    const reply = await site.send(site.label(await site.open(lead), 'alarm-1'), lead);
    expect([reply.status, reply.text.includes('&lt;b&gt;was&lt;/b&gt; too low.')]).toEqual([403, true]);
    expect(await site.recorded('observation.labelled')).toEqual([]);
  });
});

describe('an observation', () => {
  test('is recorded once, blocks the reviews, and is shown in the words of the person', async () => {
    const site = siteOf(await given.deployed());
    const form = site.report(await site.open());
    expect((await site.send(form)).status).toBe(303);
    expect((await site.send(form)).status).toBe(303);
    const mine = (await site.recorded('observation.recorded')).filter(({ actor }) => actor.id === given.operations);
    expect(mine.map(({ data }) => data)).toMatchObject([{ kind: 'performance', bad: true, via: 'api' }]);
    const { text } = await site.open();
    expect(text).toContain('2 bad observations wait for a label.');
    expect(text).toMatch(/O&#39;Neil wrote: “<bdi>checkout: &quot;&gt;&lt;img/);
  });

  test('with a slip is refused beside the field, and nothing is lost', async () => {
    const story = await given.deployed();
    const site = siteOf(story);
    const page = await site.open();
    const later = new Date(story.deps.clock.now().getTime() + 86_400_000).toISOString().slice(0, 16);
    for (const [changes, field, status] of [
      [{ subject: ' ' }, 'subject', 400],
      [{ summary: 'x'.repeat(301) }, 'summary', 400],
      [{ bad: '' }, 'bad', 400],
      [{ kind: 'weather' }, 'kind', 400],
      [{ observedAt: 'at noon' }, 'observedat', 400],
      [{ observedAt: later }, 'observedat', 422],
    ] as const) {
      const reply = await site.send(site.report(page, changes));
      expect([reply.status, reply.text.includes(`id="observe-${field}-slip"`)], field).toEqual([status, true]);
      if (field !== 'subject') expect(reply.text).toContain('name="subject" required maxlength="200" value="checkout"');
      if (field === 'observedat') expect(reply.text).toContain(`value="${'observedAt' in changes ? changes.observedAt : ''}"`);
    }
    expect((await site.recorded('observation.recorded')).filter(({ actor }) => actor.kind === 'person')).toEqual([]);
  });
});

test('the page of a run leads to its reviews, and says what waits there', async () => {
  const story = await given.deployed();
  const { auditApi } = await import('../../lambdas/api/audit.ts');
  const api = auditApi({ deps: story.deps, mac });
  const page = await ask(api, {
    method: 'GET',
    path: `/runs/${story.run}`,
    identity: browser(given.callerOf(story, given.operations), 'session-1'),
  });
  expect(page.text).toContain(`href="/runs/${story.run}/reviews">Monitoring, reviews and observations: 1 without a label`);
  expect((await siteOf(story).open()).text).toContain(`<a href="/runs/${story.run}">`);
});
