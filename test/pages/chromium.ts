import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Site } from './page-server.ts';

/** Where systems install Chromium; the variable `CHROMIUM` names another place. */
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const executable = (process.env.CHROMIUM === undefined ? places : [process.env.CHROMIUM]).find((place) => existsSync(place));

export const whatToInstall =
  'The page tests need Chromium, which is not installed: install it (apt-get install chromium) or set CHROMIUM to its path.';

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });

/** A browser's tab, and everything that pages did in it although they must not. */
export type Tab = {
  readonly page: Page;
  readonly misdeeds: string[];
  /** Opens a page of a site as a person who has just signed in, or signed out. */
  visit(site: Site, person: string | null, path: string): Promise<void>;
};

export const openTab = async (browser: Browser, options: { readonly script?: boolean } = {}): Promise<Tab> => {
  const context = await browser.newContext({ javaScriptEnabled: options.script ?? true });
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  const misdeeds: string[] = [];
  let origin = '';
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:')) misdeeds.push(`asked ${request.url()}`);
  });
  // The browser reports here when the policy of the page forbids a style or script.
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/i.test(message.text())) misdeeds.push(message.text());
  });
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    misdeeds,
    visit: async (site, person, path) => {
      origin = site.origin;
      await context.clearCookies();
      const [name = '', value = ''] = person === null ? [] : (await site.cookie(person)).split(/=(.*)/);
      if (name !== '') await context.addCookies([{ name, value, url: origin }]);
      await page.goto(`${origin}${path}`);
    },
  };
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** All rules on a desktop; on a phone only what the narrow layout and the dark colours can change. */
const viewports = [
  { viewport: 'wide and light', colorScheme: 'light', width: 1280, only: undefined },
  {
    viewport: 'on a phone and dark',
    colorScheme: 'dark',
    width: 390,
    only: ['color-contrast', 'target-size', 'link-in-text-block', 'td-headers-attr'],
  },
] as const;

/** Elements so narrow that each line holds one character. */
const slivers = `[...document.querySelectorAll('body *')].filter((one) => one.innerText && !one.closest('thead') && one.offsetWidth < 24 && one.offsetHeight > 60).map((one) => one.tagName)`;

/** What axe finds against WCAG 2.2 A and AA and its good practices, with all details unfolded, and what does not fit the screen. */
export const faultsOf = async (page: Page, unasked: readonly string[] = []): Promise<string[]> => {
  const found: string[] = [];
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  // Evaluated from outside, because the policy of the page allows no script.
  await page.evaluate(axeSource);
  for (const { viewport, colorScheme, width, only } of viewports) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const wider = await page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
    if (wider !== 0) found.push(`${viewport}: ${String(wider)} pixels stick out`);
    const narrow = (await page.evaluate(slivers)) as string[];
    if (narrow.length > 0) found.push(`${viewport}: one character a line: ${narrow.join(', ')}`);
    const rules = Object.fromEntries(unasked.map((id) => [id, { enabled: false }]));
    const options = JSON.stringify({
      resultTypes: ['violations'],
      preload: false,
      rules,
      ...(only === undefined ? {} : { runOnly: only }),
    });
    const { violations } = (await page.evaluate(`axe.run(document, ${options})`)) as AxeResults;
    found.push(...violations.map(({ id, help, nodes }) => `${viewport}: ${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`));
  }
  return found;
};
