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

const digits = '\\d{1,9}';
const versionLine = new RegExp(`^TAP version (${digits})$`, 'i');
const planLine = new RegExp(`^(${digits})\\.\\.(${digits})(?:\\s*#.*)?$`);
const testLine = /^(not )?ok\b(.*)$/;

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
  const [, number, described = ''] = /^(?:\s+(\d{1,9})(?!\S))?(.*)$/.exec(rest) ?? [];
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
 * The directive is behind the last `#` that is not escaped and followed by its word. A failing test is let off only by one with a space
 * before it, as TAP 14 wants; a passing one also by what looks like it.
 */
const directiveOf = (described: string, ok: boolean): { readonly name: string; readonly directive: Directive } => {
  for (let at = described.lastIndexOf('#'); at >= 0; at = at === 0 ? -1 : described.lastIndexOf('#', at - 1)) {
    const word = /^#\s*(skip|todo)(\S*)/i.exec(described.slice(at, at + 60));
    const isEscaped = described[at - 1] === '\\';
    const isStrict = word?.[2] === '' && (at === 0 || /\s/.test(described[at - 1] ?? ''));
    if (word !== null && !isEscaped && (isStrict || ok))
      return { name: described.slice(0, at), directive: word[1]?.toLowerCase() === 'todo' ? 'todo' : 'skip' };
  }
  return { name: described, directive: undefined };
};
