import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, runsInChromium } from './chromium.ts';
import * as given from './page-scenarios.ts';
import { type Site, serveSite } from './page-server.ts';

let browser: Browser;
let story: given.Story;
let site: Site;

/** What a scanner that goes as far as it can does with a page: fills in every field, sends every form, presses every button, opens every link. */
const tryEverything = (address: string): string => `(async () => {
  const sent = [];
  for (const form of document.querySelectorAll('form')) {
    const fields = new URLSearchParams();
    for (const one of form.elements) if (one.name) fields.set(one.name, one.value || 'approved');
    fields.set('answer', 'approved');
    sent.push(fetch(form.action, { method: form.method || 'post', body: form.method === 'get' ? undefined : fields }));
  }
  for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])
    sent.push(fetch(${JSON.stringify(address)}, { method, body: method === 'POST' ? new URLSearchParams({ answer: 'approved', confirmation: 'AAAAAA' }) : undefined }));
  for (const link of document.querySelectorAll('a[href]')) sent.push(fetch(link.href));
  await Promise.allSettled(sent);
  for (const one of document.querySelectorAll('button, input[type=submit]')) one.click();
})()`;

/** The provider's own pages are not ours: there the scanner ends. From a page of ours it then sends whatever it can think of, with its cookies. */
const scan = async (context: BrowserContext, address: string): Promise<void> => {
  for (const way of [address, address, `${site.origin}/callback?code=1&state=1`, `${site.origin}/login`, `${site.origin}/nowhere`]) {
    const page = await context.newPage();
    const opened = await page.goto(way, { waitUntil: 'load' }).then(
      () => true,
      (fault: unknown) => void expect(String(fault), way).toMatch(/ERR_NAME_NOT_RESOLVED/),
    );
    if (opened)
      await page
        .evaluate(tryEverything(address))
        .catch((fault: unknown) => expect(String(fault), way).toMatch(/navigat|context|destroyed/i));
    await page.close();
  }
};

describe.runIf(runsInChromium)('a mail scanner that opens the link, runs scripts and sends every form', () => {
  beforeAll(async () => {
    [browser, story] = await Promise.all([launch(), given.atGoNoGo()]);
    site = await serveSite(story.deps, story.stage);
  }, 60_000);
  afterAll(async () => {
    await site?.close();
    await browser?.close();
  });

  test('decides nothing, leaves no event, and the person can answer afterwards', async () => {
    const events = async (): Promise<string[]> =>
      (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).map(({ event }) => `${event.lane} ${event.type}`);
    const before = await events();
    const context = await browser.newContext({ javaScriptEnabled: true });
    context.setDefaultTimeout(10_000);
    for (const person of [given.technical, given.operations, given.product])
      await scan(context, `${site.origin}/approvals/${given.linkOf(story, person)}`);
    expect(await events()).toEqual(before);
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    expect(site.faults).toEqual([]);
    await given.answerAs(story, given.technical, 'approved');
    expect((await events()).filter((one) => one.endsWith('approval.answered'))).toHaveLength(1);
  }, 60_000);
});
