import { describe, expect, test } from 'vitest';
import { newOrder } from '../given.ts';

/** Acceptance of the feature on the running service: SHOP_URL is its address, SHOP_TOKEN the token with which it lets clients write. */
const url = process.env.SHOP_URL ?? '';
const authorization = `Bearer ${process.env.SHOP_TOKEN ?? ''}`;
const place = (body: unknown): Promise<Response> =>
  fetch(`${url}/orders`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) });

type Order = { readonly id: string; readonly total: number; readonly placedAt: string };

describe('the feature orders', () => {
  test('an order is placed with its total, at the path that its header names', async () => {
    const lines = [
      { sku: 'tea', quantity: 3, unitPrice: 450 },
      { sku: 'cup', quantity: 1, unitPrice: 1299 },
    ];
    const placed = await place({ ...newOrder, lines });
    const order = (await placed.json()) as Order;
    expect([placed.status, order.total, placed.headers.get('location')]).toEqual([201, 2649, `/orders/${order.id}`]);
    expect(Math.abs(Date.now() - Date.parse(order.placedAt))).toBeLessThan(60_000);
  });

  test('a placed order is read by anybody, and HEAD finds it, too', async () => {
    const { id } = (await (await place(newOrder)).json()) as Order;
    expect((await fetch(`${url}/orders/${id}`)).status).toBe(200);
    const head = await fetch(`${url}/orders/${id}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('the list has at most as many orders as were asked for', async () => {
    await place(newOrder);
    const answer = (await (await fetch(`${url}/orders?limit=1`)).json()) as { readonly orders: readonly unknown[] };
    expect(answer.orders).toHaveLength(1);
  });

  test('an unknown order is 404', async () => {
    expect((await fetch(`${url}/orders/no-such-order`)).status).toBe(404);
  });
});
