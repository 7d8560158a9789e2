import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { readOrder } from '../../src/order.ts';
import { dynamoStore } from '../../src/store.ts';
import { described } from '../described.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

/** What others rely on: the table that releases share, the lines that log queries read, the answers that clients and probes read. */

type Command = { readonly constructor: { readonly name: string }; readonly input: Readonly<Record<string, unknown>> };
const recorded = (answer: unknown = {}) => {
  const commands: Command[] = [];
  const send = async (command: Command): Promise<unknown> => {
    commands.push(command);
    return answer;
  };
  return { store: dynamoStore('orders', { send } as unknown as DynamoDBClient), commands };
};
const order = () => readOrder(newOrder, new Date('2026-03-01T08:00:00Z')).order ?? expect.fail('the order is good');

describe('the contract with the table', () => {
  test('an order is one item with id, placedAt and document, and is never overwritten', async () => {
    const { store, commands } = recorded();
    const stored = order();
    await store.put(stored);
    expect(commands[0]?.input).toEqual({
      TableName: 'orders',
      Item: { id: { S: stored.id }, placedAt: { S: stored.placedAt }, document: { S: JSON.stringify(stored) } },
      ConditionExpression: 'attribute_not_exists(id)',
    });
  });

  test('members that a newer release stored are kept', async () => {
    const stored = { ...order(), addedLater: true };
    const { store } = recorded({ Item: { id: { S: stored.id }, document: { S: JSON.stringify(stored) } } });
    expect(await store.get(stored.id)).toEqual(stored);
  });

  test('the item that stops requests has an id that no order has, and no document', async () => {
    const { store, commands } = recorded();
    await store.stop('api');
    expect(commands[0]?.input.Item).toEqual({ id: { S: 'stopped:api' } });
    expect(order().id).not.toContain(':');
  });

  test('nothing but the stop is ever deleted', async () => {
    const { store, commands } = recorded();
    await store.accept('api');
    expect(commands.map(({ constructor: { name }, input }) => [name, input.Key])).toEqual([
      ['DeleteItemCommand', { id: { S: 'stopped:api' } }],
    ]);
  });

  test('a list that is empty is no error', async () => {
    expect(await recorded().store.list(5)).toEqual([]);
  });
});

describe('the contract with who reads the log', () => {
  test('each request is one line with these members', async () => {
    const { ask, logged } = shopWith();
    await ask('GET', '/orders/none');
    expect(logged.map((entry) => Object.keys(entry))).toEqual([
      ['level', 'message', 'requestId', 'method', 'route', 'status', 'latencyMs', 'memoryMb', 'version', 'qualifier'],
    ]);
  });

  test('nothing of an order or of its token is logged', async () => {
    const { ask, logged } = shopWith();
    await ask('POST', '/orders', { body: { ...newOrder, customer: 'Ada Lovelace' }, headers: authorised });
    expect(JSON.stringify(logged)).not.toMatch(/Lovelace|of-the-tests/);
  });
});

describe('the contract with clients', () => {
  test.each(described)('$name has the media type of the document', async ({ method, path, operation }) => {
    const { ask } = shopWith();
    const { id } = (await ask('POST', '/orders', { body: newOrder, headers: authorised })).json();
    const answer = await ask(method, path.replace('{id}', String(id)), { body: newOrder, headers: authorised });
    const types = Object.keys(operation.responses[String(answer.status)]?.content ?? {});
    if (method !== 'HEAD') expect(types).toEqual([answer.headers['content-type']]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  test('every answer names the process that gave it', async () => {
    const { ask } = shopWith({ instance: 'one-of-many' });
    for (const path of ['/health', '/elsewhere']) expect((await ask('GET', path)).headers['x-shop-instance']).toBe('one-of-many');
  });

  test('the path of a new order is in its header', async () => {
    const { ask } = shopWith();
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    expect(placed.headers.location).toBe(`/orders/${String(placed.json().id)}`);
  });
});
