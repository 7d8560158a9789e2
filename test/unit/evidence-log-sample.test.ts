import { describe, expect, test } from 'vitest';
import type { LogSampleFacts } from '../../lib/evidence/log-sample.ts';
import { evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { logPrivate } from '../../lib/rules/log-private.ts';
import { logStructured } from '../../lib/rules/log-structured.ts';

const line = (more: object = {}): string => JSON.stringify({ time: '2026-03-01T08:00:00.000Z', level: 'info', msg: 'request', ...more });
const lines = (...some: string[]): Uint8Array => new TextEncoder().encode(some.join('\n'));
const parsed = (bytes: Uint8Array) => parseEvidence('log-sample', bytes);
const factsOf = (...some: string[]): LogSampleFacts => {
  const read = parsed(lines(...some));
  if (read.refused) throw new Error(read.refused.detail);
  return read.ok as LogSampleFacts;
};
const structured = logStructured.of({ minLines: 3, maxUnstructuredPct: 0 });
const kept = logPrivate.of({ minLines: 3 });
const many = Array.from({ length: 3 }, () => line());

describe('a structured log', () => {
  test.each([
    ['pino', { level: 30, time: 1772352000000, pid: 1, msg: 'request' }],
    ['Bunyan', { name: 'shop', level: 50, time: '2026-03-01T08:00:00.000Z', msg: 'request', v: 0 }],
    ['Powertools', { level: 'INFO', message: 'request', timestamp: '2026-03-01T08:00:00.000Z', service: 'shop' }],
    ['zap', { level: 'info', ts: 1772352000.123, msg: 'request' }],
    ['Elastic Common Schema, flat', { '@timestamp': '2026-03-01T08:00:00.000Z', 'log.level': 'warn', message: 'request' }],
    ['Elastic Common Schema, nested', { '@timestamp': '2026-03-01T08:00:00.000Z', log: { level: 'warn' }, message: 'request' }],
    ['Google Cloud', { severity: 'ERROR', timestamp: '2026-03-01T08:00:00Z', message: 'request' }],
    ['Serilog', { '@t': '2026-03-01T08:00:00.0000000Z', '@l': 'Warning', '@mt': 'request {Path}' }],
    ['python-json-logger', { asctime: '2026-03-01 08:00:00,123', levelname: 'INFO', message: 'request' }],
    ['Log4j 2', { instant: { epochSecond: 1772352000, nanoOfSecond: 1 }, thread: 'main', level: 'INFO', message: 'request' }],
    ['.NET', { Timestamp: '2026-03-01T08:00:00Z', EventId: 1, LogLevel: 'Information', Category: 'A', Message: 'request' }],
    ["Serilog's JsonFormatter", { Timestamp: '2026-03-01T08:00:00.0000000+00:00', Level: 'Information', MessageTemplate: 'request' }],
    ['tracing of Rust', { timestamp: '2026-03-01T08:00:00.000000Z', level: 'INFO', fields: { message: 'request' }, target: 'shop' }],
    ['Loguru', { text: 'request', record: { level: { name: 'INFO' }, message: 'request', time: { timestamp: 1772352000.1 } } }],
    ['Google Cloud, a text', { severity: 'INFO', timestamp: '2026-03-01T08:00:00Z', textPayload: 'request' }],
    ['Google Cloud, an object', { severity: 'INFO', timestamp: '2026-03-01T08:00:00Z', jsonPayload: { message: 'request' } }],
    ['OpenTelemetry', { timeUnixNano: '1772352000000000000', severityText: 'INFO', body: { stringValue: 'request' } }],
    ['the journal of systemd', { __REALTIME_TIMESTAMP: '1772352000000000', PRIORITY: '6', MESSAGE: 'request' }],
    ['Monolog', { message: 'request', level: 200, level_name: 'INFO', datetime: '2026-03-01T08:00:00.000000+00:00' }],
    ['Serilog, informational', { '@t': '2026-03-01T08:00:00.0000000Z', '@mt': 'request {Path}' }],
  ])('of %s passes', (_, entry) => {
    const facts = factsOf(...Array.from({ length: 3 }, () => JSON.stringify(entry)));
    expect(facts).toMatchObject({ lines: 3, objects: 3, complete: 3, firstUnstructured: null, firstIncomplete: null });
    expect(judgeEvidence(structured, facts).verdict).toBe('pass');
  });

  test.each<readonly [string, readonly string[], string, string]>([
    ['plain text', [...many, 'START RequestId: 1'], 'fail', 'line 4 is no JSON object with each name once'],
    ['a cut last line', [...many, '{"time":"2026'], 'fail', 'line 4 is no JSON object with each name once'],
    ['a list', [...many, '[1]'], 'fail', 'line 4 is no JSON object with each name once'],
    [
      'a name twice',
      [...many, '{"level":"info","level":"error","msg":"a","time":"2026-03-01T08:00:00Z"}'],
      'fail',
      'line 4 is no JSON object with each name once',
    ],
    ['no time', [...many, line({ time: undefined })], 'fail', 'line 4 lacks a time'],
    ['a time that is none', [...many, line({ time: 'yesterday' })], 'fail', 'line 4 lacks a time'],
    ['no level', [...many, line({ level: undefined })], 'fail', 'line 4 lacks a level'],
    ['no message', [...many, line({ msg: '' })], 'fail', 'line 4 lacks a message'],
    ['a message of spaces', [...many, line({ msg: '  ' })], 'fail', 'line 4 lacks a message'],
    ['a message that is null', [...many, line({ msg: null })], 'fail', 'line 4 lacks a message'],
    ['a level that is no word', [...many, line({ level: '__proto__' })], 'fail', 'line 4 lacks a level'],
    ['a level beyond all numbers', [...many, line().replace('"info"', '1e999')], 'fail', 'line 4 lacks a level'],
    ['a level under an unknown name', [...many, line({ level: undefined, grade: 'info' })], 'fail', 'line 4 lacks a level'],
    [
      'a type that Lambda does not write',
      [...many, '{"time":"2026-03-01T08:00:00Z","type":"platform.x","record":{}}'],
      'fail',
      'line 4 lacks a level',
    ],
    ['a number of seconds as text', [...many, line({ time: '1772352000' })], 'fail', 'line 4 lacks a time'],
    ['too few lines', [line(), '', '  ', line()], 'inconclusive', 'at least 3 lines expected'],
  ])('with %s', (_, some, verdict, says) => {
    const judged = judgeEvidence(structured, factsOf(...some));
    expect(judged.reason).toContain(says);
    expect(judged.verdict).toBe(verdict);
  });

  test('may have lines of another form where the definition accepts some', () => {
    const facts = factsOf(...Array.from({ length: 9 }, () => line()), 'REPORT RequestId: 1');
    expect(judgeEvidence(logStructured.of({ minLines: 3, maxUnstructuredPct: 10 }), facts).verdict).toBe('pass');
    expect(judgeEvidence(logStructured.of({ minLines: 3, maxUnstructuredPct: 9 }), facts).verdict).toBe('fail');
  });

  test('has lines of Lambda itself, which count neither for it nor against it', () => {
    const report = JSON.stringify({
      time: '2026-03-01T08:00:00.000Z',
      type: 'platform.report',
      record: { requestId: 'a', status: 'success' },
    });
    expect(factsOf(...many, report)).toMatchObject({ lines: 4, objects: 4, complete: 3, platform: 1, firstIncomplete: null });
    expect(judgeEvidence(structured, factsOf(...many, report)).verdict).toBe('pass');
    expect(judgeEvidence(structured, factsOf(report, report, report))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('at least 3 lines of the service expected'),
    });
  });

  test('is told from the events of go test', () => {
    const event = JSON.stringify({ Time: '2026-03-01T08:00:00Z', Action: 'pass', Package: 'shop' });
    expect(inspectEvidence(lines(event, event), undefined).refused?.type).toBe('evidence-type-unknown');
    expect(inspectEvidence(lines(...many), undefined).ok?.type).toBe('log-sample');
  });

  test.each(['constructor', 'hello', 'HTTP', 'INFO5', 'info+', '', 'level 30', 25, 61, 30.5, -1, 1000, '99', true, null])(
    'has a level that loggers write, and %j counts only where it is one',
    (level) => {
      expect(factsOf(line({ level }), line()).levels).toEqual(level === 'HTTP' ? { http: 1, info: 1 } : { info: 1 });
    },
  );

  test.each([
    ...['TRACE', 'Verbose', 'Information', 'WARNING', 'err', 'crit', 'emerg', 'DPANIC', 'SEVERE', 'silly', 'SUCCESS', 'NOTICE', 'DEFAULT'],
    ...['INFO2', 'ERROR4', 'INFO+2', 'DEBUG-4', 6, '6', 17, 60, 250],
  ])('has the level %j', (level) => {
    expect(factsOf(line({ level })).complete).toBe(1);
  });

  test('keeps the levels under the names of their loggers', () => {
    expect(factsOf(line({ level: 30 }), line({ level: 17 }), line()).levels).toEqual({ 'level 17': 1, info: 2 });
  });

  test('with CRLF and a byte-order mark is the same', () => {
    expect(parsed(new TextEncoder().encode(`\uFEFF${many.join('\r\n')}\r\n`)).ok).toEqual(factsOf(...many));
  });
});

// Put together here, so that no scanner takes this file for a leak.
const secret = {
  key: `AKIA${'IOSFODNN7EXAMPLE'}`,
  token: `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxMjM0NTY3ODkwIn0'}.dBjftJeZ4CVP`,
  pem: `-----BEGIN ${'PRIVATE'} KEY-----`,
};

describe('a log with something that must not be there', () => {
  test.each([
    ['AWS access key', `key ${secret.key} used`],
    ['signed token', `token ${secret.token}`],
    ['private key', secret.pem],
    ['credentials in a header', 'authorization: Bearer abcdefghijklmnop1234'],
    ['credentials in an address', 'connecting to postgres://shop:hunter22@db.internal/orders'],
    ['password', 'login with password=hunter22'],
    ['password', 'body was {"password":"hunter22"}'],
    ['e-mail address', 'mail to anna.berg@customer.de failed'],
    ['card number', 'charged 4111 1111 1111 1111'],
    ['card number', 'charged 5555555555554444'],
    ['card number', 'order 4711 4111 1111 1111 1111 2027'],
    ['card number', '2026-03-01 4111111111111111 charged'],
    ['bank account', 'paid from DE89 3704 0044 0532 0130 00'],
    ['bank account', 'paid from AT611904300234573201 EURO 1200'],
    ['credentials in an address', 'connecting to redis://:hunter22@cache.internal'],
  ])('%s: %s', (kind, text) => {
    const entry = line({ msg: text });
    const facts = factsOf(...many, entry);
    expect(facts.sensitive).toEqual([{ kind, found: 1, firstLine: 4 }]);
    const judged = judgeEvidence(kept, facts);
    expect(judged).toMatchObject({ verdict: 'fail', reason: expect.stringContaining(`${kind} (1, first in line 4)`) });
    expect(judged.reason).not.toContain(text.slice(-6));
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, entry)));
    expect(stored).toContain(`[removed: ${kind}]`);
    // A key that does not end goes on to the end of the text.
    if (kind !== 'private key') expect(factsOf(...stored.split('\n'))).toEqual({ ...facts, sensitive: [] });
  });

  // Docker writes an object for each line of the key, and other loggers the lines themselves.
  test.each([
    ['in lines of its own', (text: string) => text],
    ['in objects of its own', (text: string) => line({ msg: text })],
  ])('a private key %s is one find, and none of its lines is kept', (_, written) => {
    const body = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', `password=${secret.key}`];
    const key = [secret.pem, ...body, secret.pem.replace('BEGIN', 'END')].map(written);
    expect(factsOf(...many, ...key, line()).sensitive).toContainEqual({ kind: 'private key', found: 1, firstLine: 4 });
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, ...key, line())));
    for (const part of [...body, secret.key]) expect(stored).not.toContain(part);
    expect(stored.split('\n').slice(0, 3)).toEqual(many);
    expect(stored.split('\n').at(7)).toBe(line());
  });

  test('a private key goes on over the pieces in which a long log is read', () => {
    const body = Array.from({ length: 20_000 }, (_, place) => `MIIEvQIBADANBgkqhkiG9w0B${place}`);
    const end = secret.pem.replace('BEGIN', 'END');
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(secret.pem, ...body, end, line())));
    expect(stored.trim()).toMatch(/^\[removed: private key\]\n+\{.*\}$/);
  });

  // As Gson, .NET and PHP write such characters.
  test.each([
    ['password', 'login with password\\u003dhunter22'],
    ['password', 'body was {\\u0022password\\u0022:\\u0022hunter22\\u0022}'],
    ['e-mail address', 'mail to anna.berg\\u0040customer.de failed'],
    ['credentials in an address', 'connecting to postgres:\\/\\/shop:hunter22@db.internal'],
    ['AWS access key', `key ${secret.key.replace('A', '\\u0041')} used`],
  ])('in escapes, %s: %s', (kind, text) => {
    const entry = line({ msg: '' }).replace('""', `"${text}"`);
    expect(factsOf(...many, entry).sensitive).toEqual([{ kind, found: 1, firstLine: 4 }]);
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, entry)));
    expect(stored).toContain(`[removed: ${kind}]`);
    expect(factsOf(...stored.split('\n'))).toMatchObject({ objects: 4, sensitive: [] });
  });

  // As addresses encode their parameters, once or for each address around.
  test.each([
    ['e-mail address', '/users?email=anna.berg%40customer.de&page=2'],
    ['e-mail address', '/login?next=%2Fusers%3Femail%3Danna.berg%2540customer.de'],
    ['token or key', '/login?next=%2Fcb%3Faccess_token%3Df3a9c2d1e0b4a7f6'],
    ['password', '/find?q=%7B%22password%22%3A%22hunter22%22%7D'],
    ['password', '/login?password=hun%26ter%2522'],
    ['credentials in an address', '/go?to=postgres%3A%2F%2Fshop%3Ahunter22%40db.internal'],
    ['credentials in an address', 'connecting to postgres://shop:hun%40ter22@db.internal'],
    ['credentials in a header', 'curl -H authorization:%20Bearer%20f3a9c2d1e0b4a7f6f3a9'],
  ])('in an encoded address, %s: %s', (kind, text) => {
    const entry = line({ msg: text, after: 'kept' });
    expect(factsOf(...many, entry).sensitive).toEqual([{ kind, found: 1, firstLine: 4 }]);
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, entry)));
    expect(stored).toContain(`[removed: ${kind}]`);
    expect(stored).not.toMatch(/anna|customer|f3a9|hun|ter22|ter%25/);
    expect(JSON.parse(stored.split('\n').at(-1) ?? '')).toMatchObject({ after: 'kept' });
    expect(factsOf(...stored.split('\n'))).toMatchObject({ objects: 4, sensitive: [] });
  });

  test.each(['/npm/%40scope%2Fname', '/a%20b?user=anna%40example.com', '/search?q=token%3D%5C', '100%25 of 50%', '/orders%3Flimit%3D5'])(
    'nothing is found in %s',
    (text) => {
      const entry = line({ msg: text, next: 'x' });
      expect(factsOf(...many, entry).sensitive).toEqual([]);
      expect(new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, entry)))).toBe(
        new TextDecoder().decode(lines(...many, entry)),
      );
    },
  );

  test('an escaped backslash begins no escape', () => {
    expect(factsOf(...many, line({ msg: 'in C:\\u0040customer.de' })).sensitive).toEqual([]);
  });

  test.each([
    ['parts of an address', 'a.', ' @'],
    ['parts of a scheme', 'a.', ' ://'],
    ['beginnings of tokens', '-eyJ', ''],
    ['beginnings of keys', '-----BEGIN A PRIVATE KEY ', ''],
    ['private keys', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----'],
    ['stars', 'password=***', ' x'],
    ['groups of a card', '4444 ', ''],
    ['beginnings of accounts', 'DE89 ', ''],
    ['names of secrets', 'token', ''],
    ['names and separators', 'secret=', ''],
    ['quotes that do not end', 'token="', ''],
    ['quotes of several kinds', `next_token="'token='`, ''],
    ['escaped quotes', String.raw`token=\"\\\"pwd='`, ''],
    ['lists that do not end', `cookie:["a",`, ''],
    ['headers', 'Cookie: ', ''],
    ['cookies', 'Cookie: a=bcde; ', ''],
    ['schemes of headers', 'authorization: basic ', ''],
    ['parts of keys', 'SG.-', ''],
    ['parts of addresses', 'a://a:', ''],
    ['blanks', 'bearer   ', ''],
    ['encoded signs', '%2525', '40'],
    ['encoded names', 'token%3D', ''],
  ])('takes no longer than its length allows with many %s', (_, part, end) => {
    const [short, long] = [20_000, 400_000].map((length) => {
      const entry = line({ msg: part.repeat(length / part.length) + end });
      const started = process.cpuUsage();
      factsOf(entry);
      return process.cpuUsage(started).user / 1000;
    });
    // With a time that grows with the square of the length it would be 400 times as long.
    expect(long).toBeLessThan(100 + 60 * (short ?? 0));
  });

  test.each([
    'order 4111111111111112 placed',
    'trace 1234567890123456',
    'password: ****',
    'password=[redacted]',
    'write to support@example.com',
    'digest DE00 3704 0044 0532 0130 00',
    'status 200 in 12 ms',
  ])('is not one with: %s', (text) => {
    expect(factsOf(...many, line({ msg: text })).sensitive).toEqual([]);
    const bytes = lines(...many, line({ msg: text }));
    expect(evidenceTypes['log-sample'].scrub?.(bytes)).toBe(bytes);
  });
});

const opaque = 'a1B2c3D4e5'.repeat(4);

describe('a secret under its name', () => {
  const named = [
    ...[
      'password',
      'DB_PASSWORD',
      'user_password',
      'dbPassword',
      'userPassword',
      'db_password',
      'spring.datasource.password',
      'passphrase',
    ],
    ...['AWS_SECRET_ACCESS_KEY', 'token', 'refresh_token', 'refreshToken', 'accessToken', 'secretKey', 'secretAccessKey', 'X-Api-Key'],
    ...[
      'x-amz-security-token',
      'clientSecret',
      'AccountKey',
      'SIGNING_KEY',
      'apikey',
      'authorization',
      'cookie',
      'Set-Cookie',
      'sessionCookie',
    ],
  ];
  const value = 'hunter22hunter22';

  /** What is kept of the line, which has the same facts. */
  const storedOf = (entry: string): string => {
    const facts = factsOf(...many, entry);
    expect(facts.sensitive.length, entry).toBeGreaterThan(0);
    const stored = new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(...many, entry)));
    expect(factsOf(...stored.split('\n')), stored).toEqual({ ...facts, sensitive: [] });
    expect(new TextDecoder().decode(evidenceTypes['log-sample'].scrub?.(lines(stored)))).toBe(stored);
    return stored.split('\n').at(3) ?? '';
  };

  test.each(named)('is found in every shape and only its value removed: %s', (name) => {
    const shapes: readonly object[] = [
      { [name]: value },
      { req: { [name]: value } },
      { req: [{ [name]: value, after: 1 }], last: true },
      { msg: `${name}=${value}` },
      { msg: `sent ${name}: ${value} to them` },
      { msg: `GET /?a=1&${name}=${value}&b=2` },
      { msg: `${name}="${value}" rest` },
      { msg: `{'${name}': '${value}'}` },
      { msg: JSON.stringify({ [name]: value, more: 'x' }) },
      { msg: JSON.stringify({ inner: JSON.stringify({ [name]: value, more: 'x' }) }) },
      { headers: { [name]: [`a=${value}`, `b=${value}`] } },
    ];
    for (const shape of shapes) {
      const stored = storedOf(line(shape));
      expect(stored).not.toContain('hunter22');
      expect(stored).toContain(name);
      expect(stored.replaceAll(/\[removed: [a-z ]+\]/g, value)).toBe(
        line(shape).replaceAll(/([ab])=hunter22hunter22"(?=[,\]])/g, `${value}"`),
      );
    }
    expect(storedOf(line({ msg: '' }).replace('""', `"{\\u0022${name}\\u0022:\\u0022${value}\\u0022}"`))).not.toContain('hunter22');
  });

  test.each([
    ['a quoted password with spaces, quotes and signs', { password: 'my pet, "Rex"; & \\ co}' }, 'pet'],
    ['such a password within a text', { msg: JSON.stringify({ password: 'my pet, "Rex"; & \\ co}' }) }, 'Rex'],
    ['a number', { password: 12345678 }, '12345678'],
    ['a number within a text', { msg: JSON.stringify({ password: 12345678 }) }, '12345678'],
    ['the number of a card', { card: 4111111111111111 }, '4111'],
    ['basic credentials', { msg: 'Authorization: Basic YWRhOmh1bnRlcjI=' }, 'YWRh'],
    ['basic credentials as a member', { authorization: 'Basic YWRhOmh1bnRlcjI=' }, 'YWRh'],
    ['basic credentials alone', { msg: 'tried Basic YTpi' + 'Y2Q=' }, 'YTpi'],
    ['cookies', { msg: 'Cookie: theme=dark; sid=s3cr3tvalue' }, 's3cr3t'],
    ['a cookie that is set', { msg: 'Set-Cookie: sid=s3cr3tvalue; Path=/; HttpOnly' }, 's3cr3t'],
    ['a cookie that holds a known token', { msg: `Cookie: a=ghp_${opaque}; sid=s3cr3tvalue` }, 's3cr3t'],
    ['an account of Azure', { msg: `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${opaque}==;EndpointSuffix=x` }, opaque],
  ])('%s', (_, shape, part) => {
    expect(storedOf(line(shape))).not.toContain(part);
  });

  test.each([
    ['token of npm', `npm_${opaque.slice(0, 36)}`],
    ['key of Google', `AIza${opaque.slice(0, 35)}`],
    ['key of Anthropic', `sk-ant-${'api03-'}${opaque}`],
    ['key of OpenAI', `sk-proj-${opaque}`],
    ['key of SendGrid', `SG.${opaque.slice(0, 22)}.${opaque}`],
    ['token of PyPI', `pypi-Ag${opaque}`],
    ['token of Hugging Face', `hf_${opaque.slice(0, 34)}`],
    ['token of DigitalOcean', `dop_v1_${'0a1b'.repeat(16)}`],
    ['webhook of Slack', `https://hooks.slack.com/services/T0000AAAA/B0000AAAA/${opaque.slice(0, 24)}`],
  ])('%s has a form of its own', (kind, written) => {
    const entry = line({ msg: `used ${written} here` });
    expect(factsOf(entry).sensitive).toEqual([{ kind, found: 1, firstLine: 1 }]);
    expect(storedOf(entry)).toContain(`[removed: ${kind}] here`);
  });

  test.each<object>([
    { tokens: 12 },
    { tokens: 1200, tokenCount: 4096, max_tokens: 8192, total_tokens: 123456 },
    { token_type: 'bearer', tokenType: 'Bearer' },
    { nextToken: opaque, page_token: opaque },
    { password: null, token: null, secret: false },
    { password: '***', token: '[redacted]', secret: '<hidden>', authorization: '[Redacted]', cookie: '****' },
    { password: '[FILTERED]', accessToken: '[REDACTED]', 'set-cookie': ['[removed]'] },
    { passwordless: 'enabled', passwordLength: 12345, secretName: 'shop/orders', secretArn: 'arn:aws:x', keyId: 'abcdef' },
    { key: 'orders/2026/03', cacheKey: 'user:4711', primaryKey: '12345678' },
    { msg: 'cookie consent: accepted by the visitor' },
    { msg: 'Cookie consent given, cookies: 12, cookie: accepted' },
    { msg: 'password reset requested' },
    { msg: 'passwordless: enabled for all' },
    { msg: 'password: null, token: undefined' },
    { msg: 'password=*** token=[redacted] secret=<hidden> Authorization: Bearer ***' },
    { msg: 'Unexpected token: identifier' },
    { msg: 'token: expired' },
    { msg: 'authorization: required, authorization=none' },
    { msg: 'Authorization: Basic authentication failed' },
    { msg: 'a basic understanding of tokens' },
    { msg: 'SyntaxError: Unexpected token } in JSON at position 12345' },
    { msg: 'npm_config_registry is set, pypi-repository-mirror-name, task-ant-collector' },
    { msg: 'status=200 input_tokens=1234 output_tokens=5678' },
  ])('is not one: %j', (shape) => {
    expect(factsOf(line(shape)).sensitive).toEqual([]);
    const bytes = lines(...many, line(shape));
    expect(evidenceTypes['log-sample'].scrub?.(bytes)).toBe(bytes);
  });
});

describe('what is no log', () => {
  test.each(['<html><body>Sign in</body></html>', '<?xml version="1.0"?><a/>'])('is refused: %s', (text) => {
    expect(parsed(lines(text)).refused).toMatchObject({ type: 'evidence-unreadable' });
  });

  test.each(['[\n{"level":"info","message":"a"}\n]', '[{"level":"info"}]', '{\n  "aggregate": {}\n}'])(
    'one document over all lines is refused: %j',
    (text) => {
      expect(parsed(lines(text)).refused).toMatchObject({
        type: 'evidence-unreadable',
        detail: 'The report is one JSON document, and no log.',
      });
    },
  );

  test('an empty log proves nothing', () => {
    expect(judgeEvidence(structured, factsOf('', ' ')).verdict).toBe('inconclusive');
    expect(judgeEvidence(kept, factsOf(' ')).verdict).toBe('inconclusive');
  });
});
