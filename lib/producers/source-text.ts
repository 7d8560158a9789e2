import type { Language } from './languages.ts';

/** One comment, or a piece of code between comments: its text, and the line on which it begins, from 1. */
export type Piece = { readonly kind: 'comment' | 'code'; readonly line: number; readonly text: string };

/** Splits a source file into code (with its strings) and comments. Every character is in one piece, so lines are those of the file. */
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
  const heredocAt = heredocsIn(source, language);
  while (at < source.length) {
    textUntil = Math.max(textUntil, heredocAt(at) ?? 0);
    if (source[at] === '\n' && textUntil > at) at = textUntil;
    const comment = commentAt(source, at, language);
    if (comment !== undefined) {
      take('code', at);
      take('comment', comment);
      at = comment;
      continue;
    }
    const string = stringAt(source, at, language);
    if (string?.isDoc === true) {
      take('code', at);
      take('comment', string.end);
    }
    at = string?.end ?? regexAt(source, at, language) ?? at + 1;
  }
  take('code', source.length);
  return pieces;
};

/** Where the comment ends that begins here. */
const commentAt = (source: string, at: number, { line, block, nested }: Language): number | undefined => {
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
  return end < 0 ? source.length : end;
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

const stringAt = (source: string, at: number, language: Language): { readonly end: number; readonly isDoc: boolean } | undefined => {
  const string = language.strings.find(({ from }) => source.startsWith(from, at));
  if (string === undefined) return undefined;
  const end = endOfString(source, at + string.from.length, string);
  const before = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  return { end, isDoc: language.docStrings === true && string.lines === true && /^\s*[rRuU]?$/.test(before) };
};

const endOfString = (source: string, start: number, { to, lines, raw }: Language['strings'][number]): number => {
  let at = start;
  while (at < source.length) {
    // A verbatim string of C# writes its quotation mark twice.
    if (raw === true && to === '"' && source.startsWith('""', at)) {
      at += 2;
      continue;
    }
    if (source.startsWith(to, at)) return at + to.length;
    if (to === '`' && raw !== true && source.startsWith('${', at)) at = endOfHole(source, at + 2);
    // A string that does not end on its line is an apostrophe in a text, or a fault that the compiler finds.
    else if (source[at] === '\n' && lines !== true) return at;
    else at += raw !== true && source[at] === '\\' ? 2 : 1;
  }
  return source.length;
};

/** The end of `${…}` in a template, which may hold templates itself. */
const endOfHole = (source: string, start: number): number => {
  let depth = 1;
  let at = start;
  while (at < source.length && depth > 0) {
    const sign = source[at];
    if (sign === '`') {
      at = endOfString(source, at + 1, { from: '`', to: '`', lines: true });
      continue;
    }
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    at += 1;
  }
  return at;
};

/** The end of a regular expression that begins here: where a division could stand, a slash divides. */
const regexAt = (source: string, at: number, { regex }: Language): number | undefined => {
  if (regex !== true || source[at] !== '/') return undefined;
  const before = source.slice(Math.max(0, at - 20), at).trimEnd();
  if (before !== '' && !/(?:[=(,:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do))$/.test(before))
    return undefined;
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
