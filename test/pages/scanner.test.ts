import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, runsInChromium } from './chromium.ts';
import * as given from './page-scenarios.ts';
import { type Site, serveSite } from './page-server.ts';

let browser: Browser;
let story: given.Story;
let site: Site;

beforeAll(async () => {
  if (!runsInChromium) return;
  [browser, story] = await Promise.all([launch(), given.atGoNoGo()]);
  site = await serveSite(story.deps, story.stage);
}, 60_000);
afterAll(async () => {
  await site?.close();
  await browser?.close();
});

/** What a scanner that goes as far as it can does with a page: fills in every field, sends every form, presses every button, opens a link of each kind: the report lists some eighty pieces of evidence. */
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
  const links = [...document.querySelectorAll('a[href]')].map(({ href }) => href);
  for (const href of new Map(links.map((one) => [new URL(one).pathname.replace(/[^/]+$/, ''), one])).values()) sent.push(fetch(href));
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

/** What was recorded since. */
const recorder = async ({ deps, run }: given.Story) => {
  const events = async () => (await deps.trail.read(`run/${run}`, { prefix: '' })).map(({ event }) => event);
  const before = new Set((await events()).map(({ id }) => id));
  return async (): Promise<string[]> =>
    (await events())
      .filter(({ id }) => !before.has(id))
      .map(({ type, data }) => `${type} ${'type' in data ? String(data.type) : ''}`.trim());
};

describe.runIf(runsInChromium)('a mail scanner that opens the link, runs scripts and sends every form', () => {
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

const another = async (): Promise<{ readonly story: given.Story; readonly site: Site; readonly link: string }> => {
  const own = await given.atGoNoGo();
  const served = await serveSite(own.deps, own.stage);
  others.push(served);
  return { story: own, site: served, link: `${served.origin}/approvals/${given.linkOf(own, given.technical)}` };
};
const others: Site[] = [];
afterAll(async () => {
  for (const one of others) await one.close();
});

/** A browser in which the person has signed in. */
const signedIn = async (at: Site, person: string): Promise<BrowserContext> => {
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const [name = '', value = ''] = (await at.cookie(person)).split(/=(.*)/);
  await context.addCookies([{ name, value, url: at.origin }]);
  return context;
};

/**
 * Sends every form of a page as it stands, empty, and with guesses for each field. What writes sentences is no scanner, so the guesses are
 * single words.
 */
const sendEveryForm = `(async () => {
  const forms = [...document.querySelectorAll('form:not([action="/logout"])')];
  const statuses = [];
  for (const form of forms) {
    const stands = [...new FormData(form)];
    const names = [...new Set([...form.elements].map(({ name }) => name).filter((name) => name))];
    const isHidden = (name) => form.querySelector('[type=hidden][name="' + name + '"]') !== null;
    const filled = (guess) => names.map((name) => {
      const value = isHidden(name) ? form.elements[name].value : guess;
      const radio = form.querySelector('[type=radio][name="' + name + '"]');
      return [name, radio === null ? value : radio.value];
    });
    const tries = [stands, filled(''), ...['AAAAAA', '123456', 'approved', 'yes', '1'].map(filled)];
    for (const fields of tries) {
      const body = new URLSearchParams(fields);
      const sent = form.method === 'get' ? fetch(form.action + '?' + body) : fetch(form.action, { method: 'post', body });
      statuses.push((await sent).status);
    }
  }
  return statuses;
})()`;
const forms = 'form:not([action="/logout"])';
/** Presses every button although fields are empty. */
const pressEverything = `for (const form of document.querySelectorAll('form:not([action="/logout"])')) { form.noValidate = true; form.requestSubmit(); }`;

const scanWithSession = async (context: BrowserContext, addresses: readonly string[]): Promise<number[]> => {
  const statuses: number[] = [];
  for (const address of addresses) {
    const page = await context.newPage();
    await page.goto(address);
    statuses.push(...((await page.evaluate(sendEveryForm)) as number[]));
    // A page that is closed while it leaves may never close.
    const left = page.waitForEvent('framenavigated', { timeout: 10_000 }).catch(() => undefined);
    if ((await page.locator(forms).count()) > 0) {
      await page.evaluate(pressEverything).catch(() => undefined);
      await left;
      await page.waitForLoadState('load');
    }
    await page.close();
  }
  return statuses;
};

describe.runIf(runsInChromium)('a scanner in the browser of somebody who has signed in', () => {
  test('of the person who is asked: sends every form it finds, and decides nothing', async () => {
    const { story: own, site: at, link } = await another();
    const recorded = await recorder(own);
    const context = await signedIn(at, given.technical);
    const run = `${at.origin}/runs/${own.run}`;
    const pagesOfRun = [link, run, `${run}/operating`, `${run}/reviews`, `${run}/rollback`, `${run}/checks/monitoring-configured`];
    const statuses = await scanWithSession(context, pagesOfRun);
    expect(statuses.length).toBeGreaterThan(20);
    expect(new Set((await recorded()).map((one) => one.split(' ')[0]))).toEqual(new Set(['request.refused']));
    // The form behind the link was met: guesses of its code were refused.
    expect(await recorded()).toContain('request.refused approval-confirmation');
    const page = await context.newPage();
    await page.goto(link);
    await page.evaluate("fetch('/logout', { method: 'post' })");
    expect(new Set((await page.evaluate(sendEveryForm)) as number[]), 'after it has signed out').toEqual(new Set([401]));
    expect(new Set((await recorded()).map((one) => one.split(' ')[0]))).toEqual(new Set(['request.refused']));
    expect(at.faults).toEqual([]);
    await own.machine.settle();
    expect(own.machine.at()).toBe('go-no-go');
    await given.answerAs(own, given.technical, 'approved');
    expect(await recorded()).toContain('approval.answered');
    await context.close();
  }, 120_000);

  test('of somebody to whom the link was passed on: learns nothing of the report, and is noted once', async () => {
    const { story: own, site: at, link } = await another();
    const recorded = await recorder(own);
    const context = await signedIn(at, given.operations);
    const page = await context.newPage();
    const reply = await page.goto(link);
    expect([reply?.status(), await page.locator('[name=nonce]').count()]).toEqual([403, 0]);
    await page.close();
    await scanWithSession(context, [link, link]);
    expect(await recorded()).toEqual(['request.refused approval-not-invited']);
    await own.machine.settle();
    expect(own.machine.at()).toBe('go-no-go');
    await context.close();
  }, 60_000);
});

describe.runIf(runsInChromium)('a page that has the browser fetch the link ahead', () => {
  /** A mail program on the same site, so that the browser sends the session along. */
  const mailProgram = async (link: string) => {
    const html = `<!doctype html><link rel="prefetch" href="${link}"><link rel="prefetch" as="document" href="${link}"><p>A mail</p>`;
    const server = createServer((_, outgoing) => outgoing.writeHead(200, { 'content-type': 'text/html' }).end(html));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close };
  };

  test('gets the page and records nothing, and one note at most when the request was answered', async () => {
    const { story: own, site: at, link } = await another();
    const recorded = await recorder(own);
    const mail = await mailProgram(link);
    const context = await signedIn(at, given.technical);
    const page = await context.newPage();
    // Who has not signed in is sent to the sign-in before anybody looks for the link.
    const opened = (): number => own.deps.controls.calls.filter((call) => call === 'index.getLink').length;
    const openMail = async (): Promise<void> => {
      const before = opened();
      await page.goto('about:blank');
      await page.goto(mail.origin);
      await expect.poll(opened, { timeout: 10_000 }).toBeGreaterThan(before);
      // The page is made from what the link leads to, and a note would come after it.
      await page.waitForLoadState('networkidle');
    };
    for (let times = 0; times < 3; times += 1) await openMail();
    expect(await recorded()).toEqual([]);
    await given.answerAs(own, given.technical, 'approved');
    own.deps.controls.clock.advance(120_000);
    const answered = (await recorded()).length;
    for (let times = 0; times < 3; times += 1) await openMail();
    expect((await recorded()).slice(answered)).toEqual(['request.refused approval-answered']);
    await own.machine.settle();
    expect(own.machine.at()).toBe('go-no-go');
    await context.close();
    await mail.close();
  }, 60_000);
});
