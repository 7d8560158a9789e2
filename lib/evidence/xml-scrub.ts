import { joined } from './scrubbed-lines.ts';
import { withoutSecrets } from './sensitive.ts';
import { Undecodable, xmlPieces } from './xml-text.ts';

/** The pieces of an XML text, damaged ones included: comments, CDATA sections, instructions, tags, and the text between them. */
const pieces =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<\/?[A-Za-z_:](?:"[^"]*"|'[^']*'|[^"'<>])*>|[^<]+|</g;

const [opens, closes] = ['<![CDATA[', ']]>'];

type MayQuote = (element: string, attribute: string, tag: string) => boolean;

/**
 * An XML report as it is kept: without secrets in text, in comments, and in the attributes that `mayQuote` names for an element. Everything else
 * decides what the report says, and stays. A report without secrets stays as it is, byte for byte; any other one is written in UTF-8. Never throws.
 */
export const scrubbedXml = (bytes: Uint8Array, mayQuote: MayQuote): Uint8Array => {
  try {
    return scrubbedParts(bytes, () => xmlPieces(bytes), mayQuote);
  } catch (fault) {
    if (!(fault instanceof Undecodable)) throw fault;
    // No parser reads it, and whatever it is stands in it byte for byte.
    return scrubbedParts(bytes, () => [new TextDecoder('latin1').decode(bytes)], mayQuote);
  }
};

/** Read twice, so that a large report without secrets is not held a second time. */
const scrubbedParts = (bytes: Uint8Array, texts: () => Iterable<string>, mayQuote: MayQuote): Uint8Array => {
  const scrub = (part: string): string => part.replace(pieces, (piece) => scrubbedPiece(piece, mayQuote));
  if (!hasSecret(partsOf(texts()), scrub)) return bytes;
  const encoder = new TextEncoder();
  return joined(
    Array.from(partsOf(texts()), (part, n) => encoder.encode(n === 0 ? scrub(part).replace(declared, '$1UTF-8$2') : scrub(part))),
  );
};

const hasSecret = (parts: Iterable<string>, scrub: (part: string) => string): boolean => {
  for (const part of parts) if (scrub(part) !== part) return true;
  return false;
};

/** The text in parts that end where a piece of markup ends. A piece that is not complete waits until twice as much has been read. */
function* partsOf(texts: Iterable<string>): Generator<string> {
  let [held, needed] = ['', 0];
  for (const text of texts) {
    held += text;
    if (held.length < needed) continue;
    const end = lastEnd(held);
    if (end > 0) yield held.slice(0, end);
    held = held.slice(end);
    needed = end > 0 ? 0 : 2 * held.length;
  }
  yield held;
}

/** Where the last piece begins, which may go on behind the text. */
const lastEnd = (text: string): number => {
  let last = 0;
  for (const { index } of text.matchAll(pieces)) last = index;
  return last;
};

const declared = /^(\s*<\?xml[^>]*?\sencoding\s*=\s*["'])[^"']*(["'])/;

const scrubbedPiece = (piece: string, mayQuote: MayQuote): string => {
  if (piece.startsWith(opens)) {
    const isEnded = piece.endsWith(closes);
    const scrubbed = withoutSecrets(piece.slice(opens.length, isEnded ? -closes.length : undefined));
    // What stood apart may not become the end of the section.
    return `${opens}${scrubbed.replaceAll(closes, ']]]]><![CDATA[>')}${isEnded ? closes : ''}`;
  }
  if (piece.startsWith('<!--')) return withoutSecrets(piece) === piece ? piece : '<!-- removed: a secret -->';
  if (piece.startsWith('<?')) return piece;
  if (piece.startsWith('<')) return piece.includes('=') ? scrubbedTag(piece, mayQuote) : piece;
  return scrubbedText(piece);
};

const attributes = /(\s)([^\s="'<>/]+)(\s*=\s*)("[^"]*"|'[^']*')/g;

const scrubbedTag = (tag: string, mayQuote: MayQuote): string => {
  const element = localName(/^<([^\s/>]+)/.exec(tag)?.[1] ?? '');
  return tag.replace(attributes, (whole, blank: string, name: string, is: string, quoted: string) => {
    if (!mayQuote(element, localName(name), tag)) return whole;
    const value = quoted.slice(1, -1);
    const scrubbed = scrubbedText(value.replace(/[\t\n\r]/g, ' '));
    return scrubbed === value.replace(/[\t\n\r]/g, ' ') ? whole : `${blank}${name}${is}"${scrubbed.replaceAll('"', '&quot;')}"`;
  });
};

const localName = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();

/** Escaped text, read as the parser reads it: an entity may stand for the quotation mark before a password. */
const scrubbedText = (escaped: string): string => {
  const plain = escaped.includes('&') ? escaped.replace(entities, decoded) : escaped;
  const scrubbed = withoutSecrets(plain);
  return scrubbed === plain ? escaped : scrubbed.replace(/[&<>\n\r\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
};

const entities = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi;
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decoded = (whole: string, hexadecimal?: string, decimal?: string, name = ''): string => {
  const code = hexadecimal === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hexadecimal, 16);
  if (Number.isNaN(code)) return named[name] ?? whole;
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
};
