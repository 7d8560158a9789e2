import { expect, test } from 'vitest';
import { createStopRequests } from '../../src/stop-requests.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

/** What clients and operations do in a row, across the operations of the service. */

test('a customer places orders, finds them in the list, and reads each again', async () => {
  const { ask } = shopWith();
  const placed = [];
  for (const quantity of [1, 2, 3]) {
    const body = { ...newOrder, lines: [{ sku: 'tea', quantity, unitPrice: 450 }] };
    placed.push((await ask('POST', '/orders', { body, headers: authorised })).json());
  }
  const listed = (await ask('GET', '/orders')).json().orders as readonly { readonly id: string }[];
  expect(listed.map(({ id }) => id).sort()).toEqual(placed.map(({ id }) => id).sort());
  for (const order of placed) expect((await ask('GET', `/orders/${String(order.id)}`)).json()).toEqual(order);
  expect(placed.map(({ total }) => total)).toEqual([450, 900, 1350]);
});

test('an order that was refused is corrected and placed, and is stored once', async () => {
  const { ask, store } = shopWith();
  const refused = await ask('POST', '/orders', { body: { ...newOrder, lines: [] }, headers: authorised });
  expect([refused.status, refused.json().detail]).toEqual([400, 'lines must be a list of 1 to 50 lines']);
  expect((await ask('POST', '/orders', { body: newOrder, headers: authorised })).status).toBe(201);
  expect(store.orders.size).toBe(1);
});

test('a client without a token reads what another one placed, and cannot add to it', async () => {
  const { ask, store } = shopWith();
  const { headers } = await ask('POST', '/orders', { body: newOrder, headers: authorised });
  expect((await ask('HEAD', headers.location ?? '')).status).toBe(200);
  expect((await ask('POST', '/orders', { body: newOrder })).status).toBe(401);
  expect((await ask('DELETE', headers.location ?? '')).status).toBe(405);
  expect(store.orders.size).toBe(1);
});

test('requests are stopped and accepted again, and no order is lost or doubled meanwhile', async () => {
  const { ask, store } = shopWith();
  const stop = createStopRequests({ store, apis: { production: 'api-of-tests' } });
  const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
  await stop({ action: 'do', environment: 'production' });
  const refused = await ask('POST', '/orders', { body: newOrder, headers: authorised });
  expect([refused.status, (await ask('GET', '/health')).status]).toEqual([503, 503]);
  await stop({ action: 'undo', environment: 'production' });
  expect((await ask('GET', placed.headers.location ?? '')).json()).toEqual(placed.json());
  expect((await ask('GET', '/orders')).json().orders).toHaveLength(1);
});
