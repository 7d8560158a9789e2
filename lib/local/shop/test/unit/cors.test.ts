import { describe, expect, test } from 'vitest';
import { authorised, newOrder, ownOrigin, shopWith } from '../given.ts';

const foreign = ['https://evil.example', 'https://shop.example.com.evil.example', 'http://shop.example.com', 'null', ''];

describe('a foreign origin', () => {
  test.each(foreign)('%j gets 403 to its preflight, and nothing is allowed', async (origin) => {
    const { ask } = shopWith();
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const answer = await ask('OPTIONS', '/orders', { headers });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each(['GET', 'HEAD', 'POST'])('%s without a preflight is refused and stores nothing', async (method) => {
    const { ask, store } = shopWith();
    const answer = await ask(method, '/orders', { headers: { ...authorised, origin: 'https://evil.example' }, body: newOrder });
    expect([answer.status, answer.headers['access-control-allow-origin'], store.orders.size]).toEqual([403, undefined, 0]);
  });
});

describe('the own origin', () => {
  test('learns what it may call', async () => {
    const { ask } = shopWith();
    const { status, headers } = await ask('OPTIONS', '/orders', { headers: { origin: ownOrigin } });
    expect([status, headers['access-control-allow-origin'], headers['access-control-allow-methods'], headers.vary]).toEqual([
      204,
      ownOrigin,
      'GET, HEAD, POST',
      'origin',
    ]);
  });

  test('is named in answers, never an asterisk', async () => {
    const { ask } = shopWith();
    expect((await ask('GET', '/orders', { headers: { origin: ownOrigin } })).headers['access-control-allow-origin']).toBe(ownOrigin);
  });
});

test('OPTIONS without an origin lists the methods and allows no origin', async () => {
  const { ask } = shopWith();
  const { headers } = await ask('OPTIONS', '/health');
  expect([headers.allow, headers['access-control-allow-origin']]).toEqual(['GET, HEAD', undefined]);
});
