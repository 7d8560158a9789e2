/** One line of a TAP stream, without its indentation (TAP 13 and 14, testanything.org). */
export type TapLine =
  | { readonly is: 'version'; readonly version: number }
  | { readonly is: 'plan'; readonly from: number; readonly to: number }
  | {
      readonly is: 'test';
      readonly ok: boolean;
      readonly number: number | undefined;
      readonly name: string;
      readonly directive: Directive;
      readonly opens: boolean;
    }
  | { readonly is: 'bail'; readonly why: string }
  | { readonly is: 'comment'; readonly text: string }
  | { readonly is: 'yaml' | 'close' | 'other' };

export type Directive = 'skip' | 'todo' | undefined;

/** Colours of a terminal, which runners write where they take a pipe for one. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]{0,20}m`, 'g');
export const withoutColours = (line: string): string => (line.includes('\u001b') ? line.replace(colours, '') : line);

/** A number that no test has is read all the same: it is not the one that was expected. */
const digits = '\\d{1,300}';
const versionLine = new RegExp(`^TAP version (${digits})$`, 'i');
const planLine = new RegExp(`^(${digits})\\.\\.(${digits})(?:\\s*#.*)?$`);
/** A failure counts however it is spaced, and in capitals where it has a number: who writes TAP by hand misspells it now and then. */
const testLine = /^(?:(not[ \t]+ok\b|(?:Not|NOT)[ \t]+(?:ok|OK|Ok)(?=[ \t]+\d))|ok\b)(.*)$/;

export const tapLineOf = (text: string): TapLine => {
  if (text.startsWith('#')) return { is: 'comment', text: text.slice(1).trim() };
  // Most lines are tests, and no other line begins as one.
  const [test, not, rest = ''] = testLine.exec(text) ?? [];
  if (test !== undefined) return testOf(not === undefined, rest);
  const version = versionLine.exec(text)?.[1];
  if (version !== undefined) return { is: 'version', version: Number(version) };
  const [plan, from, to] = planLine.exec(text) ?? [];
  if (plan !== undefined) return { is: 'plan', from: Number(from), to: Number(to) };
  if (/^bail out!/i.test(text)) return { is: 'bail', why: text.slice('bail out!'.length).trim() };
  if (text === '---') return { is: 'yaml' };
  return { is: text === '}' ? 'close' : 'other' };
};

const testOf = (ok: boolean, rest: string): TapLine => {
  const [, number, described = ''] = /^(?:\s+(\d{1,300})(?!\S))?(.*)$/.exec(rest) ?? [];
  const opens = /(?:^|\s)\{\s*$/.test(described);
  const { name, directive } = directiveOf(opens ? described.replace(/\{\s*$/, '') : described, ok);
  return {
    is: 'test',
    ok,
    number: number === undefined ? undefined : Number(number),
    name: name
      .trim()
      .replace(/^-\s*/, '')
      // node-tap writes how long the test took.
      .replace(/(?:^|\s)#\s*time=[\d.]{1,20}m?s$/, '')
      .replace(/\\([#\\])/g, '$1'),
    directive,
    opens,
  };
};

/**
 * The directive of a failing test stands behind the first `#` that parts a description from it (TAP 14, "Escaping"): only such a one lets the
 * failure off. A passing test is let off by whatever looks like one, behind any `#` that is not escaped.
 */
const directiveOf = (described: string, ok: boolean): { readonly name: string; readonly directive: Directive } => {
  const hashes = described.includes('#') ? unescapedIn(described) : [];
  for (const at of ok ? hashes.reverse() : hashes.filter((one) => isDelimiter(described, one)).slice(0, 1)) {
    const word = /^#\s*(skip|todo)(\S*)/i.exec(described.slice(at, at + 60));
    if (word === null || !(ok || word[2] === '')) continue;
    return { name: described.slice(0, at), directive: word[1]?.toLowerCase() === 'todo' ? 'todo' : 'skip' };
  }
  return { name: described, directive: undefined };
};

/** Where a `#` stands that is not escaped. A backslash escapes the sign behind it, another backslash, too. */
const unescapedIn = (described: string): number[] =>
  [...described.matchAll(/\\.|#/gsu)].flatMap(({ 0: sign, index }) => (sign === '#' ? [index] : []));

/** Neither within a word, as in `a#b`, nor in front of one that is no directive, as in `#42`. */
const isDelimiter = (described: string, at: number): boolean =>
  (at === 0 || /[\s\\]/.test(described[at - 1] ?? '')) && /^#(?:\s|skip|todo|$)/i.test(described.slice(at, at + 5));
