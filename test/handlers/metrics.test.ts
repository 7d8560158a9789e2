import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { metricsSchema } from '../../lib/api/responses.ts';
import { fakeMac } from '../fakes.ts';
import * as releases from '../pages/metrics-scenarios.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { anonymous, ask, bearer, browser, jobOf, type Reply } from './requests.ts';

const siteOf = (story: given.Story) => {
  const api = auditApi({ deps: story.deps, mac: fakeMac() });
  const person = browser(given.callerOf(story, given.product));
  return {
    page: (query = '', identity = person): Promise<Reply> => ask(api, { method: 'GET', path: '/metrics', query, identity }),
    read: (query: string, identity: Parameters<typeof ask>[1]['identity'] = bearer(given.callerOf(story, given.product))): Promise<Reply> =>
      ask(api, { method: 'GET', path: '/v1/metrics', query, identity }),
  };
};
const figures = ({ json }: Reply) =>
  metricsSchema.parse(json).groups.map(({ service, environment, deployments }) => [service, environment, deployments]);

describe('the entry of a run in the list', () => {
  test('says when it came how far, as soon as a gate was looked at', async () => {
    const story = await given.deployed();
    const { milestones } = (await story.deps.index.get(story.run)) ?? {};
    expect(milestones).toMatchObject({ rollbackAt: null, endedAt: null, asked: [{ gate: 'go-no-go', seconds: expect.any(Number) }] });
    const order = [milestones?.goAt, milestones?.t0At, milestones?.deployedAt];
    expect(order).not.toContain(null);
    expect(order).toEqual(order.toSorted());
  });

  test('keeps that behind its end, and says how it was taken back', async () => {
    const story = await back.rolledBack();
    await back.finish(story);
    const found = await story.deps.index.get(story.run);
    expect(found?.outcome).toMatch(/^rolled-back/);
    expect(found?.milestones).toMatchObject({ goAt: expect.any(String), t0At: expect.any(String), rollbackAt: expect.any(String) });
    expect(String(found?.milestones?.endedAt) >= String(found?.milestones?.rollbackAt)).toBe(true);
    const { json } = await siteOf(story).read('weeks=4');
    expect(metricsSchema.parse(json).groups).toMatchObject([{ service: 'shop', deployments: 1, changeFailure: { failed: 1, decided: 1 } }]);
  });
});

describe('GET /v1/metrics', () => {
  test('has the figures of each service and environment, over twelve weeks unless asked otherwise', async () => {
    const site = siteOf(await releases.aYear());
    const year = await site.read('weeks=52');
    expect(figures(year).map(([service, environment]) => `${service} ${environment}`)).toEqual([
      'billing production',
      'billing staging',
      'shop production',
      'shop staging',
    ]);
    expect(metricsSchema.parse((await site.read('')).json)).toMatchObject({ weeks: 12, withoutMilestones: 1, more: false });
    expect(figures(await site.read('service=billing&weeks=52')).map(([service]) => service)).toEqual(['billing', 'billing']);
    for (const query of ['weeks=0', 'weeks=53', 'weeks=many', 'week=4']) expect((await site.read(query)).status, query).toBe(400);
  });

  test('shows a CI job its own services only', async () => {
    const site = siteOf(await releases.aYear());
    const job = bearer(jobOf('metrics', { services: ['billing'] }));
    expect(figures(await site.read('weeks=52', job)).map(([service]) => service)).toEqual(['billing', 'billing']);
    expect((await site.read('service=shop', job)).status).toBe(403);
    expect((await site.read('', anonymous)).status).toBe(401);
  });
});

describe('the page of the metrics', () => {
  test('has each figure with the number of releases, its meaning, and the choice of the period', async () => {
    const site = siteOf(await releases.aYear());
    const { status, text } = await site.page('weeks=52');
    expect(status).toBe(200);
    expect(text).toContain('shop in production');
    expect(text).toMatch(/Change failure rate<\/dt><dd><strong>[\d.]+ %<\/strong><span class="soft">\d+ of \d+ deployments/);
    expect(text).toMatch(/Time to restore<\/dt><dd><strong>[^<]+<\/strong><span class="soft">median of 4 rollbacks: too few to tell/);
    expect(text).toContain('aria-current="page">52 weeks');
    expect(text).toContain('dora.dev');
    expect(text).toContain('1 run of the period was listed by an older version');
    for (const meaning of ['Deployment frequency', 'Lead time for changes', 'Change failure rate', 'Time to restore'])
      expect(text).toContain(`<dt>${meaning}</dt><dd>`);
    expect(text).not.toMatch(/<script(?! src="\/assets\/)|\sstyle=/);
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    expect((await site.page()).text).toContain('aria-current="page">12 weeks');
    const wrong = await site.page('weeks=many');
    expect([wrong.status, wrong.text]).toEqual([
      400,
      expect.stringMatching(/There is no period of “<bdi>many<\/bdi>” weeks[\s\S]*aria-current="page">12 weeks/),
    ]);
    expect((await site.page('service=billing')).text).not.toContain('shop in production');
    expect((await site.page('weeks=5')).status).toBe(400);
  });

  test('says what is missing before the first release, and how little one says', async () => {
    expect((await siteOf(await given.begin()).page('weeks=4')).text).toContain('No release in these 4 weeks.');
    const { text } = await siteOf(await releases.one()).page('weeks=4');
    expect(text).toContain('<strong>none yet</strong><span class="soft">no rollback in this period');
    expect(text).toContain('median of 1 deployment: too few to tell');
    expect((await siteOf(await releases.one()).page('', anonymous as never)).status).toBe(303);
  });
});
