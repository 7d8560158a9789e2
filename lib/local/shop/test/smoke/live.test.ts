import { describe, expect, test } from 'vitest';
import { newOrder } from '../given.ts';

/** The critical workflows on the running service: SHOP_URL is its address, SHOP_TOKEN the token with which it lets clients write. */
const url = process.env.SHOP_URL ?? '';
const authorization = `Bearer ${process.env.SHOP_TOKEN ?? ''}`;
const place = (headers: Record<string, string>): Promise<Response> =>
  fetch(`${url}/orders`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(newOrder) });

describe('the running service', () => {
  test('is well', async () => {
    const answer = await fetch(`${url}/health`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'ok' }]);
    expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
  });

  test('places an order and shows it', async () => {
    const placed = await place({ authorization });
    expect(placed.status).toBe(201);
    const order = (await placed.json()) as { readonly id: string };
    const read = await fetch(`${url}/orders/${order.id}`);
    expect([read.status, await read.json()]).toEqual([200, order]);
  });

  test('lists orders', async () => {
    const answer = await fetch(`${url}/orders?limit=5`);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { readonly orders: readonly unknown[] }).orders.length).toBeGreaterThan(0);
  });

  test('lets nobody write without the token', async () => {
    expect((await place({})).status).toBe(401);
  });

  test('refuses pages of a foreign origin', async () => {
    const headers = { origin: 'https://foreign.example', 'access-control-request-method': 'POST' };
    const answer = await fetch(`${url}/orders`, { method: 'OPTIONS', headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});
