import type { Page } from 'playwright-core';

/** What a person must have read before they answer: what is released and why, what changed, who has answered, the exceptions, until when. */
const readFirst = ['#release', '#answers', '#run-exceptions', 'time.deadline'];

const measure = `(() => {
  const box = (one) => one.getBoundingClientRect();
  const answers = [...document.querySelectorAll('label.choice')];
  return {
    answers: answers.length,
    from: answers.length === 0 ? 0 : box(answers[0]).top + scrollY,
    to: answers.length === 0 ? 0 : box(answers.at(-1)).bottom + scrollY,
    end: document.documentElement.scrollHeight,
    first: ${JSON.stringify(readFirst)}.map((selector) => [selector, [...document.querySelectorAll(selector)].map((one) => box(one).bottom + scrollY).at(-1) ?? null]),
  };
})()`;

type Measured = {
  readonly answers: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
  readonly first: readonly (readonly [string, number | null])[];
};

/**
 * What is wrong with a page on which somebody decides, on a phone of 360 by 800 pixels, folded as it comes: within two screens a person has read what a
 * decision needs and finds the three answers, and within three the page ends.
 */
export const decisionFaults = async (page: Page): Promise<string[]> => {
  await page.setViewportSize({ width: 360, height: 800 });
  const { answers, from, to, end, first } = (await page.evaluate(measure)) as Measured;
  return [
    ...(answers === 3 ? [] : [`${answers} answers`]),
    ...(to <= 1600 ? [] : [`the answers end at ${Math.round(to)} pixels`]),
    ...(end <= 2400 ? [] : [`the page ends at ${Math.round(end)} pixels`]),
    ...first.flatMap(([selector, bottom]) =>
      bottom !== null && bottom < from ? [] : [`${selector} ends at ${bottom ?? 'no place'}, and the answers begin at ${Math.round(from)}`],
    ),
  ];
};
