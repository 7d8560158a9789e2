import { expect, test } from 'vitest';
import { inBrowser, type State } from './in-browser.ts';
import { answered, look, opener, says } from './live-page.ts';
import * as given from './page-scenarios.ts';
import { checkOf, runOf } from './page-states.ts';

const states: Readonly<Record<string, () => Promise<State>>> = {
  'a page whose session has ended': async () => ({
    ...runOf(await given.inSecond()),
    act: async ({ page }) => {
      await page.context().clearCookies();
      await page.getByText('Your session has ended').first().waitFor({ timeout: 15_000 });
    },
  }),
};

inBrowser('a page that cannot be kept current', states, (using) => {
  const open = opener(using);

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
    // A try may have been on its way when the connection came back; then the next one finds it.
    await expect
      .poll(
        async () => {
          await page.clock.runFor(61_000);
          return says(page);
        },
        { timeout: 10_000 },
      )
      .toMatch(/^Live, checked/);
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
});
