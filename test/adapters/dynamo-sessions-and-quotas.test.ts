import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoEndedSessions } from '../../lambdas/adapters/dynamo-ended-sessions.ts';
import { createDynamoQuotas } from '../../lambdas/adapters/dynamo-quotas.ts';
import { mockedDynamo } from './mocked-dynamo.ts';

const { dynamo, client, table, lost, inputs } = mockedDynamo();

describe('ended sessions on DynamoDB', () => {
  const sessions = createDynamoEndedSessions(client, { table });

  it('stand under keys of their own until they would have ended by themselves, and are read consistently', async () => {
    dynamo
      .on(PutItemCommand)
      .resolves({})
      .on(GetItemCommand)
      .resolvesOnce({ Item: { key: { S: 'session/s1' } } })
      .resolvesOnce({});
    await sessions.end('s1', new Date('2026-03-02T16:00:00.000Z'));
    expect([await sessions.isEnded('s1'), await sessions.isEnded('s2')]).toEqual([true, false]);
    expect(inputs()).toEqual([
      ['PutItemCommand', { TableName: table, Item: { key: { S: 'session/s1' }, expires: { N: '1772467200' } } }],
      ['GetItemCommand', expect.objectContaining({ Key: { key: { S: 'session/s1' } }, ConsistentRead: true }) as unknown],
      ['GetItemCommand', expect.objectContaining({ Key: { key: { S: 'session/s2' } } }) as unknown],
    ]);
  });

  it('are not taken for open when the table does not answer', async () => {
    dynamo.on(GetItemCommand).rejects(new Error('throttled'));
    await expect(sessions.isEnded('s1')).rejects.toThrow('throttled');
  });
});

describe('quotas on DynamoDB', () => {
  const quotas = createDynamoQuotas(client, { table });
  const use = {
    key: 'run/r1',
    until: new Date('2026-03-02T08:00:00.001Z'),
    amounts: [{ name: 'bytes', add: 5, most: 100 }],
    distinct: { name: 'sources', value: 'a', most: 2 },
  };

  it('add and compare with one conditional update for each use', async () => {
    expect(await quotas.take([use])).toBeUndefined();
    expect(inputs()).toEqual([
      [
        'UpdateItemCommand',
        {
          TableName: table,
          Key: { key: { S: 'quota/run/r1' } },
          UpdateExpression: 'SET #expires = :expires ADD #n0 :add0, #set :values',
          ConditionExpression:
            '(attribute_not_exists(#n0) OR #n0 <= :room0) AND (attribute_not_exists(#set) OR contains(#set, :value) OR size(#set) < :most)',
          ExpressionAttributeNames: { '#expires': 'expires', '#n0': 'bytes', '#set': 'sources' },
          ExpressionAttributeValues: {
            ':expires': { N: '1772438401' },
            ':add0': { N: '5' },
            ':room0': { N: '95' },
            ':values': { SS: ['a'] },
            ':value': { S: 'a' },
            ':most': { N: '2' },
          },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
    ]);
  });

  it('say which limit was passed, and throw everything else', async () => {
    dynamo
      .on(UpdateItemCommand)
      .rejectsOnce(lost({ bytes: { N: '96' } }))
      .rejectsOnce(lost({ bytes: { N: '9' }, sources: { SS: ['b', 'c'] } }))
      .rejectsOnce(new Error('throttled'));
    expect(await quotas.take([use])).toEqual({ use: 0, name: 'bytes', counted: 96 });
    expect(await quotas.take([use])).toEqual({ use: 0, name: 'sources', counted: 2 });
    await expect(quotas.take([use])).rejects.toThrow('throttled');
  });
});
