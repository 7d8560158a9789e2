import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/environment.ts';
import { createRateLimit } from '../../src/rate-limit.ts';
import { described } from '../described.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

const limited = (most: number) => {
  let now = new Date('2026-03-01T08:00:10Z');
  const shop = shopWith({ rateLimit: createRateLimit(most), now: () => now });
  const at = (time: string): void => {
    now = new Date(time);
  };
  return { ...shop, at };
};

describe('more requests of one address than allowed', () => {
  test('are answered with 429 and say when to come again', async () => {
    const { ask } = limited(3);
    for (let sent = 0; sent < 3; sent += 1) expect((await ask('GET', '/orders')).status).toBe(200);
    const answer = await ask('GET', '/orders');
    expect([answer.status, answer.headers['retry-after'], answer.headers['content-type']]).toEqual([429, '50', 'application/problem+json']);
  });

  test('are allowed again when that time is over', async () => {
    const { ask, at } = limited(1);
    await ask('GET', '/orders');
    at('2026-03-01T08:00:59.900Z');
    expect((await ask('GET', '/orders')).headers['retry-after']).toBe('1');
    at('2026-03-01T08:01:00Z');
    expect((await ask('GET', '/orders')).status).toBe(200);
  });

  test('do not hold other addresses back', async () => {
    const { ask } = limited(1);
    await ask('GET', '/orders', { from: '192.0.2.1' });
    expect((await ask('GET', '/orders', { from: '192.0.2.1' })).status).toBe(429);
    expect((await ask('GET', '/orders', { from: '2001:db8::1' })).status).toBe(200);
  });

  test('store nothing, read nothing, and are no failure of the service', async () => {
    const { ask, store, measured } = limited(1);
    await ask('GET', '/health');
    store.isStopped = () => expect.fail('the table was asked');
    expect((await ask('POST', '/orders', { body: newOrder, headers: authorised })).status).toBe(429);
    expect([store.orders.size, measured.map(({ failed }) => failed)]).toEqual([0, [false, false]]);
  });

  test.each(described)('are refused at $name as the document says', async ({ method, path, operation }) => {
    const { ask } = limited(1);
    await ask('GET', '/health');
    const answer = await ask(method, path.replace('{id}', 'a'), { headers: authorised, body: newOrder });
    expect([String(answer.status) in operation.responses, answer.status, answer.text === '']).toEqual([true, 429, method === 'HEAD']);
  });
});

describe('SHOP_REQUESTS_PER_MINUTE', () => {
  const variables = {
    SHOP_TABLE: 'orders',
    SHOP_TOKEN: 'of-the-tests',
    SHOP_NAMESPACE: 'Shop',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
  };
  const refusedAfter = (given: Record<string, string>): number => {
    const { rateLimit } = partsOf({ ...variables, ...given });
    for (let sent = 1; ; sent += 1) if (!rateLimit('192.0.2.1', new Date(0)).allowed) return sent - 1;
  };

  test('sets the limit', () => {
    expect(refusedAfter({ SHOP_REQUESTS_PER_MINUTE: '7' })).toBe(7);
  });

  test('is a hundred per second where it is not set', () => {
    expect(refusedAfter({})).toBe(6000);
  });

  test.each(['0', '-1', '1.5', 'many', ' 3'])('of %j ends the start with its name', (text) => {
    expect(() => partsOf({ ...variables, SHOP_REQUESTS_PER_MINUTE: text })).toThrow('SHOP_REQUESTS_PER_MINUTE');
  });
});
