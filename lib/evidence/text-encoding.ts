/**
 * The encoding of a report by its byte-order mark; UTF-8 without one. What is sent stays as it is: its digest is that of these bytes. PowerShell 5
 * writes UTF-16 with a mark whenever output is redirected, so that reports of every text format come so.
 */
export const markedEncoding = ([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' => {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
};

/** Text of a report in the encoding of its mark, which is dropped. What is no such text is replaced: for a quick look. */
export const looselyRead = (bytes: Uint8Array, most = bytes.byteLength): string =>
  new TextDecoder(markedEncoding(bytes)).decode(bytes.subarray(0, most));
