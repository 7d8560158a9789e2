import { expect, test } from 'vitest';
import { inBrowser, type State } from './in-browser.ts';
import * as releases from './metrics-scenarios.ts';
import * as given from './page-scenarios.ts';
import * as reviews from './review-scenarios.ts';

const reviewsOf = (story: given.Story, person = given.operations): State => ({ story, person, path: `/runs/${story.run}/reviews` });

/** The pages with pictures, in every state in which a person may find them. */
const states: Readonly<Record<string, () => Promise<State>>> = {
  'reviews before the deployment': async () => reviewsOf(await reviews.ahead(), given.product),
  'reviews while the release is watched, with alarms and a gap': async () => reviewsOf(await reviews.monitored(given.hostile)),
  'reviews a day later': async () => reviewsOf(await reviews.dayAfter(), given.technical),
  'reviews in a storm of alarms': async () => reviewsOf(await reviews.crowded()),
  'a label without a reason': async () => ({
    ...reviewsOf(await given.deployed()),
    act: async ({ page }) => {
      await page.getByText('Label it').first().click();
      await page.getByRole('radio', { name: /^False/ }).check();
      await page.getByLabel('How do you know?').fill('          ');
      await page.getByRole('button', { name: 'Record the label' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  'the metrics of a year': async () => ({ story: await releases.aYear(), person: given.product, path: '/metrics?weeks=52' }),
  'the metrics of one release': async () => ({ story: await releases.one(), person: given.product, path: '/metrics?weeks=4' }),
  'no metrics yet': async () => ({ story: await given.begin(), person: given.product, path: '/metrics' }),
};

inBrowser('pages with pictures in Chromium', states, ({ tab, newTab, siteOf }) => {
  test('every picture is drawn within its frame, in the colours of the page', async () => {
    const { story, person, path } = reviewsOf(await reviews.monitored());
    await tab().visit(await siteOf(story), person, path);
    for (const width of [360, 768, 1440]) {
      await tab().page.setViewportSize({ width, height: 900 });
      const found = (await tab().page.evaluate(`[...document.querySelectorAll('.plot > svg')].map((svg) => {
        const frame = svg.getBoundingClientRect();
        const out = [...svg.querySelectorAll('line, rect, text')].filter((one) => {
          const box = one.getBoundingClientRect();
          return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
        });
        return { wide: frame.width > 200, out: out.map((one) => one.outerHTML), strokes: [...svg.querySelectorAll('.stroke')].map((one) => getComputedStyle(one).strokeWidth) };
      })`)) as { wide: boolean; out: string[]; strokes: string[] }[];
      expect(found.length).toBeGreaterThanOrEqual(5);
      expect(
        found.flatMap(({ out }) => out),
        `${width} pixels`,
      ).toEqual([]);
      expect(found.every(({ wide }) => wide)).toBe(true);
      expect(new Set(found.flatMap(({ strokes }) => strokes))).toEqual(new Set(['2.5px']));
    }
  });

  test.each([false, true])('a person labels an alarm and reports an observation; with script: %s', async (script) => {
    const story = await given.deployed();
    const site = await siteOf(story);
    const { page, visit, misdeeds } = await newTab({ script });
    await visit(site, given.operations, `/runs/${story.run}`);
    await page.getByRole('link', { name: 'Monitoring, reviews and observations' }).press('Enter');
    await page.getByText('Label it').first().press('Enter');
    await page.getByRole('radio', { name: /^Explained/ }).press('Space');
    await page.getByLabel('How do you know?').fill('The load test of the neighbour.');
    await page.getByRole('button', { name: 'Record the label' }).press('Enter');
    await page.getByText('labelled explained by Ole').waitFor();
    await page.getByText('Nothing waits for a label.').waitFor();
    await page.getByRole('radio', { name: 'Something was wrong' }).press('Space');
    await page.getByLabel('Where did you see it?').fill('checkout');
    await page.getByLabel('What was it?').fill('The last step takes ten seconds.');
    await page.getByRole('button', { name: 'Report it' }).press('Enter');
    await page.getByText('“checkout: The last step takes ten seconds.”').waitFor();
    await page.getByText('1 bad observation waits for a label.').waitFor();
    expect([...misdeeds, ...site.faults]).toEqual([]);
  });
});
