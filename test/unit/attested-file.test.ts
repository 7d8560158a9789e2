import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attestedFile } from '../../lib/evidence/attested-file.ts';
import { mostAttested } from '../../lib/fields.ts';

const text = (given: string): Uint8Array => new TextEncoder().encode(given);
const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

describe('a file with an attestation', () => {
  test.each([
    ['a PNG', bytes('89504e470d0a1a0a0000000d49484452'), 'image/png'],
    ['a JPEG', bytes('ffd8ffe000104a464946'), 'image/jpeg'],
    ['a PDF', text('%PDF-1.7\n%\u{e2}'), 'application/pdf'],
    ['a text with lines, tabs and other letters', text('\ufeffOne\tline\r\nand å second.\n'), 'text/plain'],
    ['a page, which is kept as text', text('<html><script>alert(1)</script></html>'), 'text/plain'],
  ])('%s is kept byte for byte, as what its bytes say', (_, given, mediaType) => {
    expect(attestedFile(given).ok).toEqual({ mediaType, kept: given });
  });

  test('secrets and personal data are taken out of a text', () => {
    const given = 'Present: Ada Example\nada@acme.test, AKIAABCDEFGHIJKLMNOP\npassword=hunter22';
    const kept = new TextDecoder().decode(attestedFile(text(given)).ok?.kept);
    expect(kept).toBe('Present: Ada Example\n[removed: e-mail address], [removed: AWS access key]\npassword=[removed: password]');
  });

  // Put together here, so that no scanner takes this file for a leak.
  const edge = (word: string, name: string): string => `-----${word} ${name}-----`;
  const body = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', '', 'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj=='];
  const names = [
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK',
  ];

  test.each(names.flatMap((name) => [[name, '\n'] as const, [name, '\r\n'] as const]))(
    'of a %s nothing is kept, from its beginning to its end',
    (name, end) => {
      const given = ['Before', `key: ${edge('BEGIN', name)}`, ...body, `${edge('END', name)}, as agreed`, 'After'].join(end);
      const kept = ['Before', 'key: [removed: private key]', '', '', '', ', as agreed', 'After'].join(end);
      expect(new TextDecoder().decode(attestedFile(text(given)).ok?.kept)).toBe(kept);
    },
  );

  test('of a private key without an end nothing is kept but lines of another shape, and a second key is one of its own', () => {
    const given = [
      edge('BEGIN', 'PRIVATE KEY'),
      edge('END', 'PRIVATE KEY'),
      'Between',
      edge('BEGIN', 'PRIVATE KEY'),
      ...body,
      edge('END', 'CERTIFICATE'),
      'hunter22',
    ];
    const kept = ['[removed: private key]', '', 'Between', '[removed: private key]', '', '', '', edge('END', 'CERTIFICATE'), 'hunter22'];
    expect(new TextDecoder().decode(attestedFile(text(given.join('\n'))).ok?.kept)).toBe(kept.join('\n'));
  });

  test('a private key in one line is taken out whole, and a public one is kept', () => {
    const [secret, shown] = ['PRIVATE KEY', 'PUBLIC KEY'].map(
      (name) => `{"key":"${[edge('BEGIN', name), ...body, edge('END', name)].join('\\n')}"}`,
    );
    expect(new TextDecoder().decode(attestedFile(text(`${secret}\n${shown}`)).ok?.kept)).toBe(`{"key":"[removed: private key]"}\n${shown}`);
  });

  test.each([
    ['nothing', new Uint8Array(), 'an empty file'],
    ['too much', new Uint8Array(mostAttested + 1).fill(0x61), `${mostAttested + 1} bytes`],
    ['a program', bytes('7f454c46020101000000'), 'a file that begins with the bytes 7f454c4602010100'],
    ['a GIF', text('GIF89a\u0001\u0000\u0001'), 'begins with the bytes 474946383961'],
    ['UTF-16', bytes('fffe6f006b00'), 'begins with the bytes fffe6f006b00'],
    ['a text with a NUL', text('a\0b'), 'begins with the bytes 610062'],
  ])('%s is refused', (_, given, got) => {
    expect(attestedFile(given).refused).toMatchObject({ type: 'evidence-unreadable', got: expect.stringContaining(got) as unknown });
  });

  test('whatever comes is kept or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
        const { ok, refused } = attestedFile(given);
        expect([ok, refused]).toContain(undefined);
      }),
    );
  });
});
