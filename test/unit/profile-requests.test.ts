import { describe, expect, test } from 'vitest';
import { readProfile } from '../../lib/profile/read.ts';

const read = (lines: string) =>
  readProfile(
    new TextEncoder().encode(
      `service: shop\nfeatures:\n  - { id: cart, title: Cart, paths: ["src/**"] }\ntargets:\n  production:\n${lines}`,
    ),
  );

describe('requests of a profile', () => {
  const alone = 'the stage file alone';
  test.each([
    [
      'method: DELETE, safe: true, body: "{}"',
      [
        ['method', alone],
        ['safe', alone],
        ['body', alone],
      ],
    ],
    ['method: POST', [['method', 'one of GET, HEAD, OPTIONS']]],
    [
      'method: PATCH, safe: true',
      [
        ['method', alone],
        ['safe', alone],
      ],
    ],
    ['body: "{}"', [['body', alone]]],
    ['burst: { requests: 200 }', [['burst', alone]]],
    ['headers: { Host: admin.test }', [['headers.Host', alone]]],
    ['headers: { X-HTTP-Method-Override: DELETE }', [['headers.X-HTTP-Method-Override', alone]]],
  ])('send no request that may change something or goes elsewhere: %s', (members, expected) => {
    const result = read(`    probes: [{ id: x, url: /orders, expect: {}, ${members} }]\n`);
    const wrong = 'wrong' in result ? result.wrong : expect.fail('it is accepted');
    expect(wrong.map(({ line, member }) => [line, member])).toEqual(
      expected.map(([member]) => [6, `targets.production.probes[0].${member}`]),
    );
    for (const [place, [, message]] of expected.entries()) expect(wrong[place]?.message).toContain(message);
  });

  test.each(['requests: { placeOrder: { safe: true } }', 'headers: { x-original-url: /admin }'])(
    'send no such request of an operation: %s',
    (members) => {
      expect(read(`    openapi: { ${members} }\n`)).toMatchObject({ wrong: [{ line: 6, message: expect.stringContaining(alone) }] });
    },
  );

  test.each(['GET', 'HEAD', 'OPTIONS'])('send %s', (method) => {
    const result = read(`    probes: [{ id: x, url: /, method: ${method}, headers: { origin: x }, expect: {} }]\n`);
    expect(result).toHaveProperty('ok.profile.targets.production.probes.0.method', method);
  });

  // A URL keeps some of these signs as they are, and the server takes them for others.
  test.each([
    '/..%2fadmin',
    '/..%5Cadmin',
    '/%2e%2e/admin',
    '/orders/%2Ejson',
    '/..%252fadmin',
    String.raw`/..\\admin`,
    'https://shop.test/api/..%2Fadmin',
  ])('have no path that hides where it leads: %s', (url) => {
    for (const [lines, column, member] of [
      [`    probes: [{ id: x, url: "${url}", expect: {} }]`, 28, 'probes[0].url'],
      [`    openapi: { base: "${url}" }`, 22, 'openapi.base'],
      [`    openapi: { url: "${url}" }`, 21, 'openapi.url'],
    ] as const)
      expect(read(`${lines}\n`)).toEqual({
        wrong: [
          {
            line: 6,
            column,
            member: `targets.production.${member}`,
            message: 'a path without a backslash, and without an encoded slash, backslash, dot or percent sign',
          },
        ],
      });
  });
});
