import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** How a person works with a page: with a mouse, where scripts run or do not, or with the keyboard alone. */
export const ways = ['with script', 'without script', 'keyboard alone'] as const;
export type Way = (typeof ways)[number];

/** What a person does on a page. Fields are found by their labels, as people find them. */
export type Hands = {
  readonly fill: (label: string | RegExp, text: string) => Promise<void>;
  readonly choose: (radio: string | RegExp) => Promise<void>;
  readonly pick: (label: string | RegExp, option: string) => Promise<void>;
  /** A date and time as a browser's field has it, such as 2026-03-03T09:30. */
  readonly time: (label: string | RegExp, at: string) => Promise<void>;
  readonly press: (button: string | RegExp) => Promise<void>;
  readonly open: (summary: string | RegExp) => Promise<void>;
  readonly follow: (link: string | RegExp) => Promise<void>;
  readonly see: (text: string | RegExp) => Promise<void>;
};

const see =
  (page: Page): Hands['see'] =>
  (text) =>
    page.getByText(text).first().waitFor();

const summaryOf = (page: Page, text: string | RegExp): Locator => page.locator('summary').filter({ hasText: text }).first();

const mouse = (page: Page): Hands => ({
  fill: (label, text) => page.getByLabel(label).first().fill(text),
  choose: (radio) => page.getByRole('radio', { name: radio }).first().check(),
  pick: async (label, option) => void (await page.getByRole('combobox', { name: label }).first().selectOption({ label: option })),
  time: (label, at) => page.getByLabel(label).first().fill(at),
  press: (button) => page.getByRole('button', { name: button }).first().click(),
  open: (summary) => summaryOf(page, summary).click(),
  follow: (link) => page.getByRole('link', { name: link }).first().click(),
  see: see(page),
});

/** More stops than any of these pages has before a form. */
const mostStops = 200;

/** Keys alone. At every stop on the way the focus must be visible, and it goes through the page in the order of its text. */
const keyboard = (page: Page): Hands => {
  const to = async (target: Locator): Promise<void> => {
    for (let stop = 0; stop < mostStops; stop += 1) {
      await page.keyboard.press('Tab');
      const { arrived, outline, goesBack, isBody } = await target.evaluate((one, isFirst) => {
        const { activeElement, defaultView, body } = one.ownerDocument;
        const focused = activeElement ?? body;
        // The stop before is kept in the page: to hold it here would take another question for each stop.
        const kept = defaultView as unknown as { stopBefore?: typeof focused | undefined };
        const last = isFirst ? undefined : kept.stopBefore;
        // Behind the last stop the browser itself has the focus, and begins anew.
        kept.stopBefore = focused === body ? undefined : focused;
        // Of a group of radio buttons the keyboard reaches one; the arrows lead to the others.
        const isOfGroup = one.getAttribute('type') === 'radio' && focused.getAttribute('name') === one.getAttribute('name');
        const { outlineStyle, outlineWidth } = defaultView?.getComputedStyle(focused) ?? {};
        return {
          arrived: focused === one || isOfGroup,
          outline: `${outlineStyle} ${outlineWidth}`,
          // A live page may have taken the last one away.
          goesBack: last?.isConnected === true && (last.compareDocumentPosition(focused) & focused.DOCUMENT_POSITION_PRECEDING) !== 0,
          isBody: focused === body,
        };
      }, stop === 0);
      if (!isBody) {
        expect(outline).toMatch(/^(solid|auto) [1-9]/);
        expect(goesBack, 'the focus goes backwards').toBe(false);
      }
      if (arrived) return;
    }
    throw new Error('the keyboard does not reach the field');
  };
  return {
    fill: async (label, text) => {
      await to(page.getByLabel(label).first());
      await page.keyboard.type(text);
    },
    choose: async (radio) => {
      const target = page.getByRole('radio', { name: radio }).first();
      await to(target);
      for (let arrow = 0; arrow < 10 && !(await target.evaluate((one) => one === one.ownerDocument.activeElement)); arrow += 1)
        await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Space');
      expect(await target.isChecked()).toBe(true);
    },
    pick: async (label, option) => {
      const target = page.getByRole('combobox', { name: label }).first();
      await to(target);
      await page.keyboard.type(option);
      expect(await target.locator('option:checked').innerText()).toBe(option);
    },
    time: async (label, at) => {
      await to(page.getByLabel(label).first());
      const [year, month, day, hour, minute] = at.split(/[-T:]/).map(Number);
      const two = (part = 0): string => String(part).padStart(2, '0');
      const half = (hour ?? 0) < 12 ? 'AM' : 'PM';
      await page.keyboard.type(`${two(month)}${two(day)}${year}${two((((hour ?? 0) + 11) % 12) + 1)}${two(minute)}${half}`);
    },
    press: async (button) => {
      await to(page.getByRole('button', { name: button }).first());
      await page.keyboard.press('Enter');
    },
    open: async (summary) => {
      await to(summaryOf(page, summary));
      await page.keyboard.press('Space');
    },
    follow: async (link) => {
      await to(page.getByRole('link', { name: link }).first());
      await page.keyboard.press('Enter');
    },
    see: see(page),
  };
};

export const handsOf = (page: Page, way: Way): Hands => (way === 'keyboard alone' ? keyboard(page) : mouse(page));
