import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { type EvidenceType, evidenceTypes, parseEvidence, recognise } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, refusalOf, types } from './parsed.ts';

/** Text in UTF-16 with a byte-order mark, as PowerShell 5 writes what is redirected into a file. */
const utf16 = (text: string, big = false): Uint8Array => {
  const buffer = Buffer.from(`\ufeff${text}`, 'utf16le');
  return new Uint8Array(big ? buffer.swap16() : buffer);
};
const textOf = (type: EvidenceType): string => new TextDecoder().decode(sampleOf(type)).replace(/^<\?xml[^>]*\?>\s*/, '');
const ends: readonly (readonly [string, boolean])[] = [
  ['little end first', false],
  ['big end first', true],
];

describe.each(ends)('UTF-16 with a byte-order mark, %s', (_ends, big) => {
  test.each(types)('has the facts of the same %s in UTF-8', (type) => {
    const crlf = textOf(type).replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
    expect(factsOf(type, utf16(crlf, big))).toEqual(factsOf(type, bytes(crlf)));
    expect(parseEvidence(type, utf16(crlf, big)).reportTime).toEqual(parseEvidence(type, bytes(crlf)).reportTime);
    const recognised = recognise(bytes(crlf));
    if (recognised.ok !== undefined) expect(recognise(utf16(crlf, big)).ok).toBe(recognised.ok);
  });

  test.each(types)('is no way around a refusal: half of a character at the end of %s', (type) => {
    expect(refusalOf(type, utf16(textOf(type), big).subarray(0, -1)).type).toBe('evidence-unreadable');
  });

  test.each(types)('an HTML page in place of %s is said to be one', (type) => {
    expect(refusalOf(type, utf16('<!DOCTYPE html><html><body>Sign in</body></html>', big)).detail).toContain('HTML page');
  });

  test('a log over several pieces keeps its lines, and loses its secrets before it is kept', () => {
    const secret = ['xoxb', '797543231948', '7FAc9QeWJKY40uvSwMFLZDe1'].join('-');
    const line = '{"time":"2026-03-01T08:00:00Z","level":"info","message":"an order for Zoë ✓"}';
    const lines = [...Array.from({ length: 9000 }, () => line), `{"message":"token ${secret}"}`, line];
    const sent = utf16(lines.join('\r\n'), big);
    expect(factsOf('log-sample', sent)).toMatchObject({ lines: 9002, objects: 9002 });
    const scrub = (evidenceTypes['log-sample'] as EvidenceKind).scrub ?? expect.fail('logs are scrubbed');
    const kept = new TextDecoder().decode(scrub(sent));
    expect(kept).not.toContain(secret);
    expect(kept.split('\n').filter((one) => one.trim() === line)).toHaveLength(9001);
    const harmless = utf16(lines.slice(0, 100).join('\r\n'), big);
    expect(scrub(harmless)).toBe(harmless);
  });
});

test.each<[string, Uint8Array]>([
  ['UTF-16 without a mark', utf16('1..1\nok 1 - Zoë\n').subarray(2)],
  ['a single byte of another encoding', new Uint8Array([...bytes('1..1\nok 1 - Zo'), 0xeb, 0x0a])],
])('%s is refused with what to do', (_what, sent) => {
  expect(refusalOf('tap', sent)).toMatchObject({
    detail: 'The report is not UTF-8 text, and not UTF-16 with a byte-order mark.',
    fix: expect.stringContaining('Out-File -Encoding utf8'),
  });
});
