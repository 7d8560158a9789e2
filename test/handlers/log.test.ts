import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLog, redacted } from '../../lambdas/shell/log.ts';

const jwt = `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(60)}.${'c'.repeat(43)}`;
const secrets: readonly (readonly [string, string])[] = [
  ['a token', jwt],
  ['a signed cookie', `eyJ${'a'.repeat(40)}.${'d'.repeat(43)}`],
  ['a bearer header', 'Bearer abcdefgh'],
  ["a person's link", `https://holdpoint.example.com/approvals/${'k'.repeat(32)}`],
  ['an address', 'tove.technical+x@mail.example.com'],
  ['a task token', 'AQCE'.repeat(80)],
];

describe('what is logged', () => {
  test.each(secrets)('never holds %s, wherever it stands', (_, secret) => {
    const hidden = secret.split(/[/ ]/).at(-1) ?? secret;
    for (const value of [secret, `before ${secret} after`, { deep: [{ er: `x ${secret}` }] }, `${'x '.repeat(990)}${secret}`])
      expect(JSON.stringify(redacted(value))).not.toContain(hidden.slice(0, 20));
  });

  test.each(secrets)('never holds %s that the length limit cuts', (_, secret) => {
    const hidden = secret.split(/[/ ]/).at(-1) ?? secret;
    // Replaced tokens make the text shorter, so that its cut end comes into sight.
    const before = `${jwt} `.repeat(Math.floor(3_700 / (jwt.length + 1)));
    for (let visible = 20; visible < Math.min(hidden.length, 200); visible += 7) {
      const place = 4_000 - visible - (secret.length - hidden.length);
      expect(String(redacted(`${before.padEnd(place - 1, 'x ')} ${secret}`))).not.toContain(hidden.slice(0, 8));
    }
  });

  test.each(['token', 'taskToken', 'Authorization', 'set-cookie', 'nonce', 'clientSecret', 'password'])('hides the member %s', (name) => {
    expect(redacted({ inner: { [name]: 'x', run: 'run-1' } })).toEqual({ inner: { [name]: '[redacted]', run: 'run-1' } });
  });

  test('keeps what an operator needs', () => {
    const fields = {
      run: '20260302-080000-abcdefghjk',
      status: 201,
      ms: 3,
      digest: 'f'.repeat(64),
      who: { kind: 'person', id: 'p-1' },
      none: null,
    };
    expect(redacted(fields)).toEqual(fields);
  });

  test('is cut where it is long, many, or deep', () => {
    expect(String(redacted('word '.repeat(100_000))).length).toBeLessThan(2_100);
    expect(redacted(Array.from({ length: 500 }, (_, n) => n))).toHaveLength(50);
    expect(JSON.stringify(redacted({ a: { b: { c: { d: { e: { f: 1 } } } } } }))).toContain('[deep]');
  });
});

describe('a fault', () => {
  afterEach(() => vi.restoreAllMocks());

  test('is one line with its causes, and without what its class carries along', () => {
    const lines: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((line) => {
        lines.push(String(line));
        return true;
      });
    const cause = Object.assign(new Error(`the provider said ${jwt}`), { response: { body: 'personal data' } });
    createLog('api-ci').fault(new Error('could not ask tove@example.com', { cause }), { request: 'r-1' });
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({
      level: 'ERROR',
      message: 'fault',
      function: 'api-ci',
      request: 'r-1',
      fault: { cause: { name: 'Error' } },
    });
    expect(lines[0]).not.toMatch(/tove@|personal data|cccccccc/);
  });
});
