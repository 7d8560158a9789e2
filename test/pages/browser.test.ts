import { expect, test } from 'vitest';
import { renderMail } from '../../lib/console/mails.ts';
import { loginPage } from '../../lib/local/login-page.ts';
import { faultsOf, faultsOfMail } from './chromium.ts';
import { inBrowser } from './in-browser.ts';
import { notificationsOf } from './notifications.ts';
import { pagesStage } from './page-scenarios.ts';
import { long, states } from './page-states.ts';
import { takePictures } from './pictures.ts';

inBrowser('in Chromium', states, ({ newTab, siteOf }) => {
  test('one key leads past the head of a page, one to the answer, and one from a wrong code back to its field', async () => {
    const state = (await states['a wrong code']?.()) ?? expect.fail('no such state');
    const tab = await newTab({ script: false });
    await tab.visit(await siteOf(state.story), state.person, state.path);
    const focused = tab.page.locator(':focus');
    await tab.page.keyboard.press('Tab');
    expect(await focused.evaluate((node) => [node.className, node.getBoundingClientRect().left >= 0])).toEqual(['skip', true]);
    await tab.page.keyboard.press('Enter');
    await tab.page.keyboard.press('Tab');
    expect(await focused.getAttribute('href')).toBe('#answer');
    await tab.page.keyboard.press('Enter');
    await tab.page.keyboard.press('Tab');
    expect(await focused.getAttribute('name')).toBe('answer');
    await state.act?.(tab);
    await tab.page.getByRole('link', { name: 'Type the code again' }).press('Enter');
    expect(await tab.page.getByLabel('type the code').evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    await tab.page.getByLabel('type the code').and(tab.page.locator('[aria-invalid=true]')).waitFor();
  });

  test('the measure notices text that is cut or sticks out, a narrow cell and a small target', async () => {
    const { page } = await newTab();
    await page.setContent(`<html lang="en"><title>x</title><main><h1>x</h1><p style="width:90rem">wide</p><p style="width:3rem;white-space:nowrap">sticks out of its box</p>
<span style="text-overflow:ellipsis">cut</span><table><tr><td style="max-width:2rem;overflow-wrap:anywhere">sliver</td></tr></table><div><a href="#x" style="font-size:.7rem">small</a></div></main>`);
    const found = (await faultsOf(page)).join('\n');
    for (const fault of [
      'pixels stick out',
      'overflows: p',
      'may be cut: span',
      'a sliver of a cell: td',
      'a target of',
      'leads nowhere: #x',
    ])
      expect(found).toContain(fault);
  });

  test('the page of the local sign-in is accessible and fits on a phone, light and dark', { timeout: 60_000 }, async () => {
    const { page } = await newTab();
    const accounts = pagesStage().roster.map(({ id, name, roles }) => ({ login: id, name, roles }));
    for (const [name, html] of [
      ['with one click', loginPage({ accounts, oneClick: true })],
      ['with the password', loginPage({ accounts, problem: long })],
    ] as const) {
      await page.setContent(html);
      await takePictures(page, `sign-in ${name}`);
      expect(await faultsOf(page), name).toEqual([]);
      const text = await page.evaluate<string>('document.body.innerText');
      expect([text.includes('technical lead'), text.match(/Petra Product/g)?.length, text.includes('technical-lead')]).toEqual([
        true,
        1,
        false,
      ]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(14, 20, 27)');
    }
  });

  test('a mail is accessible and fits on a phone, light and dark', { timeout: 60_000 }, async () => {
    const { page, misdeeds } = await newTab();
    for (const notification of notificationsOf({ version: long.slice(0, 100), text: long })) {
      await page.setContent(renderMail(notification).html);
      await takePictures(page, `mail ${notification.kind}`, [360, 700]);
      expect(await faultsOfMail(page), notification.kind).toEqual([]);
    }
    expect(misdeeds).toEqual([]);
  });
});
