import { lineScrubber } from './sensitive.ts';
import { markedEncoding } from './text-encoding.ts';

/**
 * The lines as they are kept, without every sensitive text or every secret alone, in the lines that may quote one. A text that has nothing to
 * remove stays as it is, byte for byte.
 */
export const scrubbedLines = (
  bytes: Uint8Array,
  which: Parameters<typeof lineScrubber>[0],
  mayQuote: (line: string) => boolean = () => true,
): Uint8Array => {
  const scrubber = (): ((line: string) => string) => {
    const scrub = lineScrubber(which);
    return (line) => (mayQuote(line) ? scrub(line) : line);
  };
  const read = scrubber();
  let isChanged = false;
  for (const lines of piecesOf(bytes)) isChanged ||= lines.some((line) => read(line) !== line);
  if (!isChanged) return bytes;
  const encoder = new TextEncoder();
  const kept: Uint8Array[] = [];
  const scrub = scrubber();
  let between = '';
  for (const lines of piecesOf(bytes)) {
    kept.push(encoder.encode(between + lines.map((line) => scrub(line)).join('\n')));
    between = '\n';
  }
  return joined(kept);
};

const pieceBytes = 256 * 1024;

/** The lines of a log, some thousands at a time. What is no text is replaced, as in the report that is refused. */
function* piecesOf(bytes: Uint8Array): Generator<readonly string[]> {
  const decoder = new TextDecoder(markedEncoding(bytes));
  let rest = '';
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const lines = (rest + decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  yield (rest + decoder.decode()).split('\n');
}

export const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
};
