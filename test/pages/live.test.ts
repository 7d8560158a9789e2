import { expect, test } from 'vitest';
import { inBrowser, type State } from './in-browser.ts';
import { answered, attested, look, opener, says } from './live-page.ts';
import * as given from './page-scenarios.ts';
import { approvalOf, checkOf, rollbackOf, runOf } from './page-states.ts';
import * as back from './rollback-scenarios.ts';

const states: Readonly<Record<string, () => Promise<State>>> = {
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
};

inBrowser('a page that is kept current', states, (using) => {
  const open = opener(using);

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
    await page.locator('li', { hasText: 'All four figures are shown.' }).first().waitFor();
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
    expect(await page.locator('#typed').textContent()).toContain(`You wrote:Why is it rolled back? “${given.hostile}”`);
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
    await page.getByLabel('type the code').fill(code ?? '');
    await page.getByRole('textbox', { name: /^Note/ }).fill('Read on the train.');
    await page.clock.runFor(30_000);
    expect(await page.getByLabel('type the code').inputValue()).toBe(code);
    await page.getByRole('button', { name: 'Show the newest state' }).click();
    await page.getByText('This request is invalidated').first().waitFor();
    expect(await page.locator('#typed').textContent()).toContain('“Read on the train.”');
    expect(await page.locator('#typed').textContent()).not.toContain(code);
    expect(tab.misdeeds).toEqual([]);
  });

  test('counts in the head what waits, and folds what the server folds but nothing that the reader unfolded', async () => {
    const story = await given.atGoNoGo();
    const { page } = await open({ story, person: given.technical, path: '/inbox' });
    const count = page.locator('nav .count');
    const before = Number(await count.textContent());
    /** The server answers with this in front of the heading from now on. */
    const begins = (markup: string): Promise<unknown> =>
      page.route('**/inbox', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace('<h1>', `${markup}<h1>`) });
      });
    await begins('<details id="a" open><summary>a</summary>x</details><details id="b"><summary>b</summary>y</details>');
    await page.reload();
    await page.unroute('**/inbox');
    await begins('<details id="a"><summary>a</summary>x</details><details id="b"><summary>b</summary>y</details>');
    await page.locator('#b summary').click();
    await given.answerAs(story, given.technical, 'approved');
    await page.clock.runFor(look);
    await expect.poll(async () => Number(await count.textContent())).toBe(before - 1);
    expect([await page.locator('#a[open]').count(), await page.locator('#b[open]').count()]).toEqual([0, 1]);
    expect(await page.title()).toContain(before - 1 === 0 ? 'Inbox' : `Inbox (${before - 1})`);
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
    // The same script with another stylesheet.
    await page.route('**/runs/*', async (route) => {
      const html = await (await route.fetch({ headers: { ...route.request().headers(), 'if-none-match': '' } })).text();
      const body = html.replace(/\/styles\/console-\w+\.css/, '/styles/console-other.css').replace('<h1>', '<h1 id="other">');
      await route.fulfill({ status: 200, contentType: 'text/html', body });
    });
    await page.clock.runFor(look);
    await page.getByText('Holdpoint was updated.').first().waitFor();
    await page.locator('section[aria-labelledby=release]').waitFor();
    expect(await page.locator('#other').count()).toBe(0);
  });
});
