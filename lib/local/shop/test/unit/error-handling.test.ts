import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store.ts';
import { described } from '../described.ts';
import { authorised, memoryStore, newOrder, shopWith } from '../given.ts';

const gone = () => Promise.reject(new Error('the table is gone'));
const brokenStore = (): Store => ({ ...memoryStore(), get: gone, put: gone, list: gone });

describe('when the table fails', () => {
  test.each(described)('$name is 500 as documented, logs the cause, and tells it to nobody', async ({ method, path, operation }) => {
    const { ask, logged, measured } = shopWith({ store: brokenStore() });
    const answer = await ask(method, path.replace('{id}', 'a'), { headers: authorised, body: newOrder });
    expect(answer.status).toBe(500);
    expect(Object.keys(operation.responses)).toContain('500');
    expect(answer.text).not.toContain('table');
    if (method !== 'HEAD') expect(answer.json()).toMatchObject({ status: 500, title: 'Internal error' });
    expect(logged).toMatchObject([{ level: 'error', status: 500, error: expect.stringContaining('the table is gone') as string }]);
    expect(measured).toMatchObject([{ failed: true }]);
  });

  test('the next request is answered as if nothing had been', async () => {
    const store = memoryStore();
    const { list } = store;
    store.list = gone;
    const { ask } = shopWith({ store });
    expect((await ask('GET', '/health')).status).toBe(500);
    store.list = list;
    expect((await ask('GET', '/health')).status).toBe(200);
  });

  test('what is thrown need not be an error', async () => {
    const { ask, logged } = shopWith({ store: { ...memoryStore(), list: () => Promise.reject('a text') } });
    expect((await ask('GET', '/orders')).status).toBe(500);
    expect(logged).toMatchObject([{ error: 'a text' }]);
  });

  test('a service that cannot learn whether it is stopped says so, and does not go on', async () => {
    const { ask, store } = shopWith();
    store.isStopped = gone;
    expect((await ask('POST', '/orders', { body: newOrder, headers: authorised })).status).toBe(500);
    expect(store.orders.size).toBe(0);
  });

  test('a stored order that cannot be priced fails alone', async () => {
    const { ask, store } = shopWith();
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    store.orders.set('broken', { id: 'broken' } as never);
    expect((await ask('GET', '/orders/broken')).status).toBe(500);
    expect((await ask('GET', placed.headers.location ?? '')).status).toBe(200);
  });
});

describe('every refusal', () => {
  test.each([
    ['GET', '/elsewhere', 404],
    ['GET', '/orders/none', 404],
    ['DELETE', '/orders', 405],
    ['GET', '/orders?limit=0', 400],
    ['POST', '/orders', 401],
  ] as const)('%s %s is a problem document with status %i', async (method, path, status) => {
    const { ask, measured } = shopWith();
    const answer = await ask(method, path);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json']);
    expect(answer.json()).toMatchObject({ type: 'about:blank', status, title: expect.any(String), detail: expect.any(String) });
    expect(measured).toMatchObject([{ failed: false }]);
  });
});
