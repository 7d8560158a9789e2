import { all, announce, element } from './element.ts';
import { countWords, matches } from './matching.ts';

const rowsOf = (root: ParentNode): readonly HTMLElement[] =>
  all('table.checks tbody tr, table.runs tbody tr, table.events tbody tr, .lines > li, .passed > li, .one', root);

/** So few lines a person reads at once. */
const fewest = 8;

/** Adds the field to a page that has something to filter: a page without script has no dead field. */
export const addFilter = (main: HTMLElement): void => {
  const rows = rowsOf(main);
  const first = rows[0]?.closest('.card');
  if (main.dataset.filter === undefined || rows.length < fewest || first == null) return;
  first.before(
    element(
      'p',
      { class: 'filter', id: 'filter' },
      element('label', { class: 'field', for: 'filter-field' }, main.dataset.filter),
      element('input', {
        type: 'search',
        id: 'filter-field',
        maxlength: '100',
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-describedby': 'filter-count',
      }),
      element('span', { class: 'soft', id: 'filter-count' }),
    ),
  );
};

export const filterField = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>('#filter-field');

/** Groups that the filter has opened, and that it folds again. */
const opened = new Set<HTMLDetailsElement>();
let saying = 0;

/** Shows the lines that match what is typed, opens the groups that hold them, and hides what holds none. */
export const applyFilter = (main: HTMLElement, isTyped = false): void => {
  const typed = filterField()?.value.trim() ?? '';
  const count = document.querySelector('#filter-count');
  if (count === null) return;
  const rows = rowsOf(main);
  for (const row of rows) row.hidden = !matches(row.textContent ?? '', typed);
  const shown = rows.filter((row) => !row.hidden);
  for (const holder of new Set(rows.flatMap((row) => [row.closest<HTMLElement>('.card'), row.closest<HTMLElement>('table, p')])))
    if (holder !== null) holder.hidden = typed !== '' && !shown.some((row) => holder.contains(row));
  for (const group of all<HTMLDetailsElement>('details', main)) {
    const isWanted = typed !== '' && shown.some((row) => group.contains(row));
    if (isWanted && !group.open) opened.add(group);
    if (isWanted) group.open = true;
    else if (opened.delete(group)) group.open = false;
  }
  const words = typed === '' ? '' : countWords(shown.length, rows.length);
  count.textContent = words;
  clearTimeout(saying);
  // Once the person stops typing.
  if (isTyped && words !== '') saying = setTimeout(() => announce(words), 600);
};
