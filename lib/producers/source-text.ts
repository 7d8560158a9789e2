import { type Element, elementsIn } from './jsx.ts';
import type { Language, StringForm } from './languages.ts';

/** One comment, a text that an element of JSX shows, or a piece of code between them: its text, and the line on which it begins, from 1. */
export type Piece = { readonly kind: 'comment' | 'code' | 'text'; readonly line: number; readonly text: string };

/** Splits a source file into code (with its strings), comments and shown texts. Every character is in one piece, so lines are those of the file. */
export const piecesOf = (source: string, language: Language): Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  let line = 1;
  const take = (kind: Piece['kind'], to: number): void => {
    if (to === from) return;
    const text = source.slice(from, to);
    pieces.push({ kind, line, text });
    line += text.split('\n').length - 1;
    from = to;
  };
  let at = 0;
  /** Where the text ends that begins behind this line. */
  let textUntil = 0;
  /** Strings that are open, with the hole in which the code stands, and the brackets that are open in it. */
  const open: Open[] = [];
  const elements = language.jsx === true ? elementsIn(source) : undefined;
  const heredocAt = heredocsIn(source, language);
  const leavePage = (): void => {
    const { end, comments } = pageUntil(source, at, language);
    for (const [begins, ends] of comments) {
      take('code', begins);
      take('comment', ends);
    }
    at = end;
  };
  const shown = (end: number): void => {
    take('code', at);
    take('text', end);
  };
  if (language.within !== undefined) leavePage();
  while (at < source.length) {
    const last = open.at(-1);
    if (last !== undefined && 'state' in last) {
      const next = elements?.goOn(at, last, { close: () => open.pop(), open: (element) => open.push(element), text: shown });
      if (next !== undefined) {
        at = next;
        continue;
      }
    }
    const inner = last !== undefined && 'form' in last ? last : undefined;
    if (inner !== undefined && inner.hole === undefined) {
      at = inString(source, at, inner, () => open.pop());
      continue;
    }
    if (inner?.hole !== undefined) {
      if (source[at] === inner.hole.to && inner.depth === 0) {
        inner.hole = undefined;
        at += 1;
        continue;
      }
      if (source[at] === inner.hole.from.at(-1)) inner.depth += 1;
      if (source[at] === inner.hole.to) inner.depth -= 1;
    }
    textUntil = Math.max(textUntil, heredocAt(at) ?? 0);
    if (source[at] === '\n' && textUntil > at) at = textUntil;
    const page = open.length === 0 ? closedAt(source, at, language) : undefined;
    if (page !== undefined) {
      at = page;
      leavePage();
      continue;
    }
    const comment = open.some((one) => 'form' in one && one.hole?.plain === true) ? undefined : commentAt(source, at, language);
    if (comment !== undefined) {
      take('code', at);
      take('comment', comment);
      at = comment;
      continue;
    }
    const element = source[at] === '<' && !isOperandBefore(source, at) ? elements?.opened(at) : undefined;
    if (element !== undefined) {
      open.push(element.element);
      at = element.end;
      continue;
    }
    const form = formAt(source, at, language);
    if (form?.holes !== undefined) {
      open.push({ form, hole: undefined, depth: 0 });
      at += form.from.length;
      continue;
    }
    const string = form === undefined ? undefined : stringOf(source, at, form, language);
    if (string?.isDoc === true) {
      take('code', at);
      take('comment', string.end);
    }
    at = string?.end ?? bracketedAt(source, at, language) ?? regexAt(source, at, language) ?? at + 1;
  }
  take('code', source.length);
  return pieces;
};
type Hole = NonNullable<StringForm['holes']>[number];
type Open = Element | { readonly form: StringForm; hole: Hole | undefined; depth: number };

/** Goes on in an open string, up to a hole or to its end. */
const inString = (source: string, at: number, inner: { readonly form: StringForm; hole: Hole | undefined }, close: () => void): number => {
  const { to, holes = [], lines, raw } = inner.form;
  if (raw === true && to === '"' && source.startsWith('""', at)) return at + 2;
  if (source.startsWith(to, at)) {
    close();
    return at + to.length;
  }
  const hole = holes.find(({ from }) => source.startsWith(from, at));
  if (hole !== undefined) {
    if (hole.twice === true && source.startsWith(hole.from.repeat(2), at)) return at + 2 * hole.from.length;
    inner.hole = hole;
    return at + hole.from.length;
  }
  // A string that does not end on its line is an apostrophe in a text, or a fault that the compiler finds.
  if (source[at] === '\n' && lines !== true) {
    close();
    return at;
  }
  return at + (raw !== true && source[at] === '\\' ? 2 : 1);
};

/** Where the page goes on, if the code in it ends here. */
const closedAt = (source: string, at: number, { within }: Pick<Language, 'within'>): number | undefined => {
  if (within === undefined) return undefined;
  within.closes.lastIndex = at;
  return within.closes.test(source) ? within.closes.lastIndex : undefined;
};

/** The page that begins here: where it ends, and the comments in it. */
const pageUntil = (source: string, at: number, { within }: Language) => {
  const comments: [number, number][] = [];
  if (within === undefined) return { end: at, comments };
  for (let place = at; ; ) {
    within.opens.lastIndex = place;
    const found = within.opens.exec(source);
    const begins = source.indexOf('<!--', place);
    if (begins < 0 || (found !== null && found.index < begins))
      return { end: found === null ? source.length : found.index + found[0].length, comments };
    const ends = source.indexOf('-->', begins);
    place = ends < 0 ? source.length : ends + 3;
    comments.push([begins, place]);
  }
};

/** What ends nowhere near does not count, or each in a large file would be looked for up to its end. */
const longestBracketed = 10_000;
const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };

/** The end of a string whose brackets the source chooses (`%w[…]`); a bracket that is nested in it ends by itself. */
const bracketedAt = (source: string, at: number, { bracketed }: Language): number | undefined => {
  if (bracketed === undefined) return undefined;
  bracketed.lastIndex = at;
  const [start = '', from = ''] = bracketed.exec(source) ?? [];
  // Behind an operand `%` divides; with a letter only where no blank stands between. Behind such a sign `q` is a name.
  const operand = /^%\w/.test(start) ? /[\w)\]}"']$/ : /[\w)\]}"']\s*$|[$@%&>]$/;
  const before = source.slice(Math.max(0, at - 20), at);
  if (start === '' || (start.startsWith('%') ? operand : /[$@%&>{]$/).test(before)) return undefined;
  const to = closing[from] ?? from;
  let depth = 1;
  for (let place = at + start.length; place < Math.min(source.length, at + longestBracketed); place += 1) {
    const sign = source[place];
    if (sign === '\\') place += 1;
    else if (sign === to) depth -= 1;
    else if (sign === from) depth += 1;
    if (depth === 0) return place + 1;
  }
  return undefined;
};

/** Where the comment ends that begins here. */
const commentAt = (source: string, at: number, { line, block, nested, within }: Language): number | undefined => {
  // What begins with its line may stand on the first one, too.
  const opened = block.find(
    ([from]) => source.startsWith(from, at) || (at === 0 && from.startsWith('\n') && source.startsWith(from.slice(1))),
  );
  if (opened !== undefined) return endOfBlock(source, at, opened, nested === true);
  const begins = line.find((mark) => source.startsWith(mark, at));
  // In shells and YAML a `#` inside of a word is no comment, such as in `$#` or `a#b`.
  if (begins === undefined || (begins === '#' && at > 0 && !/[\s;(){}[\],]/.test(source.charAt(at - 1)))) return undefined;
  // `https://` in the text of a component or of CSS is no comment.
  if (begins === '//' && source.charAt(at - 1) === ':') return undefined;
  const end = source.indexOf('\n', at);
  const until = end < 0 ? source.length : end;
  // The page goes on behind code that ends within such a comment.
  for (let place = at; within !== undefined && place < until; place += 1)
    if (closedAt(source, place, { within }) !== undefined) return place;
  return until;
};

const endOfBlock = (source: string, start: number, [from, to]: Language['block'][number], nested: boolean): number => {
  let at = source.startsWith(from, start) ? start + from.length : start;
  for (let depth = 1; ; ) {
    const end = source.indexOf(to, at);
    if (end < 0) return source.length;
    const inner = nested ? source.indexOf(from, at) : -1;
    depth += inner >= 0 && inner < end ? 1 : -1;
    at = inner >= 0 && inner < end ? inner + from.length : end + to.length;
    if (depth === 0) return at;
  }
};

/**
 * The end of the text that is announced somewhere and begins with the next line. Without a line that ends it, it is a shift or an append. Each line
 * is looked for once, however often its name stands before it.
 */
const heredocsIn = (source: string, { heredoc }: Language): ((at: number) => number | undefined) => {
  const ends = new Map<string, { readonly from: number; readonly to: number }>();
  const endOf = (name: string, begins: number): number => {
    const known = ends.get(name);
    if (known !== undefined && known.from >= begins) return known.to;
    if (known?.from === -1) return 0;
    const last = new RegExp(`\\n[ \\t]*${name}\\b`, 'g');
    last.lastIndex = begins;
    const end = last.exec(source);
    ends.set(name, end === null ? { from: -1, to: 0 } : { from: end.index, to: end.index + end[0].length });
    return end === null ? 0 : end.index + end[0].length;
  };
  return (at) => {
    if (heredoc === undefined || source[at] !== '<' || source[at - 1] === '<') return undefined;
    heredoc.lastIndex = at;
    const name = heredoc.exec(source)?.[2];
    const begins = name === undefined ? -1 : source.indexOf('\n', at);
    return name === undefined || begins < 0 ? undefined : endOf(name, begins);
  };
};

/** A sign before a string belongs to it only where no word ends with it. */
const formAt = (source: string, at: number, { strings }: Language): StringForm | undefined =>
  strings.find(({ from }) => source.startsWith(from, at) && !(/^\w/.test(from) && at > 0 && /\w/.test(source.charAt(at - 1))));

const stringOf = (source: string, at: number, form: StringForm, language: Language): { readonly end: number; readonly isDoc: boolean } => {
  const end = endOfString(source, at + form.from.length, form);
  const before = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  return { end, isDoc: language.docStrings === true && form.lines === true && /^\s*[rRuU]?$/.test(before) };
};

const endOfString = (source: string, start: number, { to, lines, raw }: StringForm): number => {
  let at = start;
  while (at < source.length) {
    // A verbatim string of C# writes its quotation mark twice.
    if (raw === true && to === '"' && source.startsWith('""', at)) {
      at += 2;
      continue;
    }
    if (source.startsWith(to, at)) return at + to.length;
    // A string that does not end on its line is an apostrophe in a text, or a fault that the compiler finds.
    if (source[at] === '\n' && lines !== true) return at;
    at += raw !== true && source[at] === '\\' ? 2 : 1;
  }
  return source.length;
};

/** Whether an operand stands before this place, so that no expression can begin here. */
const isOperandBefore = (source: string, at: number): boolean => {
  const before = source.slice(Math.max(0, at - 20), at).trimEnd();
  return before !== '' && !/(?:[=(,:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|default))$/.test(before);
};

/** The end of a regular expression that begins here: where a division could stand, a slash divides. */
const regexAt = (source: string, at: number, { regex }: Language): number | undefined => {
  if (regex !== true || source[at] !== '/') return undefined;
  if (isOperandBefore(source, at)) return undefined;
  let inClass = false;
  for (let place = at + 1; place < source.length; place += 1) {
    const sign = source[place];
    if (sign === '\n') return undefined;
    if (sign === '\\') place += 1;
    else if (sign === '[') inClass = true;
    else if (sign === ']') inClass = false;
    else if (sign === '/' && !inClass) return place + 1;
  }
  return undefined;
};
