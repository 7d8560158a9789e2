import { describe, expect, test } from 'vitest';
import { newOrder } from '../given.ts';

/** Acceptance of the feature on the running service: SHOP_URL is its address, SHOP_TOKEN the token with which it lets clients write. */
const url = process.env.SHOP_URL ?? '';
const authorization = `Bearer ${process.env.SHOP_TOKEN ?? ''}`;
const place = (body: unknown): Promise<Response> =>
  fetch(`${url}/orders`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('the feature protection', () => {
  test('a wrong order is refused and says why', async () => {
    const answer = await place({ ...newOrder, lines: [] });
    expect([answer.status, await answer.json()]).toMatchObject([400, { title: 'Wrong order', detail: expect.stringContaining('lines') }]);
  });

  test('nobody writes with another token', async () => {
    const headers = { authorization: `Bearer no-${process.env.SHOP_TOKEN ?? ''}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(newOrder) });
    expect(answer.status).toBe(401);
  });
});
