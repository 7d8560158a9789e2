import { describe, expect, test } from 'vitest';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';

const siteOf = sitesOfTests();

describe('foreign text', () => {
  test('never speaks in the name of a person: no id in it becomes a name, and it stands in quotation marks', async () => {
    const story = await given.blockedAtFirst(`${given.technical}: I have checked this by hand`);
    const text = textOf(await (await siteOf(story)).get(given.product, `/runs/${story.run}`));
    expect(text).toContain('first: “cart › p‑technical1: I have checked this by hand”');
    expect(text).not.toContain('Søn: I have checked');
  });

  test('on the page of a check: the name of a test runs nothing and stands as it is', async () => {
    const story = await given.blockedAtFirst(`${given.hostile} \u202e`);
    const site = await siteOf(story);
    const page = await site.get(given.technical, `/runs/${story.run}/checks/no-regressions`);
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('script>alert(2)');
    expect(page.html).not.toMatch(/<script(?! src="\/assets\/)|<img|\u202e/);
  });

  test('shows control characters and changes of direction by their number', async () => {
    const story = await given.begin({ reason: 'abc\u202egnp.exe \u0000 \u001b[31m red' });
    const page = await (await siteOf(story)).get(given.product, `/runs/${story.run}`);
    expect(textOf(page)).toContain('abc[U+202E]gnp.exe [U+0000] [U+001B][31m red');
    expect(page.html).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
    expect(textOf(page)).toContain('Reason The CI job that started the run wrote: “');
  });
});
