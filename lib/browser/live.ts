import { formatInstant } from '../console/format.ts';
import { relativeWords } from '../console/relative.ts';
import { now, setClock } from './clock.ts';
import { all, announce, element } from './element.ts';
import { clearChoices, isInUse, isOtherReport, keepTyped, typedIn } from './forms.ts';
import { morph } from './morph.ts';
import { idleAfter, nextPause, pauseInUse, shortest } from './pace.ts';

/** Keeps a page current: asks whether its state has changed, and shows the new one, or says that there is one where somebody fills in a form. */

/** Milliseconds. A request that takes longer has failed. */
const patience = 20_000;

type Parts = {
  readonly main: HTMLElement;
  /** Adds to a page what the script adds. */
  readonly enhance: (main: HTMLElement) => void;
  /** Brings the page up to date after its content has changed. */
  readonly refresh: () => void;
};

export const keepCurrent = ({ main, enhance, refresh }: Parts): void => {
  const says = document.querySelector<HTMLElement>('#live');
  if (says === null || main.dataset.state === undefined) return;
  let tag = main.dataset.state;
  let pause = shortest;
  let timer = 0;
  let due = 0;
  let checked = now();
  let used = Date.now();
  let state: 'current' | 'lost' | 'idle' | 'over' = 'current';
  let isAsking = false;

  const say = (): void => {
    if (state === 'over') return;
    const ago = relativeWords(new Date(checked).toISOString(), now());
    const sentence = {
      current: `Live, checked ${ago}`,
      lost: `No connection: this is the state of ${ago}. Trying again.`,
      idle: `Not live: nobody has used the page for ${idleAfter / 60_000} minutes. This is the state of ${ago}.`,
    }[state];
    if (says.textContent !== sentence) says.textContent = sentence;
    says.className = state === 'current' ? '' : 'lost';
  };

  const become = (next: typeof state, sentence: string): void => {
    if (state !== next) announce(sentence);
    state = next;
    say();
  };

  /** The page stays as it is. The link opens it anew, by the sign-in where that is needed. */
  const end = (sentence: string, link: string): void => {
    become('over', sentence);
    says.className = 'lost';
    says.replaceChildren(`${sentence} `, element('a', { href: location.href.replace(/#.*/, '') }, link));
  };

  const later = (milliseconds: number): void => {
    clearTimeout(timer);
    due = Date.now() + milliseconds;
    timer = setTimeout(() => void ask(), milliseconds);
  };

  const ask = async (): Promise<void> => {
    if (isAsking || state === 'over' || document.hidden) return;
    if (Date.now() - used > idleAfter) return become('idle', 'The page is not live any more, because nobody has used it.');
    isAsking = true;
    const found = await look().catch(() => 'failed' as const);
    isAsking = false;
    if (found === 'over') return;
    if (found === 'failed') become('lost', 'No connection. The page shows an earlier state.');
    else {
      checked = now();
      for (const asOf of all('time.passing', main)) asOf.textContent = formatInstant(new Date(checked).toISOString());
      become('current', 'The page is live again.');
    }
    pause = nextPause(pause, found);
    later(pause);
  };

  const look = async (): Promise<'changed' | 'same' | 'failed' | 'over'> => {
    const response = await fetch(location.pathname + location.search, {
      headers: { accept: 'text/html', 'if-none-match': `"${tag}"` },
      cache: 'no-store',
      // The sign-in is a page for people: it is opened by the link only.
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    if (response.type === 'opaqueredirect') {
      end('Your session has ended, and the page shows an earlier state.', 'Sign in again');
      return 'over';
    }
    if (response.status === 304) return 'same';
    if (response.status >= 400 && response.status < 429) {
      end('This page cannot be shown any more.', 'See why');
      return 'over';
    }
    if (response.status !== 200) return 'failed';
    const newest = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = newest.querySelector('main');
    if (next === null || next.dataset.state === undefined) return 'failed';
    tag = next.dataset.state;
    setClock(next);
    if (assetsOf(newest) !== assetsOf(document)) {
      end('Holdpoint was updated.', 'Open the page anew');
      return 'over';
    }
    if (main.dataset.live === 'shows' && !isInUse(main)) show(newest, next);
    else offer(newest, next);
    return 'changed';
  };

  const show = (newest: Document, next: HTMLElement): void => {
    const isOther = isOtherReport(main, next);
    const typed = typedIn(main, isOther);
    const before = headline(main);
    const focused = document.activeElement;
    enhance(next);
    morph(main, next);
    if (isOther) clearChoices(main);
    keepTyped(main, typed);
    const [nav, nextNav] = [document.querySelector('header nav'), newest.querySelector('header nav')];
    if (nav !== null && nextNav !== null) morph(nav, nextNav);
    document.title = newest.title;
    refresh();
    if (focused instanceof HTMLElement && focused !== document.activeElement)
      (focused.isConnected ? focused : main).focus({ preventScroll: true });
    announce(headline(main) === before ? 'The page was updated.' : `The page was updated. ${headline(main)}`);
  };

  /** Leaves the page as it is: somebody fills in a form, or signs what the page shows. */
  const offer = (newest: Document, next: HTMLElement): void => {
    document.querySelector('#newer')?.remove();
    const sentence = isOtherReport(main, next)
      ? 'The report has changed since you opened it. An answer to the earlier one would not be recorded.'
      : 'This page has changed since you opened it.';
    const button = element('button', { type: 'button', class: 'button' }, 'Show the newest state');
    button.addEventListener('click', () => {
      show(newest, next);
      main.focus({ preventScroll: true });
    });
    main.append(
      element(
        'div',
        { class: 'note newer', id: 'newer' },
        element('p', {}, element('strong', {}, sentence), ' What you typed stays.'),
        element('p', {}, button),
      ),
    );
    announce(`${sentence} A button at the end of the page shows the newest state.`);
  };

  const use = (): void => {
    used = Date.now();
    pause = shortest;
    if (state === 'idle') later(0);
    else if (!isAsking && due - Date.now() > shortest) later(pauseInUse(due - Date.now()));
  };
  for (const kind of ['pointerdown', 'keydown', 'scroll', 'focusin']) addEventListener(kind, use, { passive: true });
  const again = (): void => {
    if (!document.hidden) later(0);
  };
  document.addEventListener('visibilitychange', again);
  addEventListener('online', again);
  addEventListener('pageshow', (event) => event.persisted && again());
  setInterval(say, 1_000);
  say();
  later(pause);
};

const headline = (main: HTMLElement): string => (main.querySelector('.note strong')?.textContent ?? '').trim();

/** Style and script of a page: those of another version do not fit its content. */
const assetsOf = (page: Document): string =>
  `${page.querySelector('style')?.textContent} ${page.querySelector('script')?.getAttribute('src')}`;
