import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

/** Pictures are for people to look at: `npm run pictures` takes them, which needs minutes that no test needs. */
export const picturesAreTaken = (process.env.PICTURES ?? '') !== '';
const folder = resolve(import.meta.dirname, '../../artifacts/pages');

/** Writes the page as a person finds it, whole and folded, light at each width and dark at the narrowest and the widest, to `artifacts/pages`. */
export const takePictures = async (page: Page, name: string, widths: readonly number[] = [360, 768, 1024, 1440]): Promise<void> => {
  if (!picturesAreTaken) return;
  mkdirSync(folder, { recursive: true });
  const file = name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
  for (const [n, width] of widths.entries()) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of n === 0 || n === widths.length - 1 ? (['dark', 'light'] as const) : (['light'] as const)) {
      await page.emulateMedia({ colorScheme });
      const path = join(folder, `${file}-${width}${colorScheme === 'dark' ? '-dark' : ''}.jpg`);
      await page.screenshot({ path, fullPage: true, type: 'jpeg', quality: 80 });
    }
  }
};
