import { excerpt } from '../canonical.ts';
import { type Outcome, type Refusal, refuse } from '../outcome.ts';

/** A report that cannot be read as what it was said to be. What was got comes from the report, so it is cut and cleaned. */
export const unreadable = (
  what: string,
  more: { readonly got: string; readonly expected: string; readonly fix: string },
): { refused: Refusal } => refuse('evidence-unreadable', what, { ...more, got: excerpt(more.got, 200) });

/** UTF-8 text of a report; a byte-order mark is dropped, broken bytes are refused. */
export const textOf = (bytes: Uint8Array, expected: string): Outcome<string> => {
  try {
    return { ok: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return unreadable('The report is not UTF-8 text.', {
      got: `${bytes.byteLength} bytes${lookOf(bytes)}`,
      expected: `${expected}, in UTF-8`,
      fix: 'Send the file as its tool wrote it, uncompressed and in UTF-8.',
    });
  }
};

/** What the first bytes look like, for the two mistakes that people make. */
const lookOf = ([first, second]: Uint8Array): string => {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return ' that look like UTF-16';
  return first === 0x1f && second === 0x8b ? ' that look like gzip' : '';
};

export const jsonOf = (bytes: Uint8Array, expected: string): Outcome<unknown> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  try {
    return { ok: JSON.parse(text.ok) as unknown };
  } catch (fault) {
    return unreadable('The report is not JSON.', {
      got: fault instanceof Error ? fault.message : 'a syntax error',
      expected,
      fix: 'Send the JSON file as its tool wrote it.',
    });
  }
};
