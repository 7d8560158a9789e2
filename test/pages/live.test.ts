import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { attest } from '../../lib/run/commands/attest.ts';
import { anew } from '../given.ts';
import type { Tab } from './chromium.ts';
import { inBrowser, type State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import type { Site } from './page-server.ts';
import { approvalOf, checkOf, rollbackOf, runOf } from './page-states.ts';
import * as back from './rollback-scenarios.ts';

/** Milliseconds between two looks at most, while somebody uses the page. */
const look = 5_100;

const attested = async (story: given.Story, check = 'monitoring-configured'): Promise<void> => {
  const said = { request: anew(), run: story.run, check, statement: 'All four figures are shown.' };
  const done = await attest(story.deps, said, given.callerOf(story, given.operations));
  if (done.refused) throw new Error(done.refused.detail);
};

type Open = { readonly tab: Tab; readonly page: Page; readonly site: Site; readonly story: given.Story; readonly answers: number[] };

const withNotice: Readonly<Record<string, () => Promise<State>>> = {
  'a page that has changed while somebody writes': async () => {
    const story = await back.undecided();
    return {
      ...rollbackOf(story),
      act: async ({ page }) => {
        await page.getByLabel('Why is it rolled back?').fill('Half of the orders fail.');
        await back.decide(story, 'roll-back', given.technical);
        await page.locator('#newer').waitFor({ timeout: 15_000 });
      },
    };
  },
  'a page whose session has ended': async () => ({
    ...runOf(await given.inSecond()),
    act: async ({ page }) => {
      await page.context().clearCookies();
      await page.getByText('Your session has ended').first().waitFor({ timeout: 15_000 });
    },
  }),
};

inBrowser('a page that is kept current', withNotice, ({ newTab, siteOf }) => {
  /** Opens a page whose time the test moves on. */
  const open = async ({ story, person, path }: State): Promise<Open> => {
    const site = await siteOf(story);
    const tab = await newTab();
    const { page } = tab;
    await page.clock.install();
    await tab.visit(site, person, path);
    const answers: number[] = [];
    page.on('response', (response) => {
      if (response.url() === `${site.origin}${path}`) answers.push(response.status());
    });
    return { tab, page, site, story, answers };
  };
  const says = (page: Page): Promise<string | null> => page.locator('#live').textContent();
  const answered = async ({ page, answers }: Open, count: number): Promise<void> => {
    await expect.poll(() => answers.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
    // The script goes on when it has the answer.
    await page.evaluate('new Promise((resolve) => queueMicrotask(resolve))');
  };

  test('asks with the tag of what it shows, and touches nothing while that stays', async () => {
    const shown = await open(runOf(await given.inSecond()));
    const { page, tab, site, answers } = shown;
    await page.evaluate(`window.changes = []; new MutationObserver((all) => {
      changes.push(...all.filter(({ target }) => !(target.nodeType === 1 ? target : target.parentElement).closest('time, #live, .passing, .heard')).map(({ target, type }) => type + ' ' + (target.outerHTML ?? target.parentElement.outerHTML).slice(0, 200)));
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['class', 'open', 'href'] })`);
    await page.clock.runFor(look);
    await answered(shown, 1);
    await page.clock.runFor(8_000);
    await answered(shown, 2);
    expect(answers).toEqual([304, 304]);
    expect(await page.evaluate('changes')).toEqual([]);
    expect([...tab.misdeeds, ...site.faults]).toEqual([]);
  });

  test('shows the newest state, and keeps focus, unfolded groups and the place where the person reads', async () => {
    const shown = await open(runOf(await given.inSecond()));
    const { page, story, tab } = shown;
    const group = page.locator('section[aria-labelledby=gate-phase-1] details').first();
    await group.evaluate((node) => node.setAttribute('open', ''));
    const link = page.locator('section[aria-labelledby=gate-phase-2] tbody a').last();
    await link.focus();
    const before = { focused: await link.getAttribute('href'), top: Math.round((await link.boundingBox())?.y ?? 0) };
    await page.evaluate("document.querySelector('h1').marked = true");
    await attested(story);
    await page.clock.runFor(look);
    await page.locator('tr', { hasText: 'All four figures are shown.' }).first().waitFor();
    expect(await page.evaluate("document.querySelector('h1').marked")).toBe(true);
    expect(await group.getAttribute('open')).toBe('');
    expect(await page.locator(':focus').getAttribute('href')).toBe(before.focused);
    expect(Math.abs(Math.round((await page.locator(':focus').boundingBox())?.y ?? 0) - before.top)).toBeLessThan(160);
    expect(await page.locator('.heard[role=status]').textContent()).toMatch(/^The page was updated\./);
    // What it shows is what a fresh page shows.
    const kept = await page.locator('main').innerText();
    const fresh = await open(runOf(story));
    const words = (text: string): string =>
      text.replace(/Live, checked.*|As of [-:0-9 ]+|just |\d+ (s|min) ago|\bnow\b/g, '').replace(/\s+/g, ' ');
    await fresh.page
      .locator('section[aria-labelledby=gate-phase-1] details')
      .first()
      .evaluate((node) => node.setAttribute('open', ''));
    expect(words(kept)).toBe(words(await fresh.page.locator('main').innerText()));
    expect(tab.misdeeds).toEqual([]);
  });

  test('never takes away what somebody types: it says that there is a newer state, and shows the text where its form is gone', async () => {
    const story = await back.undecided();
    const { page, site, tab } = await open(rollbackOf(story));
    const field = page.getByLabel('Why is it rolled back?');
    await field.fill(given.hostile);
    await back.decide(story, 'roll-back', given.technical);
    await page.clock.runFor(look);
    await page.getByText('This page has changed since you opened it.').first().waitFor();
    expect(await field.inputValue()).toBe(given.hostile);
    await expect.poll(() => says(page)).toMatch(/^There is a newer state, checked/);
    await page.getByRole('button', { name: 'Show the newest state' }).click();
    await page
      .getByText(/is under way/)
      .first()
      .waitFor();
    expect(await field.count()).toBe(0);
    expect(await page.locator('#typed').textContent()).toContain(`You wrote:“${given.hostile}”`);
    // It stays when the page changes once more.
    await back.finish(story);
    await page.clock.runFor(look);
    await page.getByText(/^The page was updated/).waitFor();
    await expect.poll(() => page.locator('#now').textContent()).not.toContain('is under way');
    expect(await page.locator('#typed').textContent()).toContain(given.hostile);
    expect([...tab.misdeeds, ...site.faults]).toEqual([]);
  });

  test('keeps the text in a form that still can be sent, with what it needs to be sent now', async () => {
    const story = await given.inSecond();
    const { page, site } = await open(checkOf(story, 'monitoring-configured'));
    await page.goto(page.url());
    const person = await open({ ...checkOf(story, 'monitoring-configured'), person: given.operations });
    const field = person.page.getByLabel('What have you seen?');
    await field.fill('The dashboard shows all four figures.');
    const nonce = await person.page
      .locator('form:has(#attest-reason) [name=nonce], form:has-text("Record my attestation") [name=nonce]')
      .first()
      .inputValue();
    story.deps.controls.clock.advance(2_000);
    await attested(story);
    await person.page.clock.runFor(look);
    await person.page.getByRole('button', { name: 'Show the newest state' }).click();
    expect(await field.inputValue()).toBe('The dashboard shows all four figures.');
    expect(await person.page.locator('form:has-text("Record my attestation") [name=nonce]').first().inputValue()).not.toBe(nonce);
    await person.page.getByRole('button', { name: 'Record my attestation' }).click();
    await person.page.getByText('The dashboard shows all four figures.').first().waitFor();
    expect([...site.faults, ...person.site.faults]).toEqual([]);
  });

  test('on an approval only says that the report has changed; the note stays, the choice and the code are made anew', async () => {
    const story = await given.atGoNoGo();
    const { page, tab } = await open(approvalOf(story));
    const code = await page.locator('.code').textContent();
    await given.changeReport(story);
    await page.clock.runFor(look);
    await page.getByText('The report has changed since you opened it.').first().waitFor();
    expect(await page.locator('.code').textContent()).toBe(code);
    await page.getByRole('radio', { name: /^Approve/ }).check();
    await page.getByLabel('type its code').fill(code ?? '');
    await page.getByRole('textbox', { name: /^Note/ }).fill('Read on the train.');
    await page.clock.runFor(30_000);
    expect(await page.getByLabel('type its code').inputValue()).toBe(code);
    await page.getByRole('button', { name: 'Show the newest state' }).click();
    await page.getByText('This request is invalidated').first().waitFor();
    expect(await page.locator('#typed').textContent()).toContain('“Read on the train.”');
    expect(await page.locator('#typed').textContent()).not.toContain(code);
    expect(tab.misdeeds).toEqual([]);
  });

  test('says that the session has ended, keeps the page, and signs nobody in by itself', async () => {
    const shown = await open(runOf(await given.inSecond()));
    const { page, site, answers } = shown;
    const asked: string[] = [];
    // A request that the browser does not send because it is not to follow a redirect gets no response.
    page.on('response', (response) => asked.push(new URL(response.url()).pathname));
    await page.context().clearCookies();
    await page.clock.runFor(look);
    await page.getByText('Your session has ended').first().waitFor();
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe(page.url());
    await page.locator('section[aria-labelledby=release]').waitFor();
    await page.clock.runFor(120_000);
    expect([answers.length, [...new Set(asked)], site.faults]).toEqual([1, [new URL(page.url()).pathname], []]);
  });

  test('lets a person sign in beside a half-written form, and sends that form in the new session; but shows nothing to somebody else', async () => {
    const story = await given.inSecond();
    const { page, site } = await open({ ...checkOf(story, 'monitoring-configured'), person: given.operations });
    const signIn = async (person: string): Promise<void> => {
      const [name = '', value = ''] = (await site.cookie(person)).split(/=(.*)/);
      await page.context().addCookies([{ name, value, url: site.origin }]);
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await page.clock.runFor(10);
    };
    const form = page.locator('form:has-text("Record my attestation")').first();
    const field = page.getByLabel('What have you seen?');
    await field.fill('The dashboard shows all four figures.');
    const nonce = await form.locator('[name=nonce]').inputValue();
    await page.context().clearCookies();
    await page.clock.runFor(look);
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('target')).toBe('_blank');
    story.deps.controls.clock.advance(2_000);
    await signIn(given.operations);
    await expect.poll(() => says(page)).toMatch(/^Live, checked/);
    expect([await field.inputValue(), (await form.locator('[name=nonce]').inputValue()) === nonce]).toEqual([
      'The dashboard shows all four figures.',
      false,
    ]);
    await page.getByRole('button', { name: 'Record my attestation' }).click();
    await page.getByText('The dashboard shows all four figures.').first().waitFor();
    await signIn(given.technical);
    await page.getByText('Somebody else has signed in with this browser.').first().waitFor();
    expect(await page.locator('.who').textContent()).toMatch(/^Ole/);
  });

  test('counts in the head what waits, and folds what the server folds but nothing that the reader unfolded', async () => {
    const story = await given.atGoNoGo();
    const { page } = await open({ story, person: given.technical, path: '/inbox' });
    const count = page.locator('nav .count');
    const before = Number(await count.textContent());
    await page.route('**/inbox', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace(
          '<h1>',
          '<details id="a" open><summary>a</summary>x</details><details id="b"><summary>b</summary>y</details><h1>',
        ),
      });
    });
    await page.reload();
    await page.unroute('**/inbox');
    await page.route('**/inbox', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace(
          '<h1>',
          '<details id="a"><summary>a</summary>x</details><details id="b"><summary>b</summary>y</details><h1>',
        ),
      });
    });
    await page.locator('#b summary').click();
    await given.answerAs(story, given.technical, 'approved');
    await page.clock.runFor(look);
    await expect.poll(async () => Number(await count.textContent())).toBe(before - 1);
    expect([await page.locator('#a[open]').count(), await page.locator('#b[open]').count()]).toEqual([0, 1]);
    expect(await page.title()).toContain(before - 1 === 0 ? 'Inbox' : `Inbox (${before - 1})`);
  });

  test('says that it has no connection, tries again more and more seldom, and says when it is back', async () => {
    const { page } = await open(runOf(await given.inSecond()));
    let tries = 0;
    await page.route('**/runs/*', (route) => {
      tries += 1;
      return route.abort();
    });
    await page.clock.runFor(look);
    await expect.poll(() => says(page)).toMatch(/^No connection: this is the state of .*\. Trying again\.$/);
    for (let minute = 0; minute < 4; minute += 1) {
      await page.clock.runFor(60_000);
      await page.evaluate('new Promise((resolve) => queueMicrotask(resolve))');
    }
    expect(tries).toBeLessThan(10);
    await page.unroute('**/runs/*');
    await page.clock.runFor(61_000);
    await expect.poll(() => says(page)).toMatch(/^Live, checked/);
    expect(await page.locator('.heard[role=status]').textContent()).toBe('The page is live again.');
  });

  test('does not ask while it is hidden, asks at once when it is seen again, and stops when nobody has used it for half an hour', async () => {
    const shown = await open(runOf(await given.inSecond()));
    const { page, answers } = shown;
    const hide = (isHidden: boolean): Promise<unknown> =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await hide(true);
    await page.clock.runFor(10 * 60_000);
    expect(answers).toEqual([]);
    await hide(false);
    await page.clock.runFor(10);
    await answered(shown, 1);
    for (let half = 0; half < 62; half += 1) {
      await page.clock.runFor(30_000);
      await page.evaluate("fetch('/assets/none')");
    }
    await expect.poll(() => says(page)).toMatch(/^Not live: nobody has used the page for 30 minutes\./);
    const asked = answers.length;
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(90);
    await page.clock.runFor(5 * 60_000);
    expect(answers.length).toBe(asked);
    await page.keyboard.press('Shift');
    await page.clock.runFor(10);
    await answered(shown, asked + 1);
    await expect.poll(() => says(page)).toMatch(/^Live, checked/);
  });

  test('runs nothing of what it reads, and takes a new version of Holdpoint for no state', async () => {
    const story = await given.inSecond();
    const { page } = await open(runOf(story));
    const bad =
      '<img src=x onerror="window.ran = 1"><script>window.ran = 2</script><svg onload="window.ran = 3"></svg><iframe srcdoc="<script>parent.ran = 4</script>"></iframe>';
    await page.route('**/runs/*', async (route) => {
      const html = await (await route.fetch({ headers: { ...route.request().headers(), 'if-none-match': '' } })).text();
      await route.fulfill({ status: 200, contentType: 'text/html', body: html.replace('<h1>', `<div id="bad">${bad}</div><h1>`) });
    });
    await page.clock.runFor(look);
    await page.locator('#bad').waitFor();
    await page.clock.runFor(1_000);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    await page.unroute('**/runs/*');
    await page.route('**/runs/*', (route) =>
      route.fulfill({
        status: 200,
        contentType: 'text/html',
        body: '<title>x</title><style>i{}</style><main data-state="1" data-live="shows">other</main>',
      }),
    );
    await page.clock.runFor(look);
    await page.getByText('Holdpoint was updated.').first().waitFor();
    await page.locator('section[aria-labelledby=release]').waitFor();
  });
});
