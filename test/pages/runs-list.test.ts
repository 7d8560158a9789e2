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
    expect(inbox).toMatch(/\d+ checks of Pre-Deployment Verification lack a proof/);
    const deployed = await given.deployed();
    const figures = textOf(await (await siteOf(deployed)).get(given.product, '/metrics'));
    expect([figures.includes('Go / no-go'), figures.includes('go-no-go')]).toEqual([true, false]);
  });
});
