import { describe, expect, test } from 'vitest';
import { described } from '../described.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

const line = { sku: 'tea', quantity: 1, unitPrice: 1 };
const limits = ['0', '-1', '51', '1.5', 'x', '1e1000', 'NaN', '%00', '1%2C2'].map((limit) => `limit=${limit}`);
const ids = ['%00', 'a%20b', '..%2Forders', '%3Cscript%3E', "a'--", 'x'.repeat(65), 'stopped:api'];
const bodies: readonly unknown[] = [
  '',
  '{',
  'null',
  '[]',
  '3',
  '"text"',
  '{"__proto__":{"customer":"Ada"}}',
  { lines: [line] },
  { ...newOrder, customer: '' },
  { ...newOrder, customer: 'x'.repeat(101) },
  { ...newOrder, customer: { $gt: '' } },
  { customer: 'Ada' },
  { customer: 'Ada', lines: {} },
  { customer: 'Ada', lines: [] },
  { customer: 'Ada', lines: Array.from({ length: 51 }, () => line) },
  { customer: 'Ada', lines: [null] },
  { customer: 'Ada', lines: [{ ...line, sku: '' }] },
  { customer: 'Ada', lines: [{ ...line, sku: 'x'.repeat(41) }] },
  { customer: 'Ada', lines: [{ ...line, quantity: 0 }] },
  { customer: 'Ada', lines: [{ ...line, quantity: 1001 }] },
  { customer: 'Ada', lines: [{ ...line, quantity: '1' }] },
  { customer: 'Ada', lines: [{ ...line, unitPrice: -1 }] },
  { customer: 'Ada', lines: [{ ...line, unitPrice: 0.5 }] },
  '{"customer":"Ada","lines":[{"sku":"tea","quantity":1,"unitPrice":1e999}]}',
];

type Wrong = { readonly query?: string; readonly id?: string; readonly body?: unknown; readonly status: number };
const wrongLimits: readonly Wrong[] = limits.map((query) => ({ query, status: 400 }));
const wrongIds: readonly Wrong[] = ids.map((id) => ({ id, status: 404 }));
/** What each operation is given that it must not take. The two of health take nothing, so nothing may disturb them. */
const wrong: Readonly<Record<string, readonly Wrong[]>> = {
  readHealth: [{ query: 'limit=0', body: '{', status: 200 }],
  checkHealth: [{ query: 'limit=0', body: '{', status: 200 }],
  listOrders: wrongLimits,
  checkOrders: wrongLimits,
  placeOrder: bodies.map((body) => ({ body, status: 400 })),
  readOrder: wrongIds,
  checkOrder: wrongIds,
};

test('every operation of the OpenAPI document is given wrong input here', () => {
  expect(Object.keys(wrong).sort()).toEqual(described.map(({ operation }) => operation.operationId).sort());
});

const cases = described.flatMap(({ operation, ...one }) =>
  (wrong[operation.operationId] ?? []).map((given) => ({ ...one, ...given, what: JSON.stringify(given).slice(0, 80) })),
);

describe('wrong input', () => {
  test.each(cases)('$name with $what', async ({ method, path, query, id = 'a', body, status }) => {
    const { ask, store, measured } = shopWith();
    const answer = await ask(method, `${path.replace('{id}', id)}${query === undefined ? '' : `?${query}`}`, { body, headers: authorised });
    expect([answer.status, store.orders.size]).toEqual([status, 0]);
    if (status >= 400 && method !== 'HEAD') expect(String(answer.json().detail).length).toBeGreaterThan(10);
    expect(measured).toMatchObject([{ failed: false }]);
  });

  test('what is at the limits is taken', async () => {
    const { ask } = shopWith();
    const largest = { sku: 'x'.repeat(40), quantity: 1000, unitPrice: 10_000_000 };
    const body = { customer: 'x'.repeat(100), lines: Array.from({ length: 50 }, () => largest) };
    const placed = await ask('POST', '/orders', { body, headers: authorised });
    expect([placed.status, placed.json().total]).toEqual([201, 500_000_000_000]);
    expect((await ask('GET', '/orders?limit=50')).status).toBe(200);
  });

  test('what an order does not have is not stored', async () => {
    const { ask, store } = shopWith();
    const body = { ...newOrder, id: 'chosen', total: 1, lines: [{ ...line, discount: 100 }] };
    const placed = await ask('POST', '/orders', { body, headers: authorised });
    expect([placed.json().id === 'chosen', store.orders.has('chosen')]).toEqual([false, false]);
    expect(JSON.stringify([...store.orders.values()])).not.toContain('discount');
  });
});
