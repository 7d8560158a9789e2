import type { Outcome } from '../outcome.ts';
import { counted } from '../wording.ts';
import { markedEncoding } from './text-encoding.ts';
import { unreadable } from './unreadable.ts';

/** Encodings that XML declares in practice and in which every character of the markup is one byte (IANA names; WHATWG Encoding). */
const singleByteMarkup =
  /^(utf-?8|(us-)?ascii|latin-?1|iso-?8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5)$/i;

/**
 * Text of an XML report, decoded as its first bytes and its declaration say (XML 1.0, appendix F): a byte-order mark counts first, then
 * UTF-16 by its zero bytes, then the declared encoding, then UTF-8. A declaration that the bytes contradict is refused.
 *
 * Test runners copy coloured output into their reports, which makes the XML ill-formed. Control characters become DEL, which XML allows
 * in text and values, and forbids in markup; a colour sequence becomes one of them.
 */
export const xmlTextOf = (bytes: Uint8Array, expected: string): Outcome<string> => {
  try {
    return { ok: [...xmlPieces(bytes)].join('') };
  } catch {
    return undecodable(bytes, expected);
  }
};

const pieceBytes = 256 * 1024;

/** The same text piece by piece, so that a large report is not held as text. Throws `Undecodable`. */
export function* xmlPieces(bytes: Uint8Array): Generator<string> {
  const decode = decoderOf(bytes);
  let held = '';
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const isLast = at + pieceBytes >= bytes.byteLength;
    const text = held + decode(bytes.subarray(at, at + pieceBytes), !isLast);
    // What may be the beginning of a control character or a colour sequence waits for the next piece.
    const tail = isLast ? -1 : text.slice(-longestControl).search(/(?![\t\n\r])\p{Cc}|&/u);
    const end = tail < 0 ? text.length : Math.max(0, text.length - longestControl) + tail;
    held = text.slice(end);
    yield withoutControls(text.slice(0, end));
  }
}

/** The bytes are no text in the encoding that they show. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
}

const decoderOf = (bytes: Uint8Array): ((piece: Uint8Array, stream: boolean) => string) => {
  try {
    const decoder = new TextDecoder(encodingOf(bytes).label, { fatal: true });
    return (piece, stream) => {
      try {
        return decoder.decode(piece, { stream });
      } catch (cause) {
        throw new Undecodable('not decodable', { cause });
      }
    };
  } catch (cause) {
    throw new Undecodable('an encoding that is not known', { cause });
  }
};

export const undecodable = (bytes: Uint8Array, expected: string) =>
  unreadable('The report is not text in the encoding that it declares.', {
    got: `${counted(bytes.byteLength, 'byte')}${encodingOf(bytes).declared}${bytes[0] === 0x1f && bytes[1] === 0x8b ? ' that look like gzip' : ''}`,
    expected: `${expected}, in UTF-8 or as its XML declaration says`,
    fix: 'Send the file as the tool wrote it, uncompressed and in the encoding that it declares.',
  });

/** The beginning of a report, to tell what it is: what cannot be decoded is left as it comes. */
export const beginningOf = (bytes: Uint8Array, most: number): string => {
  const { label } = encodingOf(bytes);
  return withoutControls(new TextDecoder(label === unknown ? 'latin1' : label).decode(bytes.subarray(0, most)));
};

const unknown = 'none';

const encodingOf = (bytes: Uint8Array): { readonly label: string; readonly declared: string } => {
  const [first, second, third, fourth] = bytes;
  const marked = markedEncoding(bytes);
  if (marked !== 'utf-8') return { label: marked, declared: ' that look like UTF-16' };
  if (first === 0xef && second === 0xbb && third === 0xbf) return { label: 'utf-8', declared: '' };
  if (first === 0x3c && second === 0 && fourth === 0) return { label: 'utf-16le', declared: ' that look like UTF-16' };
  if (first === 0 && second === 0x3c && third === 0) return { label: 'utf-16be', declared: ' that look like UTF-16' };
  const head = new TextDecoder('latin1').decode(bytes.slice(0, 200));
  const name = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']{0,40})["']/.exec(head)?.[1];
  if (name === undefined) return { label: 'utf-8', declared: '' };
  return { label: singleByteMarkup.test(name) ? name : unknown, declared: ` declared as ${name}` };
};

/** Raw or escaped, and with the rest of its colour sequence. */
const controls = /(?:(?![\t\n\r])\p{Cc}|&#(?:x0*(?:[1-8bcef]|1[0-9a-f])|0*(?:[1-8]|1[1245-9]|2\d|3[01]));)(?:\[[\d;]{0,20}[A-Za-z])?/giu;

/** A colour sequence has some twenty characters, an escaped control character about ten. */
const longestControl = 40;

/** NUL stays, and is refused as XML wants: only damaged or binary files have it. */
const withoutControls = (text: string): string =>
  mayHaveControls.test(text) ? text.replace(controls, (found) => (found.startsWith('\0') ? found : '\u007f')) : text;
/** A quick look, for almost every report has none. */
const mayHaveControls = /[^\t\n\r -~\u00a0-\uffff]|&#/;
