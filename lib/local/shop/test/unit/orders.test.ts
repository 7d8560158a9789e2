import { describe, expect, test } from 'vitest';
import { authorised, newOrder, shopWith } from '../given.ts';

describe('orders', () => {
  test('an order that was placed can be read, with its total', async () => {
    const { ask } = shopWith();
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    expect([placed.status, placed.json().total]).toEqual([201, 1350]);
    const read = await ask('GET', placed.headers.location ?? '');
    expect([read.status, read.json()]).toEqual([200, placed.json()]);
    expect(read.json()).toMatchObject({ ...newOrder, placedAt: '2026-03-01T08:00:00.000Z' });
  });

  test('the list has ids and at most as many orders as were asked for', async () => {
    const { ask } = shopWith();
    for (let placed = 0; placed < 3; placed += 1) await ask('POST', '/orders', { body: newOrder, headers: authorised });
    expect((await ask('GET', '/orders')).json().orders).toHaveLength(3);
    expect((await ask('GET', '/orders?limit=2')).json().orders).toHaveLength(2);
  });

  test.each(['0', '51', '1.5', 'x'])('a limit of %s is refused', async (limit) => {
    const { ask } = shopWith();
    expect((await ask('GET', `/orders?limit=${limit}`)).status).toBe(400);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', []],
    ['no customer', { lines: newOrder.lines }],
    ['an empty customer', { ...newOrder, customer: '' }],
    ['no lines', { customer: 'Ada', lines: [] }],
    ['a line that is no object', { customer: 'Ada', lines: [3] }],
    ['no sku', { customer: 'Ada', lines: [{ quantity: 1, unitPrice: 1 }] }],
    ['half a piece', { customer: 'Ada', lines: [{ sku: 'tea', quantity: 0.5, unitPrice: 1 }] }],
    ['a negative price', { customer: 'Ada', lines: [{ sku: 'tea', quantity: 1, unitPrice: -1 }] }],
  ])('an order with %s is refused, and nothing is stored', async (_what, body) => {
    const { ask, store } = shopWith();
    const answer = await ask('POST', '/orders', { body, headers: authorised });
    expect([answer.status, answer.headers['content-type'], store.orders.size]).toEqual([400, 'application/problem+json', 0]);
  });

  test('an unknown order is 404', async () => {
    const { ask } = shopWith();
    expect((await ask('GET', '/orders/none')).status).toBe(404);
  });
});
