import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderMail } from '../../lib/console/mails.ts';
import * as checks from './check-scenarios.ts';
import { executable, faultsOf, launch, openTab, type Tab, whatToInstall } from './chromium.ts';
import { notificationsOf } from './notifications.ts';
import * as given from './page-scenarios.ts';
import { type Site, serveSite } from './page-server.ts';
import * as back from './rollback-scenarios.ts';

// A newcomer needs only Node and Python, so without Chromium these tests are skipped. CI has Chromium and requires it.
const required = (process.env.CI ?? '') !== '';
if (executable === undefined) process.stderr.write(`\n${whatToInstall}\n`);

let browser: Browser;
let tab: Tab;
const closing: (() => Promise<void>)[] = [];

const siteOf = async (story: given.Story): Promise<Site> => {
  const site = await serveSite(story.deps, story.stage);
  closing.push(site.close);
  return site;
};
type State = {
  readonly story: given.Story;
  readonly person: string | null;
  readonly path: string;
  readonly act?: (tab: Tab) => Promise<void>;
};
const approvalOf = (story: given.Story, person: string = given.technical): State => ({
  story,
  person,
  path: `/approvals/${given.linkOf(story, given.technical)}`,
});
const runOf = (story: given.Story): State => ({ story, person: given.product, path: `/runs/${story.run}` });
const rollbackOf = (story: given.Story): State => ({ story, person: given.operations, path: `/runs/${story.run}/rollback` });
const checkOf = (story: given.Story, check: string): State => ({
  story,
  person: given.technical,
  path: `/runs/${story.run}/checks/${check}`,
});
const long = 'adds-vouchers-to-a-cart-'.repeat(12);

/** Every state in which a person may find a page. */
const states: Readonly<Record<string, () => Promise<State>>> = {
  'no run yet': async () => ({ story: await given.begin(), person: given.product, path: '/runs?service=mail' }),
  'the list of runs': async () => ({
    story: await given.begin({ version: given.hostile.slice(0, 100) }),
    person: given.product,
    path: '/runs',
  }),
  'a run in the middle': async () => runOf(await given.inSecond()),
  'a run blocked by a failing check': async () => runOf(await given.blockedAtFirst(long)),
  'a deployed run with observations': async () => runOf(await given.deployed(long)),
  'a run at the incident gate': async () => {
    const story = await given.deployed();
    await story.machine.breakOff();
    await story.machine.settle();
    return runOf(story);
  },
  'a rejected run': async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    return runOf(story);
  },
  'an open approval': async () => approvalOf(await given.atGoNoGo({ version: long.slice(0, 100), changes: [given.hostile] })),
  'a wrong code': async () => ({
    ...approvalOf(await given.atGoNoGo()),
    act: async ({ page }) => {
      await page.getByRole('radio', { name: /^Request changes/ }).check();
      await page.getByRole('textbox', { name: /^Note/ }).fill('The load test is missing.');
      await page.getByLabel('Type the code').fill('ZZZZZZ');
      await page.getByRole('button', { name: 'Record my answer' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  'an answered approval': async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.technical, 'approved');
    return approvalOf(story);
  },
  'an invalidated approval': async () => {
    const story = await given.atGoNoGo();
    const state = approvalOf(story);
    await given.changeReport(story);
    return state;
  },
  'an approval of another person': async () => approvalOf(await given.atGoNoGo(), given.product),
  'a sign-in that was never started': async () => ({ story: await given.begin(), person: null, path: '/callback?code=x&state=y' }),
  'a run before its deployment, on the page of the rollback': async () => rollbackOf(await given.inSecond()),
  'a released run, on the page of the rollback': async () => rollbackOf(await back.released()),
  'an open rollback decision': async () => rollbackOf(await back.undecided(long)),
  'an open rollback decision on the page of the run': async () => runOf(await back.declared(long)),
  'an open rollback decision in the list of runs': async () => ({ ...runOf(await back.undecided()), path: '/runs' }),
  'a rollback that a function carries out': async () => rollbackOf(await back.onTheWay()),
  'a rollback that asks about the data': async () => rollbackOf(await back.dataAsked()),
  'a rollback whose step failed': async () => rollbackOf(await back.stuck()),
  'a rollback whose step a person carries out': async () => rollbackOf(await back.inHand()),
  'a rollback that has ended': async () => rollbackOf(await back.rolledBack()),
  'a rollback form whose run has gone on': async () => {
    const story = await back.undecided();
    return {
      ...rollbackOf(story),
      act: async ({ page }) => {
        await page.getByLabel('Why is it safe to continue?').fill(given.hostile);
        story.deps.controls.clock.advance(1_000);
        await back.decide(story, 'roll-back', given.technical);
        await page.getByRole('button', { name: 'Continue with 1.4.0' }).click();
        await page.getByRole('alert').waitFor();
      },
    };
  },
  'a check whose parts are judged one by one': async () => {
    const story = await checks.underFloor();
    await checks.waivePart(story, 'search');
    return checkOf(story, checks.covered);
  },
  'a check that a person attests': async () => ({ ...checkOf(await given.inSecond(), 'monitoring-configured'), person: given.operations }),
  'a check with a failing test, for somebody who can do nothing about it': async () => ({
    ...checkOf(await given.blockedAtFirst(long), 'no-regressions'),
    person: given.product,
  }),
  'a waiver with a wrong end': async () => ({
    ...checkOf(await checks.underFloor(), checks.covered),
    act: async ({ page }) => {
      await page.locator('#waive-until').evaluate((node) => node.setAttribute('type', 'text'));
      await page.getByLabel('Why may the release go on without it?').fill(given.hostile);
      await page.getByLabel('Until when (UTC)?').fill('next week');
      await page.getByRole('button', { name: 'Record the waiver' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  'an unknown address': async () => ({ story: await given.begin(), person: given.product, path: '/nowhere' }),
  'signed out': async () => ({
    story: await given.begin(),
    person: given.product,
    path: '/runs',
    act: async ({ page }) => {
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    },
  }),
};

const stateOf = async (name: string): Promise<State> => {
  const state = await states[name]?.();
  if (state === undefined) throw new Error(`there is no state ${name}`);
  return state;
};

describe.runIf(executable !== undefined || required)('in Chromium', () => {
  beforeAll(async () => {
    if (executable === undefined) throw new Error(whatToInstall);
    browser = await launch(executable);
    tab = await openTab(browser);
  });
  afterAll(async () => {
    if (executable !== undefined) await browser.close();
    for (const close of closing) await close();
  });

  test.each(Object.keys(states))('%s: accessible, fits the screen, requests nothing foreign', async (name) => {
    const { story, person, path, act } = await stateOf(name);
    const site = await siteOf(story);
    await tab.visit(site, person, path);
    await act?.(tab);
    expect([...(await faultsOf(tab.page)), ...tab.misdeeds.splice(0), ...site.faults]).toEqual([]);
  });

  test('an approver can answer with the keyboard alone and without script, and the focus is always visible', async () => {
    const { story, person, path } = approvalOf(await given.atGoNoGo());
    const site = await siteOf(story);
    const { page, visit } = await openTab(browser, { script: false });
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
    const { page, visit } = await openTab(browser, { script: false });
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
    const { page, visit, misdeeds } = await openTab(browser, { script });
    await visit(site, given.technical, `/runs/${story.run}`);
    await page.getByRole('link', { name: '70%+ test coverage per feature' }).press('Enter');
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
    const state = await stateOf('a wrong code');
    await tab.visit(await siteOf(state.story), state.person, state.path);
    await state.act?.(tab);
    const field = tab.page.getByLabel('Type the code');
    await tab.page.getByRole('link', { name: 'Type the code again' }).press('Enter');
    expect(await field.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    await field.and(tab.page.locator('[aria-invalid=true]')).waitFor();
  });

  test('the measure notices text that is cut or sticks out, a narrow cell and a small target', async () => {
    const { page } = await openTab(browser);
    await page.setContent(`<html lang="en"><title>x</title><main><h1>x</h1><p style="width:90rem">wide</p><p style="width:3rem;white-space:nowrap">sticks out of its box</p>
<span style="text-overflow:ellipsis">cut</span><table><tr><td style="max-width:2rem;overflow-wrap:anywhere">sliver</td></tr></table><div><a href="#x" style="font-size:.7rem">small</a></div></main>`);
    const found = (await faultsOf(page)).join('\n');
    for (const fault of ['pixels stick out', 'overflows: p', 'may be cut: span', 'a sliver of a cell: td', 'a target of'])
      expect(found).toContain(fault);
  });

  test('a mail is accessible and fits on a phone, light and dark', async () => {
    const { page, misdeeds } = await openTab(browser);
    for (const notification of notificationsOf({ version: long.slice(0, 100), text: long })) {
      await page.setContent(renderMail(notification).html);
      // Mail programs show a mail inside their own landmarks and headings.
      expect(await faultsOf(page, ['region', 'landmark-one-main', 'page-has-heading-one']), notification.kind).toEqual([]);
    }
    expect(misdeeds).toEqual([]);
  });
});
