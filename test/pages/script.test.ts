import { describe, expect, test } from 'vitest';
import { scriptFile } from '../../lib/console-script.ts';
import type { Tab } from './chromium.ts';
import { type InBrowser, inBrowser, type State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import { approvalOf, checkOf, rollbackOf, runOf } from './page-states.ts';
import * as back from './rollback-scenarios.ts';

const checklistOf = async (): Promise<State> => ({ story: await given.begin(), person: given.technical, path: '/checklist' });

const states: Readonly<Record<string, () => Promise<State>>> = {
  'the list of keys': async () => ({
    ...rollbackOf(await back.undecided()),
    act: async ({ page }) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    },
  }),
  'a filtered run': async () => ({
    ...runOf(await given.atGoNoGo()),
    act: async ({ page }) => {
      await page.getByLabel('Filter the checks').fill('load');
      await page
        .getByText(/of \d+ match/)
        .first()
        .waitFor();
    },
  }),
  'a run with exact times': async () => ({
    ...runOf(await given.deployed()),
    act: async ({ page }) => {
      await page.keyboard.press('t');
      await page.locator('html[data-exact]').waitFor();
    },
  }),
};

const opener =
  ({ newTab, siteOf }: InBrowser) =>
  async ({ story, person, path }: State, options: { script?: boolean } = {}): Promise<Tab & { origin: string }> => {
    const site = await siteOf(story);
    const tab = await newTab(options);
    if (options.script !== false) await tab.page.clock.install();
    await tab.visit(site, person, path);
    return { ...tab, origin: site.origin };
  };

inBrowser('what the script adds', states, (using) => {
  const open = opener(using);

  describe('clocks', () => {
    test('go on by the clock of the server: relative times, budgets in words and as bars', async () => {
      const { page, misdeeds } = await open(rollbackOf(await back.undecided()));
      const deadline = page.locator('#now time .ago');
      const budget = page.locator('.budgets li').first();
      expect(await deadline.textContent()).toMatch(/^in 3 min/);
      const before = Number(await page.evaluate("document.querySelector('meter').value"));
      await page.clock.runFor(65_000);
      await expect.poll(() => deadline.textContent()).toMatch(/^in 2 min/);
      expect(await budget.textContent()).toMatch(/1 min \d+ s of 5 min, 3 min \d+ s left/);
      expect(Number(await page.evaluate("document.querySelector('meter').value")) - before).toBeGreaterThan(60);
      expect(misdeeds).toEqual([]);
    });

    test('show relative words with the exact time under the pointer; a key or a button shows both, also on the next page', async () => {
      const state = runOf(await given.deployed());
      const { page, origin } = await open(state);
      const started = page.locator('section[aria-labelledby=release] time').first();
      const exact = started.locator('.at');
      expect(await started.getAttribute('title')).toMatch(/^2026-03-02 08:00:00 UTC$/);
      expect((await exact.boundingBox())?.width).toBeLessThan(2);
      const place = async () => JSON.stringify(await page.locator('section[aria-labelledby=release]').boundingBox());
      await page.keyboard.press('Tab');
      await started.scrollIntoViewIfNeeded();
      const unmoved = await place();
      await started.focus();
      expect((await exact.boundingBox())?.width, 'the focus shows it').toBeGreaterThan(100);
      expect(await place(), 'and moves nothing').toBe(unmoved);
      await started.blur();
      await page.keyboard.press('t');
      expect((await exact.boundingBox())?.width).toBeGreaterThan(100);
      await page.goto(`${origin}/runs`);
      const button = page.getByRole('button', { name: 'Exact times' });
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      await button.press('Enter');
      expect(await button.getAttribute('aria-pressed')).toBe('false');
      expect((await page.locator('.runs time .at').first().boundingBox())?.width).toBeLessThan(2);
    });

    test('leave the exact time where people look things up', async () => {
      const story = await given.inSecond();
      const { page } = await open({ story, person: given.technical, path: `/audit?run=${story.run}` });
      const time = page.locator('.events time').first();
      expect(await time.innerText()).toMatch(/^2026-03-02 \d\d:\d\d:\d\d UTC$/);
      expect(await time.getAttribute('title')).toMatch(/ago$|^in |now$/);
    });

    test('shift nothing when the page is opened, and nothing as they go', async () => {
      const { page } = await open(runOf(await given.deployed()));
      await page.evaluate(`window.shift = 0; new PerformanceObserver((list) => {
        for (const one of list.getEntries()) shift += one.value;
      }).observe({ type: 'layout-shift', buffered: true })`);
      await page.clock.runFor(4_000);
      await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))').catch(() => undefined);
      expect(Number(await page.evaluate('shift'))).toBeLessThan(0.02);
    });
  });

  describe('without script', () => {
    test('nothing of it is there, and each time stands exact and relative', async () => {
      const { page } = await open(runOf(await given.atGoNoGo()), { script: false });
      expect(await page.locator('.copy, .filter, .tools, dialog').count()).toBe(0);
      expect(await page.locator('#live').innerText()).toBe('');
      const started = page.locator('section[aria-labelledby=release] time').first();
      for (const part of ['.at', '.ago']) expect((await started.locator(part).boundingBox())?.width, part).toBeGreaterThan(5);
      expect(await started.innerText()).toMatch(/^2026-03-02 08:00:00 UTC /);
    });
  });

  describe('copying', () => {
    const state = async (): Promise<State> => ({ ...checkOf(await given.inSecond(), 'soak-24h'), person: given.technical });

    test('puts the command into the clipboard, and says so to those who see and those who hear', async () => {
      const { page, origin, misdeeds } = await open(await state());
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
      const command = page.locator('.command').first();
      const text = await command.evaluate((node) => node.firstChild?.textContent ?? '');
      const button = command.getByRole('button');
      expect(await button.getAttribute('aria-label')).toBe(`Copy ${text.slice(0, 80)}`);
      await button.press('Enter');
      await page
        .getByRole('button', { name: /^Copy/ })
        .and(page.getByText('Copied', { exact: true }))
        .waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
      expect(text).toMatch(/^holdpoint /);
      expect(await page.locator('.heard[role=status]').textContent()).toBe('Copied.');
      await page.clock.runFor(3_000);
      expect(await button.textContent()).toBe('Copy');
      expect(misdeeds).toEqual([]);
    });

    test('selects the text where the browser allows no copying', async () => {
      const { page } = await open(await state());
      await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))");
      const command = page.locator('.command').first();
      await command.getByRole('button').click();
      await page.getByText('Not copied').waitFor();
      expect(await page.evaluate('getSelection().toString()')).toBe(await command.evaluate((node) => node.firstChild?.textContent ?? ''));
    });

    test('of a digest that is cut takes it whole', async () => {
      const { page, origin } = await open(await checklistOf());
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
      await page.locator('dd .copy').click();
      await page.getByText('Copied', { exact: true }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  describe('keys', () => {
    test.each([
      ['r', '/runs'],
      ['i', '/inbox'],
      ['a', '/audit'],
      ['m', '/metrics'],
      ['c', '/checklist'],
    ])('g and %s lead to %s', async (key, path) => {
      const { page, origin } = await open(runOf(await given.inSecond()));
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForURL(`${origin}${path}`);
    });

    test('o leads from every page of a run to where it is operated: after T0 to the rollback', async () => {
      const [early, late] = [await given.atGoNoGo(), await given.deployed()];
      for (const [story, to] of [
        [early, 'operating'],
        [late, 'rollback'],
      ] as const)
        for (const from of ['', '/reviews', '/checks/no-regressions', '/operating', '/rollback']) {
          const { page, origin } = await open({ story, person: given.operations, path: `/runs/${story.run}${from}` });
          await page.keyboard.press('o');
          await page.waitForURL(`${origin}/runs/${story.run}/${to}`);
          await page.context().close();
        }
    }, 60_000);

    test('? lists them; Escape closes the list, and the focus returns', async () => {
      const { page } = await open(rollbackOf(await back.undecided()));
      const link = page.getByRole('link', { name: 'Show the current state' });
      await link.focus();
      await page.keyboard.press('?');
      const list = page.getByRole('dialog', { name: 'Keys' });
      await list.waitFor();
      expect(await list.innerText()).toMatch(
        /\?\s+Show this list[\s\S]*g then r\s+Runs[\s\S]*t\s+Show or hide exact times[\s\S]*No key decides anything/,
      );
      await page.keyboard.press('o');
      await page.keyboard.press('Escape');
      await list.waitFor({ state: 'detached' });
      expect(await link.and(page.locator(':focus')).count()).toBe(1);
    });

    test('do nothing in a field, with a modifier, after a pause, or once they are switched off', async () => {
      const { page } = await open(rollbackOf(await back.undecided()));
      const address = page.url();
      const field = page.getByLabel('Why is it rolled back?');
      await field.focus();
      await page.keyboard.type('g r o ? / t');
      expect(await field.inputValue()).toBe('g r o ? / t');
      await field.fill('');
      await page.getByRole('link', { name: 'Show the current state' }).focus();
      for (const key of ['Control+o', 'Alt+t', 'Meta+o', 'r']) await page.keyboard.press(key);
      await page.keyboard.press('g');
      await page.clock.runFor(2_000);
      await page.keyboard.press('r');
      await page.getByRole('button', { name: 'Keys (?)' }).press('Enter');
      await page.getByLabel('Use these keys').uncheck();
      await page.keyboard.press('Escape');
      for (const key of ['?', 'o', 'g', 'i']) await page.keyboard.press(key);
      expect([page.url(), await page.getByRole('dialog').count(), await page.locator('html[data-exact]').count()]).toEqual([address, 0, 0]);
      await page.getByRole('button', { name: 'Keys (?)' }).press('Enter');
      await page.getByLabel('Use these keys').check();
      await page.getByRole('button', { name: 'Close' }).click();
      await page.keyboard.press('o');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    });
  });

  describe('the filter', () => {
    test('shows the checks that match, opens their groups, counts them, and folds all again', async () => {
      const { page, misdeeds } = await open(runOf(await given.atGoNoGo()));
      const groups = page.locator('main details[open]');
      const before = await groups.count();
      await page.keyboard.press('/');
      await page.keyboard.type('Load');
      const rows = page.locator('table.checks tbody tr:visible, .passed > li:visible, .one:visible');
      await expect.poll(() => page.locator('#filter-count').textContent()).toMatch(/^\d+ of \d+ match/);
      const [, shown, all] = /^(\d+) of (\d+)/.exec((await page.locator('#filter-count').textContent()) ?? '') ?? [];
      expect(Number(shown)).toBeGreaterThan(0);
      // Whatever stands in the groups: also what has passed, and what no evidence is there for yet.
      const stated = (await page.locator('main summary').allTextContents()).map((text) => Number(/^(\d+) checks?: /.exec(text)?.[1] ?? 0));
      expect(Number(all)).toBe(stated.reduce((sum, count) => sum + count, 0));
      expect(await rows.count()).toBe(Number(shown));
      for (const text of await rows.allInnerTexts()) expect(text.toLowerCase()).toContain('load');
      await page.clock.runFor(700);
      expect(await page.locator('.heard[role=status]').textContent()).toMatch(/^\d+ of \d+ match/);
      await page.keyboard.type(' nothing at all');
      await expect.poll(() => page.locator('#filter-count').textContent()).toBe(`None of ${all} matches`);
      await page.getByLabel('Filter the checks').fill('');
      expect([await groups.count(), await page.locator('#filter-count').textContent()]).toEqual([before, '']);
      expect(misdeeds).toEqual([]);
    });

    test.each([
      ['the items of the checklist', async () => checklistOf(), 'Filter the items'],
      [
        'audit events',
        async (): Promise<State> => {
          const story = await given.inSecond();
          return { story, person: given.technical, path: `/audit?run=${story.run}` };
        },
        'Filter these events',
      ],
    ] as const)('is there for %s', async (_name, state, label) => {
      const { page } = await open(await state());
      await page.getByLabel(label).fill('evidence');
      await expect.poll(() => page.locator('#filter-count').textContent()).toMatch(/^\d+ of \d+ match/);
      for (const text of await page.locator('.events tbody tr:visible, .lines > li:visible').allInnerTexts())
        expect(text.toLowerCase()).toContain('evidence');
    });

    test('is not there for a short list', async () => {
      const { page } = await open({ ...runOf(await given.begin()), path: '/runs' });
      expect(await page.getByRole('searchbox').count()).toBe(0);
    });
  });

  test('the policy lets only this script run: what stands in the page does not', async () => {
    const state = approvalOf(await given.atGoNoGo());
    const { page, misdeeds } = await open(state);
    expect(misdeeds).toEqual([]);
    await page.route(`**${state.path}`, async (route) => {
      const answer = await route.fetch();
      const bad = `<script>window.ran = 1</script><script src="data:text/javascript,window.ran=2"></script><img src="data:," onerror="window.ran = 3"><a id="bad" href="javascript:window.ran=4">x</a>`;
      await route.fulfill({ response: answer, body: (await answer.text()).replace('<h1>', `${bad}<h1>`) });
    });
    await page.reload();
    await page.locator('#bad').click();
    await page.locator('.tools').waitFor();
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(misdeeds.length).toBeGreaterThanOrEqual(3);
    expect(await page.locator(`script[src="/assets/${scriptFile}"]`).count()).toBe(1);
  });
});
