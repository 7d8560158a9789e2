import { mostAttested } from '../fields.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import { counted } from '../wording.ts';
import { lineScrubber } from './sensitive.ts';

/** What a file is, and its bytes as they are kept. */
export type AttestedFile = { readonly mediaType: string; readonly kept: Uint8Array };

/** By their first bytes, in hex. What its sender says may be wrong. */
const kinds: readonly (readonly [start: string, mediaType: string])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['255044462d', 'application/pdf'],
];

/**
 * A file that a person gives with an attestation: a picture, a PDF or a text. Of a text, secrets and personal data that have a form of their
 * own are taken out before it is kept. Nobody can find them in a picture or a PDF, which are kept as they are.
 */
export const attestedFile = (bytes: Uint8Array): Outcome<AttestedFile> => {
  if (bytes.byteLength === 0) return wrong('an empty file');
  if (bytes.byteLength > mostAttested) return wrong(counted(bytes.byteLength, 'byte'));
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  const known = kinds.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) return ok({ mediaType: known[1], kept: bytes });
  const text = textOf(bytes);
  if (text === undefined) return wrong(`a file that begins with the bytes ${start}`);
  const scrubbed = text.split('\n').map(lineScrubber()).join('\n');
  return ok({ mediaType: 'text/plain', kept: scrubbed === text ? bytes : new TextEncoder().encode(scrubbed) });
};

/** UTF-8 without control characters other than those of lines and columns. */
const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[^\P{Cc}\t\n\f\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
};

const wrong = (got: string) =>
  refuse('evidence-unreadable', 'This file cannot be kept with an attestation.', {
    got,
    expected: `a PNG or JPEG picture, a PDF or a text in UTF-8, of 1 to ${mostAttested} bytes`,
    fix: 'Save it as one of these, or make it smaller.',
  });
