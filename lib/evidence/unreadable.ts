import { type Outcome, type Refusal, refuse } from '../outcome.ts';

/** A report that cannot be read as what it was said to be. */
export const unreadable = (
  what: string,
  more: { readonly got: string; readonly expected: string; readonly fix: string },
): { refused: Refusal } => refuse('evidence-unreadable', what, { ...more, got: more.got.slice(0, 200) });

/** UTF-8 text of a report; a byte-order mark is dropped, broken bytes are refused. */
export const textOf = (bytes: Uint8Array, expected: string): Outcome<string> => {
  try {
    return { ok: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return unreadable('The report is not UTF-8 text.', {
      got: `${bytes.byteLength} bytes`,
      expected,
      fix: 'Send the file as its tool wrote it, uncompressed.',
    });
  }
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
