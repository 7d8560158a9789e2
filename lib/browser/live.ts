import { formatInstant } from '../console/format.ts';
import { relativeWords } from '../console/relative.ts';
import { now, setClock } from './clock.ts';
import { all, announce, element } from './element.ts';
import { isInUse } from './forms.ts';
import { assetsOf, isOffered, type Parts, take, whoIn } from './newest.ts';
import { idleAfter, nextPause, pauseInUse, shortest } from './pace.ts';

/** Keeps a page current: asks whether its state has changed, and shows the new one, or says that there is one where somebody fills in a form. */

/** Milliseconds. A request that takes longer has failed. */
const patience = 20_000;

export const keepCurrent = (parts: Parts): void => {
  const { main } = parts;
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
  let isSignedOut = false;

  const say = (): void => {
    if (state === 'over') return;
    const ago = relativeWords(new Date(checked).toISOString(), now());
    const sentence = {
      current: isOffered() ? `There is a newer state, checked ${ago}` : `Live, checked ${ago}`,
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

  /** The page stays as it is. The link opens it anew, beside it where somebody fills in a form, and by the sign-in where that is needed. */
  const end = (sentence: string, link: string): 'over' => {
    become('over', sentence);
    says.className = 'lost';
    const beside: Record<string, string> = isInUse(main) ? { target: '_blank', rel: 'noopener' } : {};
    says.replaceChildren(`${sentence} `, element('a', { href: location.href.replace(/#.*/, ''), ...beside }, link));
    return 'over';
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
      if (!isOffered()) for (const asOf of all('time.passing', main)) asOf.textContent = formatInstant(new Date(checked).toISOString());
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
      isSignedOut = true;
      return end('Your session has ended, and the page shows an earlier state.', 'Sign in again');
    }
    if (response.status === 304) return 'same';
    if (response.status >= 400 && response.status < 429) return end('This page cannot be shown any more.', 'See why');
    if (response.status !== 200) return 'failed';
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('main');
    if (next?.dataset.state === undefined) return 'failed';
    if (assetsOf(page) !== assetsOf(document)) return end('Holdpoint was updated.', 'Open the page anew');
    if (whoIn(page) !== whoIn(document)) return end('Somebody else has signed in with this browser.', 'Open the page anew');
    const isBack = tag === '';
    tag = next.dataset.state;
    setClock(next);
    take(parts, { page, main: next }, isBack);
    return 'changed';
  };

  const use = (): void => {
    used = Date.now();
    pause = shortest;
    if (state === 'idle') later(0);
    else if (!isAsking && due - Date.now() > shortest) later(pauseInUse(due - Date.now()));
  };
  for (const kind of ['pointerdown', 'keydown', 'scroll', 'focusin']) addEventListener(kind, use, { passive: true });
  const again = (): void => {
    if (document.hidden) return;
    // Perhaps the person has signed in beside this page. It asks for the whole page then, because its forms belong to the earlier session.
    if (isSignedOut) {
      isSignedOut = false;
      state = 'lost';
      tag = '';
    }
    later(0);
  };
  document.addEventListener('visibilitychange', again);
  addEventListener('online', again);
  addEventListener('pageshow', (event) => event.persisted && again());
  setInterval(say, 1_000);
  say();
  later(pause);
};
