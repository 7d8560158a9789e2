import {
  DuplicateItemException,
  DynamoDBClient,
  ExecuteStatementCommand,
  InternalServerError,
  QueryCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoLaneStore, fromItem, toItem } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { refusalDraft } from '../contract/events.ts';

const stored = makeEvent(refusalDraft('run/r1', 'gate/phase-1', '1'), { seq: 7, prev: genesis }, new Date('2026-03-02T08:00:00.000Z'));
const dynamo = mockClient(DynamoDBClient);
afterAll(() => {
  dynamo.restore();
});
const store = createDynamoLaneStore(new DynamoDBClient({}), { table: 'Data-Audit.1' });
const fault = { $metadata: {}, message: 'no' };

beforeEach(() => dynamo.reset());

describe('audit item', () => {
  it('holds the bytes verbatim under scope and place, with projections', () => {
    expect(toItem(stored)).toEqual({
      scope: { S: 'run/r1' },
      place: { S: 'gate/phase-1#00000007' },
      b: { S: stored.bytes },
      id: { S: stored.event.id },
      type: { S: 'request.refused' },
      time: { S: '2026-03-02T08:00:00.000Z' },
      hash: { S: stored.hash },
    });
    expect(fromItem(toItem(stored))).toEqual(stored);
  });

  it.each(['scope', 'place', 'id', 'type', 'time', 'hash'])('is an integrity fault when %s is not what the bytes say', (name) => {
    expect(() => fromItem({ ...toItem(stored), [name]: { S: 'other' } })).toThrow(
      expect.objectContaining({ name: 'IntegrityFault', message: expect.stringContaining(name) as unknown }),
    );
    expect(() => fromItem(Object.fromEntries(Object.entries(toItem(stored)).filter(([key]) => key !== name)))).toThrow(
      expect.objectContaining({ name: 'IntegrityFault' }),
    );
  });

  it('is an integrity fault when the bytes were changed', () => {
    expect(() => fromItem({ ...toItem(stored), b: { S: stored.bytes.replace('said no', 'said ok') } })).toThrow(
      expect.objectContaining({ name: 'IntegrityFault' }),
    );
  });

  it('is a fault without bytes', () => {
    expect(() => fromItem({ scope: { S: 'run/r1' } })).toThrow(TypeError);
  });
});

describe('lane store on DynamoDB', () => {
  it('writes with PartiQL INSERT and nothing else', async () => {
    dynamo.on(ExecuteStatementCommand).resolves({});
    expect(await store.insert(stored)).toBe('inserted');
    expect(dynamo.calls()).toHaveLength(1);
    expect(dynamo.commandCalls(ExecuteStatementCommand)[0]?.args[0].input).toEqual({
      Statement: `INSERT INTO "Data-Audit.1" VALUE {'scope': ?, 'place': ?, 'b': ?, 'id': ?, 'type': ?, 'time': ?, 'hash': ?}`,
      Parameters: [
        { S: 'run/r1' },
        { S: 'gate/phase-1#00000007' },
        { S: stored.bytes },
        { S: stored.event.id },
        { S: 'request.refused' },
        { S: '2026-03-02T08:00:00.000Z' },
        { S: stored.hash },
      ],
    });
  });

  it('answers taken for a duplicate and throws everything else', async () => {
    dynamo.on(ExecuteStatementCommand).rejects(new DuplicateItemException(fault));
    expect(await store.insert(stored)).toBe('taken');
    for (const other of [new InternalServerError(fault), new ResourceNotFoundException(fault), new Error('socket hang up')]) {
      dynamo.on(ExecuteStatementCommand).rejects(other);
      await expect(store.insert(stored)).rejects.toBe(other);
    }
  });

  const base = { TableName: 'Data-Audit.1', ConsistentRead: true, ExclusiveStartKey: undefined };
  const names = { '#scope': 'scope', '#place': 'place' };
  it.each([
    [
      'a whole scope',
      { prefix: '' },
      {
        ...base,
        ExpressionAttributeNames: { '#scope': 'scope' },
        KeyConditionExpression: '#scope = :scope',
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' } },
      },
    ],
    [
      'lanes by prefix',
      { prefix: 'check/phase-1/' },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'check/phase-1/' }, ':to': { S: 'check/phase-1/\u007f' } },
      },
    ],
    [
      'lanes by prefix behind a place and before a lane',
      { prefix: 'check/', after: { lane: 'check/a/b', seq: 4 }, before: 'check/a/c' },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'check/a/b#00000005' }, ':to': { S: 'check/a/c#00000000' } },
      },
    ],
    [
      'the first events of a scope behind a place',
      { prefix: '', after: { lane: 'run', seq: 4 }, limit: 1 },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        Limit: 1,
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'run#00000005' }, ':to': { S: '\u007f' } },
      },
    ],
    [
      'one lane',
      { lane: 'run' },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'run#00000001' }, ':to': { S: 'run#99999999' } },
      },
    ],
    [
      'one lane from a place',
      { lane: 'run', fromSeq: 12 },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'run#00000012' }, ':to': { S: 'run#99999999' } },
      },
    ],
    [
      'the last event of a lane',
      { lane: 'run', last: 1 },
      {
        ...base,
        ExpressionAttributeNames: names,
        KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
        ScanIndexForward: false,
        Limit: 1,
        ExpressionAttributeValues: { ':scope': { S: 'run/r1' }, ':from': { S: 'run#00000001' }, ':to': { S: 'run#99999999' } },
      },
    ],
  ] as const)('reads %s with one strongly consistent query', async (_, range, input) => {
    dynamo.on(QueryCommand).resolves({ Items: [toItem(stored)] });
    expect(await store.query('run/r1', range)).toEqual([stored]);
    expect(dynamo.commandCalls(QueryCommand).map((call) => call.args[0].input)).toEqual([input]);
  });

  it('reads on from where a page ended, but not for the last event alone', async () => {
    const LastEvaluatedKey = { scope: { S: 'run/r1' }, place: { S: 'gate/phase-1#00000007' } };
    dynamo
      .on(QueryCommand)
      .resolves({ Items: [toItem(stored)] })
      .on(QueryCommand, { ExclusiveStartKey: undefined })
      .resolves({ Items: [toItem(stored)], LastEvaluatedKey });
    expect(await store.query('run/r1', { prefix: '' })).toHaveLength(2);
    expect(dynamo.commandCalls(QueryCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual(LastEvaluatedKey);
    dynamo.reset();
    dynamo.on(QueryCommand).resolves({ Items: [toItem(stored)], LastEvaluatedKey });
    expect(await store.query('run/r1', { lane: 'gate/phase-1', last: 1 })).toHaveLength(1);
  });
});
