import { expect, test } from 'vitest';
import * as checks from './check-scenarios.ts';
import type { State } from './in-browser.ts';
import { inBrowser } from './in-browser.ts';
import { states } from './page-states.ts';

/** Where the boxes of these elements begin, from above, and how wide they are. */
const boxesOf = (selector: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => { const { top, width } = one.getBoundingClientRect(); return { top, width, words: one.innerText.trim() }; })`;
type Box = { readonly top: number; readonly width: number; readonly words: string };

inBrowser('on a large screen', {}, ({ newTab, siteOf }) => {
  const open = async (state: State, width: number) => {
    const tab = await newTab();
    await tab.page.setViewportSize({ width, height: 900 });
    await tab.visit(await siteOf(state.story), state.person, state.path);
    await state.act?.(tab);
    return async (selector: string) => (await tab.page.evaluate(boxesOf(selector))) as Box[];
  };
  const wrongCode = async (): Promise<State> => (await states['a wrong code']?.()) ?? expect.fail('no such state');

  test('what fails stands above every other exception, also what a phone has behind a fold', { timeout: 30_000 }, async () => {
    const boxes = await (await open(await wrongCode(), 1440))('[aria-labelledby=run-exceptions] li > .pill');
    const shown = boxes.toSorted((a, b) => a.top - b.top).map(({ words }) => words);
    const failing = shown.filter((words) => words === 'fail').length;
    expect(failing).toBeGreaterThan(1);
    expect(shown.length).toBeGreaterThan(failing);
    expect(shown.slice(0, failing)).toEqual(Array.from({ length: failing }, () => 'fail'));
  });

  test('the three answers stand side by side, and one below the other on a phone', { timeout: 30_000 }, async () => {
    const tops = async (width: number) =>
      new Set((await (await open(await wrongCode(), width))('.answer .choice')).map(({ top }) => Math.round(top))).size;
    expect([await tops(1440), await tops(360)]).toEqual([1, 3]);
  });

  test('the forms of a check stand side by side where there is room for two', { timeout: 30_000 }, async () => {
    const story = await checks.underFloor();
    await checks.waivePart(story, 'search');
    const state = { story, person: 'p-technical1', path: `/runs/${story.run}/checks/${checks.covered}` };
    const tops = async (width: number) => (await (await open(state, width))('.acts > form')).map(({ top }) => Math.round(top));
    const [waive, revoke, ...others] = await tops(1440);
    expect([waive, others]).toEqual([revoke, []]);
    expect(new Set(await tops(768)).size).toBe(2);
  });
});
