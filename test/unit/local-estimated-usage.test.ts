import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../lambdas/adapters/usage.ts';
import { reportUsage } from '../../lib/local/estimated-usage.ts';
import { itemBytes } from '../../lib/local/item-size.ts';

/** A client whose answers are given, down to the wire: middleware runs as it does in a function. */
const given = (status: number, body: object) => {
  const seen: Usage[] = [];
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => {
        const bytes = Buffer.from(JSON.stringify(body));
        const { Readable } = await import('node:stream');
        return {
          response: { statusCode: status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Readable.from([bytes]) },
        } as never;
      },
    },
  });
  reportUsage(client, (usage) => seen.push(usage));
  return { client, seen };
};
/** An item of exactly so many bytes. */
const sized = (bytes: number) => ({ k: { S: 'x'.repeat(bytes - 1) } });
const keys = { k: { S: 'x' } };
const TableName = 't';
const write = (writeUnits: number): Usage => ({ writeRequests: 1, writeUnits, readRequests: 0, readUnits: 0 });
const read = (readUnits: number): Usage => ({ writeRequests: 0, writeUnits: 0, readRequests: 1, readUnits });

describe('item size', () => {
  it.each([
    ['text as UTF-8, with the name', { näme: { S: '€' } }, 5 + 3],
    ['a number by its digits', { n: { N: '1234567' } }, 1 + 4 + 1],
    ['a negative number', { n: { N: '-12' } }, 1 + 1 + 2],
    ['zero', { n: { N: '0' } }, 1 + 1],
    ['a number without its leading and trailing zeros', { n: { N: '0.00500' } }, 1 + 1 + 1],
    ['a truth and a null', { t: { BOOL: true }, u: { NULL: true } }, 4],
    ['bytes', { b: { B: new Uint8Array(10) } }, 11],
    ['sets', { s: { SS: ['ab', 'c'] }, n: { NS: ['1', '22'] }, b: { BS: [new Uint8Array(2)] } }, 1 + 3 + 1 + 4 + 1 + 2],
    ['a list', { l: { L: [{ S: 'abc' }, { N: '1' }] } }, 1 + 3 + 4 + 3],
    ['a map', { m: { M: { ab: { S: 'c' } } } }, 1 + 3 + 1 + 2 + 1],
    ['nothing', {}, 0],
  ])('counts %s', (_, item, bytes) => {
    expect(itemBytes(item as never)).toBe(bytes);
  });

  it('throws on an attribute of an unknown kind', () => {
    expect(() => itemBytes({ k: { $unknown: ['X', 1] } as never })).toThrow(TypeError);
  });
});

describe('the estimate of capacity units', () => {
  it.each([
    [1, 1],
    [1024, 1],
    [1025, 2],
    [4096, 4],
  ])('counts %i bytes written as %i units', async (bytes, units) => {
    const { client, seen } = given(200, {});
    await client.send(new PutItemCommand({ TableName, Item: sized(bytes) }));
    expect(seen).toEqual([write(units)]);
  });

  it('counts a PartiQL insert by the item that it writes', async () => {
    const { client, seen } = given(200, {});
    const send = (bytes: number) =>
      client.send(
        new ExecuteStatementCommand({
          Statement: `INSERT INTO "t" VALUE {'scope': ?, 'b': ?}`,
          Parameters: [{ S: 's' }, { S: 'x'.repeat(bytes - 7) }],
        }),
      );
    await send(1024);
    await send(1025);
    expect(seen).toEqual([write(1), write(2)]);
  });

  it('counts an update by the item that it leaves, and a delete as one unit', async () => {
    const { client, seen } = given(200, { Attributes: sized(2000) });
    await client.send(new UpdateItemCommand({ TableName, Key: keys }));
    expect(seen).toEqual([write(2)]);
    const deleted = given(200, {});
    await deleted.client.send(new DeleteItemCommand({ TableName, Key: keys }));
    expect(deleted.seen).toEqual([write(1)]);
  });

  it.each([
    [[], true, 1],
    [[], undefined, 0.5],
    [[4096], true, 1],
    [[4097], true, 2],
    [[2000, 2000, 2000], true, 2],
    [[2000, 2000, 2000], undefined, 1],
  ])('counts a query of items of %j bytes, consistent: %s, as %d units', async (bytes, ConsistentRead, units) => {
    const { client, seen } = given(200, { Items: bytes.map(sized) });
    await client.send(new QueryCommand({ TableName, ConsistentRead }));
    expect(seen).toEqual([read(units)]);
  });

  it('counts a read of one item, there or not', async () => {
    const { client, seen } = given(200, { Item: sized(4097) });
    await client.send(new GetItemCommand({ TableName, Key: keys, ConsistentRead: true }));
    const none = given(200, {});
    await none.client.send(new GetItemCommand({ TableName, Key: keys, ConsistentRead: true }));
    expect([...seen, ...none.seen]).toEqual([read(2), read(1)]);
  });

  it('counts each item of a batch by itself, and not what the batch left', async () => {
    const { client, seen } = given(200, { Responses: { t: [sized(10), sized(5000)] }, UnprocessedKeys: { t: { Keys: [keys] } } });
    await client.send(new BatchGetItemCommand({ RequestItems: { t: { Keys: [keys, keys, keys, keys], ConsistentRead: true } } }));
    expect(seen).toEqual([read(1 + 2 + 1)]);
  });

  it('counts a write whose condition failed, and no request that DynamoDB rejected', async () => {
    const lost = given(400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Item: sized(3000) });
    await expect(lost.client.send(new PutItemCommand({ TableName, Item: sized(10) }))).rejects.toThrow();
    expect(lost.seen).toEqual([write(3)]);
    const duplicate = given(400, { __type: 'com.amazonaws.dynamodb.v20120810#DuplicateItemException' });
    await expect(
      duplicate.client.send(new ExecuteStatementCommand({ Statement: `INSERT INTO "t" VALUE {'b': ?}`, Parameters: [{ S: 'x' }] })),
    ).rejects.toThrow();
    expect(duplicate.seen).toEqual([write(1)]);
    const throttled = given(400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' });
    await expect(throttled.client.send(new PutItemCommand({ TableName, Item: sized(10) }))).rejects.toThrow();
    expect(throttled.seen).toEqual([]);
  });

  it('lets an operation without a rule through, and reports nothing of it', async () => {
    const { client, seen } = given(200, {});
    await client.send(new CreateTableCommand({ TableName, AttributeDefinitions: [], KeySchema: [] }));
    expect(seen).toEqual([]);
  });
});
