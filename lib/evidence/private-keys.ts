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

/**
 * The parts of a line that belong to private keys, each from its beginning to its end. A key without an end in the line goes to the end of
 * the line and is open behind it: what encodes the key stands between the two, whatever the lines look like.
 */
export const keysIn = (text: string, isOpenBefore: boolean): { readonly found: readonly Found[]; readonly isOpen: boolean } => {
  const found: Found[] = [];
  let isOpen = isOpenBefore;
  for (let at = 0; ; ) {
    const begins = isOpen ? { from: at, to: at } : next(begin, text, at);
    if (begins === undefined) return { found, isOpen: false };
    const ends = next(end, text, begins.to);
    // Empty lines, and the CR of a line's end, say nothing.
    const to = ends?.to ?? text.trimEnd().length;
    if (to > begins.from) found.push([begins.from, to]);
    if (ends === undefined) return { found, isOpen: true };
    [at, isOpen] = [ends.to, false];
  }
};

/** Begins at the hint, because most lines have none and hyphens may be many. */
const next = (form: RegExp, text: string, at: number): { readonly from: number; readonly to: number } | undefined => {
  form.lastIndex = at;
  const match = text.includes('PRIVATE KEY') ? form.exec(text) : null;
  return match === null ? undefined : { from: match.index, to: match.index + match[0].length };
};
