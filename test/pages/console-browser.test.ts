import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { profileFile } from '../profile-given.ts';
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
  'the checklist by phase': async () => ({ story: await given.begin(), person: given.technical, path: '/checklist' }),
  'the checklist by control': async () => ({ story: await given.begin(), person: given.technical, path: '/checklist?by=control' }),
  'a service without a profile': async () => ({ story: await given.begin(), person: given.technical, path: '/services/shop/profile' }),
  'a proposed profile': async () => {
    const story = await given.begin();
    await proposeFor(story);
    return { story, person: given.technical, path: '/services/shop/profile' };
  },
  'an inbox with a rollback decision': async () => ({ story: await back.undecided(long), person: given.operations, path: '/inbox' }),
};

/** Features, tighter floors and a line that is observed, proposed by a developer. */
const proposeFor = async (story: given.Story): Promise<void> => {
  const more = 'tighten: { coverage-per-feature: { floorPct: 85 } }\nobserve: { soak-24h: 2026-05-01 }\n';
  const bytes = profileFile(['cart', 'checkout', 'search'], more);
  const done = await proposeProfile(story.deps, { service: 'shop', bytes, dryRun: false }, given.callerOf(story, given.starter));
  if (done.refused) throw new Error(JSON.stringify(done.refused));
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

  test.each(Object.keys(states))(
    '%s: accessible, fits the screen, requests nothing foreign, below 100 KB',
    async (name) => {
      const { story, person, path } = (await states[name]?.()) ?? expect.fail(`there is no state ${name}`);
      const site = await serveSite(story.deps, story.stage);
      closing.push(site.close);
      const { status, html } = await site.get(person, path);
      expect([status, html.length < 100_000]).toEqual([200, true]);
      await tab.visit(site, person, path);
      const shots = process.env.HOLDPOINT_SHOTS;
      if (shots !== undefined) await shoot(tab, `${shots}/${name.replaceAll(' ', '-')}`);
      expect([...(await faultsOf(tab.page)), ...tab.misdeeds.splice(0), ...site.faults]).toEqual([]);
    },
    60_000,
  );
});

/** Pictures for a person to look at, in the folder that `HOLDPOINT_SHOTS` names. */
const shoot = async ({ page }: Tab, name: string): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 768, 1440]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${name}-${width}-${colorScheme}.png`, fullPage: true, timeout: 20_000 });
    }
};
