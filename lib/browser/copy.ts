import { all, announce, element } from './element.ts';

const digest = /^(sha256:)?[0-9a-f]{40,64}$/;
const command = /^holdpoint \S+ \S+/;

/** What is worth copying of an element: a command, or a digest, of which the page may show the beginning only. */
const textOf = (one: HTMLElement): string | undefined => {
  const text = (one.textContent ?? '').trim();
  if (digest.test(one.title)) return one.title;
  return one.matches('.command, pre') || digest.test(text) || command.test(text) ? text : undefined;
};

/** Where the button stands: at the end of the value that it copies, and in no sentence, which it would tear apart. */
const placeOf = (one: HTMLElement): HTMLElement | undefined => {
  if (!one.matches('span:not(.command)')) return one;
  const around = one.parentElement;
  if (around === null) return undefined;
  const isOnly = around.matches('dd, td') && around.querySelectorAll('.mono').length === 1;
  return isOnly || around.textContent?.trim() === one.textContent?.trim() ? around : undefined;
};

/** Adds a button to each command and digest that a person may want to use elsewhere. */
export const addCopyButtons = (root: ParentNode): void => {
  for (const one of all('.mono, pre.data', root)) {
    const text = one.closest('a, summary') === null ? textOf(one) : undefined;
    const place = placeOf(one);
    if (text === undefined || text === '' || place === undefined) continue;
    const button = element(
      'button',
      { type: 'button', class: 'copy', 'aria-label': `Copy ${text.slice(0, 80)}`, 'data-copy': text },
      'Copy',
    );
    place.append(...(one.matches('.command, pre') ? [] : [' ']), button);
  }
};

const confirm = (button: HTMLElement, word: string, sentence: string): void => {
  button.textContent = word;
  announce(sentence);
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2_500);
};

/** Where the browser allows no copying, the text is selected, so that the person's own keys copy it. */
const select = (button: HTMLElement): void => {
  const range = document.createRange();
  const one = button.closest('.mono, pre') ?? button.parentElement?.querySelector('.mono');
  if (one == null) return;
  range.selectNodeContents(one);
  if (one.contains(button)) range.setEndBefore(button);
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);
};

export const copyFrom = async (button: HTMLElement): Promise<void> => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? '');
    confirm(button, 'Copied', 'Copied.');
  } catch {
    select(button);
    confirm(button, 'Not copied', 'The browser does not allow copying. Select the text and copy it with your keys.');
  }
};
