import { expect, test } from 'vitest';
import { renderMail } from '../../lib/console/mails.ts';
import * as checks from './check-scenarios.ts';
import { faultsOf } from './chromium.ts';
import { inBrowser } from './in-browser.ts';
import { notificationsOf } from './notifications.ts';
import * as given from './page-scenarios.ts';
import { approvalOf, long, rollbackOf, states } from './page-states.ts';
import { takePictures } from './pictures.ts';
import * as releases from './release-scenarios.ts';
import * as back from './rollback-scenarios.ts';

inBrowser('in Chromium', states, ({ newTab, siteOf }) => {
  // Exceptions as a usual release has them: one waiver, ten checks that two people declared not applicable, and one for information.
  test.each([
    ['a first release', async () => given.toGoNoGo(await given.toSecond(await given.begin(), 'good'))],
    ['a later release', () => releases.atGoNoGoAgain(undefined, 'good')],
  ])('an approver of %s finds the answers on two screens of a phone, and the end of the page on three', async (_, played) => {
    const { story, person, path } = approvalOf(await played());
    const { page, visit } = await newTab();
    await page.setViewportSize({ width: 360, height: 800 });
    await visit(await siteOf(story), person, path);
    const end = (selector: string): Promise<number> =>
      page
        .locator(selector)
        .last()
        .evaluate((node) => node.getBoundingClientRect().bottom);
    expect(await page.locator('[aria-labelledby=run-exceptions] .pill').allTextContents()).toEqual([
      'waived',
      'not applicable',
      'not applicable',
      'for information',
    ]);
    expect(await end('label.choice')).toBeLessThan(2 * 800);
    expect(await end('footer')).toBeLessThan(3 * 800);
  });

  test('an approver can answer with the keyboard alone and without script, and the focus is always visible', async () => {
    const { story, person, path } = approvalOf(await given.atGoNoGo());
    const site = await siteOf(story);
    const { page, visit } = await newTab({ script: false });
    await visit(site, person, path);
    const focused = page.locator(':focus');
    const tabTo = async (selector: string): Promise<void> => {
      for (let stop = 0; stop < 60; stop += 1) {
        await page.keyboard.press('Tab');
        expect(await focused.evaluate((node) => node.ownerDocument.defaultView?.getComputedStyle(node).outlineStyle)).toBe('solid');
        expect(await focused.evaluate((node) => node.getBoundingClientRect().left)).toBeGreaterThanOrEqual(0);
        if (await focused.evaluate((node, wanted) => node.matches(wanted), selector)) return;
      }
      throw new Error(`the keyboard does not reach ${selector}`);
    };
    await tabTo('.skip');
    await page.keyboard.press('Enter');
    await tabTo('a[href="#answer"]');
    await page.keyboard.press('Enter');
    await tabTo('input[name=answer]');
    await page.keyboard.press('Space');
    await tabTo('#confirmation');
    await page.keyboard.type((await page.locator('.code').textContent()) ?? '');
    await tabTo('#note');
    await page.keyboard.type('Read on the train.');
    await tabTo('form[action^="/approvals"] button');
    await page.keyboard.press('Enter');
    await page.getByText('approved this report on').waitFor();
    expect(site.faults).toEqual([]);
  });

  test('a person can roll back with the keyboard alone and without script, and Enter in a field sends nothing', async () => {
    const { story, person, path } = rollbackOf(await back.undecided());
    const site = await siteOf(story);
    const { page, visit } = await newTab({ script: false });
    await visit(site, person, path);
    await page.getByRole('link', { name: 'Roll back', exact: true }).press('Enter');
    const field = page.getByLabel('Why is it rolled back?');
    await field.focus();
    await page.keyboard.type('Half of the orders fail.');
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toBe('Half of the orders fail.\n');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Holdpoint goes on in a moment').waitFor();
    await story.machine.settle();
    await page.getByRole('link', { name: 'Show the current state' }).press('Enter');
    await page.getByText(/Step 1 of 6 .* is under way/).waitFor();
    expect(site.faults).toEqual([]);
  });

  test.each([false, true])('a person waives one feature from the page of the run, and takes that back; with script: %s', async (script) => {
    const story = await checks.underFloor({ checkout: 12 });
    const site = await siteOf(story);
    const { page, visit, misdeeds } = await newTab({ script });
    await visit(site, given.technical, `/runs/${story.run}`);
    await page.getByRole('link', { name: '70%+ test coverage per feature' }).first().press('Enter');
    await page.getByRole('link', { name: 'Waive' }).press('Enter');
    const next = async (selector: string): Promise<void> => {
      for (let stop = 0; stop < 12; stop += 1) {
        await page.keyboard.press('Tab');
        if ((await page.locator(`${selector}:focus`).count()) === 1) return;
      }
      throw new Error(`the keyboard does not reach ${selector}`);
    };
    await next('#waive-subject');
    await page.keyboard.press('ArrowDown');
    await next('#waive-reason');
    await page.keyboard.type('Tests follow in ticket 4412.');
    await next('#waive-until');
    const day = new Date(story.deps.clock.now().getTime() + 2 * 86_400_000).toISOString();
    await page.keyboard.type(`${day.slice(5, 7)}${day.slice(8, 10)}${day.slice(0, 4)}0930AM`);
    await next('form:has(#waive-until) button');
    await page.keyboard.press('Enter');
    await page.getByText('4 of 5 pass, 1 waived: checkout (by Tove').first().waitFor();
    await page
      .getByText(`until ${day.slice(0, 10)} 09:30:00 UTC`)
      .first()
      .waitFor();
    await page.getByLabel('Why does the exception count no more?').fill('The tests will not come.');
    await page.getByRole('button', { name: 'Revoke it now' }).press('Enter');
    await page.getByText('revoked', { exact: true }).first().waitFor();
    await page.getByText('revocation', { exact: true }).waitFor();
    expect([...misdeeds, ...site.faults]).toEqual([]);
  });

  test('a person attests one check, and declares another one not applicable', async () => {
    const story = await given.inSecond();
    const site = await siteOf(story);
    const tab = await newTab();
    await tab.visit(site, given.operations, `/runs/${story.run}/checks/monitoring-configured`);
    await tab.page.getByLabel('What have you seen?').fill('The dashboard shows all four figures.');
    await tab.page.getByRole('button', { name: 'Record my attestation' }).click();
    await tab.page.getByText('The dashboard shows all four figures.').first().waitFor();
    await tab.visit(site, given.operations, `/runs/${story.run}/checks/ports-allocated`);
    await tab.page.getByLabel('Why does it not concern this release?').fill('The service opens no port.');
    await tab.page.getByRole('button', { name: 'Record that it is not applicable' }).click();
    await tab.page.getByText('declared not applicable by Ole').first().waitFor();
    expect([...tab.misdeeds.splice(0), ...site.faults]).toEqual([]);
  });

  test('one key leads from a wrong code back to its field', async () => {
    const state = (await states['a wrong code']?.()) ?? expect.fail('no such state');
    const tab = await newTab();
    await tab.visit(await siteOf(state.story), state.person, state.path);
    await state.act?.(tab);
    const field = tab.page.getByLabel('type its code');
    await tab.page.getByRole('link', { name: 'Type the code again' }).press('Enter');
    expect(await field.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    await field.and(tab.page.locator('[aria-invalid=true]')).waitFor();
  });

  test('the measure notices text that is cut or sticks out, a narrow cell and a small target', async () => {
    const { page } = await newTab();
    await page.setContent(`<html lang="en"><title>x</title><main><h1>x</h1><p style="width:90rem">wide</p><p style="width:3rem;white-space:nowrap">sticks out of its box</p>
<span style="text-overflow:ellipsis">cut</span><table><tr><td style="max-width:2rem;overflow-wrap:anywhere">sliver</td></tr></table><div><a href="#x" style="font-size:.7rem">small</a></div></main>`);
    const found = (await faultsOf(page)).join('\n');
    for (const fault of ['pixels stick out', 'overflows: p', 'may be cut: span', 'a sliver of a cell: td', 'a target of'])
      expect(found).toContain(fault);
  });

  test('a mail is accessible and fits on a phone, light and dark', { timeout: 60_000 }, async () => {
    const { page, misdeeds } = await newTab();
    for (const notification of notificationsOf({ version: long.slice(0, 100), text: long })) {
      await page.setContent(renderMail(notification).html);
      await takePictures(page, `mail ${notification.kind}`, [360]);
      // Mail programs show a mail inside their own landmarks and headings.
      expect(await faultsOf(page, ['region', 'landmark-one-main', 'page-has-heading-one']), notification.kind).toEqual([]);
    }
    expect(misdeeds).toEqual([]);
  });
});
