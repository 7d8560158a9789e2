import { Readable } from 'node:stream';
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { reportUsage } from '../../lambdas/adapters/consumed-capacity.ts';
import { createTally, type Usage } from '../../lambdas/adapters/usage.ts';

/** A client whose responses are given, down to the wire: middleware runs as it does in a function. */
const given = (status: number, body: object) => {
  const seen: Usage[] = [];
  const sent: Record<string, unknown>[] = [];
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { readonly body: string }) => {
        sent.push(JSON.parse(request.body) as Record<string, unknown>);
        const headers = { 'content-type': 'application/x-amz-json-1.0' };
        return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) } } as never;
      },
    },
  });
  reportUsage(client, (usage) => seen.push(usage));
  return { client, seen, sent };
};
const TableName = 't';
const Key = { k: { S: 'x' } };
const write = (writeUnits: number): Usage => ({ writeRequests: 1, writeUnits, readRequests: 0, readUnits: 0 });
const read = (readUnits: number): Usage => ({ writeRequests: 0, writeUnits: 0, readRequests: 1, readUnits });
const consumed = (CapacityUnits: number) => ({ ConsumedCapacity: { TableName, CapacityUnits } });

describe('usage', () => {
  test('is what DynamoDB answers, and every command asks for it', async () => {
    const put = given(200, consumed(3));
    await put.client.send(new PutItemCommand({ TableName, Item: Key }));
    await put.client.send(new ExecuteStatementCommand({ Statement: `INSERT INTO "t" VALUE {'k': ?}`, Parameters: [{ S: 'x' }] }));
    expect(put.seen).toEqual([write(3), write(3)]);
    expect(put.sent.map(({ ReturnConsumedCapacity }) => ReturnConsumedCapacity)).toEqual(['TOTAL', 'TOTAL']);
    const query = given(200, { Items: [], ...consumed(0.5) });
    await query.client.send(new QueryCommand({ TableName }));
    expect(query.seen).toEqual([read(0.5)]);
  });

  test('of a batch is the sum over its tables, in one request', async () => {
    const { client, seen } = given(200, { Responses: {}, ConsumedCapacity: [{ CapacityUnits: 2 }, { CapacityUnits: 1.5 }] });
    await client.send(new BatchGetItemCommand({ RequestItems: { t: { Keys: [Key] } } }));
    expect(seen).toEqual([read(3.5)]);
  });

  test('never breaks a command: one that does not know the member is sent without it, and an answer without it reports nothing', async () => {
    const { client, seen, sent } = given(200, {});
    await client.send(new CreateTableCommand({ TableName, AttributeDefinitions: [], KeySchema: [] }));
    expect(sent[0]).not.toHaveProperty('ReturnConsumedCapacity');
    await client.send(new PutItemCommand({ TableName, Item: Key }));
    expect(seen).toEqual([]);
  });

  test('counts a write whose condition failed as a request, and no request that DynamoDB rejected', async () => {
    const put = new PutItemCommand({ TableName, Item: Key });
    const type = (name: string) => ({ __type: `com.amazonaws.dynamodb.v20120810#${name}` });
    const lost = given(400, type('ConditionalCheckFailedException'));
    await expect(lost.client.send(put)).rejects.toThrow();
    expect(lost.seen).toEqual([write(0)]);
    const throttled = given(400, type('ProvisionedThroughputExceededException'));
    await expect(throttled.client.send(put)).rejects.toThrow();
    expect(throttled.seen).toEqual([]);
  });

  test('adds up per invocation', () => {
    const tally = createTally();
    tally.add(write(2));
    tally.add(read(0.5));
    expect(tally.take()).toEqual({ writeRequests: 1, writeUnits: 2, readRequests: 1, readUnits: 0.5 });
    expect(tally.take()).toEqual({ writeRequests: 0, writeUnits: 0, readRequests: 0, readUnits: 0 });
  });
});
