import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf, launch, openTab, runsInChromium, type Tab } from './chromium.ts';
import { decisionFaults } from './on-a-phone.ts';
import type { Story } from './page-scenarios.ts';
import { type Site, sitesOfTests } from './page-server.ts';
import { takePictures } from './pictures.ts';

/** A page as a person finds it. `act`: what they do there first. */
export type State = {
  readonly story: Story;
  readonly person: string | null;
  readonly path: string;
  readonly act?: (tab: Tab) => Promise<void>;
  /** Of a page on which somebody decides about a release: its three answers stand within two screens of a phone. */
  readonly asks?: boolean;
  /** Of a page that says that something stored is damaged: it logs the fault. */
  readonly isFaulty?: boolean;
};

/** What further tests of the same pages use. */
export type InBrowser = {
  readonly tab: () => Tab;
  readonly newTab: (options?: Parameters<typeof openTab>[1]) => Promise<Tab>;
  readonly siteOf: (story: Story) => Promise<Site>;
};

/** Looks at each of these states in Chromium, takes pictures of it, and runs further tests in the same browser. */
export const inBrowser = (
  title: string,
  states: Readonly<Record<string, () => Promise<State>>>,
  more: (using: InBrowser) => void,
): void => {
  describe.runIf(runsInChromium)(title, () => {
    let browser: Browser;
    let tab: Tab;
    let plain: Tab;
    const siteOf = sitesOfTests();
    beforeAll(async () => {
      browser = await launch();
      tab = await openTab(browser);
      plain = await openTab(browser, { script: false });
    });
    afterAll(async () => {
      await browser?.close();
    });

    test.each(Object.entries(states))(
      '%s: accessible, fits the screen, requests nothing foreign',
      { timeout: 60_000 },
      async (name, state) => {
        const { story, person, path, act, asks = false, isFaulty = false } = await state();
        const site = await siteOf(story);
        await tab.visit(site, person, path);
        await act?.(tab);
        await takePictures(tab.page, name);
        if (asks) {
          await plain.visit(site, person, path);
          await act?.(plain);
          expect([...(await decisionFaults(tab.page)), ...(await decisionFaults(plain.page))]).toEqual([]);
        }
        expect([...(await faultsOf(tab.page)), ...tab.misdeeds.splice(0), ...(isFaulty ? [] : site.faults)]).toEqual([]);
        expect(site.faults.length > 0).toBe(isFaulty);
        // Everything that was served: the page, what its act led to, and the answers to the script.
        expect(site.largestPage).toBeGreaterThan(1_000);
        expect(site.largestPage).toBeLessThan(100_000);
      },
    );

    more({ tab: () => tab, newTab: (options) => openTab(browser, options), siteOf });
  });
};
