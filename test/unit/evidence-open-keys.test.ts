import { describe, expect, test } from 'vitest';
import { withoutSecrets } from '../../lib/evidence/sensitive.ts';
import { evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';

// Put together here, so that no scanner takes this file for a leak.
const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} ${'PRIVATE'} KEY-----`) as [string, string];
const body = [
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
  'MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu',
  'q8Zx9Q==',
];
const removed = '[removed: private key]';
const entry = (msg: string, more: object = {}): string =>
  JSON.stringify({ time: '2026-03-01T08:00:00.000Z', level: 'info', msg, traceId: '4bf92f3577b34da6a3ce929d0e0e4736', ...more });
const scrubbed = (...lines: readonly string[]): string[] => withoutSecrets(lines.join('\n')).split('\n');

describe('a private key without an end', () => {
  test('only what encodes it goes: lines of another shape stay', () => {
    const others = ['2026-03-01 12:00:00 INFO order 4711 placed', entry('placed'), '', 'done', 'id 550e8400-e29b-41d4-a716-446655440000'];
    expect(scrubbed('before', begin, ...body, ...others)).toEqual(['before', removed, '', '', '', ...others]);
  });

  test('what follows it in its own line stays, so that the line is still an object', () => {
    const [line = ''] = scrubbed(entry([begin, ...body].join('\n'), { user: 'u-1' }));
    expect(JSON.parse(line)).toMatchObject({ msg: removed, user: 'u-1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(JSON.parse(scrubbed(entry(`read ${begin}`))[0] ?? '')).toMatchObject({ msg: `read ${removed}` });
  });

  test.each([
    ['quoted', (text: string) => `> ${text}`],
    ['behind a time', (text: string) => `2026-03-01T08:00:00Z app ${text}`],
    ['in objects', (text: string) => entry(text)],
    ['with CR', (text: string) => `${text}\r`],
  ])('its lines %s go, also where lines of others stand between', (_, written) => {
    const [first = '', second = ''] = body;
    const kept = scrubbed(written(begin), written(first), entry('between'), 'INFO: between', written(second), entry('behind'));
    for (const piece of [first, second]) expect(kept.join('\n')).not.toContain(piece.slice(0, 20));
    expect([kept[2], kept[3], kept[5]]).toEqual([entry('between'), 'INFO: between', entry('behind')]);
  });

  test('before another key ends where that begins', () => {
    expect(scrubbed(begin, body[0] ?? '', begin, ...body, end, 'behind')).toEqual([removed, '', removed, '', '', '', '', 'behind']);
    expect(scrubbed(`${begin} ${begin}${body[0]}${end} behind`)).toEqual([`${removed} ${removed} behind`]);
  });

  test('is over after a hundred lines without any of it', () => {
    const run = 'aB3'.repeat(10);
    const others = Array.from({ length: 100 }, (_, n) => `line ${n} of the log`);
    expect(scrubbed(begin, ...body, ...others.slice(1), `x ${run}`).at(-1)).toBe('x ');
    expect(scrubbed(begin, ...body, ...others, `x ${run}`).at(-1)).toBe(`x ${run}`);
  });

  test('of a log is one find, and the lines behind it are still judged', () => {
    const log = [entry('a'), begin, ...body, ...Array.from({ length: 20 }, (_, n) => entry(`b${n}`))].join('\n');
    const bytes = new TextEncoder().encode(log);
    const facts = parseEvidence('log-sample', bytes).ok;
    expect(facts).toMatchObject({ sensitive: [{ kind: 'private key', found: 1, firstLine: 2 }], objects: 21 });
    const kept = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(bytes));
    expect(kept.split('\n').slice(-20)).toEqual(log.split('\n').slice(-20));
  });

  test.each([
    ['beginnings', `${begin} `],
    ['beginnings and runs', `${begin} ${'aB3'.repeat(10)} `],
    ['long runs', `x ${'aB3/'.repeat(1000)}`],
    ['backslashes', '\\'],
  ])('takes no longer than the length of a line of %s allows', (_, part) => {
    const started = process.cpuUsage();
    scrubbed(begin, begin + part.repeat(Math.ceil(400_000 / part.length)), part.repeat(Math.ceil(400_000 / part.length)));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2500);
  });
});

test('a key with its end goes whole, whatever stands between in its line', () => {
  expect(scrubbed(`{"key":"${[begin, ...body, end].join('\\n')}","user":"u-1"}`)).toEqual([`{"key":"${removed}","user":"u-1"}`]);
  expect(scrubbed(begin, ...body, `${end}, as agreed`, 'behind')).toEqual([removed, '', '', '', ', as agreed', 'behind']);
});
