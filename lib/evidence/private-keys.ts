/** A part of a line: its first place, and the one behind its last. */
export type Found = readonly [from: number, to: number];

export const privateKey = 'private key';

/**
 * PEM (RFC 7468, and what OpenSSL and OpenSSH write), OpenPGP (RFC 9580, 6.2) and SSH2 (RFC 4716, with four hyphens and a space). A name has
 * four words at most, so that a line of such words takes no longer than its length allows.
 */
const [begin, end] = ['BEGIN', 'END'].map(
  (word) => new RegExp(`-{4,5} ?${word} (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}`, 'g'),
) as [RegExp, RegExp];

/** A part of a line that belongs to a key; `continued`: the key began before. */
type KeyPart = { readonly part: Found; readonly continued: boolean };

/** A key that has begun and whose end was not read. `quiet`: lines without any of it since; `complete`: what was read of it last was its end by its form. */
export type OpenKey = { readonly quiet: number; readonly complete: boolean };

/** A key whose end is missing is over after so many lines that have nothing of it; other lines may stand between, in a log of several writers. */
const mostQuiet = 100;

/**
 * The parts of a line that belong to private keys: all from a beginning to its end where both stand in the line, and else what encodes the key. A log
 * may break off within a key, and what follows is of another shape and stays.
 */
export const keysIn = (
  text: string,
  before: OpenKey | undefined,
): { readonly found: readonly KeyPart[]; readonly open: OpenKey | undefined } => {
  const found: KeyPart[] = [];
  let open = before;
  const [beginning, ending] = [finder(begin, text), finder(end, text)];
  for (let at = 0; ; ) {
    const begins = beginning(at);
    const ends = ending(open === undefined ? (begins?.to ?? text.length) : at);
    if (open !== undefined && (begins === undefined || (ends !== undefined && ends.from < begins.from))) {
      const to = ends?.from ?? text.length;
      if (ends === undefined && at > 0 && text.slice(at).trim() === '') return { found, open };
      const material = materialIn(text, [at, to], open);
      for (const part of material) found.push({ part, continued: true });
      if (ends === undefined) return { found, open: after(open, text, material) };
      found.push({ part: [ends.from, ends.to], continued: true });
      [at, open] = [ends.to, undefined];
    } else if (begins === undefined) return { found, open };
    else {
      if (open !== undefined) for (const part of materialIn(text, [at, begins.from], open)) found.push({ part, continued: true });
      const isWhole = ends !== undefined && (beginning(begins.to)?.from ?? Number.POSITIVE_INFINITY) > ends.from;
      const to = isWhole ? ends.to : begins.to + tailOf(text, begins.to);
      found.push({ part: [begins.from, to], continued: false });
      [at, open] = [to, isWhole ? undefined : { quiet: 0, complete: false }];
    }
  }
};

/** What may stand right behind a beginning in its line: lines of the key as a text of JSON has them, and headers of the key. */
const tail =
  /(?:(?:\s|\\+[nrt])*(?:[A-Za-z0-9+/]{16,}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment): ?[^\\"\n]{0,100}))*(?:(?:\s|\\+[nrt])*[A-Za-z0-9+/]{1,64}={0,2}(?=(?:\s|\\+[nrt])*(?:["']|$)))?/y;
const tailOf = (text: string, at: number): number => {
  tail.lastIndex = at;
  return tail.exec(text)?.[0].trimEnd().length ?? 0;
};

/** A line that is nothing but a piece of base64, with what may quote it. */
const whole = /^([\s>|*#"'+,-]{0,40})([A-Za-z0-9+/]+={0,2})(?:\\+[nrt]|[\s"',;+\\])*$/;
const run = /[A-Za-z0-9+/]{20,}={0,2}/g;
/** Base64 of so many characters has characters of both cases and digits; a word, a number or a hash has not. */
const isMixed = (piece: string): boolean => /[a-z]/.test(piece) && /[A-Z]/.test(piece) && /[0-9+/]/.test(piece);
const shortest = 16;

/** What encodes a key in a part of a line. The last line of a key may have any length. */
const materialIn = (text: string, [from, to]: Found, { complete }: OpenKey): readonly Found[] => {
  const part = text.slice(from, to);
  const [, quoting, piece] = whole.exec(part) ?? [];
  if (quoting !== undefined && piece !== undefined && (!complete || piece.length >= shortest))
    return [[from + quoting.length, from + quoting.length + piece.length]];
  return [...part.matchAll(run)].flatMap(({ 0: one, index }) => (isMixed(one) ? [[from + index, from + index + one.length]] : []));
};

/** Behind a padded or short piece of a key, and behind a line of another shape, no short one follows. */
const after = ({ quiet, complete }: OpenKey, text: string, material: readonly Found[]): OpenKey | undefined => {
  if (material.length === 0) return quiet + 1 >= mostQuiet ? undefined : { quiet: quiet + 1, complete: complete || text.trim() !== '' };
  return { quiet: 0, complete: material.some(([from, to]) => to - from < shortest || text[to - 1] === '=') };
};

/**
 * Finds the next one from a place on; the places rise, so what was found is looked for once. Begins at the hint, because most lines have none and
 * hyphens may be many.
 */
const finder = (form: RegExp, text: string): ((at: number) => { readonly from: number; readonly to: number } | undefined) => {
  let known: { readonly from: number; readonly to: number } | undefined;
  let isOver = !text.includes('PRIVATE KEY');
  return (at) => {
    if (isOver || (known !== undefined && known.from >= at)) return known;
    form.lastIndex = at;
    const match = form.exec(text);
    known = match === null ? undefined : { from: match.index, to: match.index + match[0].length };
    isOver = match === null;
    return known;
  };
};
