import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { anew } from '../given.ts';
import * as checks from './check-scenarios.ts';
import { inBrowser, type State } from './in-browser.ts';
import { look, opener } from './live-page.ts';
import * as given from './page-scenarios.ts';
import { checkOf } from './page-states.ts';

const reason = 'The tests follow tomorrow.';
const waiver = 'Why may the release go on without it?';
const formOf = (page: Page, act: string): Locator => page.locator(`form:has([name=act][value=${act}])`);
const listOf = (page: Page, act: string): Locator => page.locator(`#${act}-subject`);
/** What the browser's own list says of itself. */
const ofList = (page: Page, what: string): Promise<unknown> => page.evaluate(`document.querySelector('#waive-subject').${what}`);
const showNewest = async (page: Page): Promise<void> => {
  await page.clock.runFor(look);
  await page.getByRole('button', { name: 'Show the newest state' }).click();
};
/** Revokes what stands of one part. */
const revoked = async (story: given.Story, id: string): Promise<void> => {
  const said = { request: anew(), run: story.run, check: checks.covered, reason, subject: { kind: 'feature', id } as const };
  const done = await revokeException(story.deps, said, given.callerOf(story, given.technical));
  if (done.refused) throw new Error(done.refused.detail);
};

const states: Readonly<Record<string, () => Promise<State>>> = {
  'a waiver whose part is not listed any more': async () => {
    const story = await checks.underFloor();
    return {
      ...checkOf(story, checks.covered),
      act: async ({ page }) => {
        await listOf(page, 'waive').selectOption('feature:checkout');
        await checks.cover(story, { search: 55 }, 2);
        await page.getByRole('button', { name: 'Show the newest state' }).click({ timeout: 15_000 });
      },
    };
  },
};

inBrowser('what somebody has chosen from a list', states, (using) => {
  const open = opener(using);

  test('stays when an option before it goes', async () => {
    const story = await checks.underFloor();
    const { page, tab } = await open(checkOf(story, checks.covered));
    await listOf(page, 'waive').selectOption('feature:search');
    await page.getByLabel(waiver).fill(reason);
    await checks.cover(story, { search: 55 }, 2);
    await showNewest(page);
    await expect.poll(() => listOf(page, 'waive').locator('[value="feature:checkout"]').count()).toBe(0);
    expect([await listOf(page, 'waive').inputValue(), await ofList(page, 'checkValidity()')]).toEqual(['feature:search', true]);
    expect(await listOf(page, 'waive').locator('option:checked').innerText()).toMatch(/^feature:search: /);
    expect(await page.getByLabel(waiver).inputValue()).toBe(reason);
    expect(tab.misdeeds).toEqual([]);
  });

  test('stands at nothing when it is gone: the form is not sent before a person chooses again, and the text stays', async () => {
    const story = await checks.underFloor();
    const { page } = await open(checkOf(story, checks.covered));
    const list = listOf(page, 'waive');
    const chosen = (): Promise<unknown> => ofList(page, 'selectedIndex');
    await list.selectOption('feature:checkout');
    await page.getByLabel(waiver).fill(reason);
    await checks.cover(story, { search: 55 }, 2);
    await showNewest(page);
    await expect.poll(chosen).toBe(-1);
    // A further state chooses nothing either, also where the list gets another first option.
    await checks.cover(story, { cart: 10, search: 55 }, 3);
    await showNewest(page);
    await expect.poll(() => list.locator('[value="feature:cart"]').count()).toBe(1);
    expect([await chosen(), await ofList(page, 'checkValidity()')]).toEqual([-1, false]);
    expect(await ofList(page, 'validationMessage')).toBe('What you chose is not listed any more. Choose again.');
    expect(await page.getByLabel(waiver).inputValue()).toBe(reason);
    await list.selectOption('feature:search');
    expect(await ofList(page, 'checkValidity()')).toBe(true);
  });

  test('is not sent as something else when the whole list is gone: what was typed is shown beside an empty form', async () => {
    const story = await checks.underFloor();
    await checks.waivePart(story);
    await checks.waivePart(story, 'search');
    const { page } = await open(checkOf(story, checks.covered));
    const form = formOf(page, 'revoke');
    await listOf(page, 'revoke').selectOption('feature:search');
    await form.locator('textarea').fill(reason);
    await revoked(story, 'search');
    await showNewest(page);
    await expect.poll(() => page.locator('#typed').innerText()).toContain(reason);
    expect([await form.count(), await listOf(page, 'revoke').count(), await form.locator('textarea').inputValue()]).toEqual([1, 0, '']);
  });
});
