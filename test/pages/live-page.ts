import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { attest } from '../../lib/run/commands/attest.ts';
import { anew } from '../given.ts';
import type { Tab } from './chromium.ts';
import type { InBrowser, State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import type { Site } from './page-server.ts';

/** Milliseconds between two looks of a page at most, while somebody uses it. */
export const look = 5_100;

/** A person states something of the open gate. */
export const attested = async (story: given.Story): Promise<void> => {
  const said = { request: anew(), run: story.run, check: 'monitoring-configured', statement: 'All four figures are shown.' };
  const done = await attest(story.deps, said, given.callerOf(story, given.operations));
  if (done.refused) throw new Error(done.refused.detail);
};

type Open = { readonly tab: Tab; readonly page: Page; readonly site: Site; readonly story: given.Story; readonly answers: number[] };

/** Opens a page whose time the test moves on, and keeps the status of each answer to a look. */
export const opener =
  ({ newTab, siteOf }: InBrowser) =>
  async ({ story, person, path }: State): Promise<Open> => {
    const site = await siteOf(story);
    const tab = await newTab();
    const { page } = tab;
    await page.clock.install();
    await tab.visit(site, person, path);
    const answers: number[] = [];
    page.on('response', (response) => {
      if (response.url() === `${site.origin}${path}`) answers.push(response.status());
    });
    return { tab, page, site, story, answers };
  };

/** What the page says about itself. */
export const says = (page: Page): Promise<string | null> => page.locator('#live').textContent();

export const answered = async ({ page, answers }: Open, count: number): Promise<void> => {
  await expect.poll(() => answers.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
  // The script goes on when it has the answer.
  await page.evaluate('new Promise((resolve) => queueMicrotask(resolve))');
};
