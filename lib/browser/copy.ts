import { all, announce, element } from './element.ts';

const digest = /^(sha256:)?[0-9a-f]{40,64}$/;
const command = /^holdpoint \S+ \S+/;

/** What is worth copying of an element: a command, or a digest, of which the page may show the beginning only. */
const textOf = (one: HTMLElement): string | undefined => {
  const text = (one.textContent ?? '').trim();
  if (digest.test(one.title)) return one.title;
  return one.matches('.command, pre') || digest.test(text) || command.test(text) ? text : undefined;
};

/** Adds a button to each command and digest. */
export const addCopyButtons = (root: ParentNode): void => {
  for (const one of all('.mono, pre.data', root)) {
    const text = one.closest('a, summary') === null ? textOf(one) : undefined;
    if (text === undefined || text === '') continue;
    const button = element(
      'button',
      { type: 'button', class: 'copy', 'aria-label': `Copy ${text.slice(0, 80)}`, 'data-copy': text },
      'Copy',
    );
    if (one.matches('span:not(.command)')) one.after(button);
    else one.append(button);
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
  if (button.previousSibling !== null) range.selectNodeContents(button.previousSibling);
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
