import { expect, test } from 'vitest';
import { misfitsOf } from './chromium.ts';
import { inBrowser, type State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import { approvalOf, rollbackOf, runOf } from './page-states.ts';
import * as back from './rollback-scenarios.ts';

/** An auditor prints pages, or keeps them as PDF: from a screen that may be dark, with what is folded on the screen. */
const printed: Readonly<Record<string, () => Promise<State>>> = {
  'the page of a run': async () => runOf(await back.declared()),
  'the page of a rollback': async () => rollbackOf(await back.stuck()),
  'an approval': async () => approvalOf(await given.atGoNoGo()),
  'the audit search': async () => {
    const story = await given.blockedAtFirst('adds to a cart');
    return { story, person: given.technical, path: `/audit?run=${story.run}` };
  },
};

/** What a sheet of paper must not have, and how dark it is. */
const onPaper = `(() => {
  const shown = (one) => one.getBoundingClientRect().height > 0;
  const light = (colour) => (colour.match(/[\\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  const text = [...document.querySelectorAll('h1, h2, p, dd, td, li')].filter(shown);
  return {
    pressed: [...document.querySelectorAll('.top, .skip, .above, form, button, .button, .copy, .filter')].filter(shown).map((one) => one.outerHTML.slice(0, 90)),
    folds: document.querySelectorAll('details:not([open])').length,
    folded: [...document.querySelectorAll('details:not([open]) > :not(summary, form)')].filter((one) => one.closest('form') === null && one.textContent.trim() !== '' && !shown(one)).map((one) => one.textContent.slice(0, 60)),
    paper: light(getComputedStyle(document.body).backgroundColor),
    faint: text.filter((one) => light(getComputedStyle(one).color) > 0.5).map((one) => one.outerHTML.slice(0, 90)),
    dark: [...document.querySelectorAll('main *')].filter(shown).filter((one) => {
      const colour = getComputedStyle(one).backgroundColor;
      return !/, 0\\)$/.test(colour) && light(colour) < 0.7;
    }).map((one) => one.outerHTML.slice(0, 90)),
    text: text.length,
  };
})()`;

type Paper = Readonly<Record<'pressed' | 'folded' | 'faint' | 'dark', string[]> & Record<'folds' | 'paper' | 'text', number>>;

inBrowser('on paper', {}, ({ newTab, siteOf }) => {
  test('a page has nothing to press, shows what is folded, is dark on white, and cuts no table', { timeout: 60_000 }, async () => {
    const { page, visit, misdeeds } = await newTab();
    let folds = 0;
    for (const [name, state] of Object.entries(printed)) {
      const { story, person, path } = await state();
      // The width of A4 and of US Letter, less the margins of a printer, in pixels of paper.
      await page.setViewportSize({ width: 700, height: 1000 });
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await visit(await siteOf(story), person, path);
      const paper = (await page.evaluate(onPaper)) as Paper;
      expect({ ...paper, folds: 0, text: 0 }, name).toEqual({ pressed: [], folded: [], faint: [], dark: [], paper: 1, folds: 0, text: 0 });
      expect(paper.text, name).toBeGreaterThan(5);
      expect(await misfitsOf(page), name).toEqual([]);
      folds += paper.folds;
    }
    expect(folds, 'something was folded').toBeGreaterThan(3);
    expect(misdeeds).toEqual([]);
  });
});
