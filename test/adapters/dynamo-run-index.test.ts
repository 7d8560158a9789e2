import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoRunIndex } from '../../lambdas/adapters/dynamo-run-index.ts';
import type { RunSummary } from '../../lib/ports.ts';
import { mockedDynamo } from './mocked-dynamo.ts';

const { dynamo, client, table, lost, inputs } = mockedDynamo();

const summary: RunSummary = {
  run: 'r1',
  service: 'billing',
  environment: 'production',
  version: '1.0.0',
  commit: 'a'.repeat(40),
  startedAt: '2026-03-02T08:00:00.000Z',
  definition: 'b'.repeat(64),
  gate: 'phase-1',
  outcome: null,
  blocked: false,
  asOf: '2026-03-02T08:01:00.000Z',
};

describe('run index on DynamoDB', () => {
  const index = createDynamoRunIndex(client, { table });
  const key = { pk: { S: 'run/r1' }, sk: { S: 'summary' } };
  const place = { S: '2026-03-02T08:00:00.000Z#r1' };

  it('writes a known run with one update that an older summary cannot win', async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { pointers: { S: 'open' } } });
    await index.put(summary);
    expect(inputs()).toEqual([
      [
        'UpdateItemCommand',
        {
          TableName: table,
          Key: key,
          UpdateExpression: 'SET v = :v, ver = :ver',
          ConditionExpression: 'attribute_not_exists(ended) AND (attribute_not_exists(ver) OR ver <= :ver)',
          ExpressionAttributeValues: { ':v': { S: JSON.stringify(summary) }, ':ver': { S: `00000000#${summary.asOf}` } },
          ReturnValues: 'ALL_NEW',
        },
      ],
    ]);
  });

  it('writes a run that has ended over any that is open, and notes that it has', async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { pointers: { S: 'ended' } } });
    await index.put({ ...summary, outcome: 'cancelled' });
    expect(inputs()[0]?.[1]).toMatchObject({
      UpdateExpression: 'SET v = :v, ver = :ver, ended = :ver',
    });
    expect(inputs()[0]?.[1]).not.toHaveProperty('ConditionExpression');
  });

  it('places a new run in the lists and among the open ones, then notes that it did', async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: {} });
    await index.put(summary);
    expect(inputs().slice(1)).toEqual([
      ['PutItemCommand', { TableName: table, Item: { pk: { S: 'list' }, sk: place } }],
      ['PutItemCommand', { TableName: table, Item: { pk: { S: 'list/billing' }, sk: place } }],
      ['PutItemCommand', { TableName: table, Item: { pk: { S: 'open/billing/production' }, sk: { S: 'r1' } } }],
      [
        'UpdateItemCommand',
        {
          TableName: table,
          Key: key,
          UpdateExpression: 'SET pointers = :pointers',
          ConditionExpression: 'ver = :ver',
          ExpressionAttributeValues: { ':pointers': { S: 'open' }, ':ver': { S: `00000000#${summary.asOf}` } },
          ReturnValues: 'ALL_NEW',
        },
      ],
    ]);
  });

  it('completes the places of a run whose first writer broke off', async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: {} }).on(PutItemCommand).rejectsOnce(new Error('broken off')).resolves({});
    await expect(index.put(summary)).rejects.toThrow('broken off');
    expect(dynamo.commandCalls(UpdateItemCommand)).toHaveLength(1);
    await index.put(summary);
    expect(dynamo.commandCalls(UpdateItemCommand)).toHaveLength(3);
  });

  it('restores every place of a run, whatever is noted, and deletes those of the summary that it replaces', async () => {
    const was = { ...summary, startedAt: '2026-03-01T08:00:00.000Z', environment: 'staging' };
    dynamo.on(GetItemCommand).resolves({ Item: { v: { S: JSON.stringify(was) }, pointers: { S: 'open' }, ended: { S: 'x' } } });
    dynamo.on(UpdateItemCommand).resolves({ Attributes: {} });
    await index.restore(summary);
    expect(dynamo.commandCalls(DeleteItemCommand).map((call) => call.args[0].input.Key)).toEqual([
      { pk: { S: 'list' }, sk: { S: '2026-03-01T08:00:00.000Z#r1' } },
      { pk: { S: 'list/billing' }, sk: { S: '2026-03-01T08:00:00.000Z#r1' } },
      { pk: { S: 'open/billing/staging' }, sk: { S: 'r1' } },
    ]);
    expect(dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
      UpdateExpression: 'SET v = :v, ver = :ver REMOVE ended, pointers',
    });
    expect(dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input).not.toHaveProperty('ConditionExpression');
    expect(dynamo.commandCalls(PutItemCommand)).toHaveLength(3);
  });

  it.each([
    ['nothing', undefined],
    ['damaged text', '{'],
  ])('restores a run of which %s is stored', async (_what, v) => {
    dynamo.on(GetItemCommand).resolves(v === undefined ? {} : { Item: { v: { S: v } } });
    dynamo.on(UpdateItemCommand).resolves({ Attributes: {} });
    await index.restore({ ...summary, outcome: 'cancelled' });
    expect(dynamo.commandCalls(PutItemCommand)).toHaveLength(2);
    expect(dynamo.commandCalls(DeleteItemCommand)).toHaveLength(1);
  });

  it('shows a run once whose list has a second, wrong place, and none that is open in another environment', async () => {
    const Items = [place, { S: '2026-03-01T08:00:00.000Z#r1' }].map((sk) => ({ sk }));
    dynamo.on(QueryCommand).resolves({ Items });
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { [table]: [{ v: { S: JSON.stringify(summary) } }] } });
    expect((await index.list({ limit: 10 })).runs).toEqual([summary]);
    dynamo.on(QueryCommand).resolves({ Items: Items.slice(1) });
    expect((await index.list({ limit: 10 })).runs).toEqual([]);
    dynamo.on(QueryCommand).resolves({ Items: [{ sk: { S: 'r1' } }] });
    expect(await index.open('billing', 'production')).toEqual([summary]);
    expect(await index.open('billing', 'staging')).toEqual([]);
    dynamo.resetHistory();
    expect(await index.open('billing', 'production', 'may-lag', new Set(['r1']))).toEqual([]);
    expect(dynamo.commandCalls(BatchGetItemCommand), 'nothing is read of a run that is left out').toHaveLength(0);
  });

  it('takes an ended run from the open ones', async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { pointers: { S: 'open' } } });
    await index.put({ ...summary, outcome: 'cancelled' });
    expect(dynamo.commandCalls(DeleteItemCommand).map((call) => call.args[0].input)).toEqual([
      { TableName: table, Key: { pk: { S: 'open/billing/production' }, sk: { S: 'r1' } } },
    ]);
  });

  it('writes nothing more when a newer summary stands', async () => {
    dynamo.on(UpdateItemCommand).rejects(lost());
    await index.put(summary);
    expect(dynamo.calls()).toHaveLength(1);
    dynamo.on(UpdateItemCommand).rejects(new Error('throttled'));
    await expect(index.put(summary)).rejects.toThrow('throttled');
  });

  it('asks again for what a batch did not give, and gives up in the end', async () => {
    const item = { ...key, v: { S: JSON.stringify(summary) } };
    dynamo.on(QueryCommand).resolves({ Items: [{ pk: { S: 'list' }, sk: place }] });
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: {}, UnprocessedKeys: { [table]: { Keys: [key] } } })
      .resolvesOnce({ Responses: { [table]: [item] } });
    expect(await index.list({ limit: 10 })).toEqual({ runs: [summary] });
    expect(dynamo.commandCalls(BatchGetItemCommand)[1]?.args[0].input).toEqual({
      RequestItems: { [table]: { Keys: [key], ConsistentRead: true } },
    });
    dynamo.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { [table]: { Keys: [key] } } });
    await expect(index.list({ limit: 10 })).rejects.toThrow('1 of 1 summaries');
  });

  it('reads a page of the list from a place on', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    expect(await index.list({ service: 'billing', limit: 500, after: 'place' })).toEqual({ runs: [] });
    expect(inputs()).toEqual([
      [
        'QueryCommand',
        {
          TableName: table,
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 101,
          KeyConditionExpression: 'pk = :pk AND sk < :before',
          ExpressionAttributeValues: { ':pk': { S: 'list/billing' }, ':before': { S: 'place' } },
        },
      ],
    ]);
  });

  it('claims with a condition, and reads the holder from the lost condition or from the table', async () => {
    dynamo
      .on(PutItemCommand)
      .resolvesOnce({})
      .rejectsOnce(lost({ run: { S: 'first' } }))
      .rejectsOnce(lost())
      .rejectsOnce(new Error('throttled'));
    dynamo.on(GetItemCommand).resolves({ Item: { run: { S: 'first' } } });
    expect([await index.claim('k', 'first'), await index.claim('k', 'second'), await index.claim('k', 'third')]).toEqual([
      'first',
      'first',
      'first',
    ]);
    await expect(index.claim('k', 'fourth')).rejects.toThrow('throttled');
    expect(dynamo.commandCalls(PutItemCommand)[0]?.args[0].input).toEqual({
      TableName: table,
      Item: { pk: { S: 'claim/k' }, sk: { S: 'claim' }, run: { S: 'first' } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });

  it('does not take a foreign item for a summary', async () => {
    dynamo
      .on(GetItemCommand)
      .resolvesOnce({ Item: { v: { S: '{"run":"r1"}' } } })
      .resolvesOnce({ Item: { other: { S: 'x' } } });
    await expect(index.get('r1')).rejects.toThrow();
    await expect(index.get('r1')).rejects.toThrow(TypeError);
  });
});
