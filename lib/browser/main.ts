import { setClock, tick } from './clock.ts';
import { addCopyButtons, copyFrom } from './copy.ts';
import { checkSize } from './files.ts';
import { addFilter, applyFilter } from './filter.ts';
import { addKeys } from './keys.ts';
import { keepCurrent } from './live.ts';
import { noteGroups } from './morph.ts';

/** The script of the pages. Every page works without it; it decides nothing and sends no form. */

const main = document.querySelector<HTMLElement>('main');
if (main !== null) {
  const enhance = (root: HTMLElement): void => {
    addCopyButtons(root);
    addFilter(root);
  };
  const refresh = (): void => {
    noteGroups(main);
    tick(main);
    applyFilter(main);
  };
  setClock(main);
  noteGroups(main);
  enhance(main);
  tick(main);
  setInterval(() => {
    if (!document.hidden) tick(main);
  }, 1_000);
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('button.copy') : null;
    if (button !== null) void copyFrom(button);
  });
  document.addEventListener('input', ({ target }) => {
    if (target instanceof Element && target.id === 'filter-field') applyFilter(main, true);
  });
  document.addEventListener('change', ({ target }) => checkSize(target));
  addKeys();
  keepCurrent({ main, enhance, refresh });
}
