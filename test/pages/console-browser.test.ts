import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executable, faultsOf, launch, openTab, type Tab, whatToInstall } from './chromium.ts';
import * as given from './page-scenarios.ts';
import { serveSite } from './page-server.ts';
import * as back from './rollback-scenarios.ts';

/** The pages of the console that are about more than one run. As in browser.test.ts, CI requires Chromium. */
const required = (process.env.CI ?? '') !== '';

let browser: Browser;
let tab: Tab;
const closing: (() => Promise<void>)[] = [];

type State = { readonly story: given.Story; readonly person: string; readonly path: string };
const long = 'adds-vouchers-to-a-cart-'.repeat(12);

const states: Readonly<Record<string, () => Promise<State>>> = {
  'an empty inbox': async () => ({ story: await given.begin(), person: given.starter, path: '/inbox' }),
  'an inbox with many checks': async () => ({
    story: await given.begin({ version: given.hostile.slice(0, 100) }),
    person: given.technical,
    path: '/inbox',
  }),
  'an inbox with an approval': async () => ({ story: await given.atGoNoGo(), person: given.technical, path: '/inbox' }),
  'a search without anything': async () => ({ story: await given.begin(), person: given.technical, path: '/audit' }),
  'a search in a run': async () => {
    const story = await given.blockedAtFirst(long);
    return { story, person: given.technical, path: `/audit?run=${story.run}&from=2026-03-02` };
  },
  'a search in a service': async () => ({
    story: await given.blockedAtFirst(given.hostile),
    person: given.technical,
    path: '/audit?service=shop&type=check.judged',
  }),
  'an event': async () => {
    const story = await given.blockedAtFirst(`${given.hostile}${long}`);
    return {
      story,
      person: given.technical,
      path: `/audit/event?${new URLSearchParams({ scope: `run/${story.run}`, lane: 'check/phase-1/no-regressions', seq: '1' })}`,
    };
  },
  'an inbox with a rollback decision': async () => ({ story: await back.undecided(long), person: given.operations, path: '/inbox' }),
};

describe.runIf(executable !== undefined || required)('the console in Chromium', () => {
  beforeAll(async () => {
    if (executable === undefined) throw new Error(whatToInstall);
    browser = await launch(executable);
    tab = await openTab(browser);
  });
  afterAll(async () => {
    if (executable !== undefined) await browser.close();
    for (const close of closing) await close();
  });

  test.each(Object.keys(states))('%s: accessible, fits the screen, requests nothing foreign, below 100 KB', async (name) => {
    const { story, person, path } = (await states[name]?.()) ?? expect.fail(`there is no state ${name}`);
    const site = await serveSite(story.deps, story.stage);
    closing.push(site.close);
    const { status, html } = await site.get(person, path);
    expect([status, html.length < 100_000]).toEqual([200, true]);
    await tab.visit(site, person, path);
    const shots = process.env.HOLDPOINT_SHOTS;
    if (shots !== undefined) await shoot(tab, `${shots}/${name.replaceAll(' ', '-')}`);
    expect([...(await faultsOf(tab.page)), ...tab.misdeeds.splice(0), ...site.faults]).toEqual([]);
  });
});

/** Pictures for a person to look at, in the folder that `HOLDPOINT_SHOTS` names. */
const shoot = async ({ page }: Tab, name: string): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 768, 1440]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
};
