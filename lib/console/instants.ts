import { html, raw } from 'hono/html';
import type { Markup } from './layout.ts';
import { relativeWords } from './relative.ts';

/** Only `time`, `deadline` and `madeAt` write this element, and text of others is escaped: it cannot look like one. */
const element = /(?:\b(on |at |until |before |by |from |to |after ))?<time( class="deadline")? datetime="([^"]+)">([^<]*)<\/time>/g;

/**
 * So many of the times that stand relative alone take the focus, which shows the exact one: those at the head of a page, where people look first. A
 * stop for each of some hundred would bar the way of those who use the keyboard; the key `t` shows all exact ones.
 */
export const mostFocusable = 12;

/**
 * Says of each instant of a page how long ago or how far ahead it is, behind the exact one. Done here and not where the instants are written,
 * so that the parts of a page need not hand on the time at which it is made. With script the relative words stand alone, without "on" and "at";
 * after another preposition, where they would be no English, and at deadlines, both stand (`both`). `isExact`: only deadlines have them.
 */
export const withRelativeTimes = async (content: Markup, now: Date, isExact = false): Promise<Awaited<Markup>> => {
  let focusable = mostFocusable;
  return raw(
    String(await content).replace(
      element,
      (whole: string, before: string | undefined, kind: string | undefined, instant: string, exact: string) => {
        const isDeadline = kind !== undefined;
        if (isExact && !isDeadline) return whole;
        const isBoth = isDeadline || !(before === undefined || before === 'on ' || before === 'at ');
        const shown = before === undefined ? '' : isBoth ? before : `<span class="at">${before}</span>`;
        const takesFocus = !isBoth && focusable-- > 0 ? ' tabindex="0"' : '';
        return `${shown}<time${takesFocus}${isBoth ? ` class="both${isDeadline ? ' deadline' : ''}"` : ''} datetime="${instant}"><span class="at">${exact}</span> <span class="ago">${relativeWords(instant, now.getTime(), isDeadline)}</span></time>`;
      },
    ),
  );
};

/** A length of which some has passed, as the script keeps it current: `since` is the instant at which it began. */
export const passing = (words: string, { since, limitSeconds }: { readonly since: string; readonly limitSeconds: number }): Markup =>
  html`<span class="passing" data-since="${since}" data-limit="${limitSeconds}">${words}</span>`;
