import { announce, element } from './element.ts';
import { choicesIn, clearChoices, isInUse, isOtherReport, keepChoices, keepTyped, typedIn } from './forms.ts';
import { morph } from './morph.ts';

/** The newest state of a page, as the server made it. */
export type Newest = { readonly page: Document; readonly main: HTMLElement };

export type Parts = {
  readonly main: HTMLElement;
  /** Adds to a page what the script adds. */
  readonly enhance: (main: HTMLElement) => void;
  /** Brings the page up to date after its content has changed. */
  readonly refresh: () => void;
};

const headline = (main: HTMLElement): string => (main.querySelector('.note strong')?.textContent ?? '').trim();

export const isOffered = (): boolean => document.querySelector('#newer') !== null;

/** Style and script of a page: those of another version do not fit its content. */
export const assetsOf = (page: Document): string =>
  `${page.querySelector('link[rel=stylesheet]')?.getAttribute('href')} ${page.querySelector('script')?.getAttribute('src')}`;

/** The signed-in person, as the page names them. */
export const whoIn = (page: Document): string => page.querySelector('.who')?.textContent ?? '';

/** Puts the newest state into the page. What somebody has typed stays in its form; of a form that is gone it is shown. */
const show = ({ main, enhance, refresh }: Parts, newest: Newest): void => {
  const isOther = isOtherReport(main, newest.main);
  const typed = typedIn(main, isOther);
  const choices = choicesIn(main);
  const earlier = main.querySelector('#typed');
  const before = headline(main);
  const focused = document.activeElement;
  enhance(newest.main);
  morph(main, newest.main);
  keepChoices(choices);
  if (isOther) clearChoices(main);
  if (earlier !== null) main.prepend(earlier);
  keepTyped(main, typed);
  const [nav, next] = [document.querySelector('header nav'), newest.page.querySelector('header nav')];
  if (nav !== null && next !== null) morph(nav, next);
  document.title = newest.page.title;
  refresh();
  if (focused instanceof HTMLElement && focused !== document.activeElement)
    (focused.isConnected ? focused : main).focus({ preventScroll: true });
  announce(headline(main) === before ? 'The page was updated.' : `The page was updated. ${headline(main)}`);
};

/** Leaves the page as it is and says that there is a newer state: somebody fills in a form, or signs what the page shows. */
const offer = (parts: Parts, newest: Newest): void => {
  document.querySelector('#newer')?.remove();
  const sentence = isOtherReport(parts.main, newest.main)
    ? 'The report has changed since you opened it. An answer to the earlier one would not be recorded.'
    : 'This page has changed since you opened it.';
  const button = element('button', { type: 'button', class: 'button' }, 'Show the newest state');
  button.addEventListener('click', () => {
    show(parts, newest);
    parts.main.focus({ preventScroll: true });
  });
  parts.main.append(
    element(
      'div',
      { class: 'note newer', id: 'newer' },
      element('p', {}, element('strong', {}, sentence), ' What you typed stays.'),
      element('p', {}, button),
    ),
  );
  announce(`${sentence} A button at the end of the page shows the newest state.`);
};

/** `isBack`: after a new sign-in. The forms then need what belongs to the new session, under the text that was typed. */
export const take = (parts: Parts, newest: Newest, isBack: boolean): void => {
  const { main } = parts;
  const isFree = main.dataset.live === 'shows' && !isInUse(main);
  if (isFree || (isBack && !isOtherReport(main, newest.main))) show(parts, newest);
  else offer(parts, newest);
};
