import { beforeAll, describe, expect, test } from 'vitest';
import { described } from '../described.ts';
import { newOrder } from '../given.ts';

/** Every operation of the OpenAPI document, on the running service: SHOP_URL is its address, SHOP_TOKEN the token of its clients. */
const url = process.env.SHOP_URL ?? '';
const headers = { authorization: `Bearer ${process.env.SHOP_TOKEN ?? ''}`, 'content-type': 'application/json' };
const ask = (method: string, path: string): Promise<Response> =>
  fetch(`${url}${path}`, { method, headers, ...(method === 'POST' ? { body: JSON.stringify(newOrder) } : {}) });

describe('the endpoints', () => {
  let placed = '';
  beforeAll(async () => {
    placed = ((await (await ask('POST', '/orders')).json()) as { readonly id: string }).id;
  });

  test.each(described)('$name answers as described', async ({ method, path, operation }) => {
    const answer = await ask(method, path.replace('{id}', placed));
    expect(Object.keys(operation.responses)).toContain(String(answer.status));
    expect(answer.status).toBeLessThan(300);
    expect((await answer.text()) === '').toBe(method === 'HEAD');
  });
});
