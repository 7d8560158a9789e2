import { counted } from '../wording.ts';
import { looselyRead } from './text-encoding.ts';

/** What a report is in place of a report, and what its sender can do. */
export type NoReport = { readonly detail: string; readonly got: string; readonly fix: string };

/** First bytes of compressed files (gzip: RFC 1952; zip: APPNOTE 4.3.7; zstd: RFC 8878; bzip2; xz). */
const compressed: readonly (readonly [string, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

/** No report is one: a server sends it in place of the file, when it wants a sign-in or has an error. */
const page = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html)(?=[\s>])/i;

/** What is no report of any type, by its first bytes; undefined of everything else. Nothing is unpacked. */
export const noReportOf = (bytes: Uint8Array): NoReport | undefined => {
  if (bytes.byteLength === 0) return { detail: 'The report is empty.', got: '0 bytes', fix: 'Send the file that the tool wrote.' };
  const [format] = compressed.find(([, signs]) => signs.every((sign, place) => bytes[place] === sign)) ?? [];
  if (format !== undefined)
    return {
      detail: 'The report is compressed.',
      got: `${counted(bytes.byteLength, 'byte')} that look like ${format}`,
      fix: 'Unpack it, and send the file that is in it.',
    };
  if (page.test(looselyRead(bytes, 2000)))
    return {
      detail: 'The report is an HTML page, such as a sign-in page.',
      got: 'a page in HTML',
      fix: 'Check the address from which it was fetched and the rights of the account, and send the file that the tool wrote.',
    };
  return undefined;
};
