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
const executable = (process.env.CHROMIUM === undefined ? places : [process.env.CHROMIUM]).find((place) => existsSync(place));

const whatToInstall =
  'The page tests need Chromium, which is not installed: install it (apt-get install chromium) or set CHROMIUM to its path.';
if (executable === undefined) process.stderr.write(`\n${whatToInstall}\n`);
// A newcomer needs only Node and Python, so without Chromium these tests are skipped. CI has Chromium and requires it.
export const runsInChromium = executable !== undefined || (process.env.CI ?? '') !== '';

export const launch = async (): Promise<Browser> => {
  if (executable === undefined) throw new Error(whatToInstall);
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
};

/** A browser's tab, and everything that pages did in it although they must not. */
export type Tab = {
  readonly page: Page;
  readonly misdeeds: string[];
  /** Opens a page of a site as a person who has just signed in, or signed out. */
  visit(site: Site, person: string | null, path: string): Promise<void>;
};

type Opening = {
  readonly script?: boolean;
  /** Where pages may ask for something, beside the site that is visited. */
  readonly origins?: readonly string[];
  /** How long a page may take, in milliseconds. */
  readonly limitMs?: number;
};

export const openTab = async (browser: Browser, { script = true, origins = [], limitMs = 5_000 }: Opening = {}): Promise<Tab> => {
  const context = await browser.newContext({ javaScriptEnabled: script });
  const page = await context.newPage();
  page.setDefaultTimeout(limitMs);
  const misdeeds: string[] = [];
  let origin = '';
  page.on('request', (request) => {
    const isOwn = [...origins, origin].some((one) => request.url().startsWith(`${one}/`));
    if (!isOwn && !request.url().startsWith('data:')) misdeeds.push(`asked ${request.url()}`);
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
      // The page before asks its own site whether it has changed.
      await page.goto('about:blank');
      origin = site.origin;
      await context.clearCookies();
      const [name = '', value = ''] = person === null ? [] : (await site.cookie(person)).split(/=(.*)/);
      if (name !== '') await context.addCookies([{ name, value, url: origin }]);
      await page.goto(`${origin}${path}`);
    },
  };
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** All rules at one width; what narrow pages and dark colours can change at another one; and at the others nothing but the fit. */
const narrowRules = ['color-contrast', 'target-size', 'link-in-text-block', 'td-headers-attr'];
type Viewport = {
  readonly viewport: string;
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  /** The rules of axe that are asked there. Default: all. */
  readonly only?: readonly string[];
};
const viewports: readonly Viewport[] = [
  { viewport: '1440 and light', colorScheme: 'light', width: 1440 },
  { viewport: '1024', colorScheme: 'light', width: 1024, only: [] },
  // Tables are narrowest beside the text just above the width at which their rows become blocks.
  { viewport: '900', colorScheme: 'light', width: 900, only: [] },
  { viewport: '768', colorScheme: 'light', width: 768, only: [] },
  { viewport: '705', colorScheme: 'light', width: 705, only: [] },
  { viewport: '320 and dark', colorScheme: 'dark', width: 320, only: narrowRules },
];
/** Mail programs show a mail as wide as a page or as a phone, and inside their own landmarks and headings. */
const mailViewports = viewports.filter(({ only }) => only?.length !== 0);
const notOfMails = ['region', 'landmark-one-main', 'page-has-heading-one'];

/** What sticks out of the screen or of its own box, is cut, or overlaps the cell beside it, and targets that a finger misses (WCAG 2.2, 2.5.8). */
const misfits = `(() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push((root.scrollWidth - root.clientWidth) + ' pixels stick out');
  const name = (one) => one.tagName.toLowerCase() + (one.className ? '.' + one.className : '') + ' "' + one.innerText.slice(0, 40) + '"';
  for (const one of document.querySelectorAll('body *')) {
    if (!one.innerText || one.closest('.heard, .skip, thead, [hidden]')) continue;
    const style = getComputedStyle(one);
    // For readers of the screen only.
    if (style.clipPath === 'inset(50%)') continue;
    const box = one.getBoundingClientRect();
    if (one.scrollWidth > one.clientWidth + 1 && style.display !== 'inline') found.push('overflows: ' + name(one));
    if (style.textOverflow === 'ellipsis') found.push('may be cut: ' + name(one));
    if (box.width > 0 && (box.right > root.clientWidth + 0.5 || box.left < -0.5)) found.push('off the screen: ' + name(one));
    if (one.offsetWidth < 24 && one.offsetHeight > 60) found.push('one character a line: ' + name(one));
    if (/^(td|th)$/i.test(one.tagName) && box.width < 64) found.push('a sliver of a cell: ' + name(one));
  }
  for (const one of document.querySelectorAll('a, button, summary, label.choice, input[type=text], textarea')) {
    const box = one.getBoundingClientRect();
    const inText = getComputedStyle(one).display === 'inline' && one.closest('p, li, dd, .said') && one.parentElement.innerText.trim() !== one.innerText.trim();
    if (box.height > 0 && box.height < 24 && !inText && !one.closest('.skip')) found.push('a target of ' + Math.round(box.height) + ' pixels: ' + name(one));
  }
  return found;
})()`;

/** What does not fit the screen that is there. */
export const misfitsOf = async (page: Page): Promise<string[]> => (await page.evaluate(misfits)) as string[];

/** Links to a place of the page that it does not have: a person who follows one sees nothing happen. */
const deadLinks = `[...document.querySelectorAll('a[href^="#"]')].map((one) => one.getAttribute('href')).filter((to) => to === '#' || document.getElementById(to.slice(1)) === null).map((to) => 'leads nowhere: ' + to)`;

const faultsAt = async (page: Page, seen: readonly Viewport[], unasked: readonly string[]): Promise<string[]> => {
  const found = (await page.evaluate(deadLinks)) as string[];
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  // What sticks to the edge of the screen covers something wherever it is: a person scrolls on.
  await page.evaluate(
    `for (const one of document.querySelectorAll('main *')) if (getComputedStyle(one).position === 'sticky') one.style.position = 'static'`,
  );
  // Evaluated from outside, because the policy of the page allows no script. It is still there where a page was only given other contents.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource);
  const rules = Object.fromEntries(unasked.map((id) => [id, { enabled: false }]));
  for (const { viewport, colorScheme, width, only } of seen) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    found.push(...(await misfitsOf(page)).map((misfit) => `${viewport}: ${misfit}`));
    if (only?.length === 0) continue;
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

/** What axe finds against WCAG 2.2 A and AA and its good practices, with all details unfolded, and what does not fit the screen. */
export const faultsOf = (page: Page): Promise<string[]> => faultsAt(page, viewports, []);

/** The same of a mail. */
export const faultsOfMail = (page: Page): Promise<string[]> => faultsAt(page, mailViewports, notOfMails);
