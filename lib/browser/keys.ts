import { all, element, kept } from './element.ts';
import { filterField } from './filter.ts';

/** Single keys that lead somewhere or show something. None decides anything. */

const pages: Readonly<Record<string, readonly [path: string, name: string]>> = {
  r: ['/runs', 'Runs'],
  i: ['/inbox', 'Inbox'],
  a: ['/audit', 'Audit'],
  m: ['/metrics', 'Metrics'],
  c: ['/checklist', 'Checklist'],
};

/** Milliseconds between the two keys of a pair. */
const pairWithin = 1_500;

const isOff = (): boolean => kept.read('keys') === 'off';

/** Shows exact times beside the relative ones, or hides them. Kept for the next page. */
const showExact = (isExact: boolean): void => {
  document.documentElement.toggleAttribute('data-exact', isExact);
  for (const button of all('#exact')) button.setAttribute('aria-pressed', String(isExact));
  kept.write('times', isExact ? 'exact' : 'relative');
};
const toggleExact = (): void => showExact(!document.documentElement.hasAttribute('data-exact'));

const searchField = (): HTMLElement | null => filterField() ?? document.querySelector<HTMLElement>('form.search input, form.search select');

const operate = (): HTMLAnchorElement | null => document.querySelector('a[accesskey=o]');

const row = (keys: readonly string[], does: string): readonly HTMLElement[] => [
  element('dt', {}, ...keys.flatMap((key, place) => [place === 0 ? '' : ' then ', element('kbd', {}, key)])),
  element('dd', {}, does),
];

/** Lists the keys of this page. Made anew each time, because the page may have changed. */
const openList = (): void => {
  // The browser says later that a list was closed, and somebody may open the next one before.
  document.querySelector('dialog:not([open])')?.remove();
  const isOn = element('input', { type: 'checkbox', id: 'keys-on' });
  isOn.checked = !isOff();
  isOn.addEventListener('change', () => kept.write('keys', isOn.checked ? 'on' : 'off'));
  const close = element('button', { type: 'button', class: 'button' }, 'Close');
  const links = Object.entries(pages).filter(([, [path]]) => linkTo(path) !== null);
  const operated = operate();
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'keys-title' },
    element('h2', { id: 'keys-title' }, 'Keys'),
    element(
      'dl',
      {},
      ...row(['?'], 'Show this list'),
      ...links.flatMap(([key, [, name]]) => row(['g', key], name)),
      ...(operated === null ? [] : row(['o'], operated.textContent ?? '')),
      ...(searchField() === null ? [] : row(['/'], 'Go to the filter')),
      ...(document.querySelector('#exact') === null ? [] : row(['t'], 'Show or hide exact times')),
    ),
    element('p', { class: 'soft' }, 'No key decides anything. Keys do nothing while you type in a field.'),
    element('p', {}, element('label', { class: 'switch' }, isOn, ' Use these keys')),
    element('p', {}, close),
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

const linkTo = (path: string): HTMLAnchorElement | null => document.querySelector(`header nav a[href="${path}"]`);

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

let pairUntil = 0;

const press = (event: KeyboardEvent): void => {
  const { key } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (isField(event.target) || isOff() || document.querySelector('dialog[open]') !== null) return;
  const page = Date.now() < pairUntil ? pages[key] : undefined;
  pairUntil = key === 'g' ? Date.now() + pairWithin : 0;
  if (page !== undefined) linkTo(page[0])?.click();
  else if (key === '?') openList();
  else if (key === 't') toggleExact();
  else if (key === 'o') operate()?.click();
  else if (key === '/') {
    // Otherwise some browsers open a search of their own.
    event.preventDefault();
    searchField()?.focus();
  }
};

/** Adds the keys, and for those who do not use them a button for each of the two that lead nowhere. */
export const addKeys = (): void => {
  document.addEventListener('keydown', press);
  const list = element('button', { type: 'button', class: 'button quiet' }, 'Keys (?)');
  list.addEventListener('click', openList);
  const tools = element('p', { class: 'tools' }, list);
  if (document.querySelector('time .ago') !== null) {
    const exact = element('button', { type: 'button', class: 'button quiet', id: 'exact', 'aria-pressed': 'false' }, 'Exact times (t)');
    exact.addEventListener('click', toggleExact);
    tools.append(' ', exact);
  }
  document.querySelector('footer')?.append(tools);
  if (kept.read('times') === 'exact') showExact(true);
};
