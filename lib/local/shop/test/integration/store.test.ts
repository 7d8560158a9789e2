import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOrder } from '../../src/order.ts';
import { dynamoStore } from '../../src/store.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

const endpoint = process.env.SHOP_TEST_ENDPOINT;
const table = `shop-test-${process.pid}-${Date.now()}`;
const client = new DynamoDBClient({
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  ...(endpoint === undefined ? {} : { endpoint }),
});

describe.runIf(endpoint !== undefined)('over a real table', () => {
  beforeAll(async () => {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await waitUntilTableExists({ client, minDelay: 1, maxDelay: 5, maxWaitTime: 60 }, { TableName: table });
  });
  afterAll(async () => {
    await client.send(new DeleteTableCommand({ TableName: table }));
  });
  const store = dynamoStore(table, client);
  const order = () => readOrder(newOrder, new Date('2026-03-01T08:00:00Z')).order ?? expect.fail('the order is good');

  test('an order comes back as it was stored', async () => {
    const stored = order();
    await store.put(stored);
    expect(await store.get(stored.id)).toEqual(stored);
  });

  test('an unknown order is not found', async () => {
    expect(await store.get('none')).toBeUndefined();
  });

  test('an order is never overwritten', async () => {
    const stored = order();
    await store.put(stored);
    await expect(store.put({ ...stored, customer: 'Eve' })).rejects.toThrow();
    expect((await store.get(stored.id))?.customer).toBe('Ada');
  });

  test('the list has what was stored, up to the limit', async () => {
    const stored = order();
    await store.put(stored);
    const listed = await store.list(50);
    expect(listed).toContainEqual({ id: stored.id, placedAt: stored.placedAt });
    expect(await store.list(1)).toHaveLength(1);
  });

  test('requests are stopped for one API, and the stop is no order', async () => {
    await store.stop('live');
    expect([await store.isStopped('live'), await store.isStopped('staging')]).toEqual([true, false]);
    expect((await store.list(50)).filter(({ id }) => id.includes('stopped'))).toEqual([]);
    await store.accept('live');
    expect(await store.isStopped('live')).toBe(false);
  });

  test('the service places and reads an order', async () => {
    const { ask } = shopWith({ store });
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    const read = await ask('GET', placed.headers.location ?? '');
    expect([placed.status, read.status, read.json()]).toEqual([201, 200, placed.json()]);
    expect((await ask('GET', '/health')).status).toBe(200);
  });
});
