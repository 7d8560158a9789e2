import { passedWords, relativeWords } from '../console/relative.ts';
import { all } from './element.ts';

/** How far this machine's clock is behind the server's, in milliseconds. A deadline must not depend on the clock of a laptop. */
let behind = 0;

/** Takes the server's time from a page that has just been made. */
export const setClock = (main: HTMLElement): void => {
  const made = Date.parse(main.dataset.now ?? '');
  if (!Number.isNaN(made)) behind = made - Date.now();
};

/** Milliseconds since the epoch, by the server's clock. */
export const now = (): number => Date.now() + behind;

const setText = (node: Element, text: string): void => {
  if (node.textContent !== text) node.textContent = text;
};

/** Brings every relative time, every running length and every bar up to date. */
export const tick = (root: ParentNode): void => {
  const at = now();
  for (const time of all<HTMLTimeElement>('time:not(.passing)', root)) {
    const words = relativeWords(time.dateTime, at, time.matches('.deadline'));
    const relative = time.querySelector('.ago');
    // Where the exact time stands alone, as on pages to look things up, the pointer shows the relative words, and the other way round.
    const title = relative === null ? words : (time.querySelector('.at')?.textContent ?? '');
    if (time.title !== title) time.title = title;
    if (relative !== null) setText(relative, words);
  }
  for (const length of all('span.passing', root)) {
    const { since = '', limit } = length.dataset;
    setText(length, passedWords(Math.max(0, at - Date.parse(since)) / 1000, Number(limit), true));
  }
  for (const bar of all<HTMLMeterElement>('meter[data-since]', root))
    bar.value = Math.min(bar.max, Math.max(0, at - Date.parse(bar.dataset.since ?? '')) / 1000);
};
