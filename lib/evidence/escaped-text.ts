/** A line without the escapes that JSON allows for any character, and where each of its characters stands in the line as it was written. */
export type Unescaped = { readonly text: string; readonly placeIn: (place: number) => number };

const mayHaveEscapes = /\\(?:u[\da-f]{4}|\/)/i;
const escapes = /\\(?:u([\da-f]{4})|([\s\S]))/gi;

/**
 * Encoders write some characters as escapes though they need not: .NET the quotation mark within a text (`\u0022`), Gson the equals sign
 * (`\u003d`), PHP the slash (`\/`). The same text then has another spelling. All other escapes stay as they are.
 */
export const unescaped = (line: string): Unescaped => {
  if (!line.includes('\\') || !mayHaveEscapes.test(line)) return { text: line, placeIn: (place) => place };
  return replacedIn(line, escapes, ({ 1: code, 2: sign }) => (code === undefined ? (sign === '/' ? sign : undefined) : charOf(code)));
};

/** Not the backslash: it would escape what stands behind it. */
const encoded = /%(?:25){0,3}([2-467][\da-f]|5[\dabdef])/gi;

/**
 * An address encodes what stands in its parameters, once for each address that it stands in: `email=ada%40example.com`, `next=%2Fcb%3Ftoken%253Da`.
 * Undefined where nothing is encoded.
 */
export const percentDecoded = (line: string): Unescaped | undefined =>
  line.includes('%') && line.search(encoded) >= 0 ? replacedIn(line, encoded, ({ 1: code = '' }) => charOf(code)) : undefined;

const charOf = (code: string): string => String.fromCharCode(Number.parseInt(code, 16));

/** The line with one character in the place of each match, or the match as it is where `charFor` gives nothing. */
const replacedIn = (line: string, form: RegExp, charFor: (match: RegExpExecArray) => string | undefined): Unescaped => {
  /** From this place of the text on, the line is so many characters ahead. */
  const ends: { readonly place: number; readonly ahead: number }[] = [];
  let [text, from, ahead] = ['', 0, 0];
  for (const match of line.matchAll(form)) {
    const char = charFor(match);
    if (char === undefined) continue;
    text += line.slice(from, match.index) + char;
    from = match.index + match[0].length;
    ahead += match[0].length - 1;
    ends.push({ place: text.length, ahead });
  }
  return { text: text + line.slice(from), placeIn: (place) => place + (lastBefore(ends, place)?.ahead ?? 0) };
};

/** The last one that is not behind the place, found by halves: a line may have hundreds of thousands. */
const lastBefore = <T extends { readonly place: number }>(sorted: readonly T[], place: number): T | undefined => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.place ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
};
