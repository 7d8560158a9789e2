import { describe, expect, test } from 'vitest';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';

const siteOf = sitesOfTests();

describe('the list of runs', () => {
  test('is narrowed by a form whose empty fields mean all', async () => {
    const story = await given.atGoNoGo();
    const site = await siteOf(story);
    const all = await site.get(given.product, '/runs?service=&environment=');
    expect(textOf(all)).toContain('shop 1.4.0');
    expect(all.html).toContain('<option value="production">');
    const other = await site.get(given.product, '/runs?service=shop&environment=staging');
    expect(other.html).toContain('<option value="staging" selected>');
    expect(textOf(other)).toContain('No run matches.');
  });

  test('names gates by their titles, as the inbox and the figures do', async () => {
    const story = await given.atGoNoGo();
    const site = await siteOf(story);
    const list = textOf(await site.get(given.product, '/runs'));
    expect([list.includes('Go / no-go'), list.includes('go-no-go')]).toEqual([true, false]);
    const inbox = textOf(await (await siteOf(await given.begin())).get(given.technical, '/inbox'));
    expect(inbox).toMatch(/\d+ checks of Pre-Deployment Verification wait for you/);
    const deployed = await given.deployed();
    const figures = textOf(await (await siteOf(deployed)).get(given.product, '/metrics'));
    expect([figures.includes('Go / no-go'), figures.includes('go-no-go')]).toEqual([true, false]);
  });

  test('says of each run what it waits for, whom, and since when, and narrows by state as the command line does', async () => {
    const story = await given.atGoNoGo();
    const site = await siteOf(story);
    const listed = await story.deps.index.get(story.run);
    expect(listed?.waits).toEqual({
      since: expect.stringMatching(/^2026-03-02T/),
      for: [{ way: 'signatures', roles: ['technical-lead', 'operations-lead', 'product-owner'], checks: 3 }],
    });
    const row = /<tr role="row">\n<th role="rowheader"[\s\S]*?<\/tr>/;
    const all = (await site.get(given.product, '/runs')).html;
    expect(textOf({ html: row.exec(all)?.[0] ?? '' })).toMatch(
      /shop 1\.4\.0 .* production running Go \/ no-go 3 signatures \(technical lead, operations lead, product owner\) 2026-03-02 \d\d:\d\d:\d\d UTC/,
    );
    for (const [state, count] of [
      ['running', 1],
      ['open', 1],
      ['blocked', 0],
      ['ended', 0],
      ['', 1],
    ] as const) {
      const { html } = await site.get(given.product, `/runs?state=${state}`);
      expect([state, (html.match(new RegExp(`href="/runs/${story.run}"`, 'g')) ?? []).length]).toEqual([state, count]);
      if (state !== '') expect(html).toContain(`<option value="${state}" selected>`);
    }
    const wrong = await site.get(given.product, '/runs?state=nowhere&service=no%20such%3Cb%3E');
    expect(wrong.status).toBe(400);
    for (const again of [
      '<option value="nowhere" selected>',
      'Choose one of the states.',
      'no such&lt;b&gt;" selected>',
      'No service has such a name.',
    ])
      expect(wrong.html).toContain(again);
    expect(wrong.html).toMatch(/<select id="state"[^>]* aria-invalid="true" aria-describedby="state-slip"/);
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    const ended = await site.get(given.product, '/runs?state=rejected');
    expect(textOf({ html: row.exec(ended.html)?.[0] ?? '' })).toMatch(/rejected nothing; it ended at Go \/ no-go 2026-03-02/);
    expect((await story.deps.index.get(story.run))?.waits).toBeNull();
  });

  test('says of an entry of an older version that it does not say what the run waits for', async () => {
    const story = await given.atGoNoGo();
    const { waits: _, ...old } = (await story.deps.index.get(story.run)) ?? {};
    await story.deps.index.restore(old as never);
    const page = textOf(await (await siteOf(story)).get(given.product, '/runs'));
    expect(page).toContain('Go / no-go not listed yet: its page says what not listed yet');
  });

  test('looks for a state behind the first page of runs', async () => {
    const story = await given.blockedAtFirst('adds vouchers');
    const listed = await story.deps.index.get(story.run);
    if (listed === undefined) throw new Error('no entry');
    for (let n = 10; n < 60; n += 1)
      await story.deps.index.restore({
        ...listed,
        run: `20260303-0800${n}-aaaaaaaaaa`,
        startedAt: `2026-03-03T08:00:${n}.000Z`,
        outcome: 'cancelled',
        blocked: false,
        waits: null,
      });
    const site = await siteOf(story);
    const blocked = await site.get(given.product, '/runs?state=blocked');
    expect(blocked.html.match(/<tr role="row">\n<th role="rowheader"/g)).toHaveLength(1);
    expect(blocked.html).toContain(`href="/runs/${story.run}"`);
    const first = await site.get(given.product, '/runs?state=cancelled');
    const next = /href="(\/runs\?state=cancelled&amp;cursor=[^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await site.get(given.product, next);
    const runsIn = (html: string): string[] => [...html.matchAll(/href="\/runs\/(\d[\w-]+)"/g)].map(([, run]) => run ?? '');
    expect(new Set([...runsIn(first.html), ...runsIn(second.html)]).size).toBe(50);
  });
});
